"""Constraints of the question, and how close the panel is to each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.problem_record import Problem
from panelopt.domain.result import Result
from panelopt.domain.sort_plan_record import SortPlan
from panelopt.report.content import Limit, LimitState

NEAR = 0.01
"""Relative distance within which a panel counts as being at a bound."""

_Kind = Literal["number", "percent", "count"]


def limits_of(
    result: Result, problem: Problem, cytometer: Cytometer | None, plan: SortPlan | None
) -> tuple[Limit, ...]:
    """Return every constraint of the problem, and the value of the panel.

    Args:
        result: The panel.
        problem: The question.
        cytometer: The instrument; None = unknown.
        plan: The sort plan, for shares of single contaminants; None = unknown.
    """
    if result.objective is None:
        return ()
    return (
        *_panel_limits(result, problem, cytometer),
        *_target_limits(result, problem),
        *(_share_limits(problem, plan) if plan is not None else ()),
        *_separation(result),
    )


def _panel_limits(result: Result, problem: Problem, cytometer: Cytometer | None) -> Iterable[Limit]:
    limits, objective, spectral = problem.limits, result.objective, result.spectral
    colours = len(result.panel)
    if limits.max_colours is not None:
        yield _at_most("Colours", colours, limits.max_colours, "count", "one more colour may improve the panel")
    if cytometer is not None:
        yield _at_most("Detectors in use", colours, len(cytometer.detector), "count", "all detectors are in use")
    if limits.budget is not None and objective is not None:
        name = f"Price {limits.currency or objective.currency}".rstrip()
        yield _at_most(name, objective.total_price, limits.budget, "number", "a larger budget may improve the panel")
    if limits.max_similarity is not None:
        note = "allowing more similar dyes may improve the panel"
        yield _at_most("Largest similarity", spectral.max_similarity, limits.max_similarity, "number", note)
    if limits.max_complexity is not None:
        note = "allowing a higher complexity index may improve the panel"
        yield _at_most("Complexity index", spectral.complexity_index, limits.max_complexity, "number", note)
    ways = [w for w in (problem.goal.sort_ways, cytometer.sort_ways if cytometer else None) if w is not None]
    if ways and not problem.is_marker_list:
        yield _at_most("Tubes at once", len(result.targets), min(ways), "count", "no further target fits into one sort")
    if problem.locked:
        text = "fixed; other reagents may improve the panel"
        yield Limit("Locked reagents", float(len(problem.locked)), None, "count", "binds", text)


def _target_limits(result: Result, problem: Problem) -> Iterable[Limit]:
    goal = problem.goal
    for target in result.targets:
        if not problem.is_marker_list:
            met = target.purity_at_least >= goal.purity
            note = (
                "guaranteed by the claims" if met else "not guaranteed by the claims; the prediction may still meet it"
            )
            state: LimitState = "free" if met else "missed"
            yield Limit(f"Purity of {target.name}", target.purity_at_least, goal.purity, "percent", state, note)
            after = target.gate_yield * (1 - goal.gate_loss)
            state = "missed" if target.gate_yield < goal.yield_min else "binds" if after < goal.yield_min else "free"
            note = "one more gate would cost too many cells" if state == "binds" else "room for another gate"
            yield Limit(f"Yield of {target.name}", target.gate_yield, goal.yield_min, "percent", state, note)
        if goal.max_gates is not None:
            yield _at_most(f"Gates of {target.name}", len(target.gates), goal.max_gates, "count", "no further gate")


def _share_limits(problem: Problem, plan: SortPlan) -> Iterable[Limit]:
    limited = {p.name: p.max_share for p in problem.population if p.max_share is not None}
    for target in plan.targets:
        for share in target.prediction.shares:
            limit = limited.get(share.population)
            if limit is not None:
                name = f"{share.population} in the tube of {target.name}"
                yield _at_most(name, share.share, limit, "percent", "predicted share, at its bound")


def _separation(result: Result) -> Iterable[Limit]:
    """Yield the worst pair, and the number of pairs at the cap."""
    if not result.pairs:
        return
    worst = min(result.pairs, key=lambda pair: (pair.log_ratio, pair.target, pair.contaminant))
    note = f"{worst.target} against {worst.contaminant}, limited by {worst.limited_by}"
    yield Limit("Worst pair, log10", worst.log_ratio, None, "number", "binds", note)
    capped = sum(pair.limited_by == "cap" for pair in result.pairs)
    note = f"of {len(result.pairs)}: better separation does not count"
    yield Limit("Pairs at the cap", float(capped), None, "count", "binds" if capped else "free", note)


def _at_most(name: str, value: float | None, limit: float, kind: _Kind, note: str) -> Limit:
    if value is None:
        return Limit(name, None, limit, kind, "free", "unknown")
    near = value >= limit * (1 - NEAR)
    state: LimitState = "missed" if value > limit * (1 + 1e-9) else "binds" if near else "free"
    return Limit(name, float(value), float(limit), kind, state, note if near else "")
