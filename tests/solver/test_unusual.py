"""The search where numbers are admitted that few questions have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panelopt.instance import Instance
from panelopt.scoring.claims import SIDES
from panelopt.solver.outcome import SearchSettings
from panelopt.solver.search import Search
from tests.oracle.answers import scores_of
from tests.oracle.instances import random_instance
from tests.oracle.truth import Case, wrong

SECONDS = 300.0  # far more than is needed, so that a busy machine decides nothing


def wide(conventional: bool) -> Instance:
    """One marker, so wide on the target that it may be gated between at this loss and not above."""
    base = random_instance(3, conventional=conventional, markers=1, dyes=2)
    cells = {
        "population": ("target", "other"), "role": ("target", "contaminant"), "phi": np.array([0.1, 0.8]),
        "abc": np.array([[60000.0], [0.0]]), "cv": np.array([[3.0], [0.0]]), "max_share": np.full(2, np.nan),
        "autofluorescence_factor": np.ones(2), "available": np.ones((1, 2), dtype=bool),
        "viability": np.zeros(1, dtype=bool), "allowed": base.signal >= 0.25 * base.signal.max(axis=0),
    }  # fmt: skip
    return replace(base, **cells, eps=0.1, dump=np.zeros(1, dtype=bool), no_above=np.zeros(1, dtype=bool), delta=0.0)


@pytest.mark.parametrize("conventional", [True, False])
def test_a_window_is_kept_where_its_lower_side_alone_is_not_admitted(conventional: bool) -> None:
    instance = wide(conventional)
    scores = scores_of(instance, 0.0)
    assert {SIDES[side] for score in scores.values() for _, side in score.views[0].gates} == {"between"}
    outcome = Search(instance, SearchSettings(SECONDS, 0.0)).run()
    assert outcome.status == "optimal"
    assert wrong(Case("wide", instance, scores, outcome, 0.0)) == ""


@pytest.mark.parametrize(
    "least", [0.0, pytest.param(1e-300, marks=pytest.mark.slow), pytest.param(0.01, marks=pytest.mark.slow)]
)
def test_shares_are_limited_without_a_demand_on_the_yield(least: float) -> None:
    for seed in range(12):
        base = random_instance(seed, conventional=bool(seed % 2), markers=2, dyes=3, yield_min=least)
        share = np.where(np.array(base.role) == "contaminant", 0.01, np.nan)
        instance = replace(base, max_share=share)
        scores = scores_of(instance, 0.0)
        outcome = Search(instance, SearchSettings(SECONDS, 0.0)).run()
        assert outcome.status == ("optimal" if scores else "infeasible")
        assert wrong(Case(str(seed), instance, scores, outcome, 0.0)) == ""
