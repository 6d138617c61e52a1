"""Picture of an instrument: every laser, band and dye is in it, at its place, the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.domain.cytometer_record import Cytometer
from panelopt.report.cytometer_picture import brightest_detector, colour_of, cytometer_picture

SIGNATURES = np.array([[3.0, 5.0, 0.1, 0.0], [1, 1, 0, 0], [0, 0, 2, 0], [0, 0, 1, 0], [0, 0, 0, 0]])


def test_dyes_sit_where_they_are_brightest(cytometer: Cytometer) -> None:
    placed = brightest_detector(cytometer, ["BV421", "eFluor 450", "FITC", "none"], SIGNATURES)
    first, third = cytometer.detector[0].name, cytometer.detector[2].name
    assert placed == {first: ("eFluor 450", "BV421"), third: ("FITC",)}
    assert brightest_detector(cytometer, ["BV421"], SIGNATURES[:, :1], faintest=3.5) == {}


def test_names_are_in_the_picture_and_equal_input_gives_equal_files(cytometer: Cytometer) -> None:
    placed = {cytometer.detector[0].name: tuple(f"dye {i}" for i in range(30))}
    picture = cytometer_picture(cytometer, placed)
    text = picture.decode("utf-8")
    for detector in cytometer.detector:
        assert detector.name in text
    for laser in cytometer.laser:
        assert f"{laser.nm:g} nm" in text
    room = int(cytometer.detector[0].width_nm / 5) - 1
    assert f"dye {room - 2}" in text
    assert f"+{30 - room + 1}" in text
    assert cytometer_picture(cytometer, placed) == picture


def test_an_instrument_without_dyes_can_be_drawn(cytometer: Cytometer) -> None:
    assert cytometer_picture(cytometer, {}, "png").startswith(b"\x89PNG")


@pytest.mark.parametrize("nm", [300.0, 405.0, 500.0, 900.0])
def test_colours_are_colours(nm: float) -> None:
    assert all(0 <= part <= 1 for part in colour_of(nm))
