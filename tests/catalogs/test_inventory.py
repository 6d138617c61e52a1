"""Inventories: lots, expiry and tests left, which other catalogs do not have."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from panelopt.catalogs.folder import read_catalog, write_catalog
from panelopt.errors import InputError

HEADER = "marker,fluorochrome,vendor,catalog_number,lot,expires,tests_left\n"


def inventory(folder: Path, *rows: str) -> Path:
    path = folder / "shelf.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_lots_are_read_and_written(tmp_path: Path) -> None:
    path = inventory(tmp_path, "CD45,FITC,V,1,A1,2026-01-31,12", "CD45,FITC,V,1,A2,,", "CD31,PE,V,2,=1+1,2027-02-01,0")
    catalog, remarks = read_catalog(path, inventory=True)
    assert remarks == ()
    assert [(c.lot, c.expires, c.tests_left) for c in catalog.conjugates] == [
        ("A1", date(2026, 1, 31), 12),
        ("A2", None, None),
        ("=1+1", date(2027, 2, 1), 0),
    ]
    write_catalog(catalog, tmp_path / "copy")
    again, _ = read_catalog(tmp_path / "copy", inventory=True)
    assert tuple(again.conjugates) == tuple(catalog.conjugates)
    assert "'=1+1" in (tmp_path / "copy" / "conjugates.csv").read_text(encoding="utf-8")


def test_only_inventories_have_lots(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_catalog(inventory(tmp_path, "CD45,FITC,V,1,A1,2026-01-31,12"))
    assert {finding.code for finding in error.value.findings} == {"unknown-column"}


@pytest.mark.parametrize("day", ["31.01.2026", "2026-1-31", "2026-02-30", "1700000000", "soon", "2026-01-31T10:00"])
def test_a_date_is_an_iso_date(tmp_path: Path, day: str) -> None:
    with pytest.raises(InputError) as error:
        read_catalog(inventory(tmp_path, f"CD45,FITC,V,1,A1,{day},", "CD31,PE,V,2,B,2026-01-31,-3"), inventory=True)
    places = [finding.where.removeprefix(str(tmp_path / "shelf.csv")) for finding in error.value.findings]
    assert places == [":2, column expires", ":3, column tests_left"]


def test_a_lot_is_listed_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_catalog(inventory(tmp_path, "CD45,FITC,V,1,A1,,", "CD45,FITC,V,1,A1,2026-01-31,"), inventory=True)
    assert [finding.code for finding in error.value.findings] == ["duplicate-product"]
