"""Products of several catalogs as one table: CSV, XLSX, Parquet."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from panelopt.catalogs.conjugates_csv import cell_text
from panelopt.catalogs.rows import COLUMNS, INVENTORY_COLUMNS
from panelopt.domain.conjugate_search import Hit
from panelopt.errors import PaneloptError
from panelopt.io.csv_table import safe_cell, write_table

CATALOG_COLUMNS: tuple[str, ...] = ("catalog", "catalog_source")
"""Columns that say where a product is listed, before those of ``conjugates.csv``."""

MAX_SHEET_ROWS = 1_048_576
"""Rows of a sheet, its header included (limit of the XLSX format)."""

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Value = str | float | int | bool | date | None


def export_columns(hits: Sequence[Hit]) -> tuple[str, ...]:
    """Return the columns of a table of products; those of an inventory only where there are lots."""
    lots = any(getattr(hit.conjugate, name) not in ("", None) for hit in hits for name in INVENTORY_COLUMNS)
    return (*CATALOG_COLUMNS, *COLUMNS, *(INVENTORY_COLUMNS if lots else ()))


def export_csv(hits: Sequence[Hit], sources: Mapping[str, str]) -> str:
    """Return CSV text; unknown values are empty, formula-like cells are escaped.

    Args:
        hits: The products.
        sources: Source of each catalog, by name.
    """
    columns = export_columns(hits)
    rows = _rows(hits, sources, columns)
    return write_table(columns, ({c: cell_text(v) for c, v in zip(columns, row, strict=True)} for row in rows))


def export_xlsx(hits: Sequence[Hit], sources: Mapping[str, str]) -> bytes:
    """Return a workbook with one sheet; prices are numbers, formula-like cells are escaped text.

    Args:
        hits: The products.
        sources: Source of each catalog, by name.

    Raises:
        PaneloptError: if there are more products than a sheet has rows.
    """
    from openpyxl import Workbook

    if len(hits) >= MAX_SHEET_ROWS:
        message = f"{len(hits):,} products do not fit into a sheet of {MAX_SHEET_ROWS:,} rows"
        raise PaneloptError(message, hint="Write .csv or .parquet, or narrow the choice.")
    columns = export_columns(hits)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("conjugates")
    sheet.freeze_panes = "A2"
    sheet.append(columns)
    for row in _rows(hits, sources, columns):
        sheet.append([_cell(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def export_parquet(hits: Sequence[Hit], sources: Mapping[str, str]) -> bytes:
    """Return a Parquet file: text, price as double, in_stock as boolean, tests_left as integer, expires as date.

    Args:
        hits: The products.
        sources: Source of each catalog, by name.
    """
    import pyarrow as pa
    import pyarrow.parquet

    kinds = {"price": pa.float64(), "in_stock": pa.bool_(), "tests_left": pa.int64(), "expires": pa.date32()}
    columns = export_columns(hits)
    rows = list(_rows(hits, sources, columns))
    arrays = {
        name: pa.array([None if row[place] == "" else row[place] for row in rows], kinds.get(name, pa.string()))
        for place, name in enumerate(columns)
    }
    out = pa.BufferOutputStream()
    pyarrow.parquet.write_table(pa.table(arrays), out, compression="zstd")
    return bytes(out.getvalue())


def _rows(hits: Sequence[Hit], sources: Mapping[str, str], columns: Sequence[str]) -> Iterator[list[Value]]:
    for hit in hits:
        own = {"catalog": hit.catalog, "catalog_source": sources.get(hit.catalog, "")}
        yield [own[name] if name in own else getattr(hit.conjugate, name) for name in columns]


def _cell(value: Value) -> str | float | int | None:
    """Return the content of a spreadsheet cell; a text that begins like a formula would become one."""
    if isinstance(value, bool | date):
        return cell_text(value)
    if isinstance(value, str):
        return safe_cell(_NOT_IN_XML.sub("", value)) or None
    return value
