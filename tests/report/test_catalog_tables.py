"""Catalogs as text and JSON."""

from __future__ import annotations

from pathlib import Path

from panelopt.domain.catalog_faults import CatalogFault, CheckedCatalog
from panelopt.report import catalog_tables
from tests import builders


def test_catalogs_text_counts_products_and_fits() -> None:
    text = catalog_tables.catalogs_text([(builders.catalog(origin="a/long/folder " * 12), "folder")])
    assert " 20 " in text
    assert max(map(len, text.splitlines())) <= 80


def test_catalog_json_tells_kind_and_place_without_products() -> None:
    listed = catalog_tables.catalog_json(builders.catalog(title="Tiny"), "plugin", Path("x"), synthetic=False)
    assert "conjugates" not in listed
    assert (listed["rows"], listed["kind"], listed["folder"], listed["description"]) == (20, "plugin", "x", "Tiny")


def test_check_text_has_every_fault_with_place_value_and_hint() -> None:
    fault = CatalogFault("bad-price", "it is no number", "Leave it empty.", "a.csv", 7, "price", "x" * 99 + "\x1b[31m")
    whole = CatalogFault("no-hash", "no hash", "", "catalog.toml", None, "sha256")
    text = catalog_tables.check_text(CheckedCatalog("mine", 1234, (fault,), (whole, whole)))
    assert text.startswith("mine: 1,234 products, 1 fault, 2 remarks\n")
    assert "fault: a.csv:7, column price: it is no number" in text
    assert "Hint: Leave it empty." in text
    assert "remark: catalog.toml: sha256: no hash" in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_check_json_has_line_column_and_value() -> None:
    fault = CatalogFault("bad-price", "it is no number", "", "a.csv", 7, "price", "x")
    (shown,) = catalog_tables.check_json(CheckedCatalog("mine", None, (fault,)))["faults"]
    assert (shown["where"], shown["line"], shown["column"], shown["value"]) == (
        "a.csv:7, column price",
        7,
        "price",
        "x",
    )
