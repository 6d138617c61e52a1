"""Drawing of an instrument: every laser, band and dye is in it, at its place, the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.domain.cytometer_record import Cytometer
from panelopt.report.instrument_drawing import brightest_detector, colour_of, cytometer_picture, rows_of, x_of

SIGNATURES = np.array([[3.0, 5.0, 0.1, 0.0], [1, 1, 0, 0], [0, 0, 2, 0], [0, 0, 1, 0], [0, 0, 0, 0]])


def test_dyes_sit_where_they_are_brightest(cytometer: Cytometer) -> None:
    placed = brightest_detector(cytometer, ["BV421", "eFluor 450", "FITC", "none"], SIGNATURES)
    first, third = cytometer.detector[0].name, cytometer.detector[2].name
    assert placed == {first: ("eFluor 450", "BV421"), third: ("FITC",)}
    assert brightest_detector(cytometer, ["BV421"], SIGNATURES[:, :1], faintest=3.5) == {}


def test_names_are_in_the_picture_and_equal_input_gives_equal_files(cytometer: Cytometer) -> None:
    detector = cytometer.detector[0]
    placed = {detector.name: tuple(f"dye {i}" for i in range(30))}
    picture = cytometer_picture(cytometer, placed)
    text = picture.decode("utf-8")
    for each in cytometer.detector:
        assert f">{each.name}</text>" in text
    for laser in cytometer.laser:
        assert f">{laser.nm:g} nm</text>" in text
    room = int((x_of(detector.high_nm) - x_of(detector.low_nm)) / 13)
    assert f">dye {room - 2}</text>" in text
    assert f">dye {room - 1}</text>" not in text
    assert f">+{30 - room + 1}</text>" in text
    assert cytometer_picture(cytometer, placed) == picture


def test_a_laser_on_two_paths_has_a_row_on_each(cytometer: Cytometer) -> None:
    first, last = cytometer.laser[0], cytometer.detector[-1]
    twice = cytometer.model_copy(
        update={
            "laser": (*cytometer.laser, first.model_copy(update={"path": "second"})),
            "detector": (*cytometer.detector[:-1], last.model_copy(update={"path": "second", "laser_nm": first.nm})),
        }
    )
    rows = rows_of(twice)
    assert [d.name for d in rows["second", first.nm]] == [last.name]
    assert last.name not in [d.name for d in rows[first.path, first.nm]]


@pytest.mark.parametrize("nm", [300.0, 405.0, 500.0, 900.0])
def test_colours_are_colours(nm: float) -> None:
    assert all(0 <= part <= 1 for part in colour_of(nm))
