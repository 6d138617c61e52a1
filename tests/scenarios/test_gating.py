"""Gates of many scenarios at once, against the single search."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelopt.scenarios import scenario_gating
from panelopt.scenarios.gate_sets import GateQuestions
from panelopt.scenarios.scenario_gating import best_sets, best_worsts
from panelopt.scoring.gating import best_gates, best_worst


def questions(seed: int, slots: int, contaminants: int, limit: int, count: int = 5) -> GateQuestions:
    """Choices with what a question may hold beside: saturated claims, a live gate, demands on purity and shares."""
    rng = np.random.default_rng(seed)
    usable = rng.random((slots, 3)) < 0.8
    claims = np.minimum(rng.exponential(1.0, (count, slots, 3, contaminants)), 3.0)
    claims[rng.random(claims.shape) < 0.4] = 0.0
    forced = ((int(rng.integers(slots)), 1),) if rng.random() < 0.5 else ()
    for slot, _ in forced:
        usable[slot] = [False, True, False]
    return GateQuestions(
        claims=claims * usable[:, :, None],
        usable=usable,
        single=rng.normal(0, 2, (count, contaminants)),
        doublet=np.where(rng.random() < 0.3, np.inf, rng.normal(2, 1, (count, contaminants))),
        step=float(np.log10(0.98)),
        most_gates=limit,
        cap=float(rng.choice([0.5, 3.3])),
        max_share=np.where(rng.random(contaminants) < 0.1, 0.3, np.nan),
        purity_min=float(rng.choice([0.0, 0.6])),
        most=float(rng.choice([2.5, 5.0, np.inf])),
        forced=forced,
    )


def differences(asked: GateQuestions) -> list[object]:
    """Where the search for all scenarios is not the single search in each."""
    worst = best_worsts(asked)
    found = best_sets(asked, np.where(np.isfinite(worst), worst - 0.02, np.inf))
    wrong: list[object] = []
    for number, value in enumerate(worst):
        one = asked.one(number)
        single, expected = best_worst(one), None
        if single is not None:
            gates = best_gates(one, single - 0.02)
            assert gates is not None
            expected = np.concatenate([[single], *one.terms(gates)])
        got = np.concatenate([[value], found.single[number], found.doublet[number]])
        good = np.isneginf(got).all() if expected is None else np.allclose(got, expected, rtol=0, atol=1e-11)
        if not good:
            wrong.append((number, expected, got))
    return wrong


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 5), st.integers(0, 6))
@settings(max_examples=150, deadline=None)
def test_equals_the_single_search(seed: int, slots: int, contaminants: int, limit: int) -> None:
    assert differences(questions(seed, slots, contaminants, limit)) == []


@pytest.mark.slow
def test_long_tables_are_left_to_the_single_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario_gating, "MOST_STATES", 2)
    assert [differences(questions(seed, 8, 4, 8)) for seed in range(6)] == [[]] * 6


def test_no_gate_set_reaches_a_floor_above_all() -> None:
    assert np.isneginf(best_sets(questions(2, 3, 3, 3), np.full(5, 50.0)).rho).all()


def test_more_forced_gates_than_allowed_leave_nothing() -> None:
    asked = replace(questions(2, 3, 3, 3), forced=((0, 1),), most_gates=0)
    assert np.isneginf(best_worsts(asked)).all()
    assert np.isneginf(best_sets(asked, np.full(5, -np.inf)).odds).all()
