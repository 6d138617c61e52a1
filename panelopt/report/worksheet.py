"""Writes worksheets: cells of text that are never formulas, tables one below the other, pages that print well."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from openpyxl.cell.cell import TYPE_STRING, Cell, MergedCell
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from panelopt.report.safe_text import plain
from panelopt.report.sheet import Column, Sheet, Value

MAX_CELL = 32_767
"""Maximum length of a spreadsheet cell; longer texts are cut."""

PLAIN, BOLD, ITALIC, TITLE = (
    Font(name="Calibri", size=size, bold=bold, italic=italic)
    for size, bold, italic in ((11, False, False), (11, True, False), (11, False, True), (14, True, False))
)
GREY = PatternFill("solid", fgColor="E3E7ED")
TEXT = Alignment(horizontal="left", vertical="top", wrap_text=True)
NUMBER = Alignment(horizontal="right", vertical="top", indent=1)
_THIN = Side(style="thin", color="9AA3AF")
LINE = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)

_FORMATS = {"percent": "0.0##%", "count": "#,##0"}
_LARGE = 100  # from here on, decimals of a matrix say nothing
_FORMULA_STARTS = ("=", "+", "-", "@")
_NARROWEST, _WIDEST = 9, 44
_PAGE = 190  # characters across a landscape page of A4 that is still read without a lens
_SCALE = {"start_type": "min", "start_color": "FFFFFF", "end_type": "max", "end_color": "F0A848"}
_SCALE_BY_LOG = {**_SCALE, "mid_type": "percentile", "mid_value": 50, "mid_color": "FCE9C8"}
_A4 = 9
_LINE_PT = 15.0  # height of a line of the default font, points


def write(cell: Cell | MergedCell, text: str, font: Font | None = None) -> Cell | MergedCell:
    """Write a text that no spreadsheet interprets as a formula, even after editing."""
    if font is not None:
        cell.font = font
    clean = plain(text)[:MAX_CELL]
    if not clean:
        return cell
    cell.value = clean
    cell.data_type = TYPE_STRING
    if clean.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True
    return cell


def write_across(page: Worksheet, row: int, text: str, widths: Sequence[float], font: Font) -> None:
    """Write a sentence across columns of given widths (characters), wrapped, in a row that is high enough."""
    write(page.cell(row, 1), text, font).alignment = Alignment(wrap_text=True, vertical="top")
    if len(widths) > 1:
        page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(widths))
    set_height(page, row, [(text, sum(widths))], font.size or 11)


def set_height(page: Worksheet, row: int, cells: Iterable[tuple[str, float]], size_pt: float = 11) -> None:
    """Make a row high enough for wrapped texts in columns of given widths (characters); not every program does."""
    lines = max((_lines(text, width * 11 / size_pt) for text, width in cells), default=1)
    page.row_dimensions[row].height = _LINE_PT * lines * size_pt / 11


def _lines(text: str, width: float) -> int:
    return max(len(textwrap.wrap(plain(text), max(int(width), 1))), 1)


def set_widths(page: Worksheet, widths: Sequence[float]) -> None:
    """Set the widths of the columns, in characters."""
    for number, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(number)].width = width


def print_on_one_width(page: Worksheet) -> None:
    """Print a worksheet one page wide, landscape on A4, with its name and the page numbers below."""
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", _A4
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top, page.page_margins.bottom = 0.5, 0.8
    page.oddFooter = HeaderFooterItem(left=_HeaderFooterPart("&A"), right=_HeaderFooterPart("&P of &N"))


def fill(page: Worksheet, tables: Iterable[Sheet]) -> None:
    """Write tables one below the other, each with caption, note and titles."""
    tables = tuple(tables)
    widths = _widths(tables)
    set_widths(page, widths)
    row = 1
    for one in tables:
        row = _table(page, row, one, widths) + 2
    page.freeze_panes = f"{get_column_letter(min(one.heads for one in tables) + 1)}1"
    print_on_one_width(page)


def _widths(tables: Sequence[Sheet]) -> list[float]:
    """Return the widths of the columns that all tables share; the widest ones give way until a page holds all."""
    total = max(len(one.columns) for one in tables)
    widths = [float(_NARROWEST)] * total
    for one in tables:
        for index, column in enumerate(one.columns):
            words = max(map(len, column.title.split()), default=0)  # titles are wrapped between words
            longest = max((len(column.shown(row[index])) for row in one.rows), default=0)
            if _reaches_over(one, index, total):
                longest = 0
            widths[index] = min(max(widths[index], 1.1 * longest + 2, 1.1 * words + 2), _WIDEST)
    limit = float(_WIDEST)
    while sum(widths) > _PAGE and limit > 2 * _NARROWEST:
        limit -= 1
        widths = [min(width, limit) for width in widths]
    return widths


def _reaches_over(one: Sheet, index: int, total: int) -> bool:
    """Whether a column of sentences is the last of its table and may use the columns to its right."""
    return index == len(one.columns) - 1 < total - 1 and one.is_long(index)


def _table(page: Worksheet, row: int, one: Sheet, widths: Sequence[float]) -> int:
    """Write a table; return its last row."""
    write(page.cell(row, 1), one.caption, BOLD)
    if one.note:
        row += 1
        write_across(page, row, one.note, widths, ITALIC)
    last = len(one.columns)
    own = list(widths[:last])
    if reaches := _reaches_over(one, last - 1, len(widths)):
        own[-1] = sum(widths[last - 1 :])
    row += 1
    write_titles(page, row, [column.title for column in one.columns], own)
    first, end = row + 1, row + len(one.rows)
    for row, cells in enumerate(one.rows, start=first):
        for number, (column, value) in enumerate(zip(one.columns, cells, strict=True), start=1):
            _value(page.cell(row, number), column, value)
        set_height(page, row, [(x, width) for x, width in zip(cells, own, strict=True) if isinstance(x, str)])
    for row in range(first - 1, end + 1) if reaches else ():
        page.merge_cells(start_row=row, end_row=row, start_column=last, end_column=len(widths))
    if one.is_matrix and one.rows:
        scale = _SCALE_BY_LOG if one.by_log else _SCALE
        rule = ColorScaleRule(**scale)  # type: ignore[no-untyped-call]
        page.conditional_formatting.add(
            f"{get_column_letter(one.heads + 1)}{first}:{get_column_letter(last)}{end}", rule
        )
    return end


def write_titles(page: Worksheet, row: int, titles: Sequence[str], widths: Sequence[float]) -> None:
    """Write the titles of columns."""
    for number, title in enumerate(titles, start=1):
        cell = write(page.cell(row, number), title, BOLD)
        cell.fill, cell.border, cell.alignment = GREY, LINE, Alignment(wrap_text=True, vertical="bottom")
    set_height(page, row, zip(titles, widths, strict=False))


def _value(cell: Cell | MergedCell, column: Column, value: Value) -> None:
    cell.border, cell.alignment = LINE, TEXT if isinstance(value, str) else NUMBER
    if isinstance(value, str):
        write(cell, value)
    elif value is not None:
        cell.value = value
        cell.number_format = _format(column, value)


def _format(column: Column, value: float) -> str:
    if column.kind == "matrix":
        return "#,##0" if abs(value) >= _LARGE else "0.00"
    return _FORMATS.get(column.kind) or ("0" if column.digits == 0 else f"0.{'0' * column.digits}")
