"""Pictures: marks lie where their numbers say, and every mark can tell its value."""

from __future__ import annotations

import itertools
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.report.content import Cloud, GateAxis, GatePlot, Report, TargetPlots
from panelopt.report.drawing import Drawing, shortened
from panelopt.report.html.biaxial import colour_names, gate_drawings
from panelopt.report.html.detector_map import detector_map, emission_charts
from panelopt.report.instrument_drawing import HIGH_NM, LEFT, LOW_NM, RIGHT, WIDTH
from tests import builders, strategies
from tests.reporting import examples as reporting

SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing: Drawing) -> ET.Element:
    # made by the code under test from text that it has escaped
    return ET.fromstring(str(drawing.markup()))  # noqa: S314


def marks(tree: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in tree.iter() if element.get("class") == name]


def told(element: ET.Element) -> str:
    return element.findtext(f"{SVG}title") or ""


@pytest.fixture(scope="module")
def small() -> Report:
    return reporting.small_report()


def cloud(name: str, x: list[float], y: list[float], inside: int) -> Cloud:
    return Cloud(name, 9, np.array(x), np.array(y), inside)


def target(low: float | None, high: float | None) -> TargetPlots:
    clouds = (cloud("a", [10.0, 2000.0], [0.0, 50.0], 1), cloud("b", [30_000.0], [9000.0], 0), cloud("c", [], [], 0))
    plot = GatePlot(GateAxis("CD1 PE", 100, low, high, True), GateAxis("CD2 FITC", 100, None, None, False), clouds)
    return TargetPlots("tube", "a", (plot,), ("b",))


# ---- drawing


@given(strategies.hostile_texts, strategies.hostile_texts)
def test_any_text_is_well_formed(title: str, words: str) -> None:
    drawing = Drawing(10, 10, title)
    drawing.text(1, 1, words)
    drawing.rect(0, 0, 1, 1, "x", tip=words)
    tree = parsed(drawing)
    assert [element.tag for element in tree] == [f"{SVG}text", f"{SVG}rect"]


@given(st.text(max_size=60), st.integers(2, 40))
def test_shortened_texts_fit(words: str, longest: int) -> None:
    assert len(shortened(words, longest)) <= longest


def test_numbers_have_no_more_digits_than_the_eye_sees() -> None:
    drawing = Drawing(10, 10, "x")
    drawing.line(-0.01, 1 / 3, 2.0, 1e4, "x")
    assert 'x1="0" y1="0.3" x2="2" y2="10000"' in str(drawing.markup())


# ---- detector map


def test_bands_lie_along_the_wavelength() -> None:
    cytometer, result = builders.cytometer(), builders.result()
    tree = parsed(detector_map(cytometer, result.panel))
    used, free = marks(tree, "band on"), marks(tree, "band")
    assert len(used) == len(result.panel)
    assert len(used) + len(free) == len(cytometer.detector)
    centres = {}
    for band in [*used, *free]:
        name = told(band).split(":")[0]
        centres[name] = float(band.get("x", "")) + float(band.get("width", "")) / 2
    nm = {detector.name: detector.centre_nm for detector in cytometer.detector}
    names = sorted(nm, key=nm.__getitem__)
    slope = np.polyfit([nm[n] for n in names], [centres[n] for n in names], 1)
    assert np.polyval(slope, [nm[n] for n in names]) == pytest.approx([centres[n] for n in names], abs=0.2)


def test_every_dye_is_named_at_its_band() -> None:
    result = builders.result()
    tree = parsed(detector_map(builders.cytometer(), result.panel))
    texts = [element.text or "" for element in tree.iter(f"{SVG}text")]
    for slot in result.panel:
        assert any(slot.fluorochrome in text and slot.markers[0] in text for text in texts)
        assert any(slot.detector in told(band) and slot.fluorochrome in told(band) for band in marks(tree, "band on"))


def test_slots_on_unknown_detectors_are_not_drawn() -> None:
    result = builders.result()
    slot = result.panel[0].model_copy(update={"detector": "nowhere"})
    tree = parsed(detector_map(builders.cytometer(), (slot, *result.panel[1:])))
    assert len(marks(tree, "band on")) == len(result.panel) - 1


