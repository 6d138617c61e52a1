"""Lots, expiry dates and tests left of inventories."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.catalogs.folder import read_catalog
from panelopt.catalogs.importing import import_table, read_foreign
from panelopt.catalogs.importing.files.map_file import ImportMap
from panelopt.catalogs.importing.files.reader import ReadOptions
from panelopt.catalogs.importing.lots import count_left, last_day
from panelopt.catalogs.writer import write_folder
from panelopt.domain.reagents import Catalog

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2068, 12, 31))

LIST = """Antigen,Fluorophore,Supplier,Cat,Lot No,Expiry,Tests left
CD146,PE,BioLegend,361006,B1,31.03.2027,80
CD146,PE,BioLegend,361006,B2,2027-06,12 tests
CD146,PE,BioLegend,361006,B2,2027-06,13
CD45,FITC,BD,555482,,03/04/2026,some
"""

MAP = {
    "columns": {
        "marker": "Antigen",
        "fluorochrome": "Fluorophore",
        "vendor": "Supplier",
        "catalog_number": "Cat",
        "lot": "Lot No",
        "expires": "Expiry",
        "tests_left": "Tests left",
    }
}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-31", date(2026, 3, 31)),
        ("2026-03-31 00:00:00", date(2026, 3, 31)),
        ("2026-03-31T00:00:00Z", date(2026, 3, 31)),
        ("31.3.2026", date(2026, 3, 31)),
        ("31-Mar-26", date(2026, 3, 31)),
        ("Mar 31, 2026", date(2026, 3, 31)),
        ("Exp. 31 March 2026", date(2026, 3, 31)),
        ("31/03/2026", date(2026, 3, 31)),
        ("03/31/2026", date(2026, 3, 31)),
        ("05/05/26", date(2026, 5, 5)),
        ("2028-02", date(2028, 2, 29)),
        ("02/2027", date(2027, 2, 28)),
        ("Feb 2027", date(2027, 2, 28)),
        ("03/04/2026", None),
        ("2026", None),
        ("31.02.2026", None),
        ("31/31/2026", None),
        ("opened", None),
        ("", None),
        ("9" * 5000, None),
    ],
)
def test_last_day(text: str, day: date | None) -> None:
    assert last_day(text) == day


@given(DAYS, st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%B %d, %Y", "%Y%m%d"]))
def test_days_come_back(day: date, form: str) -> None:
    assert last_day(day.strftime(form)) == day


@given(st.text(max_size=40))
def test_any_text_is_a_day_or_none(text: str) -> None:
    assert last_day(text) is None or isinstance(last_day(text), date)


@pytest.mark.parametrize(
    ("text", "count"), [("80", 80), ("80.0", 80), ("12 tests", 12), ("1,000", 1000), ("some", None), ("-3", None)]
)
def test_count_left(text: str, count: int | None) -> None:
    assert count_left(text) == count


def imported(folder: Path, *, inventory: bool) -> tuple[Catalog, dict[str, str]]:
    path = folder / "shelf.csv"
    path.write_text(LIST, encoding="utf-8")
    head = Catalog(name="shelf", inventory=inventory)
    result = import_table(read_foreign(path, ReadOptions()), ImportMap.model_validate(MAP), head)
    return result.catalog, result.files


def test_an_inventory_keeps_lots_apart(tmp_path: Path) -> None:
    catalog, files = imported(tmp_path, inventory=True)
    found = [(c.marker, c.lot, c.expires, c.tests_left, c.note) for c in catalog.conjugates]
    assert found == [
        ("CD146", "B1", date(2027, 3, 31), 80, ""),
        ("CD146", "B2", date(2027, 6, 30), 12, ""),
        ("CD45", "", None, None, "expires written 03/04/2026; tests_left written some"),
    ]
    assert "same product as line 3" in files["rejects.csv"]
    write_folder(tmp_path / "shelf", files)
    again, _ = read_catalog(tmp_path / "shelf", inventory=True)
    assert again.conjugates == catalog.conjugates


def test_another_catalog_has_no_lots(tmp_path: Path) -> None:
    catalog, files = imported(tmp_path, inventory=False)
    assert [(c.marker, c.lot, c.expires) for c in catalog.conjugates] == [("CD146", "", None), ("CD45", "", None)]
    assert "expires" not in files["conjugates.csv"]


@pytest.mark.parametrize(
    ("text", "left"),
    [("10,0", 10), ("10,00", 10), ("2,5", None), ("1,000", 1000), ("1,000.0", 1000), ("25 tests", 25), ("10.0", 10)],
)
def test_a_decimal_comma_adds_no_tests(text: str, left: int | None) -> None:
    assert count_left(text) == left


@pytest.mark.parametrize(
    ("text", "day"), [("202612", None), ("20261231", date(2026, 12, 31)), ("2026-12", date(2026, 12, 31))]
)
def test_a_month_without_a_day_is_no_second_of_january(text: str, day: date | None) -> None:
    assert last_day(text) == day
