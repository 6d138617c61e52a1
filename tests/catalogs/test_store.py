"""The store of compiled catalogs: what is in it is what the files say, whatever happens to either."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from panelopt.catalogs import store as catalog_store
from panelopt.catalogs.cache import CatalogCache
from panelopt.catalogs.folder import read_catalog
from panelopt.catalogs.parquet import StoredConjugates
from panelopt.catalogs.store import open_catalog
from panelopt.domain.conjugate_table import ConjugateTable, ListedConjugates, table_of
from panelopt.domain.name_table import NameTable
from panelopt.domain.reagents import PRODUCT_ID, Catalog, Conjugate
from panelopt.errors import Finding, InputError
from panelopt.io import atomic, kept_files

DYES = NameTable({"BV421": ("Brilliant Violet 421",), "PE": (), "APC": ()})
MARKERS = NameTable({"CD271": ("LNGFR",), "CD45": ()})
NAMES: dict[str, Any] = {"marker_names": MARKERS, "fluorochrome_names": DYES}
TEXT = (
    "marker,fluorochrome,vendor,catalog_number,price,in_stock,note\n"
    'LNGFR,Brilliant Violet 421,A,2,10,yes,"two\nlines"\n'
    "CD45,PE,A,3,,no,\n"
    "CD45,PE,A,10,5,,'=1+1\n"
    "XYZ9,Nobody,A,1,7.5,,\n"
)
MANIFEST = 'schema_version = 1\nname = "big"\nvendor = "House"\ncurrency = "EUR"\n'
Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_store, "SMALL_BYTES", 0)


@pytest.fixture
def kept(tmp_path: Path) -> CatalogCache:
    return CatalogCache(tmp_path / "cache" / "catalogs")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "big"
    path.mkdir()
    (path / "catalog.toml").write_text(MANIFEST)
    (path / "conjugates.csv").write_text(TEXT)
    return path


def opened(folder: Path, cache: CatalogCache, **options: Any) -> tuple[Catalog, tuple[Finding, ...]]:
    return open_catalog(folder, cache, **NAMES, **options)


def entries(cache: CatalogCache) -> list[Path]:
    return sorted(cache.folder.iterdir()) if cache.folder.exists() else []


def numbers(catalog: Catalog) -> set[str]:
    return {conjugate.catalog_number for conjugate in catalog.conjugates}


def never(*_: object, **__: object) -> None:
    pytest.fail("was compiled again")


def test_store_and_reader_agree(folder: Path, kept: CatalogCache) -> None:
    expected, remarks = read_catalog(folder, **NAMES)
    for _ in range(2):
        catalog, found = opened(folder, kept)
        assert found == remarks
        assert set(catalog.conjugates) == set(expected.conjugates)
        head = {"exclude": {"conjugates"}}
        assert catalog.model_dump(**head) == expected.model_dump(**head)
    assert len(entries(kept)) == 1


def test_second_opening_compiles_nothing(folder: Path, kept: CatalogCache, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(folder, kept)
    monkeypatch.setattr("panelopt.catalogs.columns.parse_columns", never)
    monkeypatch.setattr("panelopt.catalogs.compiling.RowReader", never)
    assert numbers(opened(folder, kept)[0]) == {"1", "2", "3", "10"}


def test_only_the_markers_that_are_asked_for(folder: Path, kept: CatalogCache) -> None:
    for _ in range(2):
        catalog, _ = opened(folder, kept, markers={"CD45", "CD271", "nothing"})
        assert (catalog.rows, len(catalog.conjugates), numbers(catalog)) == (4, 3, {"2", "3", "10"})
    table = opened(folder, kept, markers=())[0].conjugates
    assert isinstance(table, ConjugateTable)
    assert len(list(table)) == len(table.column("marker").code) == len(table.price()) == 0


def test_small_files_are_read_row_by_row(folder: Path, kept: CatalogCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_store, "SMALL_BYTES", 1_000_000)
    catalog, _ = opened(folder, kept, markers={"CD45"})
    assert (catalog.rows, numbers(catalog)) == (4, {"3", "10"})
    assert not entries(kept)


def test_table_is_a_sequence_in_the_order_of_products(folder: Path, kept: CatalogCache) -> None:
    table = opened(folder, kept)[0].conjugates
    assert isinstance(table, ConjugateTable)
    assert [c.catalog_number for c in table] == ["2", "10", "3", "1"]  # text, not numbers
    assert table[-1] == table[3] == table[2:][1]
    assert table[0].note == "two\nlines"
    assert table[1].note == "=1+1"
    with pytest.raises(IndexError):
        table[4]
    stock = table.column("in_stock")
    assert [stock.values[code] for code in stock.code] == [True, None, False, None]
    assert [table.column(name).values[0] for name in ("lot", "tests_left")] == ["", None]
    assert table.price().tolist()[:2] == [10.0, 5.0]


def test_faults_are_those_of_the_reader(folder: Path, kept: CatalogCache) -> None:
    (folder / "conjugates.csv").write_text(TEXT + "CD45,,A,5,cheap,,\nCD45,PE\n")
    with pytest.raises(InputError) as expected:
        read_catalog(folder, **NAMES)
    with pytest.raises(InputError) as found:
        opened(folder, kept)
    assert found.value.findings == expected.value.findings
    assert len(found.value.findings) == 3
    assert not entries(kept)


def test_unusual_but_valid_files_are_kept_too(
    folder: Path, kept: CatalogCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "conjugates.csv").write_text(TEXT.replace("two\nlines", 'x""y').replace("'=1+1", '5" tube'))
    expected, remarks = read_catalog(folder, **NAMES)
    opened(folder, kept)
    monkeypatch.setattr("panelopt.catalogs.compiling.RowReader", never)
    catalog, found = opened(folder, kept)
    assert (set(catalog.conjugates), found) == (set(expected.conjugates), remarks)
    assert '5" tube' in {conjugate.note for conjugate in catalog.conjugates}


def test_a_change_is_seen_although_size_and_time_stay(folder: Path, kept: CatalogCache) -> None:
    data = folder / "conjugates.csv"
    before = data.stat()
    opened(folder, kept)
    data.write_text(TEXT.replace(",A,2,", ",A,4,"))
    os.utime(data, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = data.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    assert numbers(opened(folder, kept)[0]) == {"1", "3", "4", "10"}


def test_what_rows_depend_on_is_part_of_the_key(folder: Path, kept: CatalogCache) -> None:
    opened(folder, kept)
    (folder / "catalog.toml").write_text(MANIFEST.replace("EUR", "CHF").replace("big", "other"))
    catalog, _ = opened(folder, kept)
    assert (catalog.name, {c.currency for c in catalog.conjugates if c.price is not None}) == ("other", {"CHF"})
    more = NameTable({**DYES.aliases, "Nobody 1": ("Nobody",)})
    catalog, remarks = open_catalog(folder, kept, marker_names=MARKERS, fluorochrome_names=more)
    assert "Nobody 1" in {c.fluorochrome for c in catalog.conjugates}
    assert not remarks


def test_another_version_is_ignored(folder: Path, kept: CatalogCache, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(folder, kept)
    for name, version in ((f"{catalog_store.__name__}.STORE_VERSION", 999), ("panelopt.__version__", "999")):
        count = len(entries(kept))
        monkeypatch.setattr(name, version)
        assert len(opened(folder, kept)[0].conjugates) == 4
        assert len(entries(kept)) == count + 1


@pytest.mark.parametrize("damage", ["cut", "empty", "garbage", "one bit", "link", "folder"])
def test_a_damaged_store_rebuilds_itself(folder: Path, kept: CatalogCache, tmp_path: Path, damage: str) -> None:
    opened(folder, kept)
    (path,) = entries(kept)
    content = path.read_bytes()
    if damage in ("link", "folder"):
        path.unlink()
        if damage == "folder":
            path.mkdir()
        else:
            (tmp_path / "elsewhere").write_bytes(content)
            path.symlink_to(tmp_path / "elsewhere")
    else:
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes({"cut": content[:-9], "empty": b"", "garbage": b"x" * 999, "one bit": flipped}[damage])
    catalog, remarks = opened(folder, kept)
    assert numbers(catalog) == {"1", "2", "3", "10"}
    if damage == "folder":
        assert remarks[-1].code == "no-cache"
    else:
        assert path.read_bytes() == content
        assert not path.is_symlink()


def test_stored_conjugates_travel(folder: Path, kept: CatalogCache) -> None:
    stored = opened(folder, kept, markers={"CD45"})[0].conjugates
    assert isinstance(stored, StoredConjugates)
    found = pickle.loads(pickle.dumps(stored))  # noqa: S301
    assert (list(found), found.total_rows, found.remarks) == (list(stored), 4, stored.remarks)


def test_what_is_no_compiled_catalog_is_replaced(folder: Path, kept: CatalogCache) -> None:
    opened(folder, kept)
    (path,) = entries(kept)
    content = path.read_bytes()
    assert kept.keep(path.name.split("-")[0], b"something else") is None
    assert path not in entries(kept)
    assert len(opened(folder, kept)[0].conjugates) == 4
    assert [entry.read_bytes() for entry in entries(kept)] == [content]
    with pytest.raises(ValueError, match="no compiled catalog"):
        StoredConjugates(b"something else")


def test_closed_folder_is_a_warning(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    catalog, remarks = opened(folder, CatalogCache(tmp_path / "file" / "catalogs"))
    assert numbers(catalog) == {"1", "2", "3", "10"}
    assert (remarks[-1].code, "PANELOPT_CACHE" in remarks[-1].hint) == ("no-cache", True)


def test_what_cannot_be_read_is_an_input_error(
    folder: Path, kept: CatalogCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", closed)
        patch.setattr(Path, "read_bytes", closed)
        with pytest.raises(InputError, match="Permission denied"):
            opened(folder / "conjugates.csv", kept)
    monkeypatch.setattr(catalog_store, "MAX_CSV_BYTES", 10)
    monkeypatch.setattr("panelopt.catalogs.folder.MAX_CSV_BYTES", 10)
    with pytest.raises(InputError, match="more than 10"):
        opened(folder, kept)


def test_full_disk_is_a_warning(folder: Path, kept: CatalogCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    catalog, remarks = opened(folder, kept)
    assert (len(catalog.conjugates), "no space left" in remarks[-1].message) == (4, True)
    assert not entries(kept)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_folder_of_everybody_is_not_trusted(folder: Path, kept: CatalogCache) -> None:
    opened(folder, kept)
    kept.folder.chmod(0o777)
    catalog, remarks = opened(folder, kept)
    assert (len(catalog.conjugates), "everybody" in remarks[-1].message) == (4, True)


def test_links_to_a_catalog_share_what_was_compiled(folder: Path, kept: CatalogCache, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    (tmp_path / "caches").symlink_to(tmp_path / "cache", target_is_directory=True)
    opened(folder, kept)
    catalog, remarks = opened(tmp_path / "link", CatalogCache(tmp_path / "caches" / "catalogs"))
    assert len(catalog.conjugates) == 4
    assert str(tmp_path / "link" / "conjugates.csv:6") in remarks[0].where
    assert len(entries(kept)) == 1


def test_old_entries_and_left_parts_go(kept: CatalogCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_files, "MAX_ENTRIES", 2)
    for number in range(4):
        kept.keep(f"key{number}", b"content")
        os.utime(next(kept.folder.glob(f"key{number}-*")), (number, number))
    for name, age in ((".a.part", 0), (".b.part", 10**9)):
        (kept.folder / name).touch()
        os.utime(kept.folder / name, (2 * 10**9 - age,) * 2)
    assert kept.find("key2") == b"content"  # used last
    kept.keep("key4", b"content")
    left = {path.name.split("-")[0] for path in entries(kept)}
    assert left == {".a.part", "key2", "key4"}


def test_several_processes_compile_at_once(folder: Path, kept: CatalogCache) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom tests.catalogs import test_store as t\n"
        "t.catalog_store.SMALL_BYTES = 0\n"
        "catalog, remarks = t.opened(Path(sys.argv[1]), t.CatalogCache(Path(sys.argv[2])))\n"
        "print(sorted(t.numbers(catalog)), [r.code for r in remarks])\n"
    )
    command = [sys.executable, "-c", code, str(folder), str(kept.folder)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    shown = {run.communicate(timeout=60)[0] for run in runs}
    assert shown == {"['1', '10', '2', '3'] ['unknown-fluorochrome']\n"}
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert len(entries(kept)) == 1


def test_conjugates_of_a_store_are_those_of_a_list(folder: Path, kept: CatalogCache) -> None:
    stored = opened(folder, kept)[0].conjugates
    assert isinstance(stored[0], Conjugate)
    assert Catalog(name="copy", conjugates=tuple(stored)).rows == 4


def test_empty_cells_are_told_without_their_texts(folder: Path, kept: CatalogCache) -> None:
    catalog, _ = opened(folder, kept)
    table = table_of(catalog.conjugates)
    assert isinstance(table, StoredConjugates)
    for field in ("catalog_number", "clone", "note", "expires"):
        known = [not getattr(conjugate, field) for conjugate in table]
        assert table.is_empty(field).tolist() == known
        assert ListedConjugates(table).is_empty(field).tolist() == known


def test_fields_are_told_without_making_conjugates(folder: Path, kept: CatalogCache) -> None:
    table = table_of(opened(folder, kept)[0].conjugates)
    assert isinstance(table, StoredConjugates)
    rows = np.array([3, 0, 1])
    for field in (*PRODUCT_ID, "price", "in_stock", "availability", "expires", "lot"):
        assert table.cells(field, rows) == [getattr(conjugate, field) for conjugate in table.take(rows)]
