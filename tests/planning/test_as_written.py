"""Numbers of the bench as a person writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.planning.as_written import cells_down, cells_up, written_tests, written_volume

cells = st.floats(1, 1e12)


@pytest.mark.parametrize(
    ("number", "up", "down"),
    [
        (1, 1, 1),
        (20_000, 20_000, 20_000),
        (20_000.000_000_1, 20_000, 20_000),
        (55_556, 60_000, 50_000),
        (10_753, 12_000, 10_000),
        (23_256, 25_000, 20_000),
        (1_170_000, 1_200_000, 1_000_000),
        (9.5e6, 1e7, 9e6),
        (0.3, 1, 0),
    ],
)
def test_cells_are_round(number: float, up: float, down: float) -> None:
    assert (cells_up(number), cells_down(number)) == (up, down)


@given(cells)
def test_round_cells_have_two_digits_and_lie_near(number: float) -> None:
    up, down = cells_up(number), cells_down(number)
    assert down <= number <= up * (1 + 1e-8)
    assert up <= number * 4 / 3 * (1 + 1e-8) or up == cells_up(1)
    for found in (up, down):
        assert f"{found:.1e}" == f"{float(f'{found:.1e}'):.1e}"
        assert float(f"{found:.1e}") == pytest.approx(found, rel=1e-12)
    assert cells_up(up) == up
    assert cells_down(down) == down


@given(cells, cells)
def test_more_cells_are_never_written_as_fewer(one: float, other: float) -> None:
    few, many = sorted((one, other))
    assert cells_up(few) <= cells_up(many)
    assert cells_down(few) <= cells_down(many)


@pytest.mark.parametrize(
    ("volume", "written"), [(100, 100), (131, 150), (999, 1000), (1000, 1000), (1001, 1100), (2350, 2400)]
)
def test_volumes_are_multiples(volume: float, written: float) -> None:
    assert written_volume(volume) == written


@pytest.mark.parametrize(("tests", "written"), [(1, 1), (1.01, 1.5), (9.7, 10), (10, 10), (10.2, 11), (130.4, 131)])
def test_tests_are_halves_or_whole(tests: float, written: float) -> None:
    assert written_tests(tests) == written
