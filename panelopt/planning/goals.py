"""Missed goals of a plan, and what would reach them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from panelopt.domain.sort_plan_record import GoalName
from panelopt.optics.rounding import settled
from panelopt.planning.coincidence import rate_for_survival
from panelopt.planning.sample import smallest_fold
from panelopt.planning.sorter_run import SECONDS_PER_HOUR, SorterSettings, TubeContent
from panelopt.planning.staged import Filled, Way

NAMED = 3
"""Contaminants named as the cause."""

ROUNDING = 1e-9
"""A shortfall up to this counts as reached."""


@dataclass(frozen=True, slots=True)
class Goals:
    """Goals of the sort.

    Attributes:
        purity, yield_min: Of every tube; the yield is that of the sort.
        hours: Working day.
        wanted_cells: Recovered cells in every tube; None = all.
        max_share: Largest share of every tube, by population.
    """

    purity: float
    yield_min: float
    hours: float
    wanted_cells: float | None
    max_share: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replan:
    """The same plan with beads of another fold.

    Attributes:
        marker: Marker of the beads.
        at: Returns the plan for a fold; 1 = without beads.
    """

    marker: str
    at: Callable[[float], Way]


@dataclass(frozen=True, slots=True)
class Missed:
    """A missed goal.

    Attributes:
        goal, target: Which; no target where it is one of the whole plan.
        value, wanted: What is reached and what is wanted.
        limited_by: Populations (indices) that hold most of the impurity, with their shares.
        marker, fold: Beads that would do; fold None where none of that marker would.
        rate_hz: Event rate that would do.
        cells: Cells at the start that would do.
        remedy: What to do.
    """

    goal: GoalName
    target: str | None
    value: float
    wanted: float
    remedy: str
    limited_by: tuple[tuple[int, float], ...] = ()
    marker: str | None = None
    fold: float | None = None
    rate_hz: float | None = None
    cells: float | None = None


def needed_cells(way: Way, goals: Goals) -> float | None:
    """Return the cells the sample needs for the wanted cells in every tube; None if no number is wanted."""
    if goals.wanted_cells is None:
        return None
    return goals.wanted_cells / min(filled.recovered for filled in way.tubes)


def hours_of(way: Way, cells: float | None) -> float | None:
    """Return the hours that a number of cells takes; None if unknown."""
    return None if cells is None else cells * way.seconds / SECONDS_PER_HOUR


def missed_goals(
    way: Way, goals: Goals, settings: SorterSettings, cells: float | None, replan: Replan | None
) -> tuple[Missed, ...]:
    """Return the goals that a plan misses.

    Args:
        way: The plan.
        goals: What is wanted.
        settings: How the sorter is run.
        cells: Cells in the sample; None = unknown, then enough.
        replan: The plan with other beads; None where no beads can serve.
    """
    found: list[Missed] = []
    for number, filled in enumerate(way.tubes):
        if filled.content.purity < goals.purity - ROUNDING:
            found.append(_purity(filled, number, goals, replan))
        found += _capped_shares(filled, number, goals, replan)
        if filled.content.sort_yield < goals.yield_min - ROUNDING:
            found.append(_yield(way, filled, goals, settings, cells))
    found += _amounts(way, goals, settings, cells, replan)
    return tuple(found)


def impurity(content: TubeContent) -> tuple[tuple[int, float], ...]:
    """Return the populations that make up most of a tube's impurity, largest first; index P: none listed."""
    shares = content.shares.copy()
    shares[content.tube.target] = 0.0
    order = sorted(np.flatnonzero(shares > 0).tolist(), key=lambda index: (-settled(float(shares[index])), index))
    return tuple((index, float(shares[index])) for index in order[:NAMED])


def _purity(filled: Filled, number: int, goals: Goals, replan: Replan | None) -> Missed:
    content = filled.content
    fold = None
    if replan is not None:
        fold = smallest_fold(lambda fold: replan.at(fold).tubes[number].content.purity >= goals.purity)
    if content.passengers > 0 and content.gate_purity >= goals.purity:
        remedy = "Coincident cells cause this: sort in purity mode or more slowly."
    elif replan is not None and fold is not None:
        remedy = f"Beads for {replan.marker} that enrich at least {fold:.3g}-fold would suffice."
    else:
        beads = f"no enrichment by {replan.marker} would suffice" if replan else "no beads can be varied"
        remedy = f"The target needs another marker, or a brighter dye, to set it apart; {beads}."
    return Missed(
        goal="purity",
        target=content.tube.name,
        value=content.purity,
        wanted=goals.purity,
        remedy=remedy,
        limited_by=impurity(content),
        marker=replan.marker if replan else None,
        fold=fold,
    )


