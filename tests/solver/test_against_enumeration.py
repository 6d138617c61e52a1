"""The search against trying every panel, on small random instances: all three objectives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from panelopt.instance import Instance
from panelopt.solver.outcome import SearchSettings
from panelopt.solver.search import Search
from tests.oracle.answers import Panel, Scores, judged_by_oracle, scores_of
from tests.oracle.instances import random_instance, random_list, with_limits
from tests.oracle.practical import Judged, best_of
from tests.oracle.truth import ROUNDING, Case, alternatives, is_first, misplaced, wrong

SECONDS = 300.0  # far more than is needed, so that a busy machine decides nothing

KINDS = [(c, tolerance, limited) for c in (True, False) for tolerance in (0.0, 0.02) for limited in (True, False)]
"""Conventional or not, tolerance, with further demands or without."""

SIZES = ((2, 2), (2, 3), (3, 3), (3, 4), (2, 5), (4, 3))
"""Markers and dyes."""


@dataclass(frozen=True)
class Solved(Case):
    """A case whose panels were listed and judged without the package."""

    judged: dict[Panel, Judged]

    @property
    def is_feasible(self) -> bool:
        """Whether there is any allowed panel."""
        return bool(self.judged)


def make_case(
    seed: int,
    conventional: bool,
    tolerance: float,
    limited: bool,
    size: tuple[int, int] | None = None,
    *,
    listed: bool = False,
) -> Solved:
    markers, dyes = size or (3, 3 + seed % 2)
    made = (random_list if listed else random_instance)(seed, conventional=conventional, markers=markers, dyes=dyes)
    name = f"{seed} {'conventional' if conventional else 'spectral'} {tolerance}{' list' if listed else ''}"
    instance, demands = with_limits(made, seed) if limited and not listed else (made, "")
    outcome = Search(instance, SearchSettings(SECONDS, tolerance)).run()
    judged = judged_by_oracle(instance, tolerance)
    return Solved(f"{name} {demands}".strip(), instance, judged, outcome, tolerance, judged)


def unfinished(cases: Iterable[Solved]) -> list[str]:
    return [case.name for case in cases if case.outcome.status != ("optimal" if case.is_feasible else "infeasible")]


def faults(cases: Iterable[Solved]) -> dict[str, str]:
    """What is false of any objective, by case."""
    found = {case.name: wrong(case) for case in cases}
    found |= {c.name: found[c.name] or misplaced(c, c.judged) for c in cases if c.is_feasible and c.outcome.score}
    return {name: fault for name, fault in found.items() if fault}


def equals(case: Solved) -> bool:
    """Whether a search with tolerance 0 finds the best worst ratio, and the best panel of step 2."""
    outcome, best = case.outcome, max(one.worst for one in case.judged.values())
    assert outcome.best is not None
    assert outcome.best_worst is not None
    top = best_of(case.judged.values(), 0.0, outcome.floor)
    own = case.judged[outcome.best.slots]
    return abs(outcome.best_worst - best) <= ROUNDING and own.total >= top[0].total - ROUNDING


@pytest.fixture(scope="module")
def cases() -> list[Solved]:
    return [
        *(make_case(seed, *KINDS[seed % len(KINDS)]) for seed in range(16)),
        *(make_case(seed, bool(seed % 2), 0.02 * (seed // 2 % 2), limited=False, listed=True) for seed in range(2, 6)),
    ]


def test_nothing_is_false(cases: list[Solved]) -> None:
    assert faults(cases) == {}


def test_some_are_infeasible_and_some_not(cases: list[Solved]) -> None:
    infeasible = sum(not case.is_feasible for case in cases)
    assert 2 <= infeasible <= len(cases) // 2


def test_search_comes_to_its_end(cases: list[Solved]) -> None:
    assert unfinished(cases) == []


def test_tolerance_zero_gives_nothing_away(cases: list[Solved]) -> None:
    strict = [case for case in cases if case.is_feasible and case.tolerance == 0]
    assert [case.name for case in strict if not equals(case)] == []
    assert len(strict) > 4


def test_practice_decides_between_panels_that_are_as_good(cases: list[Solved]) -> None:
    feasible = [case for case in cases if case.is_feasible]
    several = [case for case in feasible if len(alternatives(case, case.judged)) > 1]
    assert len(several) > 4
    assert sum(case.outcome.score.slots != case.outcome.best.slots for case in several) > 1
    assert [case.name for case in several if case.instance.conventional and not is_first(case, case.judged)] == []


def test_objective_3_is_proven(cases: list[Solved]) -> None:
    assert [case.name for case in cases if case.is_feasible and not case.outcome.practical_proven] == []


def test_a_panel_below_the_floor_does_not_stall_the_sum() -> None:
    assert unfinished([make_case(42, conventional=True, tolerance=0.02, limited=False)]) == []


def test_without_slack_the_sum_is_not_spent_on_practice() -> None:
    case = make_case(1046, *KINDS[0], size=SIZES[46 % len(SIZES)])
    assert case.instance.slack == 0
    assert faults([case]) == {}
    assert is_first(case, case.judged)


def test_a_small_model_is_proven_in_seconds() -> None:
    assert unfinished([make_case(98, conventional=False, tolerance=0.02, limited=True)]) == []


def test_no_options_is_infeasible() -> None:
    instance = random_instance(1, conventional=True)
    empty = replace(instance, available=np.zeros_like(instance.available))
    assert Search(empty, SearchSettings(SECONDS)).run().status == "infeasible"


@pytest.fixture(scope="module")
def scored() -> list[tuple[Instance, Scores]]:
    instances = [random_instance(seed, conventional=bool(seed % 2), markers=3, dyes=4) for seed in range(4)]
    return [(instance, scores_of(instance, 0.0)) for instance in instances]


@pytest.mark.parametrize("seconds", [1e-6, 0.05, 0.3])
def test_short_runs_say_nothing_false(scored: list[tuple[Instance, Scores]], seconds: float) -> None:
    for seed, (instance, scores) in enumerate(scored):
        outcome = Search(instance, SearchSettings(seconds, 0.0)).run()
        assert wrong(Case(str(seed), instance, scores, outcome, 0.0)) == ""


PER_KIND = 112
"""Instances of each kind in the long test; with marker lists 1,096 in all."""


def judge_many(found: list[Solved]) -> None:
    assert faults(found) == {}
    assert unfinished(found) == []
    feasible = [case for case in found if case.is_feasible]
    assert len(feasible) > len(found) / 2
    assert [case.name for case in feasible if case.instance.conventional and not is_first(case, case.judged)] == []
    assert [case.name for case in feasible if case.tolerance == 0 and not equals(case)] == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many(kind: tuple[bool, float, bool]) -> None:
    judge_many([make_case(1000 + n, *kind, size=SIZES[n % len(SIZES)]) for n in range(PER_KIND)])


@pytest.mark.slow
@pytest.mark.parametrize("conventional", [True, False])
@pytest.mark.parametrize("tolerance", [0.0, 0.02])
def test_many_marker_lists(conventional: bool, tolerance: float) -> None:
    sizes = ((2, 3), (3, 3), (3, 4), (2, 4), (3, 5))
    judge_many(
        [
            make_case(2000 + n, conventional, tolerance, limited=False, size=sizes[n % len(sizes)], listed=True)
            for n in range(50)
        ]
    )
