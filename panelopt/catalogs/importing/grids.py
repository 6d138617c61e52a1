"""Wide lists, a grid of markers and fluorochromes, as one row for each of their filled cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from panelopt.catalogs.importing.files.raw import RawRow, RawTable, RowStream, unique_names
from panelopt.catalogs.importing.headers import LONGEST_NAME, field_of_header
from panelopt.catalogs.importing.marker_names import clean_marker
from panelopt.catalogs.importing.name_tables import Tables
from panelopt.catalogs.importing.patterns import CLONE_LIKE, nothing

_FEWEST = 3
"""Columns that make a grid."""

_LOOK = 500
"""Rows that are looked at."""

_REMARK = "the list is a grid of markers and fluorochromes: each filled cell was taken for a row"
_TICK = re.compile(r"[x\u2713\u2714\u25cf\u2022\u2611+*]+|yes|y|ja|oui|s[i\u00ed]|ok|true|[1-9]", re.IGNORECASE)
_NO_TICK = re.compile(r"[-\u2013\u2014\u2717\u2718]+|no|n|nein|non|0|false", re.IGNORECASE)
_NUMBER = re.compile(r"\d{5,}|[A-Za-z]{0,4}\d{2,3}-\d{3,}(?:-\d+)?|[A-Z]{1,4}\d{4,}")


@dataclass(frozen=True, slots=True)
class _Grid:
    """How a grid is read.

    Attributes:
        columns: Positions of the columns whose cells are products.
        key: Position of the column that names the other half of a product; None if the cells do.
        of_header, of_key, of_cell: Fields that these give; empty if none.
    """

    columns: tuple[int, ...]
    key: int | None
    of_header: str
    of_key: str
    of_cell: str


def names_grid(cells: Sequence[str], tables: Tables) -> bool:
    """Whether a row may be the header of a grid: behind a cell that is no product, most cells are dyes, or markers."""
    filled = [cell.strip() for cell in cells[1:] if cell.strip()]
    if len(filled) < _FEWEST or (cells[0].strip() and (_dye(cells[0], tables) or _marker(cells[0], tables))):
        return False
    return any(sum(bool(kind(cell, tables)) for cell in filled) >= max(_FEWEST, 0.6 * len(filled)) for kind in _KINDS)


def unfolded(table: RawTable, tables: Tables) -> RawTable:
    """Return a grid as rows of a marker, a fluorochrome and what its cells say; another list as it is."""
    if isinstance(table.rows, RowStream) or (grid := _grid(table, tables)) is None:
        return table
    rest = [i for i in range(len(table.columns)) if i not in grid.columns and i != grid.key]
    names = [grid.of_header or "panel", grid.of_cell or "tick", *([grid.of_key] if grid.key is not None else [])]
    rows = tuple(_rows(table, grid, rest))
    columns = unique_names([*names, *(table.columns[i] for i in rest)])
    return RawTable(columns, rows, replace(table.facts, remarks=(*table.facts.remarks, _REMARK)))


def _rows(table: RawTable, grid: _Grid, rest: Sequence[int]) -> Iterator[RawRow]:
    for row in table.rows:
        if row.fault is not None:
            yield row
            continue
        key = (row.cells[grid.key],) if grid.key is not None else ()
        others = tuple(row.cells[i] for i in rest)
        filled = [
            (i, cell)
            for i in grid.columns
            if (cell := row.cells[i].strip()) and not _NO_TICK.fullmatch(cell) and not nothing(cell)
        ]
        for i, cell in filled or [(-1, "")]:
            header = re.sub(r" \(\d+\)$", "", table.columns[i]) if i >= 0 else ""
            yield RawRow(row.line, (header, cell, *key, *others))


def _grid(table: RawTable, tables: Tables) -> _Grid | None:
    rows = (
        [row.cells for row in table.rows[:_LOOK] if row.fault is None] if not isinstance(table.rows, RowStream) else []
    )
    texts = [[cell for row in rows if (cell := row[i].strip())] for i in range(len(table.columns))]
    for kind, other, names in (
        (_dye, _marker, ("fluorochrome", "marker")),
        (_marker, _dye, ("marker", "fluorochrome")),
    ):
        named = tuple(i for i, name in enumerate(table.columns) if kind(re.sub(r" \(\d+\)$", "", name), tables))
        if len(named) < _FEWEST or 2 * len(named) < len(table.columns) - sum(
            field_of_header(name, tables) is not None for name in table.columns
        ):
            continue
        cells = [cell for i in named for cell in texts[i]]
        keys = [i for i in range(len(table.columns)) if i not in named and _most(texts[i], other, tables)]
        if _most(cells, other, tables):
            return _Grid(named, None, names[0], "", names[1])
        if keys:
            return _Grid(named, keys[0], names[0], names[1], _meaning(cells, tables))
    return _panels(table, texts, tables)


def _panels(table: RawTable, texts: Sequence[Sequence[str]], tables: Tables) -> _Grid | None:
    """Return the grid of a list with one column of dyes and a column of markers for each panel."""
    keys = [i for i, cells in enumerate(texts) if len(set(cells)) >= _FEWEST and _most(cells, _dye, tables)]
    panels = tuple(
        i
        for i, name in enumerate(table.columns)
        if i not in keys and field_of_header(name, tables) is None and _most(texts[i], _marker, tables)
    )
    stated = {field_of_header(name, tables) for name in table.columns}
    if len(keys) != 1 or len(panels) < 2 or stated & {"marker", "product"}:
        return None
    return _Grid(panels, keys[0], "", "fluorochrome", "marker")


def _meaning(cells: Sequence[str], tables: Tables) -> str:
    """Return what the cells of a grid say: clone, vendor or number of a product, or a remark."""
    checks: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("", _TICK.fullmatch),
        ("vendor", tables.vendors.resolve),
        ("catalog_number", _NUMBER.fullmatch),
        ("clone", CLONE_LIKE.fullmatch),
    )
    said = [cell for cell in cells if not _NO_TICK.fullmatch(cell)]
    return next(
        (name for name, check in checks if said and sum(bool(check(c)) for c in said) >= 0.5 * len(said)), "note"
    )


def _dye(text: str, tables: Tables) -> bool:
    return len(text) <= LONGEST_NAME and tables.dyes.resolve(text) is not None


def _marker(text: str, tables: Tables) -> bool:
    return len(text) <= LONGEST_NAME and bool(clean_marker(text, tables))


_KINDS = (_dye, _marker)


def _most(cells: Sequence[str], kind: Callable[[str, Tables], bool], tables: Tables) -> bool:
    return bool(cells) and sum(kind(cell, tables) for cell in cells) >= 0.5 * len(cells)
