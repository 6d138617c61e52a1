"""The table of a sweep: one row per cell, as CSV and Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from panelopt.domain.sweep_record import CellRow
from panelopt.io.csv_table import safe_cell

COLUMNS: tuple[str, ...] = tuple(CellRow.model_fields)
"""Columns, as fields of :class:`~panelopt.domain.sweep_record.CellRow`."""

_NUMBERS = frozenset({
    "budget", "time_limit_s", "tolerance", "memory_limit_mb", "slack", "max_spillover", "worst_log_ratio",
    "sum_log_ratio", "bound_worst_log_ratio", "bound_sum_log_ratio", "gap_worst_log_ratio", "gap_sum_log_ratio",
    "price", "shipping", "seconds", "solver_seconds",
})  # fmt: skip
_COUNTS = frozenset({"max_colours", "seed", "colours", "unknown_prices"})
_FLAGS = frozenset({
    "allow_unknown_price", "require_goal", "exclude_tandems", "only_inventory", "allow_unverified", "clock_free",
})  # fmt: skip


def sweep_csv(rows: Sequence[CellRow]) -> str:
    """Return CSV text: numbers in shortest exact form, unknown values empty, formula-like texts escaped."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in COLUMNS])
    return out.getvalue()


def sweep_parquet(rows: Sequence[CellRow]) -> bytes:
    """Return a Parquet file: numbers as doubles, counts as integers, flags as booleans, the day as a date."""
    import pyarrow as pa
    import pyarrow.parquet

    arrays = {name: pa.array([getattr(row, name) for row in rows], _kind(name)) for name in COLUMNS}
    out = pa.BufferOutputStream()
    pyarrow.parquet.write_table(pa.table(arrays), out, compression="zstd")
    return bytes(out.getvalue())


def _cell(value: str | float | bool | date | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)  # a negative number is not a formula
    return safe_cell(value.replace("\r", " ").replace("\n", " ")) if isinstance(value, str) else str(value)


def _kind(name: str) -> Any:
    import pyarrow as pa

    if name in _NUMBERS:
        return pa.float64()
    if name in _COUNTS:
        return pa.int64()
    if name in _FLAGS:
        return pa.bool_()
    return pa.date32() if name == "today" else pa.string()
