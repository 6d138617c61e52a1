"""Cells of a catalog as they are written: what can be read, but should be looked at before others get the file."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from panelopt.catalogs.remarks import KnownNames
from panelopt.domain.catalog_faults import CatalogFault
from panelopt.domain.currencies import CURRENCY_CODES
from panelopt.errors import did_you_mean
from panelopt.io.csv_table import plain_cell

COUNTED = ("marker", "fluorochrome", "currency", "availability")
"""Columns whose cells are looked at whatever stands in them."""

_NAMES = ("marker", "clone", "fluorochrome", "vendor", "catalog_number", "lot")
_FORMULA_STARTS = ("=", "+", "-", "@")

Place = tuple[int, str]
"""Line and column."""


@dataclass(frozen=True, slots=True)
class NotableCell:
    """What stands in one or more cells of a column, as it is written, and the lines (the header is line 1)."""

    column: str
    text: str
    lines: list[int]


def notable_cells(content: bytes, places: Collection[Place] = ()) -> tuple[NotableCell, ...]:
    """Return cells of a CSV file, equal ones together, up to the first place where it is no CSV.

    Args:
        content: Content of the file, UTF-8.
        places: Cells that are wanted in any case.

    Returns:
        The filled cells of :data:`COUNTED` columns, those that one of the functions below may remark, and those wanted.
    """
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""), strict=True)
    lines: dict[tuple[str, str], list[int]] = {}
    try:
        header = [name.strip() for name in next(reader, [])]
        before = reader.line_num
        for record in reader:
            line, before = before + 1, reader.line_num
            if len(record) != len(header):
                continue  # their columns are not known; the reader reports them
            for column, cell in zip(header, record, strict=True):
                if column in COUNTED or _is_odd(column, cell) or (line, column) in places:
                    lines.setdefault((column, cell), []).append(line)
    except csv.Error:
        pass  # the reader reports it
    return tuple(NotableCell(column, cell, found) for (column, cell), found in lines.items() if cell.strip())


def _is_odd(column: str, cell: str) -> bool:
    return not cell.isprintable() or _is_formula(cell.strip()) or (column == "price" and _is_zero(cell))


def currency_faults(cells: Sequence[NotableCell], file: str) -> Iterator[CatalogFault]:
    """Yield the currencies that no country has."""
    for cell in cells:
        if cell.column == "currency" and (fault := currency_fault(plain_cell(cell.text), file)):
            yield from _on_each_line(fault, cell)


def currency_fault(code: str, file: str) -> CatalogFault | None:
    """Return what is wrong with a currency, if anything."""
    if not code or code in CURRENCY_CODES:
        return None
    hint = did_you_mean(code, sorted(CURRENCY_CODES)) or "Use a code of ISO 4217 such as USD."
    return CatalogFault(
        "unknown-currency", f"{code!r} is not a currency of ISO 4217", hint, file, None, "currency", code
    )


def unknown_names(cells: Sequence[NotableCell], column: str, names: KnownNames, file: str) -> Iterator[CatalogFault]:
    """Yield each spelling of a marker or a dye that is not known, with the line of its first row."""
    lines: dict[str, list[int]] = {}
    for cell in cells:
        if cell.column == column:
            lines.setdefault(plain_cell(cell.text), []).extend(cell.lines)
    for spelling, found in lines.items():
        if names.resolve(spelling) is None:
            rows = f"{len(found):,} row{'s' if len(found) > 1 else ''}"
            hint = names.suggest(spelling)
            if column == "marker":
                message = f"marker {spelling} is not in the table of names; {rows}"
                hint = hint or "It is used as it is written; a problem must write it in the same way."
            else:
                message = f"the optics of fluorochrome {spelling} are not known; {rows} cannot be used"
                hint = hint or "Add its optics with `panelopt dye import`."
            yield CatalogFault(f"unknown-{column}", message, hint, file, min(found), column, spelling)


def unprintable_faults(cells: Sequence[NotableCell], file: str, *, in_names: bool) -> Iterator[CatalogFault]:
    """Yield characters that no one sees: either those in names, where they do harm, or the others."""
    for cell in cells:
        if (cell.column in _NAMES) == in_names and not cell.text.isprintable() and (hidden := _hidden(cell.text)):
            signs = ", ".join(f"U+{ord(sign):04X}" for sign in hidden)
            message = f"the {cell.column} has characters that cannot be seen: {signs}"
            fault = CatalogFault(
                "unprintable", message, "Delete them.", file, None, cell.column, ascii(cell.text)[1:-1]
            )
            yield from _on_each_line(fault, cell)


def formula_remarks(cells: Sequence[NotableCell], file: str) -> Iterator[CatalogFault]:
    """Yield cells that a spreadsheet would run as formulas."""
    for cell in cells:
        text = cell.text.strip()
        if _is_formula(text):
            hint = "Put an apostrophe in front of it; panelopt takes it away when it reads the file."
            message = f"a spreadsheet takes the {cell.column} for a formula"
            yield from _on_each_line(CatalogFault("formula-like", message, hint, file, None, cell.column, text), cell)


def zero_prices(cells: Sequence[NotableCell], file: str) -> Iterator[CatalogFault]:
    """Yield prices of zero: often written for a price that is not known."""
    for cell in cells:
        if cell.column == "price" and _is_zero(cell.text):
            hint = "Leave it empty if it is not known."
            yield from _on_each_line(
                CatalogFault("zero-price", "the price is zero", hint, file, None, "price", cell.text), cell
            )


def _on_each_line(fault: CatalogFault, cell: NotableCell) -> Iterator[CatalogFault]:
    return (replace(fault, line=line) for line in cell.lines)


def _hidden(text: str) -> list[str]:
    # white space of other widths is printable enough: names are compared without it
    return sorted({sign for sign in text if not sign.isprintable() and unicodedata.category(sign) != "Zs"})


def _is_formula(text: str) -> bool:
    return text.startswith(_FORMULA_STARTS) and not _is_number(text)


def _is_zero(text: str) -> bool:
    return _is_number(text) and float(text) == 0


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
