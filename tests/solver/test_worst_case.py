"""The best panel in its worst scenario, against trying every panel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panelopt.instance import Instance
from panelopt.scenarios import Scenarios, score_scenarios
from panelopt.solver.outcome import SearchSettings
from panelopt.solver.robust.worst_case import WorstCaseSearch
from tests.oracle.answers import scores_of
from tests.oracle.instances import random_instance, with_limits
from tests.oracle.spreads import random_scenarios

SECONDS = 30.0
ROUNDING = 5e-6
SCENARIOS = 4


def case(seed: int) -> tuple[Instance, Scenarios]:
    instance = random_instance(seed, conventional=bool(seed % 2), markers=3, dyes=4)
    if seed % 3 == 0:
        instance, _ = with_limits(instance, seed)
    return instance, random_scenarios(instance, seed, SCENARIOS)


def brute_force(instance: Instance, scenarios: Scenarios) -> float | None:
    values = [float(score_scenarios(instance, scenarios, p, 0.0).worst.min()) for p in scores_of(instance, 0.0)]
    return max((value for value in values if np.isfinite(value)), default=None)


def wrong(seed: int, seconds: float, *, closed: bool) -> str:
    instance, scenarios = case(seed)
    outcome = WorstCaseSearch(instance, scenarios, SearchSettings(seconds, 0.0)).run()
    best = brute_force(instance, scenarios)
    if best is None:
        return "" if outcome.best is None else "panel out of nothing"
    if outcome.bound is not None and outcome.bound < best - ROUNDING:
        return f"bound {outcome.bound} below {best}"
    if outcome.best is not None and outcome.best > best + ROUNDING:
        return f"best {outcome.best} above {best}"
    if closed and (outcome.status != "optimal" or outcome.best is None or abs(outcome.best - best) > ROUNDING):
        return f"{outcome.status}, {outcome.best} instead of {best}"
    return ""


@pytest.mark.parametrize("seed", [0, 2, 6, 9, 12, 15, 18])
def test_equals_brute_force(seed: int) -> None:
    assert wrong(seed, SECONDS, closed=True) == ""


@pytest.mark.parametrize("seconds", [1e-6, 0.2])
def test_short_runs_say_nothing_false(seconds: float) -> None:
    assert [wrong(seed, seconds, closed=False) for seed in (9, 10)] == [""] * 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 160))
def test_many(seed: int) -> None:
    assert wrong(seed, SECONDS, closed=False) == ""


def test_runs_agree() -> None:
    instance, scenarios = case(9)
    one, other = (WorstCaseSearch(instance, scenarios, SearchSettings(SECONDS, 0.0)).run() for _ in range(2))
    assert (one.slots, one.best, one.bound, one.iterations) == (other.slots, other.best, other.bound, other.iterations)


def test_without_options_there_is_no_panel() -> None:
    instance, scenarios = case(1)
    empty = replace(instance, available=np.zeros_like(instance.available))
    assert WorstCaseSearch(empty, scenarios).run().status == "infeasible"


def test_a_single_scenario_is_the_ordinary_question() -> None:
    instance, scenarios = case(10)
    alone = scenarios.keep(slice(0, 1))
    scores = scores_of(scenarios.instance(instance, 0), 0.0)
    outcome = WorstCaseSearch(instance, alone, SearchSettings(SECONDS, 0.0)).run()
    assert outcome.best == pytest.approx(max(score.worst for score in scores.values()), abs=ROUNDING)
