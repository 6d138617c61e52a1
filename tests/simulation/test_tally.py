"""Cells counted by pattern: shares apart and together, with the leak of the score."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.simulation.tally import Tally

ALL = np.ones(3, dtype=bool)


@given(st.integers(0, 2**32 - 1), st.lists(st.booleans(), min_size=3, max_size=3))
def test_shares_are_those_of_the_cells(seed: int, chosen: list[bool]) -> None:
    inside = np.random.default_rng(seed).random((500, 3)) < [0.9, 0.5, 0.2]
    gates = np.array(chosen, dtype=bool)
    tally = Tally.of(inside[:200]) + Tally.of(inside[200:])
    assert tally.shares == pytest.approx(inside.mean(axis=0))
    assert tally.joint(gates, 0.0, 0.0)[0] == pytest.approx(inside[:, gates].all(axis=1).mean())
    assert tally.separate(gates, 0.0, 0.0)[0] == pytest.approx(inside[:, gates].mean(axis=0).prod())


def test_odd_cells_raise_a_share_to_the_leak() -> None:
    inside = np.zeros((1000, 3), dtype=bool)
    inside[:, 0] = True
    inside[:4, 1] = True
    tally = Tally.of(inside)
    assert tally.joint(np.array([False, True, False]), 0.01, 0.0)[0] == pytest.approx(0.01)
    assert tally.joint(ALL, 0.01, 0.0)[0] == pytest.approx(0.01 * 0.01)
    assert tally.separate(ALL, 0.01, 0.0)[0] == pytest.approx(0.01 * 0.01)
    assert tally.separate(ALL, 0.001, 0.0)[0] == pytest.approx(0.004 * 0.001)


def test_all_gates_together_let_the_total_leak_pass() -> None:
    inside = np.zeros((1000, 3), dtype=bool)
    inside[:100, 0] = inside[100:200, 1] = True
    tally = Tally.of(inside)
    assert tally.separate(ALL, 0.01, 5e-4) == (5e-4, 0.0)
    assert tally.joint(ALL, 0.0, 5e-4) == (5e-4, 0.0)
    assert tally.separate(ALL, 0.01, 5e-5)[0] == pytest.approx(0.1 * 0.1 * 0.01)
    one = np.array([True, False, False])
    assert tally.separate(one, 0.01, 5e-4)[0] == tally.joint(one, 0.0, 5e-4)[0] == pytest.approx(0.1)


def test_standard_errors_are_those_of_many_samples() -> None:
    random = np.random.default_rng(2)
    tallies = [Tally.of(random.random((400, 2)) < [0.3, 0.1]) for _ in range(2000)]
    both = np.ones(2, dtype=bool)
    for name in ("joint", "separate"):
        found = np.array([getattr(tally, name)(both, 0.001, 0.0) for tally in tallies])
        assert found[:, 0].std() == pytest.approx(found[:, 1].mean(), rel=0.1), name


def test_without_gates_everything_passes() -> None:
    tally = Tally.of(np.zeros((7, 0), dtype=bool))
    assert tally.counts.tolist() == [7]
    assert tally.joint(np.zeros(0, dtype=bool), 0.001, 1e-5) == (1.0, 0.0)
    assert tally.separate(np.zeros(0, dtype=bool), 0.001, 1e-5) == (1.0, 0.0)
