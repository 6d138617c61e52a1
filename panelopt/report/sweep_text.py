"""Sweeps as text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from panelopt.domain.sweep_record import CellRow, SweepSummary
from panelopt.report.safe_text import plain
from panelopt.report.sweep_sheets import best_sheet, sweep_verdict
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, count, section, table, wrapped

MAX_SHOWN = 20
"""Failures listed; the table has all of them."""


def sweep_text(summary: SweepSummary) -> str:
    """Return the state of a sweep: cells by status, missing cells and failures."""
    ended = ", ".join(f"{number:,} {status}" for status, number in summary.status.items()) or "none finished"
    lines = [f"{summary.cells:,} cells: {ended}, {summary.missing:,} missing"]
    if summary.missing and summary.left_s is not None:
        lines.append(f"Remaining: about {duration(summary.left_s)} on one core, at the average time so far.")
    if summary.outdated:
        lines.append(f"{summary.outdated:,} cells in the folder have other inputs; the table omits them.")
    if summary.failures:
        lines += ["", "Failed"]
        lines += [line for row in summary.failures[:MAX_SHOWN] for line in _failure(row)]
        if len(summary.failures) > MAX_SHOWN:
            lines.append(f"- and {len(summary.failures) - MAX_SHOWN:,} more")
    return "\n".join(lines) + "\n"


def row_text(row: CellRow) -> str:
    """Return the outcome of a cell in one line."""
    if row.status == "failed":
        return f"failed: {row.error}"
    if row.worst_log_ratio is None:
        return f"{row.status} ({row.seconds:.1f} s)"
    gap = "" if row.gap_worst_log_ratio is None else f", gap {row.gap_worst_log_ratio:.3f}"
    return f"{row.status}, worst {row.worst_log_ratio:.3f}{gap} ({row.seconds:.1f} s)"


def duration(seconds: float) -> str:
    """Return a duration in a suitable unit."""
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{count(seconds / size)} {unit}"
    return f"{seconds:.0f} seconds"


def _failure(row: CellRow) -> list[str]:
    text = plain(f"- {row.problem}, {row.cytometer}, {row.catalogs}: {row.error}")
    return textwrap.wrap(text, DEFAULT_WIDTH, subsequent_indent="  ")


def sweep_table_text(rows: Sequence[CellRow], width: int = DEFAULT_WIDTH) -> str:
    """Return a finished sweep: its verdict, and the purest cell of each problem."""
    best = best_sheet(rows)
    shown = [[column.shown(value) or "-" for column, value in zip(best.columns, row, strict=True)] for row in best.rows]
    titles = [column.title for column in best.columns]
    listing = section(best.caption, table(titles, shown, "llRRl", width)) if shown else ""
    return blocks([listing, wrapped(sweep_verdict(rows), width=width)])