def _capped_shares(filled: Filled, number: int, goals: Goals, replan: Replan | None) -> Iterable[Missed]:
    """Yield each population that exceeds its largest share of the tube."""
    content = filled.content
    for population, most in goals.max_share.items():
        share = float(content.shares[population])
        if population == content.tube.target or share <= most * (1 + ROUNDING):
            continue
        fold = None
        if replan is not None:
            fold = smallest_fold(_share_is_reached(replan, number, population, most))
        remedy = "The target needs another marker, or a brighter dye, to set it apart from it."
        if replan is not None and fold is not None:
            remedy = f"Beads for {replan.marker} that enrich at least {fold:.3g}-fold would suffice."
        yield Missed(
            goal="share",
            target=content.tube.name,
            value=share,
            wanted=most,
            remedy=remedy,
            limited_by=((population, share),),
            marker=replan.marker if replan else None,
            fold=fold,
        )


def _share_is_reached(replan: Replan, number: int, population: int, most: float) -> Callable[[float], bool]:
    return lambda fold: float(replan.at(fold).tubes[number].content.shares[population]) <= most


def _yield(way: Way, filled: Filled, goals: Goals, settings: SorterSettings, cells: float | None) -> Missed:
    content = filled.content
    rate = None
    if way.kind == "two-sorts":
        remedy = f"Between two sorts {1 - settings.recovery:.0%} of the cells are lost: sort once, or recover more."
    else:
        gates = content.sort_yield / content.survival
        rate = rate_for_survival(settings.mode, goals.yield_min / gates, settings.window_s, content.gated)
        remedy = "The gates alone cost more than the yield allows: fewer gates, or a lower yield."
        if rate > 0:
            remedy = f"An event rate of at most {rate:,.0f} per second would suffice"
            if cells is not None:
                hours = cells * sum(run.events for run in way.runs) / rate / SECONDS_PER_HOUR
                remedy += f"; the sample then takes {hours:.3g} h"
            remedy += "."
    return Missed(
        goal="yield",
        target=content.tube.name,
        value=content.sort_yield,
        wanted=goals.yield_min,
        remedy=remedy,
        rate_hz=rate or None,
    )


def _amounts(
    way: Way, goals: Goals, settings: SorterSettings, cells: float | None, replan: Replan | None
) -> Iterable[Missed]:
    """Yield what is missed of cells and hours."""
    needed = needed_cells(way, goals)
    enough = cells is None or needed is None or needed <= cells * (1 + ROUNDING)
    if needed is not None and cells is not None and not enough:
        yield Missed(
            goal="cells",
            target=None,
            value=cells * min(filled.recovered for filled in way.tubes),
            wanted=goals.wanted_cells or 0.0,
            remedy=f"Start with {needed:.3g} cells, or recover more.",
            cells=needed,
        )
    hours = hours_of(way, needed if needed is not None and enough else cells)
    if hours is not None and hours > goals.hours * (1 + ROUNDING):
        yield _hours(way, goals, settings, cells, hours, replan)


def _hours(
    way: Way, goals: Goals, settings: SorterSettings, cells: float | None, hours: float, replan: Replan | None
) -> Missed:
    fold = None if replan is None else fold_for_day(replan, goals, cells)
    faster = way.runs[0].rate_hz * hours / goals.hours
    rate = faster if faster <= settings.drop_rate_hz else None  # no more events than drops
    if replan is not None and fold is not None:
        remedy = f"Beads for {replan.marker} that enrich at least {fold:.3g}-fold would suffice."
    elif rate is not None:
        remedy = f"An event rate of {rate:,.0f} per second would be fast enough, at the cost of yield or purity."
    else:
        remedy = "Neither beads nor a faster sort would suffice; sort fewer cells, or on several days."
    return Missed(
        goal="hours",
        target=None,
        value=hours,
        wanted=goals.hours,
        remedy=remedy,
        marker=replan.marker if replan else None,
        fold=fold,
        rate_hz=rate,
    )


def fold_for_day(replan: Replan, goals: Goals, cells: float | None) -> float | None:
    """Return the smallest fold with which the sample (or its part for the wanted cells) is sorted in time."""

    def in_time(fold: float) -> bool:
        way = replan.at(fold)
        needed = needed_cells(way, goals)
        part = cells if needed is None else needed if cells is None else min(needed, cells)
        hours = hours_of(way, part)
        return hours is not None and hours <= goals.hours

    return smallest_fold(in_time)


def best_plan(ways: Sequence[Way], missed: Sequence[Sequence[Missed]]) -> int:
    """Return the index of the recommended plan: fewest missed goals, most recovered cells, fewest hours."""
    keys = [
        (len(miss), -min(filled.recovered for filled in way.tubes), way.seconds, index)
        for index, (way, miss) in enumerate(zip(ways, missed, strict=True))
    ]
    return min(keys)[-1]
