"""Drawings of an instrument: every laser, band and dye is in them, at its place, the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt import registry
from panelopt.domain.cytometer_record import Cytometer
from panelopt.report.instrument_drawing import brightest_detector, cytometer_picture, panel_grid
from panelopt.report.wavelength_axis import RIGHT, WIDTH, rows_of, x_of
from tests import builders
from tests.report.svg import ET, marks, parsed, texts, told

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


@pytest.mark.parametrize("name", ["influx", "aurora-5l"])
def test_no_band_leaves_the_picture(name: str) -> None:
    cytometer = registry.find_cytometer(name)
    tree = ET.fromstring(cytometer_picture(cytometer, {}))
    bands = marks(tree, "band")
    assert len(bands) == len(cytometer.detector)
    for band in bands:
        left, width = float(band.get("x", "")), float(band.get("width", ""))
        assert left >= 0
        assert width > 3
        assert left + width <= WIDTH - RIGHT + 0.1


def test_bands_lie_along_the_wavelength() -> None:
    cytometer, result = builders.cytometer(), builders.result()
    tree = parsed(panel_grid(cytometer, result.panel))
    bands = marks(tree, "band")
    assert len(bands) == len(cytometer.detector)
    assert sum(band.get("class") == "band on" for band in bands) == len(result.panel)
    middles = {}
    for band in bands:
        middles[told(band).split(":")[0]] = float(band.get("x", "")) + float(band.get("width", "")) / 2
    for detector in cytometer.detector:
        assert middles[detector.name] == pytest.approx(x_of(detector.centre_nm), abs=0.2)


def test_every_detector_and_dye_is_named() -> None:
    cytometer, result = builders.cytometer(), builders.result()
    tree = parsed(panel_grid(cytometer, result.panel))
    words = texts(tree)
    assert {detector.name for detector in cytometer.detector} <= set(words)
    used = [band for band in marks(tree, "band") if band.get("class") == "band on"]
    for slot in result.panel:
        assert f"{slot.fluorochrome} \u00b7 {'+'.join(slot.markers)}" in words
        assert any(slot.detector in told(band) and slot.fluorochrome in told(band) for band in used)


def test_slots_on_unknown_detectors_are_not_drawn() -> None:
    result = builders.result()
    slot = result.panel[0].model_copy(update={"detector": "nowhere"})
    tree = parsed(panel_grid(builders.cytometer(), (slot, *result.panel[1:])))
    assert sum(band.get("class") == "band on" for band in marks(tree, "band")) == len(result.panel) - 1


def test_dyes_that_are_brightest_in_one_detector_are_all_named() -> None:
    result = builders.result()
    slot = result.panel[0].model_copy(update={"detector": result.panel[1].detector})
    tree = parsed(panel_grid(builders.cytometer(), (slot, *result.panel[1:])))
    assert all(any(slot.fluorochrome in text for text in texts(tree)) for slot in result.panel)
    (band,) = [band for band in marks(tree, "band") if slot.detector in told(band) and band.get("class") == "band on"]
    assert "PE \u00b7 CD271" in told(band)
    assert "FITC \u00b7 CD45+CD31" in told(band)


def test_long_names_widen_the_picture() -> None:
    result = builders.result()
    slot = result.panel[-1].model_copy(update={"markers": ("m" * 300,)})
    drawing = panel_grid(builders.cytometer(), (slot,))
    assert WIDTH <= drawing.width < 2 * WIDTH
