"""Typical mistakes at the command line: each message says what is wrong, where, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from panelopt.io.result_json import result_json
from tests import builders
from tests.cli.conftest import Run
from tests.docs import pages

FILES = pages.named_files(pages.DOCS / "your-own-files.md")
"""A problem, a catalog and a sorter that fit each other."""

VARIANTS = {
    "percent.toml": ("frequency = 0.5", "frequency = 50"),
    "purity.toml": ("purity = 0.9", "purity = 90"),
    "negative.toml": ("frequency = 0.4", "frequency = -0.4"),
    "level.toml": ('CD146 = "mid"', 'CD146 = "midd"'),
    "stranger.toml": ('CD146 = "mid"', 'CD164 = "mid"'),
    "role.toml": ('role = "contaminant", frequency = 0.5', 'role = "contaminent", frequency = 0.5'),
    "comma.toml": ("purity = 0.9", "purity = 0,9"),
    "newer.toml": ("schema_version = 1", "schema_version = 2"),
    "dye.toml": ('{ name = "CD271" }', '{ name = "CD271", fluorochrome = "PE" }'),
    "twice.toml": ("marker = [", 'locked = [{ marker = "CD271", fluorochrom = "PE" }]\nmarker = ['),
    "budget.toml": ("max_colours = 5", "budget = 500"),
    "unsold.toml": ('{ name = "CD146" }', '{ name = "CD146" }, { name = "CD2711" }'),
    "locks.toml": (
        "marker = [",
        'locked = [{ marker = "CD271", fluorochrome = "PE" }, { marker = "CD146", fluorochrome = "PE" }]\nmarker = [',
    ),
    "eight.toml": (
        "marker = [",
        "marker = [" + "".join(f'{{ name = "M{i}", role = "required" }}, ' for i in range(6)),
    ),
}
"""Problems with one mistake: what is replaced by what."""

TABLES = {
    "panel.csv": "marker,fluorochrome\nviability,7-AAD\nCD271,PE\nCD146,BV421\nCD45,FITC\nCD235a,FITC\n",
    "one-dye.csv": "marker,fluorochrome\nCD271,APC\nCD146,APC\n",
    "columns.csv": "antigen,dye\nCD271,PE\n",
    "semicolon.csv": "marker;fluorochrome\nCD271;PE\n",
    "marker.csv": "marker,fluorochrome\nCD217,PE\n",
    "label.csv": "marker,fluorochrome\nCD271,BV412\n",
    "detector.csv": "marker,fluorochrome,detector\nCD271,PE,B576/26\n",
    "heads.csv": "marker,fluorochrome\n",
    "nothing.csv": "",
    "price.csv": "marker,fluorochrome,price\nCD271,PE,249 EUR\n",
    "owed.csv": "marker,fluorochrome,price\nCD271,PE,-20\n",
}

WITH = "--cytometer sorter.toml --catalog shelf.csv"

CASES = [
    # what is asked
    ("design", 2, "no PROBLEM specified", "`panelopt problem list`"),
    ("desgin marrow.toml", 2, "No such command 'desgin'", "Did you mean 'design'?"),
    ("design marrow.toml", 2, "no cytometer specified", "`panelopt cytometer list`"),
    ("score marrow.toml WITH", 2, "Missing argument 'PANEL'"),
    ("improve marrow.toml panel.csv WITH", 2, "Missing option '--max-changes'. Add --max-changes N: "),
    ("reporters --colours 5", 2, "Missing option '--cytometer'. Add --cytometer NAME|FILE: instrument; see `panelopt"),
    ("design marrow.toml panel.csv WITH", 2, "Too many arguments: panel.csv"),
    ("design marrow.toml WITH --max-colors 4", 2, "No such option '--max-colors'", "--max-colours"),
    ("design marrow.toml WITH --max-colours 0", 2, "0 is out of range: it must be at least 1"),
    ("design marrow.toml WITH --max-colours four", 2, "'four' is not a whole number"),
    ("design marrow.toml WITH --budget -5", 2, "-5.0 is out of range: it must be at least 0"),
    ("design marrow.toml WITH --time-limit 1min", 2, "'1min' is not a number"),
    ("design marrow.toml WITH --slack 5", 2, "5.0 is out of range: it must be at least 0 and at most 3"),
    ("design marrow.toml WITH --only-inventory", 2, "requires an inventory", "--inventory PATH"),
    ("frontier marrow.toml WITH --by colors", 2, "'colors' is not one of 'colours', 'price'"),
    # where it goes
    ("design marrow.toml WITH -o nowhere/result.json", 1, "nowhere/result.json: the folder does not exist", "mkdir -p"),
    ("design marrow.toml WITH -o result.docx", 2, "cannot write .docx files", "Use .txt, .json, .csv, .html, .xlsx."),
    ("design marrow.toml WITH -o result.csv --json", 2, "the suffix means csv, but --format is json"),
    ("catalog import shelf.csv --yes -o shelf.csv", 2, "this command writes a folder, not a .csv file"),
    # names and paths
    ("design marow.toml WITH", 1, "marow.toml: no such file", "Did you mean marrow.toml?"),
    ("design bm-cd271-cd164 WITH", 1, "no problem is called 'bm-cd271-cd164'", "Did you mean bm-cd271-cd146?"),
    ("design marrow.toml --cytometer aria-fuson", 1, "no cytometer is called", "Did you mean aria-fusion?"),
    ("design marrow.toml --cytometer sorter.tml", 1, "sorter.tml: no such file", "Did you mean sorter.toml?"),
    ("design marrow.toml --cytometer sorter.toml --catalog shlef.csv", 1, "no such file", "Did you mean shelf.csv?"),
    ("design marrow.toml --cytometer sorter.toml --catalog empty", 1, "the folder is no catalog", "columns marker"),
    ("design marrow.toml WITH --require CD217", 1, "--require: CD217 is not a marker of", "Did you mean CD271?"),
    ("design marrow.toml WITH --lock CD271", 2, "'CD271' is not MARKER=DYE or MARKER=DYE@DETECTOR"),
    ("design marrow.toml WITH --lock CD271=BV412", 1, "BV412 is not a known fluorochrome", "Did you mean BV421?"),
    ("design marrow.toml WITH --lock CD271=PE@B576", 1, "no detector is called 'B576'", "our-sorter has V450/50"),
    ("dye show PE-Cy77", 1, "no fluorochrome is called 'PE-Cy77'", "Did you mean PE-Cy7?"),
    # files in the wrong place
    ("design shelf.csv WITH", 1, "shelf.csv: this is a table (CSV), not a TOML file", "Problems and cytometers"),
    ("score panel.csv marrow.toml WITH", 1, "panel.csv: this is a table (CSV), not a TOML file"),
    ("design sorter.toml WITH", 1, "sorter.toml: this is a cytometer, not a problem", "order of the files"),
    ("cytometer check marrow.toml", 1, "marrow.toml: this is a problem, not a cytometer"),
    ("design marrow.toml --cytometer sorter.toml --catalog marrow.toml", 1, "this is a TOML file, not a table (CSV)"),
    ("score marrow.toml page.html WITH", 1, "page.html: this is a web page, not a table (CSV)"),
    ("design book.xlsx WITH", 1, "book.xlsx: this is a spreadsheet or another packed file, not a TOML file"),
    ("report panel.csv", 1, "panel.csv: this is a table (CSV), not a JSON document", "`panelopt score` for a panel"),
    ("report plan.json", 1, "an answer of `panelopt sort-plan`, not of `panelopt design`", "`panelopt design PROBLEM"),
    ("report result.json --plan result.json", 1, "an answer of `panelopt design`, not of `panelopt sort-plan`"),
    ("report broken.json", 1, "broken.json:1: not valid JSON", "`panelopt design PROBLEM -o FILE.json` writes results"),
    ("verify result.json", 1, "result.json: not a certificate", "--certificate FILE"),
    ("score marrow.toml result.json WITH", 1, "for the cytometer other-sorter; our-sorter has no detector B575, B530",
     "Use --cytometer other-sorter, or design a panel for our-sorter."),
    # wrong content
    ("problem check percent.toml", 1, "population[1].frequency: must be at most 1 (found 50)", "0.5 for 50 %"),
    ("problem check purity.toml", 1, "goal.purity: 90 is outside", "Write a fraction: 0.9 for 90 %."),
    ("problem check negative.toml", 1, "population[2].frequency: must be above 0 (found -0.4)"),
    ("problem check level.toml", 1, "unknown level word 'midd'", "Did you mean mid?"),
    ("problem check stranger.toml", 1, "has a level for CD164, which has no [[marker]]", "Did you mean CD146?"),
    ("problem check role.toml", 1, "must be 'target', 'contaminant' or 'ignore'", "Did you mean contaminant?"),
    ("problem check comma.toml", 1, "not valid TOML", "decimal point. The line is: goal = { purity = 0,9 }"),
    ("problem check newer.toml", 1, "schema_version 2 is newer than this program", "Install a newer panelopt"),
    ("problem check dye.toml", 1, "marker[1].fluorochrome: unknown key 'fluorochrome'", "It belongs in [[locked]]."),
    ("problem check twice.toml", 1, "locked[0].fluorochrome: the key is missing", "Did you mean fluorochrome?"),
    ("problem check unsold.toml", 0, "marker CD2711 is not in the table of marker names", "Did you mean CD271?"),
    ("score marrow.toml columns.csv WITH", 1, "unknown column 'antigen'", "Known columns: marker"),
    ("score marrow.toml semicolon.csv WITH", 1, "the columns are not separated by commas", "`panelopt catalog import`"),
    ("score marrow.toml marker.csv WITH", 1, "marker.csv:2: CD217 is not a marker of", "Did you mean CD271?"),
    ("score marrow.toml label.csv WITH", 1, "label.csv:2: BV412 is not a known", "Did you mean BV421?"),
    ("score marrow.toml detector.csv WITH", 1, "Our sorter has no detector B576/26", "Did you mean B575/25?"),
    ("score marrow.toml heads.csv WITH", 1, "heads.csv: the panel has no rows", "Add one row per reagent."),
    ("score marrow.toml nothing.csv WITH", 1, "nothing.csv: the file has no header", "marker, fluorochrome"),
    ("catalog check price.csv", 1, "price.csv:2, column price: price '249 EUR' is not a number", "Write 249.00"),
    ("catalog check owed.csv", 1, "price -20 is not zero or more"),
    # demands that cannot be met, and questions that make no sense
    ("design budget.toml WITH", 3, "no product of the catalogs has a price", "--allow-unknown-price"),
    ("design locks.toml WITH", 3, "no product of the catalogs is CD146 PE; CD146 comes with BV421 or PE-Cy7"),
    ("design marrow.toml WITH --lock CD271=APC --lock CD146=APC", 3, "no product of the catalogs is CD146 APC"),
    ("design eight.toml WITH", 3, "6 colours, 5 detectors: each of M0, M1, M2, M3, M4 and M5 needs its own"),
    ("score marrow.toml one-dye.csv WITH", 3, "only markers of the role dump may share a dye"),
    ("score marrow.toml panel.csv --cytometer fortessa --catalog shelf.csv", 0, "ortessa is an analyser", "--sorters"),
    ("sort-plan marrow.toml panel.csv --cytometer fortessa --catalog shelf.csv", 1, "does not sort", "list --sorters"),
    ("score unsold.toml panel.csv WITH", 0, "o product of the catalogs stains CD2711", "Did you mean CD271?"),
]  # fmt: skip
"""A command line, its exit code, and what the message holds; WITH stands for a sorter and a catalog."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the commands name."""
    place = tmp_path_factory.mktemp("mistakes")
    (place / "empty").mkdir()
    for name, (old, new) in VARIANTS.items():
        assert old in FILES["marrow.toml"]
        TABLES[name] = FILES["marrow.toml"].replace(old, new)
    for name, text in {**FILES, **TABLES, "page.html": "<!DOCTYPE html>\n<html></html>\n"}.items():
        (place / name).write_text(text, encoding="utf-8")
    (place / "book.xlsx").write_bytes(b"PK\x03\x04" + bytes(30))
    result = builders.result().model_copy(update={"cytometer": "other-sorter"})
    (place / "result.json").write_text(result_json(result), encoding="utf-8")
    (place / "broken.json").write_text("not JSON", encoding="utf-8")
    (place / "plan.json").write_text('{"kind": "sort-plan"}', encoding="utf-8")
    return place


@pytest.mark.parametrize(
    ("line", "code", "texts"), [pytest.param(line, code, texts, id=line) for line, code, *texts in CASES]
)
def test_the_message_says_what_is_wrong_and_what_to_do(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, line: str, code: int, texts: list[str]
) -> None:
    monkeypatch.chdir(folder)
    outcome = run(*line.replace("WITH", WITH).split())
    told = " ".join((outcome.stderr + outcome.stdout).split())
    assert outcome.exit_code == code, told
    assert [text for text in texts if text not in told] == [], told
    assert "Traceback" not in told
