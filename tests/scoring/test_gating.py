"""Best gates against trying every gate set."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from panelopt.scoring.claims import SIDES
from panelopt.scoring.gating import GateQuestion, best_gates, best_worst

Gates = tuple[tuple[int, int], ...]

BELOW = SIDES.index("below")


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
        most_gates=int(rng.integers(0, slots + 2)),
        cap=3.28,
        max_share=share,
        purity_min=float(rng.choice([0.0, 0.0, 0.5, 0.9])),
        most=float(rng.choice([np.inf, 5.0, 2.5, 1.0])),
        forced=tuple((int(s), BELOW) for s in np.flatnonzero(rng.random(slots) < 0.15)),
    )


def every_gate_set(q: GateQuestion) -> list[tuple[Gates, np.ndarray]]:
    """Gate sets that meet the demands, with their log ratios."""
    found = []
    for choice in itertools.product((None, 0, 1, 2), repeat=len(q.claims)):
        gates = tuple((s, k) for s, k in enumerate(choice) if k is not None)
        if not set(q.forced) <= set(gates):
            continue
        if len(gates) > q.most_gates or not all(q.usable[g] or g in q.forced for g in gates):
            continue
        nothing = np.zeros(len(q.single))
        gain = sum((q.claims[g] for g in gates), nothing)
        gain_below = sum((q.claims[g] for g in gates if g[1] == BELOW), nothing)
        single = q.single + q.step * len(gates) + np.minimum(gain, q.most)
        doublet = q.doublet + np.minimum(gain_below, q.most)
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


def question(**changes: object) -> GateQuestion:
    """Three slots that claim 3 each, above and below, against the one contaminant."""
    claims = np.zeros((3, 3, 1))
    claims[:, [0, BELOW]] = 3.0
    base = GateQuestion(
        claims=claims,
        usable=np.ones((3, 3), dtype=bool),
        single=np.array([-4.0]),
        doublet=np.array([0.5]),
        step=-0.01,
        most_gates=3,
        cap=10.0,
        max_share=np.array([np.nan]),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def test_all_gates_together_claim_no_more_than_the_total_leak_allows() -> None:
    q = question(doublet=np.array([np.inf]))
    assert best_worst(q) == pytest.approx(-4 + 9 - 0.03)
    assert best_worst(replace(q, most=5.0)) == pytest.approx(-4 + 5 - 0.02)  # a third gate would only cost cells
    assert best_gates(replace(q, most=5.0), -np.inf) == ((0, 0), (1, 0))


def test_the_total_leak_limits_the_doublet_term_too() -> None:
    q = question(single=np.array([5.0]))
    assert best_worst(q) == pytest.approx(0.5 + 9)
    assert best_worst(replace(q, most=5.0)) == pytest.approx(0.5 + 5)
    single, doublet = replace(q, most=5.0).terms(((0, 0), (1, BELOW), (2, BELOW)))
    assert (float(single[0]), float(doublet[0])) == pytest.approx((5 + 5 - 0.03, 0.5 + 5))
    single, doublet = replace(q, most=5.0).terms(((0, 0), (1, BELOW), (2, 0)))
    assert (float(single[0]), float(doublet[0])) == pytest.approx((5 + 5 - 0.03, 0.5 + 3))


def test_a_forced_gate_is_held_although_it_only_costs_cells() -> None:
    claims = question().claims.copy()
    claims[1] = 0.0
    q = question(claims=claims, doublet=np.array([np.inf]))
    assert best_gates(q, -np.inf) == ((0, 0), (2, 0))
    forced = replace(q, forced=((1, BELOW),))
    assert best_gates(forced, -np.inf) == ((0, 0), (1, BELOW), (2, 0))
    assert best_worst(forced) == pytest.approx(-4 + 6 - 0.03)


def test_a_forced_gate_counts_towards_the_limit() -> None:
    forced = question(doublet=np.array([np.inf]), forced=((1, BELOW),), most_gates=1)
    assert best_gates(forced, -np.inf) == ((1, BELOW),)
    assert best_worst(replace(forced, most_gates=0)) is None
    assert best_gates(replace(forced, most_gates=0), -np.inf) is None
