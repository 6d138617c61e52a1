"""Small hostile lists: no cell, header or record makes an import slow or large."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from panelopt.catalogs.importing import read_foreign, tables
from panelopt.catalogs.importing.files import limits, raw
from panelopt.catalogs.importing.files.raw import RawRow, checked, unique_names
from panelopt.catalogs.importing.files.reader import ReadOptions
from panelopt.catalogs.importing.packs import pack
from panelopt.catalogs.importing.prices import money
from panelopt.catalogs.importing.species import isotype_and_host
from panelopt.errors import InputError

SECONDS = 2.0
"""Processor time that none of these needs a tenth of; before their repair each needed minutes."""


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda: isotype_and_host("IgG" + " " * 1900 + "x\ny", tables()), id="isotype with blanks"),
        pytest.param(lambda: checked(RawRow(1, ("CD3", *[""] * 300_000)), 2), id="empty cells at the end"),
        pytest.param(lambda: unique_names(["a"] * 50_000), id="equal column names"),
        pytest.param(lambda: pack("1" * 30_000), id="size of digits"),
        pytest.param(lambda: money("1" + " " * 30_000 + "x1", ""), id="price with blanks"),
    ],
)
def test_time_grows_with_the_length_alone(work: Callable[[], object]) -> None:
    tables()
    before = time.process_time()
    work()
    assert time.process_time() - before < SECONDS


def test_equal_names_stay_apart() -> None:
    assert unique_names(["a", "a", "a (2)", "a"]) == ("a", "a (2)", "a (2) (2)", "a (3)")


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_cells_that_rows_do_not_have_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    path = tmp_path / f"x.{suffix}"
    names = ["marker", "fluorochrome", *(f"c{i}" for i in range(48))]
    if suffix == "csv":
        path.write_text(",".join(names) + "\n" + "CD3\n" * 30)
    else:
        path.write_text(json.dumps([dict.fromkeys(names, "1")] + [{}] * 30))
    assert len(read_foreign(path, ReadOptions()).columns) == 50
    monkeypatch.setattr(raw, "MAX_CELLS", 1000)
    with pytest.raises(InputError, match="1,000 cells"):
        read_foreign(path, ReadOptions())


def test_a_record_of_too_many_equal_keys_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("[{" + ",".join(['"a":0'] * 20_000) + "}]")
    before = time.process_time()
    with pytest.raises(InputError, match="columns"):
        read_foreign(path, ReadOptions())
    assert time.process_time() - before < SECONDS


def test_batches_of_feather_files_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow as pa
    from pyarrow import feather

    path = tmp_path / "x.feather"
    feather.write_feather(pa.table({"marker": ["CD3"], "fluorochrome": ["PE" * 5000]}), str(path))
    monkeypatch.setattr("panelopt.catalogs.importing.files.columnar.MAX_UNPACKED_BYTES", 5000)
    with pytest.raises(InputError, match="a batch unpacks to"):
        read_foreign(path, ReadOptions())


def test_rows_of_a_sheet_are_forgotten_once_seen(tmp_path: Path) -> None:
    from openpyxl import Workbook

    from panelopt.catalogs.importing.files.spreadsheet import _structure

    book, content = Workbook(), io.BytesIO()
    for row in (["marker", "fluorochrome"], ["CD3", "PE"], ["", "FITC"]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.active["C1"] = "=1+1"
    book.save(content)
    with zipfile.ZipFile(content) as archive:
        assert "xl/worksheets/sheet1.xml" in archive.namelist()

    class Sheet:
        _worksheet_path = "xl/worksheets/sheet1.xml"

    assert _structure(content.getvalue(), Sheet(), "x") == ([(0, 1, 2)], True)


def test_limits_leave_room_for_a_full_vendor_list() -> None:
    assert limits.MAX_CELLS >= 100_000 * 30
