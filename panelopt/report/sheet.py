"""Tables as data, rendered as HTML or spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from panelopt.report.safe_text import plain
from panelopt.report.text_tables import count, number, percent

Value = str | float | int | None
"""A cell: text, a number, or None if unknown."""

_SENTENCE = 40
"""Texts longer than this count as sentences."""

_SMALL = 0.01
"""Entries of a matrix below this are only said to be smaller."""

Titles = tuple["Column | str", ...]
"""Columns of a table; a plain string is the title of a text column."""

Kind = Literal["text", "number", "percent", "count", "matrix"]


@dataclass(frozen=True, slots=True)
class Column:
    """A table column.

    Attributes:
        title: Header.
        kind: Number format; text is left-aligned.
        digits: Decimals of numbers; 0 in a matrix: two significant digits.
    """

    title: str
    kind: Kind = "text"
    digits: int = 2

    def shown(self, value: Value) -> str:
        """Return a cell as text; empty if unknown."""
        if value is None:
            return ""
        if isinstance(value, str):
            return plain(value)
        if self.kind == "percent":
            return percent(value)
        if self.kind == "count":
            return count(value)
        if self.kind == "matrix" and not self.digits:
            return _two_digits(float(value))
        return number(value, self.digits)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a caption.

    Attributes:
        key: Short name, unique in a report; also the worksheet name.
        caption: One sentence on what the table shows.
        columns: Columns.
        rows: Cells, as many as columns.
        heads: Number of leading columns that name the row.
        note: Sentence below the table.
        by_log: Shade a matrix by the logarithm of its entries instead of linearly from 0.
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
        """Whether all cells hold one quantity, shaded by size."""
        return any(column.kind == "matrix" for column in self.columns)

    def is_long(self, index: int) -> bool:
        """Whether a column holds sentences."""
        return any(isinstance(row[index], str) and len(str(row[index])) > _SENTENCE for row in self.rows)

    def without_unknown(self) -> Sheet:
        """Return the table without columns that are entirely unknown; the note names them."""
        kept = [i for i in range(len(self.columns)) if any(row[i] not in ("", None) for row in self.rows)]
        lost = [column.title.lower() for i, column in enumerate(self.columns) if i not in kept]
        if not lost or not kept:
            return self
        note = f"{self.note} Unknown for all: {', '.join(lost)}.".strip()
        rows = tuple(tuple(row[i] for i in kept) for row in self.rows)
        return replace(self, columns=tuple(self.columns[i] for i in kept), rows=rows, note=note)


def _two_digits(value: float) -> str:
    if 0 < abs(value) < _SMALL:
        return f"<{_SMALL:g}"
    return f"{value:.2g}" if abs(value) < 10 else count(round(value))


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
    """Return a table; a plain string is the title of a text column."""
    made = tuple(column if isinstance(column, Column) else Column(column) for column in columns)
    return Sheet(key, caption, made, tuple(tuple(row) for row in rows), heads, note, by_log)
