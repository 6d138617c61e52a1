"""Where a dye may be read: its own light, visible against an unstained cell, and what locks may break."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from panelopt.domain.reagents import Catalog
from panelopt.instance.arrays import Lock
from panelopt.instance.compile import Compiled, compile_instance
from panelopt.instance.readable import Readings, own_light, unstained_sd, visible
from panelopt.optics.noise import DetectorNoise
from tests import builders

NOTHING = np.zeros(2, dtype=bool)


def noise(detectors: int, **terms: float) -> DetectorNoise:
    given = {"background_pe": 0.0, "excess": 1.0, "electronic_pe": 0.0, "proportional": 0.0} | terms
    return DetectorNoise(**{name: np.full(detectors, value) for name, value in given.items()})


def test_own_light_starts_at_a_quarter_of_the_best_signal() -> None:
    signal = np.array([[1.0, 0.0], [0.25, 0.0], [0.2499, 0.0], [0.0, 0.0]])
    assert own_light(signal).tolist() == [[True, False], [True, False], [False, False], [False, False]]


def test_a_detector_with_half_the_light_of_another_still_counts() -> None:
    """7-AAD in its classic place, at 0.497 of its best signal."""
    assert own_light(np.array([[1.0], [0.497]])).all()


@pytest.mark.parametrize(
    ("terms", "cv", "variance"),
    [
        ({}, 0.0, 400.0),
        ({"excess": 1.5}, 0.0, 600.0),
        ({"electronic_pe": 28.0}, 0.0, 400.0 + 28.0**2),
        ({"proportional": 0.01}, 0.0, 400.0 + (0.01 * 400) ** 2),
        ({}, 0.5, 400.0 + (0.5 * 400) ** 2),
        ({"background_pe": 70.0}, 0.0, 400.0),  # the cell's own light alone
        ({"excess": 1.5, "electronic_pe": 28.0, "proportional": 0.01}, 0.5, 600 + 784 + (0.0001 + 0.25) * 160000),
    ],
)
def test_spread_of_an_unstained_cell(terms: dict[str, float], cv: float, variance: float) -> None:
    assert unstained_sd(np.array([400.0]), noise(1, **terms), cv) == pytest.approx([variance**0.5])


def test_a_bright_antigen_must_rise_five_sd_above_an_unstained_cell() -> None:
    sd = np.array([120.0, 120.0])
    least = 5 * 120 / 60_000  # pe per antibody
    signal = np.array([[least, least * 0.999], [0.0, 1.0]])
    assert visible(signal, NOTHING, sd, conventional=True).tolist() == [[True, False], [False, True]]


def test_a_viability_dye_is_seen_by_what_a_dead_cell_binds() -> None:
    sd = np.array([500.0])
    least = 5 * 500 / 250_000  # pe per equivalent
    signal = np.array([[least, least]])
    assert visible(signal, np.array([True, False]), sd, conventional=True).tolist() == [[True, False]]


def test_on_a_spectral_instrument_the_best_detector_decides_for_all() -> None:
    sd = np.array([100.0, 1000.0])  # five of which are 0.008 and 0.083 pe per antibody
    signal = np.array([[0.020, 0.020, 0.02], [0.019, 0.021, 0.09]])
    assert visible(signal, np.zeros(3, bool), sd, conventional=True).tolist() == [[True] * 3, [False, False, True]]
    assert visible(signal, np.zeros(3, bool), sd, conventional=False).tolist() == [[True, False, True]] * 2


SIGNAL = np.array([[1.0, 1e-4], [0.3, 5e-5], [0.1, 2e-5], [0.0, 0.0]])
"""A bright dye, and one that is seen nowhere, in four detectors."""


def readings(*, conventional: bool = True) -> Readings:
    return Readings(SIGNAL, NOTHING, np.full(4, 30.0), conventional)


def allowed(*locks: Lock) -> list[list[int]]:
    """Detectors on which each of the two dyes may be read."""
    return [np.flatnonzero(column).tolist() for column in readings().allowed(locks).T]


def test_a_dye_is_read_where_both_conditions_hold() -> None:
    assert allowed() == [[0, 1], []]
    assert np.array_equal(readings().good(), readings().allowed([]))


def test_a_lock_may_name_a_detector_with_little_light_but_not_one_without() -> None:
    assert allowed(Lock(0, 0, 2)) == [[0, 1, 2], []]
    assert allowed(Lock(0, 0, 3)) == [[0, 1], []]
    assert allowed(Lock(0, 1, 2)) == [[0, 1], [2]]


def test_a_lock_without_a_detector_changes_nothing_unless_the_dye_is_seen_nowhere() -> None:
    assert allowed(Lock(0, 0, None)) == [[0, 1], []]
    assert allowed(Lock(0, 1, None)) == [[0, 1], [0, 1]]


def compiled(dye: str = "PE", brightness: float = 1.0, unmixing: str = "compensation", **lock: Any) -> Compiled:
    """The small question with one dye of another brightness; CD45 is locked to it if a lock is given."""
    dyes = [
        builders.fluorochrome(name, *builders.DYES[name], brightness if name == dye else 1.0) for name in builders.DYES
    ]
    locked = [{"marker": "CD45", "fluorochrome": dye} | lock] if lock else []
    catalogs: list[Catalog] = [builders.catalog()]
    machine = builders.cytometer(unmixing=unmixing)
    return compile_instance(builders.problem(locked=locked), machine, catalogs, dyes, builders.autofluorescence())


def read_on(found: Compiled, dye: str = "PE") -> list[str]:
    instance = found.instance
    return [instance.detector[d] for d in instance.detectors_of(instance.dye.index(dye))]


def locked_dim(found: Compiled) -> list[str]:
    return [str(remark) for remark in found.remarks if remark.code == "locked-dim"]


def test_a_dim_dye_has_no_place_on_either_kind_of_instrument() -> None:
    assert read_on(compiled()) == ["B575"]
    assert read_on(compiled(unmixing="spectral")) == ["B575"]
    for unmixing in ("compensation", "spectral"):
        found = compiled(brightness=1e-3, unmixing=unmixing)
        assert read_on(found) == []
        assert found.instance.available.any()  # the product exists, but nobody sees it
        assert locked_dim(found) == []


def test_a_lock_in_a_good_place_gives_no_warning() -> None:
    found = compiled(detector="B575")
    assert read_on(found) == ["B575"]
    assert locked_dim(found) == []


def test_a_lock_to_a_detector_with_little_light_gives_a_warning() -> None:
    found = compiled(detector="B530")
    assert read_on(found) == ["B530", "B575"]
    (remark,) = locked_dim(found)
    assert remark.startswith("tiny: locked[0]: locked reagent CD45 PE is hard to read in B530")


@pytest.mark.parametrize("unmixing", ["compensation", "spectral"])
def test_a_lock_to_an_invisible_dye_gives_a_warning(unmixing: str) -> None:
    found = compiled(brightness=1e-3, unmixing=unmixing, clone="")
    assert read_on(found) == ["B575"]
    (remark,) = locked_dim(found)
    assert "CD45 PE is hard to read in B575" in remark


def test_a_viability_dye_needs_less_light_for_each_equivalent() -> None:
    """The same dye as a conjugate and as a viability dye: 60,000 antibodies against 250,000 equivalents."""
    machine, own = builders.cytometer(), builders.autofluorescence()
    base = builders.fluorochrome("PE", 488, 576.0)
    marker = [{"name": "CD45"}, {"name": "viability", "role": "viability"}]
    levels = [{"name": "t", "role": "target", "frequency": 0.1, "levels": {"CD45": "bright"}}]
    levels.append({"name": "c", "role": "contaminant", "frequency": 0.5, "levels": {"CD45": "-"}})
    problem = builders.problem(marker=marker, population=levels)
    places = []
    for use in ("antibody", "live_viability"):
        dim = base.model_copy(
            update={"use": use, "brightness": base.brightness.model_copy(update={"photoelectrons_per_antibody": 0.03})}
        )
        name = "CD45" if use == "antibody" else "viability"
        found = compile_instance(problem, machine, [builders.catalog([name], ["PE"])], [dim], own)
        places.append(read_on(found))
    assert places == [[], ["B575"]]
