"""Alternatives, frontiers and explanations against single designs."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from panelopt import api
from panelopt.domain.result import Result, SolveStatus
from panelopt.errors import UsageError
from tests.answers.test_smallest_conflict import QUICK, question, required

pytestmark = pytest.mark.usefixtures("few_samples")


def stains(result: Result) -> set[tuple[tuple[str, ...], str]]:
    return {(tuple(sorted(slot.markers)), slot.fluorochrome) for slot in result.panel}


def values(result: Result) -> tuple[float | None, float | None]:
    return result.best.worst_log_ratio, result.best.sum_log_ratio


def total(result: Result) -> float:
    assert result.best.sum_log_ratio is not None
    return result.best.sum_log_ratio


@pytest.mark.slow
def test_alternatives_start_with_the_best_and_differ_pairwise() -> None:
    asked = question(marker=required("CD271", "CD45"))
    found = api.alternatives(asked, 3, 2, QUICK)
    results = [entry.result for entry in found.alternatives]
    assert [entry.rank for entry in found.alternatives] == [1, 2, 3]
    assert stains(results[0]) == stains(api.design(asked, QUICK))
    for later in range(1, 3):
        for earlier in range(later):
            assert len(stains(results[later]) - stains(results[earlier])) >= 2
        distance = found.alternatives[later].distance.worst_log_ratio
        assert distance is not None
        assert distance >= -QUICK.tolerance


def test_alternatives_end_where_no_further_panel_differs() -> None:
    asked = question(marker=required("CD271"), limits={"max_colours": 1})
    found = api.alternatives(asked, 50, 1, QUICK)
    assert found.complete
    assert 1 < len(found.alternatives) < 50
    assert len({frozenset(stains(entry.result)) for entry in found.alternatives}) == len(found.alternatives)


def test_alternatives_of_an_infeasible_question_name_the_clash() -> None:
    asked = question(marker=required("CD271", "CD45"), limits={"max_colours": 1})
    found = api.alternatives(asked, 2, 1, QUICK)
    assert [entry.result.status for entry in found.alternatives] == [SolveStatus.INFEASIBLE]
    assert found.alternatives[0].result.conflicts


def test_numbers_below_one_are_refused() -> None:
    with pytest.raises(UsageError):
        api.alternatives(question(), 0, 1, QUICK)


@pytest.mark.slow
def test_frontier_by_colours_agrees_with_single_designs() -> None:
    asked = question(marker=required("CD271"))
    found = api.frontier(asked, "colours", QUICK)
    assert found.complete
    limits = [point.limit for point in found.points]
    assert limits == sorted(limits, reverse=True)
    for point in found.points[1:]:
        alone = api.design(asked, replace(QUICK, max_colours=int(point.limit)))
        assert values(alone) == values(point.result)
    for dearer, cheaper in itertools.pairwise(found.points):
        better, worse = dearer.result.best.worst_log_ratio, cheaper.result.best.worst_log_ratio
        assert better is not None
        assert worse is not None
        assert better >= worse - QUICK.tolerance


def test_frontier_by_price_gets_cheaper_until_nothing_is_left() -> None:
    asked = question(marker=required("CD271"))
    found = api.frontier(asked, "price", QUICK)
    prices = [p.result.objective.price for p in found.points if p.result.objective is not None]
    assert found.complete
    assert None not in prices
    assert all(later < earlier for earlier, later in itertools.pairwise(prices) if earlier and later)


def test_explain_tells_what_a_demand_costs() -> None:
    asked = question(limits={"max_colours": 1})
    found = api.explain(asked, QUICK)
    costs = {cost.demand: cost for cost in found.costs}
    assert "limits.max_colours" in costs
    freed = api.design(question(), QUICK)
    gain = costs["limits.max_colours"].gain.worst_log_ratio
    assert gain is not None
    assert freed.best.worst_log_ratio is not None
    assert found.result.best.worst_log_ratio is not None
    assert gain == pytest.approx(freed.best.worst_log_ratio - found.result.best.worst_log_ratio)


def test_explain_names_the_clash() -> None:
    found = api.explain(question(marker=required("CD271", "CD45"), limits={"max_colours": 1}), QUICK)
    assert not found.costs
    assert {conflict.demand for conflict in found.conflicts} >= {"limits.max_colours"}
