"""The oracle's list of panels, where they can be counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.oracle.enumeration import all_panels, purchase_cost
from tests.oracle.plain import plain

BLIND = np.array([[0.0, 0.0], [0.0, 0.0]])  # a target without antigens: all may be dumped


def count(**changes: Any) -> int:
    return len(list(all_panels(plain(**changes))))


@pytest.mark.parametrize(
    ("changes", "panels"),
    [
        ({}, 6),  # each marker alone on each dye, both on one each
        ({"required": np.array([1, 0])}, 4),
        ({"required": np.array([1, 1])}, 2),
        ({"dump": np.array([1, 1])}, 6),  # the target has both
        ({"dump": np.array([1, 1]), "abc": BLIND}, 8),
        ({"dump": np.array([1, 1]), "abc": BLIND + 999.9}, 8),
        ({"dump": np.array([1, 1]), "abc": BLIND + 1000}, 6),
        ({"dump": np.array([1, 1]), "abc": BLIND + np.nan}, 6),
        ({"max_colours": 1.0}, 4),
        ({"sort_ways": 0.0}, 0),
        ({"locked": np.array([[0, 1, -1]])}, 2),
        ({"locked": np.array([[0, 1, 0]])}, 0),
        ({"available": np.array([[1, 0], [1, 1]])}, 4),
        ({"M": np.array([[1.0, 0.2], [0.3, 1.0]])}, 8),  # the first dye alone in the other's detector
        ({"M": np.array([[1.0, 0.3], [0.3, 1.0]])}, 10),  # crossed, each is brighter in the other's detector
        ({"M": np.array([[1.0, 0.3], [0.3, 1.0]]), "max_spillover": 4.0}, 12),
        ({"M": np.array([[1.0, 0.3], [0.3, 1.0]]), "max_spillover": 0.29}, 8),
        ({"M": np.array([[1.0, 0.3], [0.3, 1.0]]), "max_similarity": 0.5}, 8),
        ({"M": np.array([[1.0, 0.3], [0.3, 1.0]]), "max_complexity": 1.5}, 8),
        ({"budget": 150.0}, 4),
        ({"budget": 300.0, "price": np.array([[np.nan, 100.0], [100.0, 100.0]])}, 4),
        ({"conventional": 0}, 6),
        ({"conventional": 0, "AF": np.ones(2)}, 4),  # two dyes and autofluorescence on two detectors
        ({"conventional": 0, "M": np.array([[1.0, 1.0], [0.0, 0.21]])}, 6),  # cosine 0.979
        ({"conventional": 0, "M": np.array([[1.0, 1.0], [0.0, 0.20]])}, 4),  # cosine 0.981
    ],
)
def test_counts(changes: dict[str, Any], panels: int) -> None:
    assert count(**changes) == panels


def test_unknown_prices_where_they_are_allowed() -> None:
    a = plain(budget=100.0, price=np.array([[np.nan, 100.0], [100.0, 100.0]]))
    assert len(list(all_panels(a, allow_unknown_price=True))) == 5


def test_changes_count_replaced_added_and_dropped() -> None:
    reference = frozenset({(0, 0), (1, 1)})
    assert [len(list(all_panels(plain(), changes=(reference, n)))) for n in range(3)] == [1, 3, 6]


def test_cheapest_deliveries() -> None:
    offers = np.array([[[np.nan, np.nan]], [[100.0, 100.0]], [[np.nan, 60.0]]])
    a = plain(vendor=["", "a", "b"], shipping=np.array([0.0, 10.0, 45.0]), vendor_price=offers, markers=1)
    assert purchase_cost(a, [(0, 0)]) == 110
    assert purchase_cost(a, [(0, 1)]) == 105
    assert purchase_cost(a, [(0, 0), (0, 1)]) == 210
    assert purchase_cost(plain(price=np.array([[1.0, np.nan], [4.0, 8.0]])), [(0, 1), (1, 0)]) == 4
