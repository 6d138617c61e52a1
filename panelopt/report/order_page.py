"""The first worksheet of a report: the list that a purchaser orders from.

Totals are numbers, not formulas: a workbook that holds no formula at all can be checked for it, and programs that show
files from a mail without computing them show the totals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from panelopt.report.content import Report
from panelopt.report.purchase import Purchase, PurchaseLine, VendorPurchase, purchase
from panelopt.report.verdict import verdict
from panelopt.report.worksheet import (
    BOLD,
    GREY,
    ITALIC,
    LINE,
    NUMBER,
    PLAIN,
    TEXT,
    TITLE,
    print_on_one_width,
    set_height,
    set_widths,
    write,
    write_across,
    write_titles,
)

TITLES = (
    "Vendor", "Product", "Catalog number", "Packs", "Price of a pack", "Price", "Availability", "Ordered (date, name)",
)  # fmt: skip
"""Columns, the same in every workbook; the last one is to be filled in."""

_WIDTHS = (25, 40, 18, 8, 16, 16, 28, 24)
_UNWRAPPED = Alignment(vertical="top")  # the title of a total reaches over the empty cell beside it
_YELLOW = PatternFill("solid", fgColor="FFF7CC")
_VENDOR, _PRODUCT, _NUMBER, _PACKS, _EACH, _PRICE, _STATE, _FILLED = range(1, len(TITLES) + 1)

Cells = Mapping[int, str | float | None]
"""Values by column."""


def fill_order(page: Worksheet, report: Report) -> None:
    """Write the order list: a block for each vendor with its total, all vendors, and what is in stock."""
    found = purchase(report.result, report.plan.order if report.plan is not None else None)
    set_widths(page, _WIDTHS)
    head = _heading(page, report, found)
    row = head + 1
    for vendor in found.vendors:
        row = _vendor(page, row, vendor)
    if len(found.vendors) > 1:
        row = _all_vendors(page, row, found)
    if found.stock:
        _row(page, row, {_VENDOR: "In stock: nothing to order"}, font=BOLD, background=GREY)
        row += 1
    for line in found.stock:
        row = _line(page, row, line)
    page.freeze_panes = f"A{head + 1}"
    page.print_title_rows = f"{head}:{head}"
    print_on_one_width(page)


def _heading(page: Worksheet, report: Report, found: Purchase) -> int:
    """Write title, notes and column titles; return the row of the column titles."""
    row = 1
    write_across(page, row, f"Order list: {report.title}", _WIDTHS, TITLE)
    for text in _notes(report, found):
        row += 1
        write_across(page, row, text, _WIDTHS, ITALIC)
    row += 1
    write_titles(page, row, TITLES, _WIDTHS)
    return row


def _notes(report: Report, found: Purchase) -> list[str]:
    """Return what a purchaser must know before reading the list."""
    bought = [line for vendor in found.vendors for line in vendor.lines]
    notes = [
        f"To order: {len(bought)}; in stock: {len(found.stock)}. Instrument: {report.result.cytometer}.",
        "Yellow cells are unknown or to be filled in.",
    ]
    if report.result.conflicts:
        notes.append(f"Do not order yet. {verdict(report.result)}")
    if any(line.assumed for line in bought):
        notes.append("Yellow packs: the need or the size of a pack is unknown; one pack is assumed.")
    if any(line.price is None for line in bought):
        notes.append("Totals leave out the products without a price.")
    if any(line.price is not None for line in bought):
        notes.append("Totals are numbers, not formulas: add up again after a change.")
    return notes


def _vendor(page: Worksheet, row: int, vendor: VendorPurchase) -> int:
    """Write the block of a vendor; return the next free row."""
    for line in vendor.lines:
        row = _line(page, row, line)
    name = vendor.vendor or "unknown vendor"
    if vendor.delivery is not None:
        _row(
            page, row, {_VENDOR: vendor.vendor, _PRODUCT: "Delivery", _PRICE: vendor.delivery}, currency=vendor.currency
        )
        row += 1
    return _total(page, row, f"Total {name}", vendor.packs, vendor.totals, vendor.unpriced)


def _all_vendors(page: Worksheet, row: int, found: Purchase) -> int:
    totals: dict[str, float] = {}
    for vendor in found.vendors:
        for currency, price in vendor.totals.items():
            totals[currency] = totals.get(currency, 0.0) + price
    packs = sum(vendor.packs for vendor in found.vendors)
    return _total(page, row, "Total of all vendors", packs, totals, sum(vendor.unpriced for vendor in found.vendors))


def _total(page: Worksheet, row: int, title: str, packs: int, totals: Mapping[str, float], unpriced: int) -> int:
    """Write a total, a row for each currency; return the next free row."""
    missing = f"{unpriced} without a price" if unpriced else ""
    cells: Cells = {_VENDOR: title, _PACKS: packs, _STATE: missing}
    for currency in sorted(totals) or [""]:
        _row(page, row, {**cells, _PRICE: totals.get(currency)}, currency=currency, font=BOLD, background=GREY)
        cells = {_VENDOR: title}
        row += 1
    return row


def _line(page: Worksheet, row: int, line: PurchaseLine) -> int:
    price = line.price if line.packs else None
    cells: Cells = {
        _VENDOR: line.vendor, _PRODUCT: line.product, _NUMBER: line.catalog_number, _PACKS: line.packs, _EACH: price,
        _PRICE: None if price is None else line.packs * price, _STATE: line.availability,
    }  # fmt: skip
    _row(page, row, cells, currency=line.currency)
    set_height(page, row, [(x, _WIDTHS[column - 1]) for column, x in cells.items() if isinstance(x, str)])
    if line.packs:
        unknown = [column for column in (_VENDOR, _NUMBER, _EACH, _PRICE) if cells[column] in ("", None)]
        for column in (*unknown, *([_PACKS] if line.assumed else []), _FILLED):
            page.cell(row, column).fill = _YELLOW
    return row + 1


def _row(
    page: Worksheet,
    row: int,
    cells: Cells,
    *,
    currency: str = "",
    font: Font | None = None,
    background: PatternFill | None = None,
) -> None:
    for column in range(1, len(TITLES) + 1):
        cell, value = page.cell(row, column), cells.get(column)
        cell.border, cell.alignment = LINE, TEXT if isinstance(value, str) else NUMBER
        if background is not None:
            cell.fill = background
            cell.alignment = _UNWRAPPED if isinstance(value, str) else NUMBER
        if isinstance(value, str):
            write(cell, value, font)
        elif value is not None:
            cell.value = value
            cell.font = font or PLAIN
            cell.number_format = "0" if column == _PACKS else _price_format(currency)


def _price_format(currency: str) -> str:
    """Return a number format that names the currency; a code that is none stays out of the format."""
    return f'#,##0.00" {currency}"' if re.fullmatch(r"[A-Z]{3}", currency) else "#,##0.00"
