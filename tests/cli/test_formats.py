"""The suffix of a file says what is written; what a command cannot write is wrong usage and starts nothing."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

from panelopt.cli.formats import STDOUT, SUFFIXES, check_suffix, format_for
from panelopt.errors import UsageError
from tests.cli.conftest import Run

QUESTION = ("cv-cd106", "--cytometer", "aria-fusion")
PANEL = "marker,fluorochrome\nviability,7-AAD\nCD106,PE\n"


@pytest.mark.parametrize(
    ("name", "given", "formats", "wanted"),
    [
        ("r.json", None, ("text", "json"), "json"),
        ("r.JSON", None, ("text", "json"), "json"),
        ("r.htm", None, ("text", "html"), "html"),
        ("r", None, ("text", "json"), "text"),
        ("r", "json", ("text", "json"), "json"),
        ("r.txt", "json", ("text", "json"), "json"),
        ("r.dat", "json", ("text", "json"), "json"),
        ("r.json", "json", ("text", "json"), "json"),
        ("-", None, ("text", "json"), "text"),
        ("-", "csv", ("text", "csv"), "csv"),
    ],
)
def test_format_of_an_output(name: str, given: str | None, formats: tuple[str, ...], wanted: str) -> None:
    assert format_for(Path(name), given, formats) == wanted
    assert format_for(None, given, formats) == (given or "text")


@pytest.mark.parametrize(
    ("name", "given", "formats"),
    [
        ("r.csv", None, ("text", "json")),
        ("r.csv", "json", ("text", "json")),
        ("r.csv", "json", ("text", "json", "csv")),
        ("r.html", "text", ("text", "html")),
        ("r.dat", None, ("text", "json")),
        ("r.json.bak", None, ("text", "json")),
    ],
)
def test_names_that_contradict_the_content_are_wrong_usage(
    name: str, given: str | None, formats: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError) as caught:
        format_for(Path(name), given, formats)
    assert caught.value.where == name
    assert caught.value.hint


def test_every_suffix_belongs_to_one_format() -> None:
    every = [end for ends in SUFFIXES.values() for end in ends]
    assert len(set(every)) == len(every)
    for format_, ends in SUFFIXES.items():
        assert all(format_for(Path(f"r{end}"), None, (format_,)) == format_ for end in ends)


def test_a_suffix_may_be_left_out_but_not_be_another_one() -> None:
    for fine in (None, STDOUT, Path("/dev/null"), Path("x.toml")):
        check_suffix(fine, ".toml")
    with pytest.raises(UsageError, match=r"\.csv"):
        check_suffix(Path("x.csv"), ".toml")


@pytest.fixture
def panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("panel.csv").write_text(PANEL, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("score", *QUESTION, "panel.csv", "-o", "r.docx"),
        ("alternatives", *QUESTION, "-o", "r.csv"),
        ("frontier", *QUESTION, "--by", "colours", "-o", "r.html"),
        ("explain", *QUESTION, "-o", "r.xlsx"),
        ("robust", *QUESTION, "-o", "r.html"),
        ("sort-plan", *QUESTION, "panel.csv", "-o", "r.html"),
        ("sort-plan", *QUESTION, "panel.csv", "--order-csv", "order.txt"),
        ("simulate", *QUESTION, "panel.csv", "-o", "events.csv"),
        ("simulate", *QUESTION, "panel.csv", "-o", "events", "--gates", "gates.json"),
        ("reporters", "--colours", "2", "--cytometer", "fortessa", "-o", "r.html"),
        ("report", "result.json", "-o", "r.csv"),
        ("report", "result.json", "-o", "r.json"),
        ("report", "result.json", "-o", "r.dat"),
        ("verify", "proof.json", "-o", "r.html"),
        ("cytometer", "show", "aria-fusion", "-o", "r.csv"),
        ("cytometer", "list", "-o", "r.toml"),
        ("cytometer", "import", "table.csv", "-o", "r.json"),
        ("dye", "list", "-o", "r.csv"),
        ("dye", "import", "spectra.csv", "-o", "r.csv"),
        ("problem", "list", "-o", "r.html"),
        ("problem", "new", "--template", "-o", "r.json"),
        ("catalog", "search", "CD45", "-o", "r.xlsx"),
        ("catalog", "export", "-o", "r.html"),
        ("catalog", "import", "list.csv", "-y", "-o", "r.csv"),
        ("sweep", "sweep.toml", "-o", "r.json"),
        ("doctor", "-o", "r.csv"),
    ],
    ids=lambda words: " ".join(words),
)
def test_a_file_that_a_command_cannot_write_is_wrong_usage(run: Run, panel: Path, words: tuple[str, ...]) -> None:
    outcome = run(*words)
    assert outcome.exit_code == 2, outcome.output
    assert outcome.stdout == ""
    assert "Error: " in outcome.stderr
    assert {path.name for path in panel.iterdir()} == {"panel.csv"}


def test_lists_follow_the_suffix_as_well(run: Run, panel: Path) -> None:
    for name in ("r.json", "r.toml", "r.txt", "r"):
        assert run("cytometer", "show", "aria-fusion", "-o", name).exit_code == 0
    assert json.loads(Path("r.json").read_text(encoding="utf-8"))["id"] == "aria-fusion"
    assert 'id = "aria-fusion"' in Path("r.toml").read_text(encoding="utf-8")
    assert Path("r.txt").read_text(encoding="utf-8") == Path("r").read_text(encoding="utf-8")
    assert run("catalog", "search", "CD271", "-o", "r.csv").exit_code == 0
    assert Path("r.csv").read_text(encoding="utf-8").startswith("marker,")


def test_results_are_written_as_the_page_and_the_workbook_that_people_read(run: Run, panel: Path) -> None:
    outcome = run("score", *QUESTION, "panel.csv", "-o", "r.html", "-o", "r.xlsx", "-o", "r.json")
    assert outcome.exit_code == 0
    page = Path("r.html").read_text(encoding="utf-8")
    assert page.startswith(("<!doctype html>", "<!DOCTYPE html>"))
    assert "cv-cd106" in page
    assert "CD106" in page
    assert zipfile.is_zipfile("r.xlsx")
    told = outcome.stderr.splitlines()
    assert told[-2:] == ["Written: r.html, r.xlsx, r.json", told[-1]]
    assert re.match(r"The tube (reaches|does not reach) 98 %: 1 \w+ cell in .* at worst; ", told[-1])
    assert run("report", "r.json", "-o", "again.html").exit_code == 0
    again = Path("again.html").read_text(encoding="utf-8")
    assert again.count("<svg") == page.count("<svg") > 0


def test_a_clash_has_a_page_too(run: Run, panel: Path) -> None:
    outcome = run("design", *QUESTION, "--require", "CD106", "--forbid", "CD106", "-o", "r.html")
    assert outcome.exit_code == 3
    assert "--forbid CD106" in Path("r.html").read_text(encoding="utf-8")
    assert outcome.stderr.splitlines()[-1] == (
        "No panel meets the demands; this is proven. In conflict: --require CD106 and --forbid CD106."
    )
