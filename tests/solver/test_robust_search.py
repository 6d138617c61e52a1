"""What holds in a share of the scenarios, and the race of candidates."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.bounds.candidate_slots import list_options
from panelopt.instance import Instance
from panelopt.scenarios import share_value
from panelopt.scenarios.scenario_blocks import score_in_scenarios
from panelopt.scenarios.scenario_score import ScenarioScores
from panelopt.scoring.practicality import practical_key
from panelopt.solver.robust.robust_search import RobustSearch
from tests.oracle.answers import Panel, Scores, scores_of
from tests.oracle.instances import random_instance
from tests.oracle.spreads import random_spread

SCENARIOS = 72


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=40), st.floats(0.01, 1.0))
def test_share_value_is_the_largest_that_the_share_reaches(values: list[float], share: float) -> None:
    array = np.array(values)
    found = share_value(array, share)
    assert (array >= found).mean() >= share - 1e-9
    assert all((array >= value).mean() < share for value in values if value > found)


@cache
def scored(seed: int) -> tuple[Instance, Scores]:
    instance = random_instance(seed, conventional=bool(seed % 2), markers=3, dyes=4)
    return instance, scores_of(instance, 0.0)


@cache
def judged(seed: int) -> dict[Panel, ScenarioScores]:
    """Every panel in all scenarios."""
    instance, scores = scored(seed)
    panels = sorted(scores)
    found = score_in_scenarios(instance, random_spread(instance, seed), panels, seed, SCENARIOS, 0.0)
    return dict(zip(panels, found, strict=True))


def search(instance: Instance, seed: int, *, fixed_gates: bool = False) -> RobustSearch:
    options = list_options(instance)
    return RobustSearch(
        instance, options, random_spread(instance, seed), SCENARIOS, 0.9, seed, 0.0, fixed_gates=fixed_gates
    )


def never() -> bool:
    return False


@pytest.mark.parametrize("seed", [2, 10])
def test_best_of_all_panels_on_small_instances(seed: int) -> None:
    instance, scores = scored(seed)
    start = max(scores, key=lambda panel: scores[panel].worst)
    ranked = search(instance, seed).run([start], never, never)
    best = max(share_value(one.worst, 0.9) for one in judged(seed).values())
    nominal = share_value(judged(seed)[start].worst, 0.9)
    assert ranked[0].holds(0.9)[0] <= best + 1e-9
    assert ranked[0].holds(0.9)[0] >= nominal - 1e-9
    assert ranked[0].holds(0.9)[0] == pytest.approx(best, abs=0.02)


@pytest.mark.parametrize("seed", [2, pytest.param(4, marks=pytest.mark.slow), 10])
@pytest.mark.parametrize("slack", [0.0, 0.3])
def test_objective_3_chooses_among_the_panels_that_hold_as_well(seed: int, slack: float) -> None:
    instance, scores = scored(seed)
    instance = replace(instance, slack=slack)
    panels = sorted(scores)
    held = {
        panel: np.array([share_value(values, 0.9) for values in (one.worst, *one.odds.T)])
        for panel, one in judged(seed).items()
    }
    best = max(panels, key=lambda panel: held[panel][0])
    as_good = [panel for panel in panels if (held[panel] >= held[best] - slack - 1e-9).all()]
    first = min(as_good, key=lambda panel: practical_key(instance, scores[panel]))
    assert search(instance, seed).practical(best, panels, never) == first
    found = search(instance, seed).practical(best, [], never)
    assert found in as_good
    assert practical_key(instance, scores[found]) <= practical_key(instance, scores[best])
    assert search(instance, seed).practical(best, [], lambda: True) == best


def test_runs_agree() -> None:
    instance, scores = scored(10)
    start = next(iter(scores))
    one, other = (search(instance, 10).run([start], never, never) for _ in range(2))
    assert [found.slots for found in one] == [found.slots for found in other]
    assert all(np.array_equal(a.scores.worst, b.scores.worst) for a, b in zip(one, other, strict=True))


def test_without_time_the_first_panels_are_judged_all_the_same() -> None:
    instance, scores = scored(10)
    starts = list(scores)[:8]
    ranked = search(instance, 10).run(starts, lambda: True, lambda: True)
    assert 1 <= len(ranked) <= 4
    assert len(ranked[0].scores.worst) == SCENARIOS


def test_fixed_gates_hold_no_more_than_free_ones() -> None:
    instance, scores = scored(10)
    panel = max(scores)
    free, fixed = search(instance, 10), search(instance, 10, fixed_gates=True)
    assert fixed.race([panel], never)[0].holds(0.9)[0] <= free.race([panel], never)[0].holds(0.9)[0] + 1e-9
