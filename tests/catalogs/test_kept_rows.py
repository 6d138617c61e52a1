"""Kept rows of small catalogs: what the file says, and nothing that was kept otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from panelopt.catalogs import rows as catalog_rows
from panelopt.catalogs.cache import CatalogCache
from panelopt.catalogs.folder import read_catalog
from panelopt.catalogs.store import open_catalog
from panelopt.domain.name_table import NameTable
from panelopt.domain.reagents import Catalog
from panelopt.errors import Finding
from panelopt.io.kept_files import KeptFiles

NAMES: dict[str, Any] = {
    "marker_names": NameTable({"CD271": ("LNGFR",), "CD45": ()}),
    "fluorochrome_names": NameTable({"BV421": ("Brilliant Violet 421",), "PE": ()}),
}
TEXT = (
    "marker,fluorochrome,vendor,catalog_number,price,in_stock,note\n"
    'LNGFR,Brilliant Violet 421,A,2,10.5,yes,"two\nlines"\n'
    "CD45,PE,,3,,no,'=1+1\n"
    "CD45,Nobody,A,1,7,,\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "small"
    path.mkdir()
    (path / "catalog.toml").write_text('schema_version = 1\nname = "small"\nvendor = "House"\ncurrency = "EUR"\n')
    (path / "conjugates.csv").write_text(TEXT)
    return path


@pytest.fixture
def kept(tmp_path: Path) -> KeptFiles:
    return KeptFiles(tmp_path / "cache" / "parsed", ".json")


def opened(folder: Path, kept: KeptFiles, *markers: str) -> tuple[Catalog, tuple[Finding, ...]]:
    return open_catalog(folder, CatalogCache(folder / "none"), markers=markers, kept=kept, **NAMES)


def nothing_is_parsed(*_: object, **__: object) -> None:
    raise AssertionError


def test_kept_rows_are_those_of_the_reader(folder: Path, kept: KeptFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read_catalog(folder, **NAMES)
    assert expected[1]
    assert opened(folder, kept, "CD45", "CD271") == expected
    monkeypatch.setattr(catalog_rows, "parse_rows", nothing_is_parsed)
    assert opened(folder, kept, "CD45", "CD271") == expected
    catalog, remarks = opened(folder, kept, "CD271", "CD31")
    assert (catalog.rows, [c.fluorochrome for c in catalog.conjugates]) == (3, ["BV421"])
    assert remarks == expected[1]


def test_a_change_is_seen_although_the_size_stays(folder: Path, kept: KeptFiles) -> None:
    opened(folder, kept, "CD45")
    (folder / "conjugates.csv").write_text(TEXT.replace("A,1,7", "B,1,7"))
    assert {c.vendor for c in opened(folder, kept, "CD45")[0].conjugates} == {"House", "B"}


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"null", b"{}", b"[[], [], []]", b"[[1], []]", b"[[[]], []]", b"[[{}], []]", b"[[], [1]]"]
)
def test_rows_of_another_form_are_replaced(folder: Path, kept: KeptFiles, content: bytes) -> None:
    expected = opened(folder, kept, "CD45")
    (path,) = kept.folder.iterdir()
    kept.keep(path.name.split("-")[0], content)
    assert path not in kept.folder.iterdir()
    assert opened(folder, kept, "CD45") == expected
    assert [*kept.folder.iterdir()] == [path]
    assert len(json.loads(path.read_bytes())[0]) == 3


def test_a_folder_that_cannot_be_made_does_no_harm(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    catalog, remarks = opened(folder, KeptFiles(tmp_path / "file" / "parsed", ".json"), "CD45", "CD271")
    assert (catalog, remarks) == read_catalog(folder, **NAMES)
