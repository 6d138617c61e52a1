"""Matrices as pictures: every number is there, on its shade, and the bar says what the shades mean."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from panelopt.report.content import Report
from panelopt.report.drawing import text_px
from panelopt.report.matrix_drawing import matrix_drawing
from panelopt.report.matrix_shades import Shades
from panelopt.report.matrix_sheets import spillover_sheet
from panelopt.report.sheet import Column, Sheet, sheet
from tests.report.svg import SVG, parsed, texts
from tests.reporting import examples as reporting


@pytest.fixture(scope="module")
def small() -> Report:
    return reporting.small_report()


def matrix(values: list[list[float | None]], *, by_log: bool = True) -> Sheet:
    columns = ("Dye", *(Column(f"column {i}", "matrix", 0) for i in range(len(values[0]))))
    return sheet("m", "A matrix", columns, [(f"row {i}", *line) for i, line in enumerate(values)], by_log=by_log)


def tiles_by_colour(tree: ET.Element) -> dict[str, list[tuple[float, float, float]]]:
    """Return left edge, upper edge and width of the cells of each colour."""
    found = {}
    for path in tree.iter(f"{SVG}path"):
        corners = re.findall(r"M(\S+) ([^h]+)h([^v]+)v", path.get("d", ""))
        found[path.get("fill", "")] = [(float(x), float(y), float(width)) for x, y, width in corners]
    return found


def test_every_number_is_written_on_its_shade() -> None:
    table = matrix([[100.0, 2.5, None], [0.0, 0.004, 12345.6]])
    tree = parsed(matrix_drawing(table, "percent"))
    words = texts(tree)
    for text in ("100", "2.5", "0", "<0.01", "12,300", "row 0", "row 1", "column 0", "column 2", "percent"):
        assert text in words
    shades, tiles = Shades.of(table), tiles_by_colour(tree)
    assert shades.colour(0.0) == shades.colour(0.004)  # both below a thousandth of the largest
    words_at = {(float(e.get("x", "")), float(e.get("y", ""))): e.text for e in tree.iter(f"{SVG}text")}
    for value, text in ((100.0, "100"), (2.5, "2.5"), (0.0, "0"), (0.004, "<0.01"), (12345.6, "12,300")):
        x, y = next(place for place, words in words_at.items() if words == text)
        assert any(0 < x - left < cell and 0 < y - top < 26 for left, top, cell in tiles[shades.colour(value)])


@pytest.mark.parametrize("by_log", [False, True])
def test_the_bar_spans_the_numbers(by_log: bool) -> None:
    table = matrix([[1.0, 20.0], [300.0, 5.0]], by_log=by_log)
    words = texts(parsed(matrix_drawing(table, "x")))
    assert words[-2] == "300"
    assert words[-6] == ("1" if by_log else "0")
    shades = Shades.of(table)
    assert [shades.place(shades.value(part)) for part in (0.0, 0.4, 1.0)] == pytest.approx([0.0, 0.4, 1.0])


@pytest.mark.parametrize("size", [1, 4, 13, 30])
def test_numbers_fit_into_their_cells(size: int) -> None:
    random = np.random.default_rng(1)
    table = matrix((10 ** random.uniform(-4, 6, (size, size))).tolist())
    drawing = matrix_drawing(table, "antibodies")
    ((_, _, cell), *_), *_ = tiles_by_colour(parsed(drawing)).values()
    shown = [table.columns[1].shown(value) for row in table.rows for value in row[1:]]
    assert max(text_px(text, 9.5) for text in shown) < cell
    assert len(drawing.file()) < 200_000


def test_equal_numbers_have_a_bar_of_one_shade() -> None:
    assert Shades.of(matrix([[3.0, 3.0]])).place(3.0) == 0.0
    assert "<svg" in matrix_drawing(matrix([[3.0, 3.0]]), "x").markup()


def test_spillover_is_the_light_of_each_dye_in_the_other_detectors(small: Report) -> None:
    assert small.optics is not None
    found = spillover_sheet(small.optics, small.result)
    assert found is not None
    values = np.array([row[1:] for row in found.rows], dtype=float)
    assert np.diagonal(values) == pytest.approx(100.0)
    names = [detector.name for detector in small.optics.cytometer.detector]
    places = [names.index(slot.detector) for slot in small.result.panel]
    light = small.optics.light
    for i, row in enumerate(values):
        assert row == pytest.approx([100 * light[place, i] / light[places[i], i] for place in places])
