"""The step for a small complexity index: never out of range, never a larger index, proven where that is said."""

from __future__ import annotations

import itertools

import pytest

from panelopt.bounds.options import list_options
from panelopt.instance.arrays import Instance
from panelopt.scoring import check_panel, score_panel
from panelopt.scoring.rules import panel_complexity
from panelopt.solver import complexity
from panelopt.solver.complexity import polish_complexity
from panelopt.solver.judge import ordered_slots
from panelopt.solver.outcome import Outcome, SolveLimits
from panelopt.solver.search import Search
from tests.oracle.instances import random_instance

LIMITS = SolveLimits(time_limit_s=None, workers=1)


def polished(instance: Instance, within: float) -> tuple[Outcome, float]:
    search = Search(instance, LIMITS)
    search.run()
    assert search.outcome.score is not None
    polish_complexity(search, within)
    return search.outcome, search.outcome.best_total or 0.0


def smallest_in_range(instance: Instance, floor: float, least_total: float) -> float:
    options = list_options(instance)
    best = float("inf")
    for size in range(1, len(instance.dye) + 1):
        for panel in itertools.combinations(options.slots, size):
            slots = ordered_slots(panel)
            if check_panel(instance, slots):
                continue
            score = score_panel(instance, slots, LIMITS.tolerance)
            if score is not None and score.worst >= floor - 1e-9 and score.total >= least_total - 1e-9:
                best = min(best, panel_complexity(instance, slots))
    return best


@pytest.mark.parametrize("conventional", [True, False])
@pytest.mark.parametrize("within", [0.0, 0.5, 3.0])
def test_proven_is_the_smallest_of_all(within: float, conventional: bool) -> None:
    instance = random_instance(3, conventional=conventional)
    outcome, best_total = polished(instance, within)
    step, score = outcome.complexity, outcome.score
    assert step is not None
    assert score is not None
    assert step.status == "proven"
    least = min(best_total - within, score.total + step.sum_given_up)
    assert outcome.floor is not None
    assert step.after == pytest.approx(smallest_in_range(instance, outcome.floor, least))
    assert panel_complexity(instance, score.slots) == step.after


@pytest.mark.parametrize("within", [0.0, 0.5, 3.0])
def test_search_stays_in_range_and_never_raises_the_index(within: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(complexity, "MOST_LOOKED", 0)
    outcome, best_total = polished(random_instance(3, conventional=False), within)
    step, score = outcome.complexity, outcome.score
    assert step is not None
    assert score is not None
    assert step.status == "best found, not proven"
    assert step.before is not None
    assert step.after is not None
    assert step.after <= step.before
    assert outcome.floor is not None
    assert score.worst >= outcome.floor - 1e-9
    assert score.total >= min(best_total - within, score.total + step.sum_given_up) - 1e-9


def test_nothing_is_done_without_a_panel() -> None:
    search = Search(random_instance(3, conventional=False), LIMITS)
    polish_complexity(search, 0.05)
    assert search.outcome.complexity is None
