"""Spreadsheets of reports: complete, typed, and without formulas."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from panelopt.domain.reagent_order import Order, VendorOrder
from panelopt.domain.result import Result
from panelopt.report.content import Report
from panelopt.report.order_page import TITLES
from panelopt.report.safe_text import plain
from panelopt.report.xlsx import comparison_xlsx, report_xlsx
from panelopt.reporting.result_comparison import comparison
from tests import strategies
from tests.reporting import examples as reporting
from tests.reporting.examples import HOSTILE


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def texts(book: Workbook) -> set[str]:
    return {str(c.value) for page in book.worksheets for row in page.iter_rows() for c in row if c.value is not None}


def has_no_formula(content: bytes) -> None:
    for page in opened(content).worksheets:
        for row in page.iter_rows():
            assert all(cell.data_type in ("s", "n") for cell in row)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in archive.read(name)
        assert not [name for name in archive.namelist() if "externalLink" in name or "vba" in name.lower()]


@pytest.fixture(scope="module")
def small() -> Report:
    return reporting.small_report()


def lines(page: Worksheet) -> list[tuple[object, ...]]:
    """Return the rows below the titles of the order list."""
    rows = list(page.iter_rows(values_only=True))
    return rows[rows.index(TITLES) + 1 :]


def ordered(small: Report, **changes: object) -> Worksheet:
    """Return the order list of a report in which three vendors, a delivery, stock and two currencies occur."""
    assert small.plan is not None
    first, second, third = small.plan.order.lines
    alpha = {"vendor": "Alpha", "size": "100", "unit": "tests", "currency": "EUR", "availability": "sourced"}
    order = Order(
        lines=(
            first.model_copy(update=alpha | {"packs": 3, "price": 210.5, "catalog_number": "00123"}),
            second.model_copy(update={"owned": True, "packs": 0, "tests_on_shelf": 20, "lots": ()}),
            third.model_copy(update=alpha | {"vendor": "alpha", "packs": None, "price": None} | changes),
            third.model_copy(update=alpha | {"vendor": "Beta", "packs": 2, "price": 40.0, "currency": "USD"}),
        ),
        vendors=(VendorOrder(vendor="Alpha", lines=2, packs=4, price=631.5, unknown_prices=1, shipping=25.0),),
        currency="EUR",
    )
    report = replace(small, plan=small.plan.model_copy(update={"order": order}))
    return opened(report_xlsx(report))["Order"]


def test_the_first_worksheet_is_the_order_list_then_panel_controls_and_matrices(small: Report) -> None:
    book = opened(report_xlsx(small))
    assert book.sheetnames[:4] == ["Order", "Panel", "Controls", "Matrices"]
    assert book.sheetnames[4:] == ["Purity", "Gates", "Sort", "Publication", "Sources"]
    captions = texts(book)
    for caption in ("Control tubes", "Gating tree of msc-pos", "Similarity of the spectra", "Inputs and their hashes"):
        assert caption in captions


def test_order_list_groups_by_vendor_with_totals(small: Report) -> None:
    page = ordered(small)
    assert lines(page) == [
        ("Alpha", "CD271 PE, clone clone-CD271, 100 tests", "00123", 3, 210.5, 631.5, "confirmed by a source", None),
        ("alpha", "CD45 FITC, clone clone-CD45, 100 tests", "CD45-FITC", 1, None, None, "confirmed by a source", None),
        ("Alpha", "Delivery", None, None, None, 25, None, None),
        ("Total Alpha", None, None, 4, None, 656.5, "1 without a price", None),
        ("Beta", "CD45 FITC, clone clone-CD45, 100 tests", "CD45-FITC", 2, 40, 80, "confirmed by a source", None),
        ("Total Beta", None, None, 2, None, 80, None, None),
        ("Total of all vendors", None, None, 6, None, 656.5, "1 without a price", None),
        ("Total of all vendors", None, None, None, None, 80, None, None),
        ("In stock: nothing to order", *[None] * 7),
        ("Testa", "CD146 BV421, clone clone-CD146", "CD146-BV421", 0, None, None, "in stock, 20 tests left", None),
    ]
    rows = {row[0].value: row for row in page.iter_rows()}
    assert rows["Beta"][5].number_format == '#,##0.00" USD"'
    assert rows["Total Alpha"][5].number_format == '#,##0.00" EUR"'


def test_unknown_cells_and_the_one_to_fill_are_yellow(small: Report) -> None:
    page = ordered(small, catalog_number="")
    yellow = {
        (row[0].value, TITLES[cell.column - 1])
        for row in page.iter_rows()
        for cell in row
        if cell.fill.fill_type and cell.fill.fgColor.rgb.endswith("FFF7CC")
    }
    filled = TITLES[-1]
    unknown = ("Catalog number", "Packs", "Price of a pack", "Price")
    assert yellow == {("Alpha", filled), ("Beta", filled), ("alpha", filled), *(("alpha", title) for title in unknown)}


def test_an_odd_currency_stays_out_of_the_number_format(small: Report) -> None:
    page = ordered(small, price=1.0, currency='";[Red]')
    assert {cell.number_format for row in page.iter_rows() for cell in row} == {
        "General", "0", "#,##0.00", '#,##0.00" EUR"', '#,##0.00" USD"',
    }  # fmt: skip


def test_a_panel_without_a_plan_is_ordered_by_the_pack(result: Result) -> None:
    page = opened(report_xlsx(Report(result)))["Order"]
    bought = [row for row in lines(page) if row[3] is not None and not str(row[0]).startswith("Total")]
    assert [row[3] for row in bought] == [1] * sum(len(slot.reagents or slot.markers) for slot in result.panel)


def test_every_worksheet_prints_one_page_wide(small: Report) -> None:
    for page in opened(report_xlsx(small)).worksheets:
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    titles = opened(report_xlsx(small))["Order"].print_title_rows
    assert titles is not None


def table(page: Worksheet, caption: str) -> list[list[Cell]]:
    """Return titles and rows of a table of a worksheet."""
    rows = list(page.iter_rows())
    start = next(i for i, row in enumerate(rows) if row[0].value == caption)
    end = next((i for i, row in enumerate(rows[start:], start) if row[0].value is None), len(rows))
    titles = next(i for i, row in enumerate(rows[start + 1 :], start + 1) if row[0].font.bold)
    return [[cell for cell in row if cell.value is not None] for row in rows[titles:end]]


def test_numbers_are_numbers(small: Report) -> None:
    titles, row, _other = table(opened(report_xlsx(small))["Purity"], "Purity and yield of each target")
    cells = {title.value: cell for title, cell in zip(titles, row, strict=False)}
    target = small.result.targets[0]
    assert cells["Purity %"].value == target.purity
    assert cells["Purity %"].number_format.endswith("%")
    assert cells["Yield %"].value == target.gate_yield


def test_matrix_is_that_of_the_optics(small: Report) -> None:
    _titles, *rows = table(opened(report_xlsx(small))["Matrices"], "Similarity of the spectra")
    values = [[cell.value for cell in row[1:]] for row in rows]
    assert small.optics is not None
    assert small.optics.similarity is not None
    assert np.array(values, dtype=float) == pytest.approx(small.optics.similarity.cosine, rel=1e-12)


def test_hostile_names_are_text() -> None:
    content = report_xlsx(reporting.hostile_report())
    has_no_formula(content)
    found = texts(opened(content))
    for name in HOSTILE:
        assert any(plain(name) in text for text in found)


def test_formula_like_texts_stay_texts_after_an_edit() -> None:
    book = opened(report_xlsx(reporting.hostile_report()))
    cells = [c for page in book.worksheets for row in page.iter_rows() for c in row if str(c.value).startswith("=")]
    assert cells
    assert all(cell.quotePrefix for cell in cells)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.results())
def test_any_name_is_text(result: Result) -> None:
    content = report_xlsx(Report(result))
    has_no_formula(content)
    assert len(opened(content).sheetnames) <= 10


def test_comparison_is_a_spreadsheet(result: Result) -> None:
    content = comparison_xlsx(comparison(result, result))
    has_no_formula(content)
    assert opened(content).sheetnames == ["Markers", "Score", "Targets", "Contaminants", "Gates"]
