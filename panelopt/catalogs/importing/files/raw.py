"""Rows of text as a foreign list holds them, before anything is known of their meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from panelopt.catalogs.importing.files.limits import MAX_CELL_CHARACTERS, MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from panelopt.errors import InputError, input_error

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be taken: a short code for counting, and the reason in full."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: the line, row or record number where it begins, its cells, and what is wrong with it, if anything."""

    line: int
    cells: tuple[str, ...]
    fault: Fault | None = None

    @property
    def empty(self) -> bool:
        """Whether no cell holds anything."""
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class ReadFacts:
    """How a file was read, for the summary and the mapping file.

    Attributes:
        form: ``text``, ``xlsx``, ``json``, ``feather`` or ``parquet``.
        encoding: Encoding of a text file.
        separator: Separator of a text file.
        sheet: Sheet of a spreadsheet.
        header_line: Line of the header; 0 where the format names its columns.
        title_lines: Filled lines above the header; they are no rows.
        empty_lines: Lines without any cell; they are no rows.
        remarks: What was assumed.
    """

    form: str
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    header_line: int = 0
    title_lines: int = 0
    empty_lines: int = 0
    remarks: tuple[str, ...] = ()


class RowStream:
    """Rows of a large file: each pass reads it again, none holds it.

    Args:
        make: Begins a pass.

    Attributes:
        empty_lines: Lines without any cell, as of the last whole pass.
    """

    def __init__(self, make: Callable[[], Iterator[RawRow]]) -> None:
        self._make = make
        self._change: Callable[[RawRow], RawRow | None] = lambda row: row
        self.empty_lines = 0

    def changed(self, change: Callable[[RawRow], RawRow | None]) -> RowStream:
        """Return the stream of the rows that ``change`` makes of these; None drops one."""
        stream = RowStream(self._make)
        stream._change = change
        return stream

    def __iter__(self) -> Iterator[RawRow]:
        """Yield the filled rows; one without cells is counted."""
        empty = 0
        for row in self._make():
            if not row.cells:
                empty += 1
            elif (changed := self._change(row)) is not None:
                yield changed
        self.empty_lines = empty


@dataclass(frozen=True, slots=True)
class RawTable:
    """A list as it was found: unique column names, every row below the header, and how it was read."""

    columns: tuple[str, ...]
    rows: Sequence[RawRow] | RowStream
    facts: ReadFacts

    @property
    def empty_lines(self) -> int:
        """Lines without any cell; of a large file, as of the last pass over its rows."""
        return self.rows.empty_lines if isinstance(self.rows, RowStream) else self.facts.empty_lines


def checked(row: RawRow, width: int | None = None) -> RawRow:
    """Return a row padded to ``width``, with its fault where a cell is unusable; nothing is cut off."""
    cells = row.cells
    if width is not None:
        end = len(cells)
        while end > width and not cells[end - 1].strip():
            end -= 1
        if end != width or end < len(cells):
            cells = cells[:end] + ("",) * (width - end)
    fault = row.fault or _fault(cells, width)
    return row if cells is row.cells and fault is row.fault else RawRow(row.line, cells, fault)


def visible(text: str) -> str:
    """Return ``text`` with control characters and undecoded bytes written in hexadecimal, after a backslash and x."""
    text = _CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", text)
    return _SURROGATE.sub(lambda match: _surrogate(ord(match.group())), text)


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return column names with what makes them unique: ``price (2)``; a nameless column gets its number."""
    taken: dict[str, int] = {}  # the last number that a name got
    result = []
    for number, name in enumerate(names, 1):
        base = visible(" ".join(name.split())) or f"column {number}"
        candidate, count = base, taken.get(base, 1)
        while candidate in taken:
            count += 1
            candidate = f"{base} ({count})"
        taken[base] = count
        taken.setdefault(candidate, 1)
        result.append(candidate)
    return tuple(result)


def check_cells(rows: int, columns: int, where: str) -> None:
    """Refuse a list that would hold too many cells once each row has all columns.

    Raises:
        InputError: beyond :data:`MAX_CELLS`.
    """
    if rows * columns > MAX_CELLS:
        message = f"{rows:,} rows of {columns} columns are more than {MAX_CELLS:,} cells"
        raise input_error("too-many-cells", message, where=where, hint="Delete columns you do not need, or split it.")


def too_many_rows(where: str, most: int = MAX_ROWS) -> InputError:
    """Return the error for a list that is too long."""
    return input_error("too-many-rows", f"the list has more than {most:,} rows", where=where, hint="Split it.")


def check_width(count: int, where: str) -> None:
    """Refuse a list with too many columns.

    Raises:
        InputError: if there are more than ``MAX_COLUMNS``.
    """
    if count > MAX_COLUMNS:
        message = f"the list has {count:,} columns, more than {MAX_COLUMNS}"
        raise input_error("too-many-columns", message, where=where, hint="Keep the columns that describe the products.")


def _fault(cells: tuple[str, ...], width: int | None) -> Fault | None:
    if width is not None and len(cells) > width:
        return Fault("row length", f"the row has {len(cells)} cells, the header has {width}")
    if all(map(str.isprintable, cells)) and max(map(len, cells), default=0) <= MAX_CELL_CHARACTERS:
        return None
    for number, cell in enumerate(cells, 1):
        if cell.isprintable() and len(cell) <= MAX_CELL_CHARACTERS:
            continue
        if match := _SURROGATE.search(cell):
            reason = f"cell {number} has bytes that cannot be decoded ({visible(match.group())})"
            return Fault("undecodable bytes", reason)
        if match := _CONTROL.search(cell):
            return Fault("control characters", f"cell {number} has control characters ({visible(match.group())})")
        if len(cell) > MAX_CELL_CHARACTERS:
            reason = f"cell {number} has {len(cell):,} characters, more than {MAX_CELL_CHARACTERS:,}"
            return Fault("cell too long", reason)
    return None


def _surrogate(code: int) -> str:
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
