"""Best gates against trying every gate set."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from panelopt.scoring.gating import GateQuestion, best_gates, best_worst

Gates = tuple[tuple[int, int], ...]


def random_question(seed: int) -> GateQuestion:
    rng = np.random.default_rng(seed)
    slots, contaminants = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    claims = rng.choice([0.0, 0.0, 0.3, 1.0, 2.0, 3.0], size=(slots, 3, contaminants))  # many ties
    if seed % 2:
        claims = claims * rng.uniform(0.3, 1.0, claims.shape)
    doublet = rng.uniform(0.5, 4, contaminants) if rng.random() < 0.6 else np.full(contaminants, np.inf)
    share = np.full(contaminants, np.nan)
    if rng.random() < 0.4:
        share[int(rng.integers(contaminants))] = 10 ** rng.uniform(-4, -0.5)
    return GateQuestion(
        claims=claims,
        usable=rng.random((slots, 3)) < 0.8,
        single=rng.uniform(-4, 1, contaminants),
        doublet=doublet,
        step=float(np.log10(0.98)),
        limit=int(rng.integers(0, slots + 2)),
        cap=3.28,
        max_share=share,
        purity_min=float(rng.choice([0.0, 0.0, 0.5, 0.9])),
    )


def every_gate_set(q: GateQuestion) -> list[tuple[Gates, np.ndarray]]:
    """Gate sets that meet the demands, with their log ratios."""
    found = []
    for choice in itertools.product((None, 0, 1, 2), repeat=len(q.claims)):
        gates = tuple((s, k) for s, k in enumerate(choice) if k is not None)
        if len(gates) > q.limit or not all(q.usable[g] for g in gates):
            continue
        single = q.single + q.step * len(gates) + sum((q.claims[g] for g in gates), np.zeros(len(q.single)))
        doublet = q.doublet + sum((q.claims[g] for g in gates if g[1] == 1), np.zeros(len(q.single)))
        leaks = 10.0**-single + 10.0**-doublet
        purity = 1 / (1 + leaks.sum())
        allowed = [np.isnan(m) or purity * leak <= m for m, leak in zip(q.max_share, leaks, strict=True)]
        if purity >= q.purity_min and all(allowed):
            found.append((gates, np.minimum(np.minimum(single, doublet), q.cap)))
    return found


@pytest.mark.parametrize("block", range(6))
def test_best_gates_equal_enumeration(block: int) -> None:
    for seed in range(100 * block, 100 * block + 100):
        q = random_question(seed)
        sets = every_gate_set(q)
        worst = best_worst(q)
        if not sets:
            assert worst is None, seed
            continue
        assert worst == pytest.approx(max(rho.min() for _, rho in sets), abs=1e-9), seed
        for slack in (0.0, 0.02, 1.0):
            floor = worst - slack
            good = [(g, rho.sum()) for g, rho in sets if rho.min() >= floor - 1e-12]
            total = max(value for _, value in good)
            first = min((g for g, value in good if value >= total - 1e-9), key=lambda g: (len(g), g))
            assert best_gates(q, floor) == first, seed


def test_floor_out_of_reach() -> None:
    q = random_question(3)
    assert best_gates(q, 100.0) is None


def test_both_outcomes_occur() -> None:
    nothing = sum(best_worst(random_question(seed)) is None for seed in range(200))
    assert 10 < nothing < 190
