"""What reaches a detector: filters, and the mirrors between the detectors of a laser."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt import registry
from panelopt.domain.cytometer_record import Cytometer
from panelopt.optics.bands import collected_bands


def octagon(*detectors: tuple[float, float, float | None]) -> Cytometer:
    """Detectors of one laser by centre, width and mirror, nm, and one of another laser."""
    rows = [
        {"name": f"R{i}", "path": "R", "laser_nm": 640, "centre_nm": c, "width_nm": w, "dichroic_nm": d}
        for i, (c, w, d) in enumerate(detectors)
    ]
    other = {"name": "B", "path": "B", "laser_nm": 488, "centre_nm": 685, "width_nm": 60, "dichroic_nm": 660}
    return Cytometer.model_validate(
        {
            "id": "octagon", "name": "Octagon", "source": "made up", "sorter": True, "unmixing": "spectral",
            "laser": [{"nm": 640, "path": "R"}, {"nm": 488, "path": "B"}], "detector": [*rows, other],
        }
    )  # fmt: skip


def test_a_mirror_takes_its_light_from_the_detectors_behind_it() -> None:
    low, high = collected_bands(octagon((780, 60, 750), (680, 30, 680), (675, 20, 665), (660, 30, 645)))
    assert list(zip(low[:4], high[:4], strict=True)) == [(750, 810), (680, 695), (665, 680), (645, 665)]
    # the other laser has mirrors of its own
    assert (low[4], high[4]) == (660, 715)


def test_filters_alone_count_where_no_mirror_is_named() -> None:
    low, high = collected_bands(octagon((680, 30, None), (675, 20, None)))
    assert list(zip(low[:2], high[:2], strict=True)) == [(665, 695), (665, 685)]


@given(
    st.lists(st.tuples(st.floats(650, 800), st.floats(5, 80), st.floats(650, 800)), min_size=1, max_size=6,
             unique_by=lambda row: row[2])
)  # fmt: skip
def test_no_photon_is_counted_twice(rows: list[tuple[float, float, float]]) -> None:
    low, high = collected_bands(octagon(*rows))
    kept = sorted((a, b) for a, b in zip(low[:-1], high[:-1], strict=True) if b > a)
    assert all(one[1] <= two[0] for one, two in pairwise(kept))


@pytest.mark.parametrize("name", ["symphony-a5", "symphony-s6"])
def test_the_mirrors_of_the_shipped_instruments_leave_every_detector_some_light(name: str) -> None:
    cytometer = registry.find_cytometer(name)
    low, high = collected_bands(cytometer)
    assert all(detector.dichroic_nm is not None for detector in cytometer.detector)
    assert np.min(high - low) >= 10
