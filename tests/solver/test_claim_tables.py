"""Tables of claims against the claims themselves."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.instance.arrays import SlotIndex
from panelopt.scoring.claims import claimed_rejection, pass_probabilities, thresholds
from panelopt.solver.claim_tables import GRID, ClaimTables

EPS, LEAK = 0.02, 1e-4


@pytest.mark.parametrize("own", [(3e4, 0.3), (300.0, 1.0), (0.0, 0.0)])
@pytest.mark.parametrize("foreign", [(3e3, 0.5), (3e5, 2.0), (0.0, 0.0), (1e4, 0.0)])
def test_tables_agree_with_claims(own: tuple[float, float], foreign: tuple[float, float]) -> None:
    levels = SimpleNamespace(abc=np.array([[own[0]], [foreign[0]]]), cv=np.array([[own[1]], [foreign[1]]]))
    options = CandidateSlots((SlotIndex((0,), 0, 0),), np.zeros(1), np.zeros(1, dtype=int))
    tables = ClaimTables(SimpleNamespace(eps=EPS, leak=LEAK), options, levels)  # type: ignore[arg-type]
    number = int(tables.numbers(tables.class_of[0], tables.class_of[1])[0])
    square = np.ones((GRID.size, GRID.size))
    cutoffs = thresholds(EPS, own[0] * np.ones(GRID.size), own[1] * np.ones(GRID.size), GRID)[:, :, None] * square
    claimed, _ = pass_probabilities(cutoffs, foreign[0] * square, foreign[1] * square, square * GRID)
    exact = claimed_rejection(claimed, LEAK)
    off = np.abs(tables.tables[:, number] - exact)
    assert off.mean() < 0.003
    assert off[np.abs(claimed - 0.5) > 0.01].max() < 0.05  # a claim ends where half would pass