def test_dyes_that_are_brightest_in_one_detector_are_all_named() -> None:
    result = builders.result()
    slot = result.panel[0].model_copy(update={"detector": result.panel[1].detector})
    tree = parsed(detector_map(builders.cytometer(), (slot, *result.panel[1:])))
    texts = [element.text or "" for element in tree.iter(f"{SVG}text")]
    assert all(any(slot.fluorochrome in text for text in texts) for slot in result.panel)
    (band,) = [band for band in marks(tree, "band on") if slot.detector in told(band)]
    assert "PE CD271" in told(band)
    assert "FITC CD45+CD31" in told(band)


def test_curves_peak_where_the_dye_emits(small: Report) -> None:
    assert small.optics is not None
    curves = [c for chart in emission_charts(small.optics, small.result.panel) for c in marks(parsed(chart), "curve")]
    assert len(curves) == len(small.result.panel)
    for curve in curves:
        points = [tuple(map(float, p.split())) for p in (curve.get("d") or "").removeprefix("M").split("L")]
        top = min(points, key=lambda point: point[1])[0]
        said = re.search(r"peak (\d+) nm", told(curve))
        assert said is not None
        nm = LOW_NM + (top - LEFT) / (WIDTH - LEFT - RIGHT) * (HIGH_NM - LOW_NM)
        assert nm == pytest.approx(float(said[1]), abs=3.5)


# ---- gates


def test_cells_and_gates_are_drawn_to_one_scale() -> None:
    (drawing,) = gate_drawings(target(1000.0, None))
    tree = parsed(drawing)
    (gate,) = marks(tree, "gate")
    left, right = float(gate.get("x", "")), float(gate.get("x", "")) + float(gate.get("width", ""))
    dots = {told(element).split(":")[0]: element for element in marks(tree, "dots")}
    assert set(dots) == {"a", "b"}
    places = [float(x) for x in re.findall(r"M([\d.]+) ", dots["a"].get("d") or "")]
    assert places[0] < left < places[1] < right == pytest.approx(52 + 250)
    # the inverse hyperbolic sine of the number over the unit of the axis
    ends = [math.asinh(v / 100) for v in (10, 1000, 2000)]
    share = (left - places[0]) / (places[1] - places[0])
    assert share == pytest.approx((ends[1] - ends[0]) / (ends[2] - ends[0]), abs=0.01)
    assert "1 of 2 cells are inside these gates (2 of 9 drawn" in told(dots["a"])


@pytest.mark.parametrize(("low", "high", "words"), [(None, 500.0, "up to 500"), (5.0, 500.0, "from 5 up to 500")])
def test_gates_say_their_thresholds(low: float | None, high: float | None, words: str) -> None:
    (drawing,) = gate_drawings(target(low, high))
    (gate,) = marks(parsed(drawing), "gate")
    assert told(gate) == f"Gate: CD1 PE {words} antibodies"


def test_the_wanted_population_has_its_own_colour() -> None:
    names = colour_names(target(None, 1.0))
    assert [(label, name) for _, label, name in names] == [("T", "a"), ("1", "b")]
    assert len({colour for colour, _, _ in names}) == 2


def test_labels_of_an_axis_do_not_touch() -> None:
    for unit in (10.0, 100.0, 3162.0, 1e5):
        clouds = (cloud("a", [0.0, 1e6], [0.0, 20.0], 0),)
        axis = GateAxis("CD1 PE", unit, 10.0, None, True)
        (drawing,) = gate_drawings(TargetPlots("tube", "a", (GatePlot(axis, axis, clouds),), ()))
        ticks = [e for e in parsed(drawing).iter(f"{SVG}text") if (e.text or "").startswith(("0", "10"))]
        across = sorted(float(e.get("x", "")) for e in ticks if e.get("text-anchor") == "middle")
        assert all(b - a >= 20 for a, b in itertools.pairwise(across))
