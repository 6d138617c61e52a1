"""A finished sweep as a table, and in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from panelopt.domain.sweep_record import CellRow
from panelopt.report.odds import cells_per_wrong, purity_of, ratio_in_words
from panelopt.report.sheet import Column, Sheet, Titles, sheet

_OPTIONS = (
    "inventory", "max_colours", "budget", "allow_unknown_price", "require_goal", "tolerance", "seed", "exclude_tandems",
    "only_inventory", "allow_unverified", "slack", "max_spillover", "time_limit_s", "memory_limit_mb",
)  # fmt: skip
"""Options of a cell that a table shows where they differ."""


def sweep_verdict(rows: Sequence[CellRow]) -> str:
    """Return one sentence: how many cells ended how, and which is best."""
    cells = "1 cell" if len(rows) == 1 else f"{len(rows):,} cells"
    if not rows:
        return "No cell of the sweep has finished."
    ended = ", ".join(f"{number:,} {status}" for status, number in Counter(row.status for row in rows).items())
    known = [row for row in rows if row.worst_log_ratio is not None]
    if not known:
        return f"{cells}: {ended}; none has a panel."
    best = max(known, key=lambda row: row.worst_log_ratio or 0.0)
    where = f"{best.problem} on {best.cytometer}"
    return f"{cells}: {ended}. Purest: {where}, {ratio_in_words(best.worst_log_ratio)} at worst."


def sweep_sheet(rows: Sequence[CellRow]) -> Sheet:
    """Return one row per cell, the purest first within each problem; options that never differ are left out."""
    varied = [name for name in _OPTIONS if len({getattr(row, name) for row in rows}) > 1]
    ordered = sorted(rows, key=lambda row: (row.problem, -(row.worst_log_ratio or -1e9), row.cytometer, row.cell))
    columns: Titles = (
        "Problem",
        "Cytometer",
        "Catalogs",
        *(name.replace("_", " ") for name in varied),
        "Status",
        Column("1 wrong cell in", "count"),
        Column("Worst log ratio", "number"),
        Column("Proven bound", "number"),
        Column("Colours", "number", 0),
        Column("Price", "number"),
        "Panel",
    )
    table = [
        (
            row.problem,
            row.cytometer,
            row.catalogs,
            *("" if (value := getattr(row, name)) is None else str(value) for name in varied),
            row.status,
            None if row.worst_log_ratio is None else cells_per_wrong(purity_of(row.worst_log_ratio)),
            row.worst_log_ratio,
            row.bound_worst_log_ratio,
            row.colours,
            row.price,
            row.panel or row.conflicts or row.error or "",
        )
        for row in ordered
    ]
    note = "1 wrong cell in: what the worst contaminant alone leaves. Panel: for a cell without one, the reason."
    return sheet("cells", "Cells of the sweep", columns, table, heads=2, note=note)


def best_sheet(rows: Sequence[CellRow]) -> Sheet:
    """Return the purest cell of each problem."""
    best: dict[str, CellRow] = {}
    for row in rows:
        held = best.get(row.problem)
        if row.worst_log_ratio is not None and (held is None or row.worst_log_ratio > (held.worst_log_ratio or -1e9)):
            best[row.problem] = row
    columns: Titles = (
        "Problem",
        "Cytometer",
        Column("1 wrong cell in", "count"),
        Column("Colours", "number", 0),
        "Panel",
    )
    found = [
        (name, row.cytometer, cells_per_wrong(purity_of(row.worst_log_ratio or 0.0)), row.colours, row.panel or "")
        for name, row in best.items()
    ]
    return sheet("best-cells", "Purest cell of each problem", columns, found)
