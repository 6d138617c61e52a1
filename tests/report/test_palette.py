"""Colours: readable on both pages, and told apart without colour vision."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest

from panelopt.report import palette
from panelopt.report.content import Report
from panelopt.report.drawing import Drawing
from panelopt.report.emission_drawing import emission_drawing
from panelopt.report.gate_drawing import gate_drawings
from panelopt.report.html import report_html
from panelopt.report.instrument_drawing import panel_grid
from panelopt.report.matrix_drawing import matrix_drawing
from panelopt.report.matrix_sheets import similarity_sheet, spillover_sheet
from panelopt.report.palette import DARK_PAGE, DARK_SERIES, PAGE, SERIES, contrast, crowded, hue_stroke, ink_on, shade
from panelopt.report.signature_drawing import signature_drawing
from tests.report.svg import parsed
from tests.reporting import examples as reporting

STROKE = 3.0
"""Least contrast of graphics: WCAG 2.2, criterion 1.4.11."""

THEMES = {PAGE: (*SERIES, palette.REST), DARK_PAGE: (*DARK_SERIES, palette.DARK_REST)}

THEMED = {"rule", "frame", "band", "edge", "gate", "tag", "d0", "d1", "d2"}
"""Classes whose strokes the page replaces in dark mode."""


@pytest.fixture(scope="module")
def small() -> Report:
    return reporting.small_report()


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_heat_maps_grow_lighter_with_the_value() -> None:
    steps = [palette.luminance(shade(i / 100)) for i in range(101)]
    assert all(after > before for before, after in itertools.pairwise(steps))


@pytest.mark.parametrize("fraction", [i / 50 for i in range(-5, 60)])
def test_numbers_on_heat_maps_are_readable(fraction: float) -> None:
    colour = shade(fraction)
    assert contrast(colour, ink_on(colour)) >= 4.5


@pytest.mark.parametrize("page", THEMES)
def test_marks_stand_out_from_the_page(page: str) -> None:
    for colour in THEMES[page]:
        assert contrast(colour, page) >= STROKE, colour
    for nm in range(300, 951):
        assert contrast(hue_stroke(nm), page) >= STROKE, nm


def test_crowded_dots_stand_out_more() -> None:
    for colour in THEMES[PAGE]:
        steps = [contrast(crowded(colour, level), PAGE) for level in range(3)]
        assert steps == sorted(steps)


def drawings(report: Report) -> Iterator[Drawing]:
    """Yield every kind of picture of a report."""
    assert report.optics is not None
    assert report.scatter is not None
    yield panel_grid(report.optics.cytometer, report.result.panel)
    yield emission_drawing(report.optics, report.result.panel)
    yield signature_drawing(report.optics)
    for table in (similarity_sheet(report.optics), spillover_sheet(report.optics, report.result)):
        assert table is not None
        yield matrix_drawing(table, "x")
    for plots in (report.scatter, *report.plots):
        yield from gate_drawings(plots)


def test_every_stroke_stands_out_from_both_pages(small: Report) -> None:
    kinds = set()
    for drawing in drawings(small):
        for element in parsed(drawing).iter():
            stroke = element.get("stroke")
            if stroke is None or stroke == "none":
                continue
            names = set((element.get("class") or "").split())
            kinds |= names
            assert contrast(stroke, PAGE) >= STROKE, (names, stroke)
            assert element.get("stroke-opacity") is None
            # what the page does not replace must stand out from a dark page as it is
            assert names & THEMED or contrast(stroke, DARK_PAGE) >= STROKE, (names, stroke)
    assert {"curve", "laser", *THEMED - {"d1", "d2"}} <= kinds


def test_pages_set_the_colours_of_the_palette(small: Report) -> None:
    style = report_html(small).split("<style>")[1].split("</style>")[0]
    themes = [dict(re.findall(r"--([a-z0-9]+): (#[0-9a-fA-F]{6})", block)) for block in style.split("{")]
    pages = [theme for theme in themes if "edge" in theme]
    series = [(*(theme[f"c{i}"] for i in range(len(SERIES))), theme["rest"]) for theme in themes if "c0" in theme]
    assert [theme["page"] for theme in pages] == [PAGE, DARK_PAGE, DARK_PAGE, PAGE]  # the last one for print
    assert series == [THEMES[theme["page"]] for theme in pages]
    for theme in pages:
        for name in ("edge", "ink"):
            assert contrast(theme[name], theme["page"]) >= STROKE
    for name in THEMED:
        assert re.search(rf"svg [^{{]*\.{name}\b[^{{]*{{[^}}]*stroke: ", style), name


@pytest.mark.parametrize("colours", [SERIES, DARK_SERIES])
def test_colours_differ_for_dichromats(colours: tuple[str, ...]) -> None:
    # linear RGB as it is seen without red or without green cones: Vienot, Brettel and Mollon, Color Research and
    # Application 24:243-252 (1999); rows are the matrices of that paper's method
    seen = {
        "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
        "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
    }
    for matrix in seen.values():
        shown = [[sum(w * c for w, c in zip(row, linear(x), strict=True)) for row in matrix] for x in colours]
        for one, other in itertools.combinations(shown, 2):
            assert max(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.04


def linear(colour: str) -> list[float]:
    return [(int(colour[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5)]


@pytest.mark.parametrize("nm", [300.0, 405.0, 500.0, 900.0])
def test_colours_of_wavelengths_are_colours(nm: float) -> None:
    assert re.fullmatch("#[0-9a-f]{6}", palette.hue(nm))
