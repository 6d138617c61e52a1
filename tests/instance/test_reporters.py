"""Signals of measured curves, against integrals written out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.domain.cytometer_record import Cytometer
from panelopt.reporters.reporter_question import Curves, curve_signals


def cytometer(*bands: tuple[float, float], lines: tuple[float, ...] = (488,)) -> Cytometer:
    return Cytometer.model_validate(
        {
            "id": "test",
            "name": "test",
            "source": "made up",
            "sorter": False,
            "unmixing": "compensation",
            "laser": [{"nm": nm, "path": "one"} for nm in lines],
            "detector": [
                {"name": f"d{centre:g}", "path": "one", "laser_nm": lines[0], "centre_nm": centre, "width_nm": width}
                for centre, width in bands
            ],
        }
    )


TRIANGLE = Curves(
    "triangle",
    brightness=3.0,
    excitation=np.array([[450.0, 500.0, 550.0], [0.0, 2.0, 0.0]]),
    emission=np.array([[520.0, 560.0, 600.0], [0.0, 4.0, 0.0]]),
)
"""Excitation rises to 2 at 500 nm, emission to 4 at 560 nm; the area of the emission is 160."""


def test_peak_and_area() -> None:
    bands = cytometer((560, 40), (700, 20))
    # 540 to 580 nm: twice the mean of 2 and 4 over 20 nm = 120; excitation at 488 nm is 38/50 of the maximum
    assert curve_signals(bands, [TRIANGLE], "peak")[0] == pytest.approx([3 * 0.76 * 120 / 40 / 4, 0.0])
    assert curve_signals(bands, [TRIANGLE], "area")[0] == pytest.approx([3 * 0.76 * 120 / 160, 0.0])


def test_a_band_that_reaches_beyond_the_curve() -> None:
    (signal,) = curve_signals(cytometer((600, 80)), [TRIANGLE])[0]
    assert signal == pytest.approx(3 * 0.76 * 80 / 80 / 4)


def test_lasers_of_one_path_add_up_and_others_give_nothing() -> None:
    both = curve_signals(cytometer((560, 40), lines=(488, 525)), [TRIANGLE])[0, 0]
    first = curve_signals(cytometer((560, 40)), [TRIANGLE])[0, 0]
    assert both == pytest.approx(first * (0.76 + 0.5) / 0.76)
    assert curve_signals(cytometer((560, 40), lines=(405,)), [TRIANGLE])[0, 0] == 0.0
