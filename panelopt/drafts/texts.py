"""Drafted problem files as commented TOML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from panelopt.domain.events_summary import EventsSummary
from panelopt.domain.problem_record import Problem
from panelopt.drafts.from_events import ProblemFromEvents
from panelopt.io.problem_toml import problem_toml
from panelopt.report.events_text import correlation_lines
from panelopt.report.safe_text import plain

FORMAT = "File format: docs/problems.md. Check it with: panelopt problem check FILE"

MAX_CORRELATIONS = 40
"""Correlated pairs listed in a file; further ones are only counted."""


def problem_id(stem: str) -> str:
    """Return a valid ``id`` made from a file name."""
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:100].strip("-") or "problem"


def commented_toml(problem: Problem, comments: Iterable[str]) -> str:
    """Return a problem file with leading comments; the comments cannot become TOML content."""
    lines = [f"# {plain(line)}".rstrip() for line in comments]
    return "\n".join(lines) + "\n\n" + problem_toml(problem)


def events_toml(found: ProblemFromEvents) -> str:
    """Return the problem file drafted from labelled events, with caveats on its numbers."""
    return commented_toml(found.problem, _event_comments(found.summary))


def _event_comments(summary: EventsSummary) -> Iterator[str]:
    yield f"Made from {summary.events:,} labelled events of {', '.join(summary.files)}."
    yield FORMAT
    yield ""
    yield "Frequencies are shares of the labelled events; they are correct only if events were recorded unselected."
    if summary.calibrated:
        yield f"Antibodies per cell by calibration: {', '.join(summary.calibrated)}. CVs include instrument noise."
    words = {m.marker for p in summary.populations for m in p.markers if isinstance(m.level, str)}
    if words:
        yield f"Level words by rank, MODEL VALUES: {', '.join(sorted(words))}. Antibody numbers are unknown."
    if summary.left_out:
        yield f"Columns not used: {', '.join(summary.left_out)}."
    yield "Autofluorescence and diameters are not measured. Set the roles of markers (required, dump) yourself."
    yield ""
    pairs = [line for population in summary.populations for line in correlation_lines(population)]
    yield "Correlations of markers within a population (Spearman). The score treats markers as independent, so two"
    yield "gates on correlated markers reject less than it predicts."
    yield from (f"  {line}" for line in pairs[:MAX_CORRELATIONS])
    if len(pairs) > MAX_CORRELATIONS:
        yield f"  and {len(pairs) - MAX_CORRELATIONS} more"
    if not pairs:
        yield "  none of at least 0.3"
