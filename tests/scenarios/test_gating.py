"""Gates of many scenarios at once, against the single search; quantiles by curves, against the reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelopt.scenarios import gating
from panelopt.scenarios.gating import GateQuestions, best_totals, best_worsts
from panelopt.scenarios.quantiles import quantiles
from panelopt.scoring.gating import best_total, best_worst
from panelopt.scoring.quantiles import quantile


def questions(seed: int, slots: int, contaminants: int, limit: int, count: int = 5) -> GateQuestions:
    rng = np.random.default_rng(seed)
    usable = rng.random((slots, 3)) < 0.8
    claims = np.minimum(rng.exponential(1.0, (count, slots, 3, contaminants)), 3.0)
    claims[rng.random(claims.shape) < 0.4] = 0.0
    return GateQuestions(
        claims=claims * usable[:, :, None],
        usable=usable,
        single=rng.normal(0, 2, (count, contaminants)),
        doublet=np.where(rng.random() < 0.3, np.inf, rng.normal(2, 1, (count, contaminants))),
        step=float(np.log10(0.98)),
        limit=limit,
        cap=3.3,
        max_share=np.full(contaminants, np.nan),
        purity_min=0.0,
    )


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 5), st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_equals_the_single_search(seed: int, slots: int, contaminants: int, limit: int) -> None:
    asked = questions(seed, slots, contaminants, limit)
    worst = best_worsts(asked)
    total = best_totals(asked, worst - 0.02)
    for number in range(len(worst)):
        one = asked.one(number)
        assert worst[number] == pytest.approx(best_worst(one), abs=1e-12)
        assert total[number] == pytest.approx(best_total(one, worst[number] - 0.02), abs=1e-11)


def test_long_tables_are_left_to_the_single_search(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = questions(1, 8, 4, 8)
    worst = best_worsts(asked)
    total = best_totals(asked, worst - 0.02)
    monkeypatch.setattr(gating, "MOST_STATES", 2)
    assert best_worsts(asked) == pytest.approx(worst, abs=1e-12)
    assert best_totals(asked, worst - 0.02) == pytest.approx(total, abs=1e-11)


def test_no_gate_set_reaches_a_floor_above_all() -> None:
    asked = questions(2, 3, 3, 3)
    assert np.isneginf(best_totals(asked, np.full(5, 50.0))).all()


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_quantiles_by_curves_are_those_of_the_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = np.array([0.02, 0.98, 0.01, 0.99])
    abc = 10 ** rng.uniform(1.5, 6, (12, 3))
    cv = rng.choice([0.45, 0.8, 1.0], (12, 3))
    sd = 10 ** rng.uniform(0, 5, (12, 3))
    abc[0, 0], cv[0, 0], cv[1, 1], sd[2, 2] = 0.0, 0.0, 0.63, 0.0
    spread = np.hypot(abc * np.sqrt(np.log1p(cv**2)), sd) + 1e-9
    expected = quantile(p[:, None, None], abc, cv, sd)
    assert np.abs((quantiles(p, abc, cv, sd) - expected) / spread).max() < 1e-9
