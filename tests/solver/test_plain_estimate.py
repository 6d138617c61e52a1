"""Estimates by formulas, and panels found with them before the model is built."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import list_options
from panelopt.optics.normal import ndtr
from panelopt.solver.outcome import SearchSettings
from panelopt.solver.plain_estimate import PlainEstimator, _rejection
from panelopt.solver.search_state import WORTH_SHOWING, PanelFinders, SearchState
from panelopt.solver.tools import Tools
from tests.oracle.instances import random_instance

MEDIAN, SIGMA, SD = 1000.0, 0.4, 300.0


def finders(seed: int, *, conventional: bool) -> PanelFinders:
    instance = random_instance(seed, conventional=conventional)
    return PanelFinders.build(instance, Tools(instance, list_options(instance)), SearchSettings())


def score(x: float, sigma: float, sd: float) -> float:
    return float(PlainEstimator._scores(*(np.array(value) for value in (x - MEDIAN, MEDIAN, sigma, sd))))


@pytest.mark.parametrize("x", [200.0, 900.0, 1500.0, 6000.0])
def test_scores_are_exact_where_one_spread_vanishes(x: float) -> None:
    assert score(x, SIGMA, 0.0) == pytest.approx(np.log(x / MEDIAN) / SIGMA)
    assert score(x, 0.0, SD) == pytest.approx((x - MEDIAN) / SD)
    both = score(x, SIGMA, SD)
    assert abs(both) < min(abs(score(x, SIGMA, 0.0)), abs(score(x, 0.0, SD)))
    assert np.sign(both) == np.sign(x - MEDIAN)


def test_nothing_is_below_zero_without_noise() -> None:
    assert score(-50.0, SIGMA, SD) == pytest.approx(-1050.0 / SD)  # noise alone brings cells there


def test_rejection_is_that_of_the_normal_distribution() -> None:
    scores = np.linspace(0.0, 6.0, 61)
    assert np.abs(_rejection(scores) + np.log10(ndtr(-scores))).max() < 2e-3


@pytest.mark.parametrize("conventional", [True, False], ids=["conventional", "spectral"])
def test_estimates_are_near_those_by_tables(conventional: bool) -> None:
    found = finders(3, conventional=conventional)
    panels = [panel for _ in range(40) if (panel := found.local._afresh()) is not None]
    plain, tabled = (np.array(search.estimates(panels)) for search in (found.sketch, found.local))
    known = np.isfinite(tabled).all(axis=0)
    assert known.any()
    assert np.median(np.abs(plain - tabled)[0, known]) < 0.1


def test_a_larger_sum_found_early_is_not_lost() -> None:
    found = finders(5, conventional=True)
    state = SearchState(SearchSettings(tolerance=0.5))
    panels = [panel for _ in range(60) if (panel := found.sketch._afresh()) is not None]
    known = [one for one in found.scorer.evaluate_all(panels) if one.score is not None]
    best = max(known, key=lambda one: one.score.worst if one.score is not None else -np.inf)
    state.take(best)
    told = [one for one in known if state.scout(one)]
    assert best.score is not None
    level = [one.score for one in known if one.score is not None and one.score.worst >= best.score.worst - 0.5]
    top = max(score.total for score in level)
    assert told
    assert state.scouted is told[-1]
    state.outcome.interrupted = True
    outcome = state.finish()
    assert outcome.score is told[-1].score
    assert outcome.score is not None
    assert top - WORTH_SHOWING <= outcome.score.total <= top
    assert outcome.best is best.score
