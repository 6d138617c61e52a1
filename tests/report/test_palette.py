"""Colours: readable on both pages, and told apart without colour vision."""

from __future__ import annotations

import itertools

import pytest

from panelopt.report.html.palette import OTHERS, REST, TARGET, ink_on, luminance, shade

PAGES = ("#ffffff", "#14171b")


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_heat_maps_grow_lighter_with_the_value() -> None:
    steps = [luminance(shade(i / 100)) for i in range(101)]
    assert all(after > before for before, after in itertools.pairwise(steps))


@pytest.mark.parametrize("fraction", [i / 50 for i in range(-5, 60)])
def test_numbers_on_heat_maps_are_readable(fraction: float) -> None:
    colour = shade(fraction)
    assert contrast(colour, ink_on(colour)) >= 4.5


@pytest.mark.parametrize("page", PAGES)
def test_marks_stand_out_from_the_page(page: str) -> None:
    for colour in (TARGET, *OTHERS, REST):
        assert contrast(colour, page) >= 2.0, colour


def test_colours_differ_for_dichromats() -> None:
    # linear RGB as it is seen without red or without green cones: Vienot, Brettel and Mollon, Color Research and
    # Application 24:243-252 (1999); rows are the matrices of that paper's method
    seen = {
        "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
        "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
    }
    for matrix in seen.values():
        shown = [[sum(w * c for w, c in zip(row, linear(x), strict=True)) for row in matrix] for x in (TARGET, *OTHERS)]
        for one, other in itertools.combinations(shown, 2):
            assert max(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.04


def linear(colour: str) -> list[float]:
    return [(int(colour[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5)]
