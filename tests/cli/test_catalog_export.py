"""``catalog export``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pyarrow.parquet
import pytest

from tests.cli.conftest import Run

ROWS = [
    "marker,clone,fluorochrome,vendor,catalog_number,price,currency,in_stock",
    "NGFR,ME20.4,BV421,Acme,A-1,100,EUR,yes",
    "CD271,ME20.4,PE,Acme,A-2,,,no",
    "CD146,P1H12,APC,=Evil(),A-3,5,EUR,",
    "CD45,HI30,FITC,Other,O-1,,,",
]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    file = tmp_path / "shop.csv"
    file.write_text("\n".join(ROWS) + "\n", encoding="utf-8")
    return file


def test_formats_by_suffix(run: Run, shop: Path, tmp_path: Path) -> None:
    for suffix in ("csv", "xlsx", "json", "parquet"):
        outcome = run("catalog", "export", shop, "-o", tmp_path / f"all.{suffix}")
        assert (outcome.exit_code, outcome.stdout) == (0, ""), outcome.stderr
        assert "(4 products)" in outcome.stderr
    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as file:
        numbers = [row["catalog_number"] for row in csv.DictReader(file)]
    assert numbers == ["O-1", "A-3", "A-1", "A-2"]
    listed = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert [entry["catalog_number"] for entry in listed] == numbers
    assert {entry["catalog"] for entry in listed} == {"shop"}
    assert "catalog_source" in listed[0]
    sheet = openpyxl.load_workbook(tmp_path / "all.xlsx").active
    header, *rows = sheet.iter_rows(values_only=True)
    assert [row[header.index("catalog_number")] for row in rows] == numbers
    assert [row[header.index("vendor")] for row in rows] == ["Other", "'=Evil()", "Acme", "Acme"]
    table = pyarrow.parquet.read_table(tmp_path / "all.parquet")
    assert table["catalog_number"].to_pylist() == numbers
    assert table["vendor"].to_pylist()[1] == "=Evil()"  # no spreadsheet


def test_filters_are_those_of_the_search(run: Run, shop: Path) -> None:
    def numbers(*words: str) -> list[str]:
        outcome = run("catalog", "export", shop, "-o", "-", *words)
        assert outcome.exit_code == 0, outcome.stderr
        return [row["catalog_number"] for row in csv.DictReader(io.StringIO(outcome.stdout))]

    assert numbers("--markers", "lngfr", "--markers", "CD45") == ["A-1", "A-2", "O-1"]
    assert numbers("--marker", "CD2*", "--dyes", "BV*") == ["A-1"]
    assert numbers("--vendor", "acme", "--in-stock") == ["A-1"]
    assert numbers("--clone", "hi30") == ["O-1"]
    nothing = run("catalog", "export", shop, "-o", "-", "--marker", "CD272")
    assert nothing.exit_code == 0
    assert len(nothing.stdout.splitlines()) == 1
    assert "no product of the catalogs fits marker 'CD272'" in nothing.stderr


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_an_export_comes_in_again(run: Run, shop: Path, tmp_path: Path, suffix: str) -> None:
    run("catalog", "export", shop, "-o", tmp_path / f"all.{suffix}")
    outcome = run("catalog", "import", tmp_path / f"all.{suffix}", "-o", tmp_path / "back", "-y")
    assert outcome.exit_code == 0, outcome.stderr
    again = json.loads(run("catalog", "search", "--catalog", tmp_path / "back", "--json").stdout)
    before = json.loads(run("catalog", "search", "--catalog", shop, "--json").stdout)
    for name in ("marker", "clone", "fluorochrome", "catalog_number", "price"):
        assert [entry[name] for entry in again] == [entry[name] for entry in before]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["-o", "x.foo"], 2, "Use .csv, .xlsx, .json or .parquet"),
        (["-o", "none"], 2, "names no known format"),
        (["-o", "-", "--format", "xlsx"], 2, "cannot go to stdout"),
        (["-o", "-", "--format", "parquet"], 2, "cannot go to stdout"),
        ([], 2, "--output"),
        (["-o", "no-such-folder/x.csv"], 1, "folder does not exist"),
        (["no-such-catalog", "-o", "x.csv"], 1, "no-such-catalog"),
    ],
)
def test_bad_input_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], code: int, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run("catalog", "export", *words)
    assert outcome.exit_code == code, outcome.stderr
    assert message in outcome.stderr
    assert outcome.stdout == ""
    assert "Traceback" not in outcome.stderr
    assert list(tmp_path.iterdir()) == []
