"""Alternatives, frontiers and explanations: exact searches with one more demand, or one less.

The searches for one answer share a cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from panelopt.answers.design_panel import design, result_of, search_settings
from panelopt.domain.alternatives_result import (
    Alternative,
    Alternatives,
    DemandCost,
    Explanation,
    Frontier,
    FrontierPoint,
)
from panelopt.domain.result import Bound, Result, SolveStatus
from panelopt.errors import PaneloptError, UsageError
from panelopt.instance.arrays import Stain
from panelopt.optics.overflow import refuse_overflow
from panelopt.questions.constrained_question import ConstrainedQuestion
from panelopt.questions.demand_list import demands
from panelopt.questions.question import Options, Question, compiled, named
from panelopt.scoring import PanelScore
from panelopt.solver.listener import SolveListener
from panelopt.solver.search import Search
from panelopt.solver.search_cache import SearchCache

MAX_POINTS = 30
"""Maximum number of frontier points."""

PRICE_STEP = 0.01
"""Smallest price difference that counts, in the currency of the prices."""


@refuse_overflow
def alternatives(
    question: Question,
    count: int,
    differ: int = 1,
    options: Options | None = None,
    listener: SolveListener | None = None,
) -> Alternatives:
    """Return the best panels, each pair differing in at least some slots.

    Each panel has at least ``differ`` slots (markers and dye) that no earlier panel contains, and its own proof. While
    such panels are as good as the best, objective 3 chooses among them; after that, each is the best remaining one. The
    time limit applies to each panel.

    Args:
        question: The question.
        count: Number of panels, including the best one.
        differ: Minimum number of different slots between any two.
        options: Demands and search options of the call.
        listener: Receives progress.

    Raises:
        UsageError: if ``count`` or ``differ`` is below one.
    """
    if count < 1 or differ < 1:
        raise UsageError("the number of panels and of differing slots must be at least 1")
    options = named(question, options or Options())
    arrays = compiled(question, options)
    cache = SearchCache()
    found: list[Alternative] = []
    earlier: list[frozenset[Stain]] = []
    standard: PanelScore | None = None
    complete = False
    while len(found) < count:
        instance = replace(arrays.instance, apart=tuple(earlier), differ=differ)
        outcome = Search(instance, search_settings(options), listener, standard=standard, cache=cache).run()
        standard = standard or outcome.best
        if outcome.score is None:
            complete = outcome.status == "infeasible"
            if not found:
                result = result_of(question, options, replace(arrays, instance=instance), outcome)
                found.append(Alternative(rank=1, distance=Bound(), differs=None, result=result))
            break
        result = result_of(question, options, replace(arrays, instance=instance), outcome)
        first = found[0].result if found else result
        found.append(
            Alternative(
                rank=len(found) + 1,
                distance=_distance(first, result),
                differs=instance.nearness(outcome.score.slots),
                result=result,
            )
        )
        earlier.append(frozenset(slot.stain for slot in outcome.score.slots))
        if outcome.interrupted:
            break
    return Alternatives(wanted=count, differ=differ, complete=complete, alternatives=tuple(found))


@refuse_overflow
def frontier(
    question: Question,
    by: Literal["colours", "price"],
    options: Options | None = None,
    listener: SolveListener | None = None,
) -> Frontier:
    """Return the best panel for each number of colours, or for each price that changes it, most expensive first.

    The time limit applies to each point.

    Args:
        question: The question.
        by: Constrained quantity.
        options: Demands and search options of the call.
        listener: Receives progress.

    Raises:
        PaneloptError: if ``by`` is ``price`` and the best panel has a reagent of unknown price.
    """
    options = named(question, options or Options())
    cache = SearchCache()
    points: list[FrontierPoint] = []
    complete = False
    limit: float | None = None
    for _ in range(MAX_POINTS):
        result = design(question, _limited(options, by, limit), listener, cache)
        if result.objective is None:
            complete = result.status is SolveStatus.INFEASIBLE
            if not points:
                points.append(FrontierPoint(limit=0 if limit is None else limit, result=result))
            break
        value = _measure(result, by)
        points.append(FrontierPoint(limit=value if limit is None else limit, result=result))
        limit = value - (1 if by == "colours" else PRICE_STEP)
        if limit < (1 if by == "colours" else 0):
            complete = True
            break
        if result.solver.interrupted:
            break
    currency = next((p.result.objective.currency for p in points if p.result.objective), "")
    return Frontier(by=by, currency=currency if by == "price" else "", complete=complete, points=tuple(points))


@refuse_overflow
def explain(question: Question, options: Options | None = None, listener: SolveListener | None = None) -> Explanation:
    """Return a minimal conflict of an infeasible question, or what each demand of a feasible one costs.

    The time limit applies to each search.
    """
    options = named(question, options or Options())
    cache = SearchCache()
    result = design(question, options, listener, cache)
    if result.objective is None or result.solver.interrupted:
        return Explanation(result=result, conflicts=result.conflicts)
    return Explanation(result=result, costs=tuple(_costs(question, options, result, listener, cache)))


def _costs(
    question: Question, options: Options, result: Result, listener: SolveListener | None, cache: SearchCache
) -> Iterator[DemandCost]:
    for demand in demands(ConstrainedQuestion(question, options)):
        without = demand.drop(ConstrainedQuestion(question, options))
        freed = design(without.question, without.options, listener, cache)
        gain = Bound(
            worst_log_ratio=_minus(freed.best.worst_log_ratio, result.best.worst_log_ratio),
            sum_log_ratio=_minus(freed.best.sum_log_ratio, result.best.sum_log_ratio),
        )
        yield DemandCost(demand=demand.name, message=demand.message, gain=gain, status=freed.status.value)
        if freed.solver.interrupted:
            return


def _limited(options: Options, by: str, limit: float | None) -> Options:
    if limit is None:
        return options
    return replace(options, max_colours=int(limit)) if by == "colours" else replace(options, budget=limit)


def _measure(result: Result, by: str) -> float:
    objective = result.objective
    if objective is None:
        raise PaneloptError("there is no panel to measure")
    if by == "colours":
        return objective.colours
    if objective.price is None or objective.unknown_prices:
        raise PaneloptError(
            "the best panel has reagents of unknown price",
            where=result.problem,
            hint="Add a catalog with prices, or set a budget to exclude unknown prices.",
        )
    return objective.price if objective.total_price is None else objective.total_price


def _distance(first: Result, result: Result) -> Bound:
    """Return by how much a reported panel falls short of the best values found."""
    own = result.objective
    return Bound(
        worst_log_ratio=_minus(first.best.worst_log_ratio, None if own is None else own.worst_log_ratio),
        sum_log_ratio=_minus(first.best.sum_log_ratio, None if own is None else own.sum_log_ratio),
    )


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other
