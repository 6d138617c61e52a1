"""Listing of panels above a value, against the scores of all panels of small random instances."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import list_options
from panelopt.instance import Instance
from panelopt.scoring import PanelScore
from panelopt.solver import bound_listing, explorer
from panelopt.solver.bound_listing import BoundListing
from panelopt.solver.outcome import SearchSettings
from panelopt.solver.panel_growth import PanelGrowth, Work
from panelopt.solver.search import Search
from panelopt.solver.tools import Tools
from tests.oracle.answers import scores_of
from tests.oracle.instances import random_instance, random_list, with_limits

TOLERANCE = 0.02
PLENTY = 10**9
Scores = dict[tuple[int, ...], PanelScore]


def never() -> bool:
    return False


def idle(*args: object, **options: object) -> None:
    """Add no cuts."""


def scored(seed: int) -> tuple[Instance, Tools, Scores]:
    return with_scores(random_instance(seed, conventional=True, markers=3, dyes=4))


def with_scores(instance: Instance) -> tuple[Instance, Tools, Scores]:
    tools = Tools(instance, list_options(instance))
    by_slot = tools.options.by_slot
    scores = scores_of(instance, TOLERANCE)
    return instance, tools, {tuple(sorted(by_slot[slot] for slot in panel)): one for panel, one in scores.items()}


@pytest.fixture(scope="module")
def cases() -> list[tuple[Instance, Tools, Scores]]:
    return [case for case in map(scored, range(7)) if case[2]]


@pytest.mark.parametrize("parts_are_bounded", [True, False])
def test_no_panel_above_a_value_is_left_out(
    cases: list[tuple[Instance, Tools, Scores]], monkeypatch: pytest.MonkeyPatch, *, parts_are_bounded: bool
) -> None:
    if not parts_are_bounded:
        monkeypatch.setattr(PanelGrowth, "bound_parts", idle)
    listed = above = 0
    for instance, tools, scores in cases:
        best = max(scores.values(), key=lambda score: (score.worst, score.total))
        listing = BoundListing(instance, tools, tools.own_bounds, best)
        for share in (0.5, 0.9, 1.0):
            worst = float(np.quantile([score.worst for score in scores.values()], share))
            found = listing.above(worst, -np.inf, 0.0, Work(PLENTY), never)
            better = {panel for panel, score in scores.items() if score.worst >= worst}
            if found is not None:  # else more are hopeful than are worth a score
                assert better <= set(found)
                listed, above = listed + len(found), above + len(better)
            total = float(np.quantile([score.total for score in scores.values()], share))
            found = listing.above(worst, total, TOLERANCE, Work(PLENTY), never)
            if found is not None:
                assert {panel for panel in better if scores[panel].total >= total} <= set(found)
    assert above > 100
    assert listed < 1.5 * above  # exact noise leaves few that are not


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("listed", [True, False])
def test_nor_is_one_of_a_marker_list_or_under_further_demands(seed: int, listed: bool) -> None:
    make = random_list if listed else random_instance
    instance, _ = with_limits(make(seed + 40, conventional=True, markers=2, dyes=4), seed + 40)
    instance, tools, scores = with_scores(instance)
    for best in list(scores.values())[::6]:
        listing = BoundListing(instance, tools, tools.own_bounds, best)
        found = listing.above(best.worst, best.total, TOLERANCE, Work(PLENTY), never)
        assert found is not None
        assert {p for p, s in scores.items() if s.worst >= best.worst and s.total >= best.total} <= set(found)


def test_too_much_work_is_refused(cases: list[tuple[Instance, Tools, Scores]], monkeypatch: pytest.MonkeyPatch) -> None:
    instance, tools, scores = cases[0]
    listing = BoundListing(instance, tools, tools.own_bounds, next(iter(scores.values())))
    assert listing.above(-np.inf, -np.inf, 0.0, Work(10), never) is None
    assert listing.above(-np.inf, -np.inf, 0.0, Work(PLENTY), lambda: True) is None
    monkeypatch.setattr(bound_listing, "SCORE_WORK", PLENTY)
    assert listing.above(-np.inf, -np.inf, 0.0, Work(PLENTY), never) is None


def test_a_search_that_lists_ends_at_the_best_panel(
    cases: list[tuple[Instance, Tools, Scores]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explorer, "LISTED_AFTER", dict.fromkeys(range(1, 99), PLENTY))
    monkeypatch.setattr("panelopt.solver.separator.Separator.refine", idle)
    for instance, _, scores in cases:
        outcome = Search(instance, SearchSettings(None, TOLERANCE)).run()
        assert outcome.status == "optimal"
        assert outcome.best_worst is not None
        assert outcome.best_total is not None
        assert outcome.floor is not None
        assert outcome.best_worst >= max(score.worst for score in scores.values()) - TOLERANCE
        sums = [score.total for score in scores.values() if score.worst >= outcome.floor]
        assert outcome.best_total >= max(sums) - 2.5 * TOLERANCE
        assert outcome.bound_total is not None
        assert outcome.bound_total >= max(sums) - 1e-6
