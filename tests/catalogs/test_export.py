"""Catalogs as one table: the same products in every format, and no cell that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
from datetime import date

import openpyxl
import pyarrow.parquet
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from panelopt.catalogs import export as catalog_export
from panelopt.catalogs.export import export_columns, export_csv, export_parquet, export_xlsx
from panelopt.catalogs.rows import COLUMNS, INVENTORY_COLUMNS
from panelopt.domain.conjugate_search import Hit
from panelopt.domain.reagents import Conjugate
from panelopt.errors import PaneloptError
from panelopt.io.csv_table import plain_cell
from tests import builders, strategies

FORMULA = ("=", "+", "-", "@", "\t", "\r")
SOURCES = {"shop": "a list", "shelf": ""}


def hit(catalog: str = "shop", **changes: object) -> Hit:
    return Hit(builders.conjugate("CD45", "PE", **changes), catalog, catalog == "shelf", optics=True)


def sheet(content: bytes) -> list[dict[str, object]]:
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


def test_every_format_holds_the_same() -> None:
    hits = [
        hit(price=12.5, in_stock=True, clone="HI30"),
        hit(price=None, currency="", in_stock=None, catalog_number="x-2"),
        hit("shelf", lot="L-7", expires=date(2031, 2, 3), tests_left=0, price=None, currency=""),
    ]
    columns = export_columns(hits)
    assert columns == ("catalog", "catalog_source", *COLUMNS, *INVENTORY_COLUMNS)
    text = list(csv.DictReader(io.StringIO(export_csv(hits, SOURCES))))
    book, table = (
        sheet(export_xlsx(hits, SOURCES)),
        pyarrow.parquet.read_table(io.BytesIO(export_parquet(hits, SOURCES))),
    )
    assert tuple(text[0]) == tuple(book[0]) == tuple(table.column_names) == columns
    assert [row["catalog"] for row in text] == ["shop", "shop", "shelf"]
    assert [row["catalog_source"] for row in text] == ["a list", "a list", ""]
    assert [row["price"] for row in text] == ["12.5", "", ""]
    assert [row["price"] for row in book] == [12.5, None, None]
    assert table["price"].to_pylist() == [12.5, None, None]
    assert table["in_stock"].to_pylist() == [True, None, None]
    assert [row["in_stock"] for row in text] == ["yes", "", ""]
    assert table["expires"].to_pylist() == [None, None, date(2031, 2, 3)]
    assert [row["expires"] for row in text] == ["", "", "2031-02-03"]
    assert [row["tests_left"] for row in text] == ["", "", "0"]
    assert table["tests_left"].to_pylist() == [None, None, 0]
    for name in ("marker", "clone", "vendor", "catalog_number", "lot"):
        assert [row[name] for row in text] == [row[name] or "" for row in book]
        assert [row[name] for row in text] == [value or "" for value in table[name].to_pylist()]


def test_without_lots_there_are_no_columns_of_lots() -> None:
    assert export_columns([hit()]) == ("catalog", "catalog_source", *COLUMNS)
    assert export_csv([], {}).splitlines() == [",".join(("catalog", "catalog_source", *COLUMNS))]
    assert sheet(export_xlsx([], {})) == []
    assert pyarrow.parquet.read_table(io.BytesIO(export_parquet([], {}))).num_rows == 0


@given(strategies.hostile_texts, strategies.hostile_texts)
@example("=cmd|' /C calc'!A0", "@SUM(1)")
@example("\t=1", "x\r=1+1")
@example("\ufffe", "\ud800")
@example("'=1", "''")
@example("_x000D_=1", "_x0000_")
def test_no_cell_is_a_formula(name: str, source: str) -> None:
    conjugate = builders.conjugate("CD45", "PE").model_copy(update={"vendor": name, "note": source})
    hits = [Hit(conjugate, name, False, optics=True)]
    text = export_csv(hits, {name: source})
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert len(cells) == 2 * len(export_columns(hits))
    assert not any(cell.lstrip(" ").startswith(FORMULA) for cell in cells)
    book = openpyxl.load_workbook(io.BytesIO(export_xlsx(hits, {name: source})))
    for row in book.active.iter_rows():
        for cell in row:
            assert cell.data_type != "f"
            assert not (isinstance(cell.value, str) and cell.value.lstrip().startswith(FORMULA))


@given(st.lists(strategies.names, min_size=1, max_size=4))
def test_names_come_back(vendors: list[str]) -> None:
    hits = [Hit(Conjugate(marker="CD45", fluorochrome="PE", vendor=v), "shop", False, optics=True) for v in vendors]
    kept = [found.conjugate.vendor for found in hits]
    text = csv.DictReader(io.StringIO(export_csv(hits, SOURCES)))
    assert [plain_cell(row["vendor"]) for row in text] == [plain_cell(name) if name else "" for name in kept]


def test_more_products_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_export, "MAX_SHEET_ROWS", 3)
    assert len(sheet(export_xlsx([hit(), hit()], SOURCES))) == 2
    with pytest.raises(PaneloptError, match="3 products do not fit") as caught:
        export_xlsx([hit(), hit(), hit()], SOURCES)
    assert ".parquet" in caught.value.hint
