"""The cells that reach the sorter, with and without beads.

Beads that enrich a marker ``fold`` times change the frequencies of the N cells of a sample to
``phi' = phi w / sum(phi w)``, with w = fold for cells they catch, else 1. With a recovery r of the cells they should
keep, a share ``r w / max(fold, 1)`` of each kind is left, so the sorter gets

    events = N r sum(phi w) / max(fold, 1)

and, if dead cells are a share of the events, that share on top.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from panelopt.domain.problem_record import Enrichment, Problem
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.instance.populations import ENRICHED_FROM_ABC, enrichment_weights, event_shares

MAX_FOLD = 1e5
"""Largest fold considered: no bead protocol is known to exceed it (model value)."""

_GRID = 101


def with_enrichment(problem: Problem, enrichment: Enrichment | None) -> Problem:
    """Return the problem with another pre-enrichment, or with none."""
    return problem.model_copy(update={"sample": problem.sample.model_copy(update={"enrichment": enrichment})})


def frequencies(problem: Problem) -> FloatArray:
    """Return (P,) share of each population among the events on the sorter, after any pre-enrichment."""
    return event_shares(problem)


def enriched_frequencies(problem: Problem, marker: str) -> Callable[[float], FloatArray]:
    """Return the function that gives :func:`frequencies` by the fold of enrichment with one marker's beads.

    The share of caught cells decides all others, so that the frequencies at all folds lie on one straight line; a fold
    of 1 is no beads.
    """
    few, many = 2.0, 100.0

    def at(fold: float) -> FloatArray:
        return frequencies(with_enrichment(problem, Enrichment(marker=marker, fold=fold, recovery=1.0)))

    without, low, high = frequencies(with_enrichment(problem, None)), at(few), at(many)
    listed = np.array([population.frequency for population in problem.population])
    caught = float(listed[enrichment_weights(problem, marker, 2.0) > 1].sum() / listed.sum())

    def share(fold: float) -> float:
        return fold * caught / (1 - caught + fold * caught)

    def by_fold(fold: float) -> FloatArray:
        if fold <= 1:
            return without
        way = (share(fold) - share(few)) / (share(many) - share(few)) if 0 < caught < 1 else 0.0
        return np.asarray(low + way * (high - low))

    return by_fold


def events_share(problem: Problem) -> float:
    """Return the events that reach the sorter per cell of the sample."""
    enrichment = problem.sample.enrichment
    if enrichment is None:
        return 1.0
    weights = enrichment_weights(problem, enrichment.marker, enrichment.fold)
    listed = np.array([population.frequency for population in problem.population])
    return float(enrichment.recovery * (listed @ weights) / max(enrichment.fold, 1.0))


def bead_markers(problem: Problem, instance: Instance) -> tuple[str, ...]:
    """Return the markers whose beads keep every target, those that keep the fewest other cells first.

    A marker can serve if all targets are known to carry it and the preparation does not cut it. Equally good ones are
    in the order of the problem.
    """
    targets = [view.target for view in instance.views]
    kept = {}
    for m, marker in enumerate(problem.marker):
        carried = bool((instance.abc[targets, m] >= ENRICHED_FROM_ABC).all())
        if carried and marker.role != "viability" and not instance.no_above[m]:
            caught = enrichment_weights(problem, marker.name, 2.0) > 1
            kept[marker.name] = sum(p.frequency for p, c in zip(problem.population, caught, strict=True) if c)
    return tuple(sorted(kept, key=lambda name: kept[name]))


def smallest_fold(reached: Callable[[float], bool]) -> float | None:
    """Return the smallest fold from 1 on that achieves something, to 0.1 %; None if ``MAX_FOLD`` does not.

    What is asked need not be monotone (doublets with cells that carry the marker rise with the fold): a grid finds the
    first fold, halving sharpens it.
    """
    grid = np.geomspace(1.0, MAX_FOLD, _GRID)
    first = next((index for index, fold in enumerate(grid) if reached(float(fold))), None)
    if first is None or first == 0:
        return None if first is None else 1.0
    low, high = float(grid[first - 1]), float(grid[first])
    while high / low > 1.001:
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
