"""Where the header of a list is, and which lines are no products: titles, empty rows, repeated headers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from panelopt.catalogs.importing.files.raw import (
    Fault,
    RawRow,
    RawTable,
    ReadFacts,
    RowStream,
    check_cells,
    check_width,
    checked,
    unique_names,
)
from panelopt.errors import input_error

_LOOK = 60
"""Rows in which the header is looked for."""

_HEAD = 1_000
"""Rows of a large file that are held while its header is looked for."""

_NO_HEADER = "no line names the columns: every line was taken for a product"


@dataclass(frozen=True, slots=True)
class CellKinds:
    """Tells headers from products.

    Attributes:
        is_header: Whether a cell is a usual name of a column.
        is_product: Whether a cell is a name that stands in rows: an antigen, a fluorochrome.
        names_grid: Whether the cells of a row head the columns of a grid: most of them are fluorochromes, or antigens.
    """

    is_header: Callable[[str], bool]
    is_product: Callable[[str], bool]
    names_grid: Callable[[Sequence[str]], bool] = lambda cells: False  # noqa: ARG005


def table_of(
    rows: Sequence[RawRow] | RowStream, facts: ReadFacts, where: str, kinds: CellKinds, header_line: int = 0
) -> RawTable:
    """Return the rows below the header with the names of their columns; without a header these are numbers.

    Args:
        rows: All rows of the file, those above the header too.
        facts: How they were read.
        where: File name for messages.
        kinds: Tells headers from products.
        header_line: Line of the header, where the user states it.

    Raises:
        InputError: if there is nothing, the stated header is not there, or there are too many columns.
    """
    head = list(islice(rows, max(_HEAD, header_line)))
    filled = [row for row in head if not row.empty]
    if not filled:
        raise input_error("empty-file", "the file holds no rows", where=where)
    if header_line:
        header = next((row for row in filled if row.line == header_line), None)
        if header is None:
            raise input_error("no-header", f"line {header_line} is empty or not there", where=where)
    else:
        header = _header(filled, kinds)
    if header is None:
        width = max(len(row.cells) for row in filled[:_LOOK])
        check_width(width, f"{where}:{filled[0].line}")
        return _table(rows, [""] * width, replace(facts, remarks=(*facts.remarks, _NO_HEADER)), where)
    names = list(header.cells)
    while names and not names[-1].strip():
        names.pop()
    check_width(len(names), f"{where}:{header.line}")
    if head[-1].line == header.line and len(head) < max(_HEAD, header_line):
        raise input_error("empty-list", "there are no rows below the header", where=f"{where}:{header.line}")
    titles = sum(row.line < header.line for row in filled)
    return _table(rows, names, replace(facts, header_line=header.line, title_lines=titles), where, header.line)


def _table(
    rows: Sequence[RawRow] | RowStream, names: Sequence[str], facts: ReadFacts, where: str, above: int = 0
) -> RawTable:
    """Return the rows below the line ``above``, each with as many cells as there are names."""
    header = [_plain(name) for name in names] if any(names) else []

    def below(row: RawRow) -> RawRow | None:
        return _checked_row(row, len(names), header) if row.line > above else None

    if isinstance(rows, RowStream):
        return RawTable(unique_names(names), rows.changed(below), facts)
    check_cells(len(rows), len(names), where)
    return RawTable(unique_names(names), tuple(filter(None, map(below, rows))), facts)


def _header(rows: Sequence[RawRow], kinds: CellKinds) -> RawRow | None:
    """Return the row that names the columns; None where the list begins with a product."""
    head = [row for row in rows[:_LOOK] if row.fault is None] or list(rows[:1])
    known = [sum(map(kinds.is_header, row.cells)) for row in head]
    if max(known) < 3 and (grid := next((row for row in head if kinds.names_grid(row.cells)), None)) is not None:
        return grid
    if max(known) >= 2 or (max(known) == 1 and max(len(row.cells) for row in head) <= 2):
        return head[known.index(max(known))]
    widths = Counter(_width(row) for row in head)
    usual = max(widths, key=lambda width: (widths[width], width))
    first = next(row for row in head if _width(row) >= usual / 2)
    return None if any(map(kinds.is_product, first.cells)) else first


def _width(row: RawRow) -> int:
    return sum(bool(cell.strip()) for cell in row.cells)


def _checked_row(row: RawRow, width: int, header: Sequence[str]) -> RawRow:
    row = checked(row, width)
    if row.fault is not None:
        return row
    if row.empty:
        return replace(row, fault=Fault("empty row", "empty row"))
    if header and all(_plain(cell) == name for cell, name in zip(row.cells, header, strict=True)):
        return replace(row, fault=Fault("repeated header", "repeats the header"))
    return row


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
