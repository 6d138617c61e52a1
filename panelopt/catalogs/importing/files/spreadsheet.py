"""Sheets of XLSX files as rows of text. Formulas are never evaluated; the file is checked before it is opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from zlib import error as ZlibError  # noqa: N812

from panelopt.catalogs.importing.files.limits import (
    MAX_COLUMNS,
    MAX_MERGED_CELLS,
    MAX_PACKING_RATIO,
    MAX_PARTS,
    MAX_ROWS,
    MAX_UNPACKED_BYTES,
)
from panelopt.catalogs.importing.files.raw import RawRow, check_width, checked, too_many_rows
from panelopt.errors import InputError, input_error

_SMALL = 1_000_000
"""Parts that unpack to less may have any packing ratio (bytes)."""

_CHUNK = 1_000_000


def read_sheet(data: bytes, where: str, sheet: str = "") -> tuple[list[RawRow], str, tuple[str, ...]]:
    """Read one sheet.

    Merged cells that span rows give their value to each of the rows. A cell with a formula gives the value that the
    spreadsheet stored, or the text of the formula where it stored none.

    Args:
        data: The file.
        where: File name for messages.
        sheet: Name of the sheet; empty for the only one, or the first that is filled.

    Returns:
        The rows, the name of the sheet, and remarks.

    Raises:
        InputError: if the file is too large, damaged, or has no such sheet.
    """
    _check_parts(data, where)
    try:
        return _read(data, where, sheet)
    except InputError:
        raise
    except Exception as error:
        if isinstance(error, MemoryError):
            raise
        message = f"the spreadsheet cannot be read: {type(error).__name__}: {str(error)[:200]}"
        raise input_error("bad-spreadsheet", message, where=where, hint="Save it again, or as CSV (UTF-8).") from None


def _check_parts(data: bytes, where: str) -> None:
    hint = "Save the list as CSV (UTF-8)."
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise input_error("spreadsheet-size", f"the file has {len(parts):,} parts", where=where, hint=hint)
            total = sum(part.file_size for part in parts)
            if total > MAX_UNPACKED_BYTES:
                message = f"the file unpacks to {total:,} bytes, more than {MAX_UNPACKED_BYTES:,}"
                raise input_error("spreadsheet-size", message, where=where, hint=hint)
            for part in parts:
                place = f"{where}: {part.filename}"
                if part.file_size > max(_SMALL, MAX_PACKING_RATIO * part.compress_size):
                    message = f"this part unpacks to {part.file_size:,} bytes from {part.compress_size:,}"
                    raise input_error("spreadsheet-size", message, where=place, hint=hint)
                if part.filename.endswith((".xml", ".rels")) and _has_definitions(archive, part):
                    message = "this part defines XML entities, which no spreadsheet needs"
                    raise input_error("xml-entities", message, where=place, hint=hint)
            if "xl/workbook.xml" not in archive.namelist():
                message = "this is an archive, but not an XLSX spreadsheet"
                raise input_error("not-a-spreadsheet", message, where=where, hint=hint)
    except (zipfile.BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        message = f"the spreadsheet is damaged or protected: {str(error)[:200]}"
        raise input_error("bad-spreadsheet", message, where=where, hint=hint) from None


def _has_definitions(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    tail = b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            text = (tail + chunk).replace(b"\x00", b"")  # also where it is written in UTF-16
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                return True
            tail = chunk[-32:]
    return False


def _read(data: bytes, where: str, sheet: str) -> tuple[list[RawRow], str, tuple[str, ...]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        name, remarks = _chosen(book, sheet, where)
        merged, formulas = _structure(data, book[name], where)
        rows = _rows(book[name], f"{where}, sheet {name}")
    finally:
        book.close()
    if formulas:
        rows, missing = _with_formulas(data, name, rows)
        if missing:
            remarks += (f"{missing} cells hold formulas without a stored value; their text was taken",)
    filled = _filled_down(rows, merged)
    while filled and filled[-1].empty:
        filled.pop()
    return [checked(row) for row in filled], name, remarks


def _chosen(book: Any, sheet: str, where: str) -> tuple[str, tuple[str, ...]]:
    names = [s.title for s in book.worksheets]
    if not names:
        raise input_error("no-sheet", "the spreadsheet has no sheet with cells", where=where)
    known = ", ".join(names)
    if sheet:
        if sheet not in names:
            hint = f"Sheets: {known}."
            raise input_error("no-sheet", f"there is no sheet called {sheet!r}", where=where, hint=hint)
        return sheet, ()
    shown = [s.title for s in book.worksheets if s.sheet_state == "visible"] or names
    for name in shown:
        if any(any(v is not None for v in row) for row in book[name].iter_rows(max_row=100, values_only=True)):
            rest = [other for other in names if other != name]
            remark = f"sheet {name} was taken; not read: {', '.join(rest)} (choose with --sheet)"
            return name, (remark,) if rest else ()
    return shown[0], ()


def _rows(worksheet: Any, where: str) -> list[RawRow]:
    rows: list[RawRow] = []
    for number, values in enumerate(worksheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1), 1):
        if number > MAX_ROWS + 1000:
            raise too_many_rows(where)
        cells = list(map(_text, values))
        while cells and not cells[-1]:
            cells.pop()
        check_width(len(cells), f"{where}, row {number}")
        rows.append(RawRow(number, tuple(cells)))
    return rows


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _with_formulas(data: bytes, sheet: str, rows: list[RawRow]) -> tuple[list[RawRow], int]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    missing, result = 0, []
    try:
        texts = book[sheet].iter_rows(values_only=True, max_col=MAX_COLUMNS + 1)
        for row, written in zip(rows, texts, strict=False):
            cells = list(row.cells)
            for column, value in enumerate(written):
                if isinstance(value, str) and value.startswith("="):
                    cells += [""] * (column + 1 - len(cells))
                    if not cells[column]:
                        cells[column], missing = value, missing + 1
            result.append(RawRow(row.line, tuple(cells)))
    finally:
        book.close()
    return result, missing


def _structure(data: bytes, worksheet: Any, where: str) -> tuple[list[tuple[int, int, int]], bool]:
    """Return merged ranges that span rows as (column, first row, last row), from 0, and whether there are formulas.

    The read-only mode of openpyxl does not offer the merged cells, so the part of the sheet is read here.
    """
    from defusedxml.ElementTree import iterparse
    from openpyxl.utils.cell import range_boundaries

    merged: list[tuple[int, int, int]] = []
    formulas, cells = False, 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(worksheet._worksheet_path) as file:
        rows = None
        for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
            tag = element.tag.rpartition("}")[2]
            if event == "start":
                rows = element if tag == "sheetData" else rows
            elif tag == "f":
                formulas = True
            elif tag == "mergeCell":
                left, top, _, bottom = (int(edge or 0) for edge in range_boundaries(element.get("ref", "")))
                cells += bottom - top + 1
                if bottom > top:
                    merged.append((left - 1, top - 1, bottom - 1))
            elif tag == "row" and rows is not None:
                rows.clear()
            if cells > MAX_MERGED_CELLS:
                raise input_error("merged-cells", f"more than {MAX_MERGED_CELLS:,} merged cells", where=where)
    return merged, formulas


def _filled_down(rows: list[RawRow], merged: Iterable[tuple[int, int, int]]) -> list[RawRow]:
    table = [list(row.cells) for row in rows]
    for column, first, last in merged:
        if first >= len(table) or column >= len(table[first]):
            continue
        value = table[first][column]
        for cells in _covered(table, first + 1, last):
            cells += [""] * (column + 1 - len(cells))
            cells[column] = cells[column] or value
    return [RawRow(row.line, tuple(cells)) for row, cells in zip(rows, table, strict=True)]


def _covered(table: list[list[str]], first: int, last: int) -> Iterator[list[str]]:
    # an empty row below a merged title is no product
    yield from (cells for cells in table[first : last + 1] if any(cells))
