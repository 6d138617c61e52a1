"""The search against trying every panel, on small random instances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panelopt.solver.outcome import SolveLimits
from panelopt.solver.search import Search
from tests.oracle.answers import scores_of, tidiness
from tests.oracle.instances import random_instance, with_limits
from tests.oracle.truth import ROUNDING, Case, wrong

SECONDS = 30.0  # far more than is needed, so that a busy machine decides nothing


def make_case(
    seed: int, conventional: bool, tolerance: float, limited: bool, size: tuple[int, int] | None = None
) -> Case:
    markers, dyes = size or (3, 3 + seed % 2)
    instance = random_instance(seed, conventional=conventional, markers=markers, dyes=dyes)
    name = f"{seed} {'conventional' if conventional else 'spectral'} {tolerance}"
    if limited:
        instance, demands = with_limits(instance, seed)
        name += f" {demands}"
    outcome = Search(instance, SolveLimits(SECONDS, tolerance)).run()
    return Case(name, instance, scores_of(instance, tolerance), outcome, tolerance)


def unfinished(case: Case) -> bool:
    return case.outcome.status != ("optimal" if case.scores else "infeasible")


def tidy_place(case: Case) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """Objective 3 of the reported panel, and the best there is."""
    outcome = case.outcome
    assert outcome.score is not None
    assert outcome.floor is not None
    assert outcome.best_total is not None
    least = outcome.best_total - 2.5 * case.tolerance - 1e-9
    good = [
        tidiness(case.instance, panel, score)
        for panel, score in case.scores.items()
        if score.worst >= outcome.floor - 1e-9 and score.total >= least
    ]
    return tidiness(case.instance, outcome.score.slots, outcome.score), min(good)


KINDS = [(c, tolerance, limited) for c in (True, False) for tolerance in (0.0, 0.02) for limited in (True, False)]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [make_case(seed, *KINDS[seed % len(KINDS)]) for seed in range(56)]


def test_nothing_is_false(cases: list[Case]) -> None:
    assert {case.name: wrong(case) for case in cases if wrong(case)} == {}


def test_some_are_infeasible_and_some_not(cases: list[Case]) -> None:
    infeasible = sum(not case.scores for case in cases)
    assert 2 <= infeasible <= len(cases) // 2


def test_search_comes_to_its_end(cases: list[Case]) -> None:
    assert [case.name for case in cases if unfinished(case)] == []


def test_fewest_colours(cases: list[Case]) -> None:
    places = {case.name: tidy_place(case) for case in cases if case.outcome.status == "optimal" and case.tolerance}
    assert {name: place for name, place in places.items() if place[0][0] != place[1][0]} == {}


def test_a_panel_below_the_floor_does_not_stall_the_sum() -> None:
    case = make_case(42, conventional=True, tolerance=0.02, limited=False)
    assert not unfinished(case)


def test_a_small_model_is_proven_in_seconds() -> None:
    assert not unfinished(make_case(98, conventional=False, tolerance=0.02, limited=True))


def test_rows_that_cut_nothing_do_not_stall_the_search() -> None:
    instance, _ = with_limits(random_instance(35, conventional=True, markers=3, dyes=4), 35)
    assert len(scores_of(instance, 0.0)) == 2
    assert Search(instance, SolveLimits(SECONDS, 0.0)).run().status == "optimal"


def test_no_options_is_infeasible() -> None:
    instance = random_instance(1, conventional=True)
    empty = replace(instance, available=np.zeros_like(instance.available))
    assert Search(empty, SolveLimits(SECONDS)).run().status == "infeasible"


@pytest.mark.parametrize("seconds", [1e-6, 0.05, 0.3])
def test_short_runs_say_nothing_false(seconds: float) -> None:
    for seed in range(6):
        instance = random_instance(seed, conventional=bool(seed % 2), markers=3, dyes=4)
        outcome = Search(instance, SolveLimits(seconds, 0.0)).run()
        assert wrong(Case(str(seed), instance, scores_of(instance, 0.0), outcome, 0.0)) == ""


SIZES = ((2, 2), (2, 3), (3, 3), (3, 4), (2, 5), (4, 3))
"""Markers and dyes; with several detectors a dye, the largest have thousands of panels."""

PER_KIND = 64
"""Instances of each kind in the long test: 512 in all."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many(kind: tuple[bool, float, bool]) -> None:
    found = [make_case(1000 + n, *kind, size=SIZES[n % len(SIZES)]) for n in range(PER_KIND)]
    assert {case.name: wrong(case) for case in found if wrong(case)} == {}
    assert [case.name for case in found if unfinished(case)] == []
    places = [tidy_place(case) for case in found if case.scores and case.tolerance]
    assert all(mine[0] == best[0] for mine, best in places)
    if kind[1] == 0:
        assert [case.name for case in found if case.scores and not equals(case)] == []


def equals(case: Case) -> bool:
    """Whether the search with tolerance 0 finds the values of enumeration: the best worst ratio, and the best sum."""
    outcome, best = case.outcome, max(score.worst for score in case.scores.values())
    assert outcome.best_worst is not None
    assert outcome.floor is not None
    total = max(score.total for score in case.scores.values() if score.worst >= outcome.floor - 1e-9)
    close = outcome.best_total is not None and abs(outcome.best_total - total) <= ROUNDING
    return close and abs(outcome.best_worst - best) <= ROUNDING
