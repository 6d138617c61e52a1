"""The oracle's objective 3 on panels that can be put in order by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.oracle.plain import plain
from tests.oracle.practical import WORDS, Judged, as_good, best_of, chosen, counts, order, place

ONE, TWO, BOTH = (((0,), 0, 0),), (((0,), 1, 1),), (((0,), 0, 0), ((1,), 1, 1))


def judged(panel: Any, worst: float = 1.0, total: float = 5.0, odds: tuple[float, ...] = (2.0, 3.0)) -> Judged:
    return Judged(panel, worst, total, odds, len(panel))


def test_best_has_the_largest_sum_above_the_floor() -> None:
    panels = [judged(ONE, 1.0, 5.0), judged(TWO, 0.981, 6.0), judged(BOTH, 0.979, 7.0)]
    assert best_of(panels, 0.02) == panels[1:2]
    assert best_of(panels, 0.0) == panels[:1]
    assert best_of(panels, 0.02, floor=0.9) == panels[2:]
    assert best_of([], 0.02) == []
    equal = [judged(ONE), judged(TWO, total=5.0 - 1e-10)]
    assert best_of(equal, 0.02) == equal


def test_as_good_in_the_worst_ratio_and_in_every_tube() -> None:
    best = judged(BOTH)
    others = [
        judged(ONE, 0.9, 1.0, (1.9, 2.9)),
        judged(ONE, 0.9 - 1e-6),
        judged(ONE, odds=(9.0, 2.9 - 1e-6)),
        judged(ONE, odds=(1.9 - 1e-6, 9.0)),
    ]
    assert as_good([best, *others], best, 0.1) == [best, others[0]]
    assert as_good([best, *others], best, 0.2) == [best, *others]


def test_what_is_counted() -> None:
    a = plain(
        M=np.array([[1.0, 0.25], [0.5, 1.0]]),
        sourced=np.array([[1, 1], [1, 0]]),
        owned=np.array([[1, 0], [0, 0]]),
        fragile=np.array([0, 1]),
        price=np.array([[0.0, 5.0], [7.0, np.nan]]),
    )
    assert counts(a, BOTH) == {
        "sourced": (1,),
        "to_buy": (1,),
        "colours": (2,),
        "spillover": (15,),
        "fragile": (1,),
        "price": (1, 0.0),
    }
    assert place(a, judged(BOTH)) == ((1,), (1,), (2,), (15,), (1,), (1, 0.0), 2, (0, 3))
    dump = (((0, 1), 1, 1),)
    assert counts(a, dump)["sourced"] == (1,)
    assert counts(a, dump)["to_buy"] == (2,)
    assert counts(a, dump)["fragile"] == (1,)
    del a["owned"]
    assert counts(a, dump)["to_buy"] == (0,)
    a["conventional"] = np.array(0)  # columns (1, 1/2) and (1/4, 1)
    assert counts(a, BOTH)["spillover"] == (int(np.linalg.cond([[1, 0.25], [0.5, 1]]) / 0.05),)


def test_preferred_words_come_first() -> None:
    assert order(plain()) == WORDS
    assert order(plain(prefer=np.array(["price", "sourced"]))) == (
        "price",
        "sourced",
        "to_buy",
        "colours",
        "spillover",
        "fragile",
    )


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({}, ONE),  # fewest colours, then the smaller rank
        ({"fragile": np.array([1, 0])}, TWO),
        ({"price": np.array([[100.0, 99.0], [1.0, 1.0]])}, TWO),
        ({"price": np.array([[np.nan, 500.0], [1.0, 1.0]])}, TWO),
        ({"sourced": np.array([[0, 0], [1, 1]])}, ONE),
        ({"sourced": np.array([[0, 1], [1, 1]])}, TWO),
        ({"owned": np.array([[0, 1], [1, 1]])}, TWO),
        ({"owned": np.array([[0, 1], [1, 1]]), "fragile": np.array([0, 1])}, TWO),
        ({"owned": np.array([[0, 1], [1, 1]]), "fragile": np.array([0, 1]), "prefer": np.array(["fragile"])}, ONE),
        ({"product_rank": np.array([[3, 1], [2, 0]])}, TWO),
        ({"slack": np.array(0.0), "product_rank": np.array([[3, 1], [2, 0]])}, BOTH),
    ],
)
def test_first(changes: dict[str, Any], first: Any) -> None:
    best = judged(BOTH)
    panels = [judged(ONE, 0.95, 4.0), best, judged(TWO, 0.95, 4.0)]
    assert [one.panel for one in chosen(plain(**changes), panels, best)] == [first]


def test_panels_that_differ_in_nothing_that_is_counted_leave_the_answer_open() -> None:
    elsewhere = (((0,), 0, 1),)
    panels = [judged(ONE), judged(elsewhere)]
    assert chosen(plain(), panels, panels[0]) == panels
