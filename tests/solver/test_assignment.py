"""Rows assigned to columns cost as little as scipy finds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from panelopt.solver.assignment import least_assignment


@pytest.mark.parametrize("seed", range(20))
def test_costs_are_as_low_as_those_of_scipy(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = int(random.integers(1, 9))
    cost = random.integers(0, 4, (rows, rows + int(random.integers(0, 20)))).astype(float)
    cost[random.random(cost.shape) < 0.3] = 1000.0
    columns = least_assignment(cost)
    assert np.unique(columns).size == rows
    assert cost[np.arange(rows), columns].sum() == cost[linear_sum_assignment(cost)].sum()
