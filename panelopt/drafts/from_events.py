"""A problem from labelled events: counted frequencies, and levels from a calibration or by rank."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from panelopt.domain.events_summary import Correlation, EventsSummary, MarkerSummary, PopulationSummary
from panelopt.domain.problem_record import Level, LevelWord, Marker, Population, Problem
from panelopt.domain.reagents import VIABILITY_MARKER
from panelopt.errors import Finding, InputError
from panelopt.events.event_folder import Pooled, read_pooled
from panelopt.events.levels import levels_of, lines_of
from panelopt.events.request import EventsRequest
from panelopt.events.roles import Role, frequencies_of, roles_of, rounded_down
from panelopt.events.statistics import MAX_CV, LogNormalFit, fit_lognormal, notable, rank_correlations
from panelopt.optics.overflow import refuse_overflow
from panelopt.optics.spectra import Array
from panelopt.report.safe_text import plain

LARGE_MISFIT = 0.1
"""Maximum distance between the distribution functions at which one log-normal describes a marker (model value)."""

SAMPLING_MISFIT = 1.36
"""Divided by sqrt(n): the distance exceeded by n events of a true log-normal in 1 of 20 cases (Kolmogorov-Smirnov)."""


@dataclass(frozen=True, slots=True)
class ProblemFromEvents:
    """A drafted problem, a summary of the events, and remarks to check."""

    problem: Problem
    summary: EventsSummary
    remarks: tuple[Finding, ...]


@refuse_overflow
def problem_from_events(request: EventsRequest) -> ProblemFromEvents:
    """Draft a problem from labelled events.

    Raises:
        InputError: with every fault in files, labels, columns and numbers.
    """
    pooled, faults = read_pooled(request)
    roles, more = roles_of(request, pooled)
    frequencies, wrong = frequencies_of(request, pooled)
    lines, unused = lines_of(request.calibration, pooled)
    if len(pooled.by_file) == len(request.paths):  # otherwise labels and columns are incomplete
        faults += [*more, *wrong, *unused]
    if faults:
        raise InputError(faults)
    fits = {
        (name, marker): fit_lognormal(pooled.events[name][:, column])
        for name in pooled.events
        for column, marker in enumerate(pooled.columns)
    }
    levels, sources = levels_of(pooled, lines, request.calibration)
    populations = tuple(
        _population(
            name, roles[name], frequencies[name], pooled, levels[name], sources[name], name in request.frequencies
        )
        for name in pooled.events
    )
    problem = Problem(
        id=request.id,
        title=f"From labelled events: {len(pooled.events)} populations, {len(pooled.columns)} markers",
        sources=tuple(f"EVENTS: {plain(path.name)}" for path in request.paths),
        marker=tuple(_marker(name) for name in pooled.columns),
        population=populations,
    )
    summary = EventsSummary(
        problem=request.id,
        files=tuple(plain(str(path)) for path in request.paths),
        events=pooled.total,
        calibrated=tuple(lines),
        left_out=tuple(map(plain, pooled.left_out)),
        populations=tuple(_summary(row, pooled, fits) for row in populations),
    )
    return ProblemFromEvents(problem, summary, tuple(_remarks(summary, pooled)))


def _population(
    name: str,
    role: Role,
    frequency: float,
    pooled: Pooled,
    levels: Mapping[str, Level | LevelWord],
    sources: Mapping[str, str],
    given: bool,
) -> Population:
    shares = [count / total for count, total in pooled.sample_counts(name)]
    ranged = len(shares) > 1 and not given and min(shares) > 0
    origin = "given" if given else f"counted, {pooled.counts[name]} of {pooled.total} events"
    return Population(
        name=name,
        role=role,
        frequency=frequency,
        frequency_low=min(rounded_down(min(shares)), frequency) if ranged else None,
        frequency_high=max(rounded_down(max(shares)), frequency) if ranged else None,
        levels=dict(levels),
        level_sources=dict(sources),
        source=f"frequency: {origin}; autofluorescence: default, not measured",
    )


def _marker(name: str) -> Marker:
    return Marker(name=name, role="viability") if name == VIABILITY_MARKER else Marker(name=name)


def _summary(row: Population, pooled: Pooled, fits: Mapping[tuple[str, str], LogNormalFit]) -> PopulationSummary:
    events = pooled.events[row.name]
    return PopulationSummary(
        name=row.name,
        role=row.role,
        events=len(events),
        frequency=row.frequency,
        markers=tuple(
            MarkerSummary(
                marker=marker,
                column=plain(column.name),
                median=float(np.median(events[:, i])),
                cv=fits[row.name, marker].cv,
                not_positive=fits[row.name, marker].not_positive,
                misfit=fits[row.name, marker].misfit,
                level=row.levels.get(marker),
            )
            for i, (marker, column) in enumerate(pooled.columns.items())
        ),
        correlations=tuple(_correlations(tuple(pooled.columns), events)),
    )


def _correlations(markers: Sequence[str], events: Array) -> list[Correlation]:
    found = rank_correlations(events)
    pairs = [
        Correlation(
            markers=(markers[i], markers[j]),
            spearman=round(float(found[i, j]), 4),
            notable=notable(float(found[i, j]), len(events)),
        )
        for i, j in combinations(range(len(markers)), 2)
    ]
    return sorted(pairs, key=lambda pair: -abs(pair.spearman))


def _remarks(summary: EventsSummary, pooled: Pooled) -> list[Finding]:
    remarks = list(pooled.remarks)
    for row in summary.populations:
        broad = [m.marker for m in row.markers if m.cv > MAX_CV]
        if broad:
            message = f"{row.name}: {', '.join(broad)} have a CV above {MAX_CV:g}, the value used instead"
            remarks.append(Finding("broad-level", message, hint="Split the population if it mixes different cells."))
        large = max(LARGE_MISFIT, SAMPLING_MISFIT / math.sqrt(row.events))
        odd = [m.marker for m in row.markers if m.misfit is not None and m.misfit > large]
        if odd:
            message = f"{row.name}: {', '.join(odd)} are not log-normal"
            remarks.append(Finding("not-log-normal", message, hint="Split the population if it mixes different cells."))
        pairs = [c for c in row.correlations if c.notable]
        if pairs:
            first = pairs[0]
            more = f" and {len(pairs) - 1} more pairs" if len(pairs) > 1 else ""
            message = f"{row.name}: {' and '.join(first.markers)} are correlated ({first.spearman:+.2f}){more}"
            hint = "The score treats markers as independent within a population, so it overstates such a pair of gates."
            remarks.append(Finding("correlated-markers", message, hint=hint))
    known = {m.marker for row in summary.populations for m in row.markers if m.level is not None}
    unknown = [marker for marker in pooled.columns if marker not in known and marker != VIABILITY_MARKER]
    if unknown:
        message = f"no level for {', '.join(unknown)}: all populations look alike, and there is no calibration"
        remarks.append(Finding("no-level", message, hint="Add a calibration, or set the levels in the file."))
    return remarks
