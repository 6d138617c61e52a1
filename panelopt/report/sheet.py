"""Tables as data: shown as HTML, and written into spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from panelopt.report.plain import plain
from panelopt.report.tables import count, number, percent

Value = str | float | int | None
"""A cell: a text, a number, or nothing where the value is unknown."""

_SENTENCE = 40
"""Texts with more characters than this are sentences."""

Titles = tuple["Column | str", ...]
"""Columns of a table; those that are only named hold text."""

Kind = Literal["text", "number", "percent", "count", "matrix"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        title: Header.
        kind: How its values are shown; text is left-aligned.
        digits: Decimals of numbers; 0 in a matrix: two significant digits.
    """

    title: str
    kind: Kind = "text"
    digits: int = 2

    def shown(self, value: Value) -> str:
        """Return a cell as text; empty where the value is unknown."""
        if value is None:
            return ""
        if isinstance(value, str):
            return plain(value)
        if self.kind == "percent":
            return percent(value)
        if self.kind == "count":
            return count(value)
        if self.kind == "matrix" and not self.digits:
            return f"{value:.2g}" if abs(value) < 10 else count(round(value))
        return number(value, self.digits)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a caption.

    Attributes:
        key: Short name, unique in a report; the name of the worksheet.
        caption: What the table shows, in one sentence.
        columns: Its columns.
        rows: Cells, as many as columns.
        heads: Leading columns that name the row.
        note: Sentence below the table.
        by_log: Whether a matrix is shaded by the logarithm of its entries; else from 0 to the largest.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    heads: int = 1
    note: str = ""
    by_log: bool = False

    @property
    def is_matrix(self) -> bool:
        """Whether the cells are one quantity, to be shaded by size."""
        return any(column.kind == "matrix" for column in self.columns)

    def is_long(self, index: int) -> bool:
        """Whether a column holds sentences, which need room."""
        return any(isinstance(row[index], str) and len(str(row[index])) > _SENTENCE for row in self.rows)

    def without_unknown(self) -> Sheet:
        """Return the table without columns of which nothing is known; its note names them."""
        kept = [i for i in range(len(self.columns)) if any(row[i] not in ("", None) for row in self.rows)]
        lost = [column.title.lower() for i, column in enumerate(self.columns) if i not in kept]
        if not lost or not kept:
            return self
        note = f"{self.note} Not known of any: {', '.join(lost)}.".strip()
        rows = tuple(tuple(row[i] for i in kept) for row in self.rows)
        return replace(self, columns=tuple(self.columns[i] for i in kept), rows=rows, note=note)


def sheet(
    key: str,
    caption: str,
    columns: Iterable[Column | str],
    rows: Iterable[Sequence[Value]],
    *,
    heads: int = 1,
    note: str = "",
    by_log: bool = False,
) -> Sheet:
    """Return a table; columns that are only named hold text."""
    made = tuple(column if isinstance(column, Column) else Column(column) for column in columns)
    return Sheet(key, caption, made, tuple(tuple(row) for row in rows), heads, note, by_log)
