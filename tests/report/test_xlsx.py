"""Spreadsheets of reports: complete, typed, and without formulas."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from openpyxl import Workbook, load_workbook

from panelopt.domain.result import Result
from panelopt.report.content import Report
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


def test_order_list_and_panel_come_first(small: Report) -> None:
    book = opened(report_xlsx(small))
    assert book.sheetnames[:3] == ["order", "products", "panel"]
    for name in ("targets", "pairs", "noise", "spreading", "similarity", "tree-1", "controls", "provenance", "inputs"):
        assert name in book.sheetnames


def test_numbers_are_numbers(small: Report) -> None:
    page = opened(report_xlsx(small))["targets"]
    titles = [cell.value for cell in page[3]]
    row = [cell.value for cell in page[4]]
    target = small.result.targets[0]
    assert row[titles.index("Purity %")] == target.purity
    assert page.cell(4, titles.index("Purity %") + 1).number_format.endswith("%")
    assert row[titles.index("Yield %")] == target.gate_yield


def test_matrix_is_that_of_the_optics(small: Report) -> None:
    page = opened(report_xlsx(small))["similarity"]
    values = [[cell.value for cell in row[1:]] for row in page.iter_rows(min_row=4)]
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
    has_no_formula(report_xlsx(Report(result)))


def test_comparison_is_a_spreadsheet(result: Result) -> None:
    content = comparison_xlsx(comparison(result, result))
    has_no_formula(content)
    assert opened(content).sheetnames[0] == "markers"
