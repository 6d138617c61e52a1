"""Reports as spreadsheets: an order list for the purchaser, then a worksheet for each subject; no formulas."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from openpyxl import Workbook

from panelopt.domain.design_comparison import DesignComparison
from panelopt.report.comparison_text import change_sheets
from panelopt.report.content import Report
from panelopt.report.gate_settings import settings_sheet
from panelopt.report.matrix_sheets import noise_sheet, similarity_sheet, spreading_sheet
from panelopt.report.order_page import fill_order
from panelopt.report.picture_sheets import emission_sheet, plot_sheet
from panelopt.report.plan_sheets import plan_sheets, tree_sheet
from panelopt.report.publication_sheets import publication_sheets
from panelopt.report.result_sheets import (
    alternative_sheet,
    effort_sheet,
    gate_sheet,
    input_sheet,
    limit_sheet,
    origin_sheet,
    pair_sheet,
    panel_sheet,
    product_sheet,
    proof_sheet,
    target_sheet,
)
from panelopt.report.sheet import Sheet
from panelopt.report.worksheet import fill

_CONTROLS = ("controls", "fmo", "titration", "order")
"""Tables of a plan that the bench needs; the totals of the vendors are on the order list."""


def report_xlsx(report: Report) -> bytes:
    """Return a report as a spreadsheet: order list, panel, controls, matrices, and at most six further worksheets."""
    book = _empty()
    if report.result.panel:
        fill_order(book.create_sheet("Order"), report)
    _fill(book, _subjects(report))
    return _saved(book)


def comparison_xlsx(found: DesignComparison) -> bytes:
    """Return a comparison as a spreadsheet."""
    names = ("Markers", "Score", "Targets", "Contaminants", "Gates")
    book = _empty()
    _fill(book, zip(names, ([one] for one in change_sheets(found)), strict=True))
    return _saved(book)


def _subjects(report: Report) -> Iterator[tuple[str, Iterable[Sheet]]]:
    """Yield the name and the tables of each worksheet but the first."""
    result = report.result
    planned = {one.key: one for one in plan_sheets(report.plan)} if report.plan is not None else {}
    planned.pop("vendors", None)
    if result.panel:
        yield "Panel", (panel_sheet(result), product_sheet(result))
    yield "Controls", [planned.pop(key) for key in _CONTROLS if key in planned]
    yield "Matrices", _matrices(report)
    yield "Purity", (target_sheet(result), pair_sheet(result), proof_sheet(result), effort_sheet(result))
    yield "Gates", (gate_sheet(result), *_gating(report))
    yield "Sort", planned.values()
    if report.alternatives is not None:
        yield "Alternatives", [alternative_sheet(report.alternatives)]
    if result.panel:
        yield "Publication", publication_sheets(report)
    yield "Sources", (limit_sheet(report.limits), origin_sheet(report.origins), input_sheet(report.inputs))


def _matrices(report: Report) -> list[Sheet]:
    found = [noise_sheet(report.result)]
    if report.optics is not None:
        found += [spreading_sheet(report.optics), similarity_sheet(report.optics)]
        found.append(emission_sheet(report.optics, report.result))
    return [one for one in found if one is not None]


def _gating(report: Report) -> Iterator[Sheet]:
    if report.plan is not None:
        for number, tree in enumerate(report.plan.targets, start=1):
            yield tree_sheet(tree, f"tree-{number}")
            yield settings_sheet(report.plan, tree, f"settings-{number}")
    yield from (plot_sheet(one, f"cells-{number}") for number, one in enumerate(report.plots, start=1) if one.plots)


def _fill(book: Workbook, subjects: Iterable[tuple[str, Iterable[Sheet]]]) -> None:
    """Write a worksheet for each subject that has tables with rows."""
    for name, tables in subjects:
        if shown := [one for one in tables if one.rows]:
            fill(book.create_sheet(name), shown)
    if not book.worksheets:
        book.create_sheet("Empty")


def _empty() -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "panelopt"
    return book


def _saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
