"""Reports as spreadsheets: one worksheet per table; text cells are never formulas."""

from __future__ import annotations

import io
from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.cell.cell import TYPE_STRING, Cell, MergedCell
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from panelopt.domain.design_comparison import DesignComparison
from panelopt.report.comparison_text import change_sheets
from panelopt.report.content import Report
from panelopt.report.gate_settings import settings_sheet
from panelopt.report.picture_sheets import emission_sheet, plot_sheet
from panelopt.report.plan_sheets import plan_sheets, tree_sheet
from panelopt.report.publication_sheets import publication_sheets
from panelopt.report.result_sheets import (
    alternative_sheet,
    effort_sheet,
    gate_sheet,
    input_sheet,
    limit_sheet,
    noise_sheet,
    origin_sheet,
    pair_sheet,
    panel_sheet,
    product_sheet,
    proof_sheet,
    similarity_sheet,
    spreading_sheet,
    target_sheet,
)
from panelopt.report.safe_text import plain
from panelopt.report.sheet import Column, Sheet, Value

MAX_CELL = 32_767
"""Maximum length of a spreadsheet cell; longer texts are cut."""

_FORMATS = {"percent": "0.0##%", "count": "#,##0", "matrix": "0.00"}
_FORMULA_STARTS = ("=", "+", "-", "@")
_WIDEST = 60
_LOW, _HIGH = "1A386F", "FEE838"  # close to the ends of the page's colour scale
_HEAD = 3  # row of the column titles, below caption and note


def report_xlsx(report: Report) -> bytes:
    """Return a report as a spreadsheet: order list and panel first, then all other tables."""
    return _workbook(_tables(report))


def comparison_xlsx(found: DesignComparison) -> bytes:
    """Return a comparison as a spreadsheet."""
    return _workbook(change_sheets(found))


def _tables(report: Report) -> Iterable[Sheet]:
    result = report.result
    planned = {one.key: one for one in plan_sheets(report.plan)} if report.plan is not None else {}
    if "order" in planned:
        yield planned.pop("order")
    if result.panel:
        yield from (product_sheet(result), panel_sheet(result), *publication_sheets(report))
    yield from (target_sheet(result), pair_sheet(result), gate_sheet(result), proof_sheet(result), effort_sheet(result))
    matrices = [noise_sheet(result)]
    if report.optics is not None:
        matrices += [spreading_sheet(report.optics), similarity_sheet(report.optics)]
        yield emission_sheet(report.optics, result)
    yield from (one for one in matrices if one is not None)
    if report.plan is not None:
        for i, tree in enumerate(report.plan.targets, start=1):
            yield from (tree_sheet(tree, f"tree-{i}"), settings_sheet(report.plan, tree, f"settings-{i}"))
    yield from (plot_sheet(one, f"cells-{i}") for i, one in enumerate(report.plots, start=1) if one.plots)
    yield from planned.values()
    if report.alternatives is not None:
        yield alternative_sheet(report.alternatives)
    yield from (limit_sheet(report.limits), origin_sheet(report.origins), input_sheet(report.inputs))


def _workbook(sheets: Iterable[Sheet]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for one in sheets:
        _fill(book.create_sheet(one.key), one)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _fill(page: Worksheet, one: Sheet) -> None:
    _write(page.cell(1, 1), one.caption).font = Font(bold=True)
    if one.note:
        _write(page.cell(2, 1), one.note).font = Font(italic=True)
    for number, column in enumerate(one.columns, start=1):
        title = _write(page.cell(_HEAD, number), column.title)
        title.font, title.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="bottom")
    for line, row in enumerate(one.rows, start=_HEAD + 1):
        for number, (column, value) in enumerate(zip(one.columns, row, strict=True), start=1):
            _value(page.cell(line, number), column, value)
    page.freeze_panes = f"{get_column_letter(one.heads + 1)}{_HEAD + 1}"
    end = f"{get_column_letter(len(one.columns))}{_HEAD + len(one.rows)}"
    if one.rows:
        page.auto_filter.ref = f"A{_HEAD}:{end}"
    if one.is_matrix and one.rows:
        scale = {"start_type": "min", "start_color": _LOW, "end_type": "max", "end_color": _HIGH}
        rule = ColorScaleRule(**scale)  # type: ignore[no-untyped-call]
        page.conditional_formatting.add(f"{get_column_letter(one.heads + 1)}{_HEAD + 1}:{end}", rule)
    for number, column in enumerate(one.columns, start=1):
        longest = max(len(column.shown(row[number - 1])) for row in ((None,) * len(one.columns), *one.rows))
        width = min(max(longest, len(column.title), 8) + 2, _WIDEST)
        page.column_dimensions[get_column_letter(number)].width = width


def _value(cell: Cell | MergedCell, column: Column, value: Value) -> None:
    if value is None:
        return
    if isinstance(value, str):
        _write(cell, value)
        return
    cell.value = value
    cell.number_format = _FORMATS.get(column.kind) or ("0" if column.digits == 0 else f"0.{'0' * column.digits}")


def _write(cell: Cell | MergedCell, text: str) -> Cell | MergedCell:
    """Write a text that no spreadsheet interprets as a formula, even after editing."""
    clean = plain(text)[:MAX_CELL]
    if not clean:
        return cell
    cell.value = clean
    cell.data_type = TYPE_STRING
    if clean.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True
    return cell
