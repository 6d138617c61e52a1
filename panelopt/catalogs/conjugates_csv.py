"""Conjugates of several catalogs as one CSV file, which can be used as a catalog again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from panelopt.catalogs.rows import COLUMNS, INVENTORY_COLUMNS
from panelopt.domain.reagents import Conjugate
from panelopt.io.csv_table import number_text, write_table


def conjugates_csv(conjugates: Iterable[Conjugate]) -> str:
    """Return CSV text with the columns of ``conjugates.csv``, and those of an inventory if there are lots.

    A product that several catalogs list appears once, as in the first of them. Unknown values are empty.
    """
    unique: dict[tuple[str, ...], Conjugate] = {}
    for conjugate in conjugates:
        unique.setdefault((*conjugate.product_id, conjugate.lot), conjugate)
    kept = tuple(unique.values())
    lots = any(getattr(conjugate, column) not in ("", None) for conjugate in kept for column in INVENTORY_COLUMNS)
    columns = (*COLUMNS, *INVENTORY_COLUMNS) if lots else COLUMNS
    return write_table(columns, (conjugate_cells(conjugate, columns) for conjugate in kept))


def conjugate_cells(conjugate: Conjugate, columns: Iterable[str]) -> dict[str, str]:
    """Return the cells of a conjugate by column."""
    return {name: cell_text(getattr(conjugate, name)) for name in columns}


def cell_text(value: str | float | bool | date | None) -> str:
    """Return a value as the text of a cell: numbers in their shortest exact form, unknown ones empty."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number_text(value) if isinstance(value, float) else "" if value is None else str(value)
