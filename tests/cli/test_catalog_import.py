"""``panelopt catalog import``: guess, confirm, write, count; broken files end with a message."""

from __future__ import annotations

import json
import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from panelopt.cli import catalog_import
from tests.cli.conftest import Run

LIST = "Antigen,Fluorophore,Cat\nCD73,PE,1\nCD90 (Thy-1),BV 421,2\nCD105,biotin,3\nCD73,PE,1\n,,\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="utf-8")
    stamp = datetime(2025, 3, 1, 12, tzinfo=UTC).timestamp()
    os.utime(path, (stamp, stamp))
    return path


def test_a_list_becomes_a_catalog_that_design_takes(run: Run, source: Path, tmp_path: Path) -> None:
    outcome = run("catalog", "import", source, "--yes", "-o", tmp_path / "mine")
    assert outcome.exit_code == 0, outcome.stderr
    assert "2 of 2 known (100.0 %)" in outcome.stdout
    manifest = tomllib.loads((tmp_path / "mine" / "catalog.toml").read_text(encoding="utf-8"))
    assert (manifest["name"], manifest["source"], manifest["retrieved"]) == ("mine", "file list.csv", "2025-03-01")
    assert (tmp_path / "mine" / "rejects.csv").read_text(encoding="utf-8").splitlines() == [
        "line,reason,Antigen,Fluorophore,Cat",
        "4,no fluorochrome: biotin (biotin),CD105,biotin,3",
        "5,duplicate of line 2,CD73,PE,1",
        "6,empty row,,,",
    ]
    checked = run("catalog", "check", tmp_path / "mine", "--json")
    assert checked.exit_code == 0, checked.stderr


def test_summary_as_json(run: Run, source: Path, tmp_path: Path) -> None:
    options = ("--yes", "--json", "--name", "lab", "--retrieved", "2026-01-31")
    summary = json.loads(run("catalog", "import", source, *options, "-o", tmp_path / "mine").stdout)
    assert summary["rows"] == summary["conjugates"] + summary["rejects"] == 5
    assert summary["rejected"] == {"duplicate": 1, "empty row": 1, "not a fluorochrome": 1}
    assert (summary["catalog"], summary["retrieved"]) == ("lab", "2026-01-31")


def test_without_a_terminal_the_guess_is_printed_and_can_be_used(run: Run, source: Path, tmp_path: Path) -> None:
    outcome = run("catalog", "import", source, "-o", tmp_path / "mine")
    assert outcome.exit_code == 2
    assert not (tmp_path / "mine").exists()
    assert "--map" in outcome.stderr
    columns = tomllib.loads(outcome.stdout)["columns"]
    assert columns == {"marker": "Antigen", "fluorochrome": "Fluorophore", "catalog_number": "Cat"}
    mapping = tmp_path / "map.toml"
    mapping.write_text(outcome.stdout, encoding="utf-8")
    assert run("catalog", "import", source, "--map", mapping, "-o", tmp_path / "mine").exit_code == 0


def test_the_mapping_can_be_written_alone(run: Run, source: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    outcome = run("catalog", "import", source, "--write-map", mapping)
    assert (outcome.exit_code, outcome.stdout) == (0, "")
    assert tomllib.loads(mapping.read_text(encoding="utf-8"))["columns"]["marker"] == "Antigen"


@pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 2)])
def test_on_a_terminal_the_guess_is_shown_and_asked(
    run: Run, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bool, code: int
) -> None:
    monkeypatch.setattr(catalog_import, "_on_terminal", lambda: True)

    def confirm(question: str, **options: object) -> bool:
        assert (question, options) == ("Import with these columns?", {"err": True})
        return answer

    monkeypatch.setattr(catalog_import.click, "confirm", confirm)
    outcome = run("catalog", "import", source, "-o", tmp_path / "mine")
    assert outcome.exit_code == code
    assert "Fluorophore: PE, BV 421" in outcome.stderr
    assert (tmp_path / "mine").exists() == answer


def test_a_folder_is_replaced_only_with_force(run: Run, source: Path, tmp_path: Path) -> None:
    words = ("catalog", "import", source, "--yes", "-o", tmp_path / "mine")
    assert run(*words).exit_code == 0
    outcome = run(*words)
    assert outcome.exit_code == 1
    assert "--force" in outcome.stderr
    assert run(*words, "--force").exit_code == 0
    outcome = run("catalog", "import", source, "--yes", "--force", "-o", tmp_path)
    assert outcome.exit_code == 1
    assert "other files" in outcome.stderr


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("-o", "x", "--separator", "ab"),
        ("-o", "x", "--separator", "a"),
        ("-o", "x", "--retrieved", "yesterday"),
        ("-o", "x", "--encoding", "nonsense"),
        ("-o", "x", "--sheet", "Sheet1"),
        ("-o", "x", "--header-line", "0"),
    ],
)
def test_wrong_usage(run: Run, source: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(source.parent)
    assert run("catalog", "import", source, "--yes", *words).exit_code == 2
    assert not Path("x").exists()


BROKEN = {
    "nul.csv": b"marker,dye\n" + b"\0" * 500 + b"\n",
    "noise.csv": bytes(range(256)) * 40,
    "one-column.csv": b"hello\nworld\n",
    "header-only.csv": b"marker,dye\n",
    "columns.csv": b"," * 9_999 + b"\nCD3,PE\n",
    "quotes.csv": b'"""' * 999,
    "deep.json": b'[{"marker":' * 5_000,
    "numbers.json": b"[1, 2, 3]",
    "text.json": b'"CD3 PE"',
    "fake.xlsx": b"PK\x03\x04 and nothing else",
    "fake.parquet": b"PAR1 and nothing else PAR1",
    "fake.feather": b"ARROW1 and nothing else",
    "control.csv": b"marker,dye\n\x1b[31mCD3,PE\n",
    "title.csv": b"\xef\xbb\xbfOur list\n\n\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_end_with_a_message_and_write_nothing(run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BROKEN[name])
    outcome = run("catalog", "import", path, "--yes", "-o", tmp_path / "out")
    assert outcome.exit_code == 1
    assert "Error: " in outcome.stderr
    assert "\x1b" not in outcome.stderr
    assert not (tmp_path / "out").exists()
    assert sorted(tmp_path.iterdir()) == [path]


def test_prices_that_can_be_read_two_ways_are_asked_for(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Antigen;Dye;Price\nCD3;PE;1.250 EUR\nCD4;PE;450\n", encoding="utf-8")
    outcome = run("catalog", "import", path, "--yes", "-o", tmp_path / "mine")
    assert (outcome.exit_code, (tmp_path / "mine").exists()) == (1, False)
    assert "line 2: the price '1.250 EUR' is 1250 or 1.25" in outcome.stderr
    for mark, price in (("comma", ",1250,EUR,"), ("point", ",1.25,EUR,")):
        assert (
            run("catalog", "import", path, "--yes", "--decimal", mark, "--force", "-o", tmp_path / mark).exit_code == 0
        )
        written = (tmp_path / mark / "conjugates.csv").read_text(encoding="utf-8")
        assert price in written


def test_a_list_without_conjugates_leaves_its_rejects(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Metal,Antigen\n141Pr,CD45\n89Y,CD31\n", encoding="utf-8")
    for _ in range(2):  # rejects alone are no catalog that --force must protect
        outcome = run("catalog", "import", path, "--yes", "-o", tmp_path / "mine")
        assert outcome.exit_code == 1
        assert "mass cytometry" in outcome.stderr
        assert [file.name for file in (tmp_path / "mine").iterdir()] == ["rejects.csv"]
