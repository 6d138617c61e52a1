"""What demands ask of single pairs: every gate set that meets the demands must reach it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from panelopt.bounds.demand_terms import least_terms
from panelopt.certificates.verify_certificate import VerifyOptions, verify
from panelopt.instance import Instance
from panelopt.scoring.panel_score import panel_claims
from panelopt.solver.outcome import SearchSettings
from panelopt.solver.search import Search
from tests.certificates.examples import certified
from tests.oracle.answers import panels_of, scores_of
from tests.oracle.instances import random_instance
from tests.oracle.truth import Case, wrong

SECONDS = 300.0  # far more than is needed, so that a busy machine decides nothing


def demanding(seed: int, conventional: bool = False, markers: int = 3) -> Instance:
    """An instance whose contaminants may have some share of a tube, in some with a demand on purity."""
    base = random_instance(seed, conventional=conventional, markers=markers, dyes=3)
    rng = np.random.default_rng([seed, 5])
    share = np.full(len(base.population), np.nan)
    others = [p for p, role in enumerate(base.role) if role == "contaminant"]
    for p in rng.permutation(others)[: rng.integers(1, len(others) + 1)]:
        share[p] = min(10 ** rng.uniform(-4, -0.1), 0.9)
    return replace(base, max_share=share, require_goal=bool(seed % 3 == 0), purity_goal=0.6)


def test_all_gates_that_meet_the_demands_reach_the_least_terms() -> None:
    met = tight = 0
    for seed in range(16):
        instance = demanding(seed, conventional=bool(seed % 2))
        for panel in itertools.islice(panels_of(instance), 12):
            judged = panel_claims(instance, panel)
            for view, claims in zip(instance.views, judged[1] if judged else (), strict=bool(judged)):
                question = claims.question
                for gates in gate_sets(question.usable, instance.gate_cap):
                    single, doublet = question.terms(gates)
                    if not question.demands_met(single, doublet):
                        continue
                    met += 1
                    for worst in (-np.inf, float(question.rho(gates).min())):
                        over = np.minimum(single, doublet) - least_terms(instance, view, worst)
                        assert over.min() >= 0
                        tight += bool(over.min() < 0.31)
    assert met > 200
    assert tight > 8  # the two terms of a leak may be equal, then each lies log10(2) above its share


def gate_sets(usable: np.ndarray, limit: int) -> list[tuple[tuple[int, int], ...]]:
    sides = [[None, *np.flatnonzero(row).tolist()] for row in usable]
    found = [tuple((s, k) for s, k in enumerate(one) if k is not None) for one in itertools.product(*sides)]
    return [gates for gates in found if len(gates) <= limit]


def test_a_better_worst_ratio_asks_for_more() -> None:
    for seed in range(10):
        instance = demanding(seed)
        for view in instance.views:
            steps = [least_terms(instance, view, worst) for worst in (-np.inf, -1.0, 0.0, 1.0, 2.0)]
            assert (np.diff(np.where(np.isfinite(steps), steps, 0.0), axis=0) >= 0).all()


def test_without_demands_nothing_is_asked() -> None:
    instance = random_instance(2, conventional=False)
    assert all(np.isneginf(least_terms(instance, view)).all() for view in instance.views)


def test_a_share_of_the_only_contaminant_is_its_ratio() -> None:
    base = random_instance(4, conventional=False)
    roles = ("target", "contaminant")
    pair = {
        "population": ("a", "b"), "role": roles, "phi": np.array([0.1, 0.9]), "abc": base.abc[:2], "cv": base.cv[:2],
        "autofluorescence_factor": base.autofluorescence_factor[:2], "max_share": np.array([np.nan, 0.01]),
        "delta": 0.0,
    }  # fmt: skip
    instance = replace(base, **pair)
    assert least_terms(instance, instance.views[0])[0] == pytest.approx(np.log10(99), abs=1e-8)


@pytest.mark.parametrize("seed", range(12))  # each six: both machines, with and without a demand on purity
def test_search_with_demands_against_enumeration(seed: int) -> None:
    instance = demanding(seed, conventional=bool(seed % 2), markers=3)
    scores = scores_of(instance, 0.0)
    outcome = Search(instance, SearchSettings(SECONDS, 0.0)).run()
    assert wrong(Case(str(seed), instance, scores, outcome, 0.0)) == ""
    assert outcome.status == ("optimal" if scores else "infeasible")


@pytest.mark.parametrize("seed", [3, 12])
def test_certificates_of_questions_with_demands(seed: int) -> None:
    certificate = certified(demanding(seed, conventional=bool(seed % 2)))
    assert certificate.status in ("optimal", "infeasible")
    found = verify(certificate, options=VerifyOptions(time_limit_s=SECONDS))
    assert [check.name for check in found.checks if check.verdict != "ok"] == ["inputs"]  # none were named


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 400))
def test_many_searches_with_demands(seed: int) -> None:
    test_search_with_demands_against_enumeration(seed)


def test_a_share_that_no_panel_keeps_is_ruled_out_by_its_pair() -> None:
    instance = demanding(1)
    impossible = np.where(np.isnan(instance.max_share), np.nan, 1e-40)
    outcome = Search(replace(instance, max_share=impossible), SearchSettings(SECONDS)).run()
    assert outcome.status == "infeasible"
    assert outcome.iterations == 1


def test_the_search_for_a_first_panel_may_take_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panelopt.solver.search.WORST_SHARE", 0.0)
    feasible = next(i for i in map(demanding, range(20)) if scores_of(i, 0.0))
    outcome = Search(feasible, SearchSettings(SECONDS, 0.0)).run()
    assert outcome.score is not None
