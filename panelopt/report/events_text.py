"""Summary of labelled events as text."""

from __future__ import annotations

from collections.abc import Iterator

from panelopt.domain.events_summary import EventsSummary, MarkerSummary, PopulationSummary
from panelopt.domain.problem_record import Level
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, count, number, percent, section, table, wrapped


def events_text(summary: EventsSummary, width: int = DEFAULT_WIDTH) -> str:
    """Return populations, levels, and markers that correlate within a population."""
    populations = [(p.name, p.role, f"{p.events:,}", percent(p.frequency)) for p in summary.populations]
    levels = [
        (p.name, m.marker, count(m.median), number(m.cv), percent(m.not_positive), number(m.misfit), shown_level(m))
        for p in summary.populations
        for m in p.markers
    ]
    head = ("Population", "Marker", "Median", "CV", "Not > 0 %", "Misfit", "Level")
    left_out = f"Columns not used: {', '.join(summary.left_out)}." if summary.left_out else ""
    return blocks(
        [
            wrapped(f"{summary.problem}: {summary.events:,} events of {', '.join(summary.files)}", width=width),
            wrapped(left_out, width=width) if left_out else "",
            section("Populations", table(("Population", "Role", "Events", "Share %"), populations, "llRR", width)),
            section("Levels (median in units of the file)", table(head, levels, "lLRRRRl", width)),
            section("Correlated markers within a population (Spearman)", _correlated(summary, width)),
        ]
    )


def shown_level(marker: MarkerSummary) -> str:
    """Return a level as in the problem file: a word, or antibodies and CV."""
    level = marker.level
    if level is None:
        return "unknown"
    return f"{count(level.abc)} (CV {level.cv:.2g})" if isinstance(level, Level) else level


def correlation_lines(population: PopulationSummary) -> Iterator[str]:
    """Yield one line per notable correlation, strongest first."""
    for pair in population.correlations:
        if pair.notable:
            yield f"{population.name}: {' and '.join(pair.markers)} {pair.spearman:+.2f}"


def _correlated(summary: EventsSummary, width: int) -> str:
    lines = [line for population in summary.populations for line in correlation_lines(population)]
    return "\n".join(wrapped(line, "      ", width, first="  ") for line in lines) or "  none"
