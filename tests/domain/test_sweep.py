"""Grids: their cells, and what is refused."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from panelopt.domain.sweep_record import SweepCell, SweepSpec, SweepSummary, cells_of

TODAY = date(2026, 1, 31)

names = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=3, unique=True)


def spec(**changes: object) -> SweepSpec:
    return SweepSpec.model_validate({"problems": ["p"], "cytometers": ["c"], **changes})


def cells(**changes: object) -> list[SweepCell]:
    return list(cells_of(spec(**changes), TODAY))


@given(problems=names, cytometers=names, catalogs=names, seeds=st.lists(st.integers(0, 9), min_size=1, unique=True))
def test_a_grid_is_a_product(problems: list[str], cytometers: list[str], catalogs: list[str], seeds: list[int]) -> None:
    grid = spec(problems=problems, cytometers=cytometers, catalogs=catalogs, options={"seed": seeds})
    found = [(c.problem, c.cytometer, c.catalogs, c.options.seed) for c in cells_of(grid, TODAY)]
    wanted = [(p, c, (k,), s) for p in problems for c in cytometers for k in catalogs for s in seeds]
    assert found == wanted
    assert grid.size == len(wanted)


def test_one_value_needs_no_list() -> None:
    assert cells(options={"max_colours": 5}) == cells(options={"max_colours": [5]})


def test_default_and_infinity_stand_for_no_option() -> None:
    first, second = cells(options={"max_colours": ["default", 4], "time_limit": math.inf, "budget": 0})
    assert (first.options.max_colours, second.options.max_colours) == (None, 4)
    assert first.options.time_limit_s is None
    assert first.options.budget == 0


def test_the_day_counts_only_with_an_inventory() -> None:
    without, shelf = cells(inventories=["none", "./shelf"])
    assert (without.inventory, without.options.today) == (None, None)
    assert (shelf.inventory, shelf.options.today) == ("./shelf", TODAY)
    (named,) = cells(inventories=["./shelf"], options={"today": date(2025, 1, 1)})
    assert named.options.today == date(2025, 1, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"problems": []}, "at least 1"),
        ({"problems": ["p", "p"]}, "lists p twice"),
        ({"catalogs": [["a", "b"], ["a", "b"]]}, "lists a.b twice"),
        ({"catalogs": []}, "at least 1"),
        ({"options": {"seed": [0, 0]}}, "lists 0 twice"),
        ({"options": {"seed": -1}}, "greater than or equal"),
        ({"options": {"max_colours": 2.5}}, "valid integer"),
        ({"options": {"max_colours": "many"}}, "default"),
        ({"options": {"time_limit": 0}}, "greater than 0"),
        ({"options": {"time_limit": math.nan}}, "greater than 0|not a number"),
        ({"options": {"tolerance": math.inf}}, "finite"),
        ({"options": {"require_goal": "yes"}}, "valid boolean"),
        ({"options": {"seed": list(range(100_001))}}, "100,001 cells, more than 100,000"),
        ({"optoins": {}}, "not permitted"),
        ({"schema_version": 2}, "Input should be 1"),
    ],
)
def test_nonsense_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        spec(**changes)


def test_a_label_tells_cells_apart() -> None:
    labels = {cell.label for cell in cells(catalogs=[[], "k"], options={"max_colours": ["default", 4], "seed": [0, 1]})}
    assert len(labels) == 8


def test_time_left_is_that_of_cells_like_the_others() -> None:
    assert SweepSummary(folder="", cells=9, status={"optimal": 3}, missing=6, seconds=12).left_s == 24
    assert SweepSummary(folder="", cells=9, status={}, missing=9).left_s is None
