"""Pictures: marks lie where their numbers say, and every mark can tell its value."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.report.drawing import Drawing, shortened, simplified
from panelopt.report.flag_labels import Flag, lanes
from tests import strategies
from tests.report.svg import SVG, dots, parsed


@given(strategies.hostile_texts, strategies.hostile_texts)
def test_any_text_is_well_formed(title: str, words: str) -> None:
    drawing = Drawing(10, 10, title)
    drawing.text(1, 1, words)
    drawing.rect(0, 0, 1, 1, "x", tip=words)
    with drawing.group("y", tip=words):
        drawing.line(0, 0, 1, 1, "z")
    tree = parsed(drawing)
    assert [element.tag for element in tree] == [f"{SVG}text", f"{SVG}rect", f"{SVG}g"]


@given(st.text(max_size=60), st.integers(2, 40))
def test_shortened_texts_fit(words: str, longest: int) -> None:
    assert len(shortened(words, longest)) <= longest


def test_numbers_have_no_more_digits_than_the_eye_sees() -> None:
    drawing = Drawing(10, 10, "x")
    drawing.line(-0.01, 1 / 3, 2.0, 1e4, "x")
    assert 'x1="0" y1="0.3" x2="2" y2="10000"' in str(drawing.markup())


@given(st.lists(st.tuples(st.integers(-300, 300), st.integers(-300, 300)), min_size=1, max_size=30))
def test_dots_lie_at_their_places(places: list[tuple[int, int]]) -> None:
    drawing = Drawing(10, 10, "x")
    drawing.dots(places, "x")
    assert dots(parsed(drawing)) == places


@given(st.lists(st.floats(-500, 500), min_size=2, max_size=30), st.floats(0.1, 20))
def test_simplified_lines_stay_near(heights: list[float], tolerance: float) -> None:
    places = [(float(x), y) for x, y in enumerate(heights)]
    kept = simplified(places, tolerance)
    assert (kept[0], kept[-1]) == (places[0], places[-1])
    for (x0, y0), (x1, y1) in itertools.pairwise(kept):
        for x, y in places[int(x0) : int(x1) + 1]:
            away = abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / math.hypot(x1 - x0, y1 - y0)
            assert away <= tolerance + 1e-9


def test_poles_cross_no_label() -> None:
    flags = [Flag(x, "label " * (1 + i % 3)) for i, x in enumerate((10, 30, 31, 90, 95, 200, 201, 202, 400))]
    found = lanes(flags)
    for one, lane in zip(flags, found, strict=True):
        for other, above in zip(flags, found, strict=True):
            if one is not other and one.x <= other.x < one.right:
                assert lane > above  # else the pole of the other one would cross this label


@pytest.mark.parametrize("bold", [False, True])
def test_labels_side_by_side_share_a_lane(bold: bool) -> None:
    assert lanes([Flag(0, "PE", bold), Flag(100, "APC"), Flag(200, "FITC")]) == [0, 0, 0]
