"""``catalog``, ``cytometer``, ``dye``, ``problem``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from panelopt import registry
from panelopt.catalogs import catalog_sources
from tests.builders import write_catalog_folder
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("cytometer", registry.cytometer_names),
        ("problem", registry.problem_names),
        ("dye", lambda: [dye.name for dye in registry.fluorochromes()]),
        ("catalog", lambda: [source.name for source in catalog_sources()[0]]),
    ],
)
def test_list_names_everything_that_is_shipped(run: Run, group: str, names: object) -> None:
    outcome = run(group, "list", "--json")
    assert outcome.exit_code == 0
    listed = [entry.get("id") or entry["name"] for entry in json.loads(outcome.stdout)]
    assert listed == list(names())  # type: ignore[operator]
    text = run(group, "list")
    assert text.exit_code == 0
    assert max(map(len, text.stdout.splitlines())) <= 80


@pytest.mark.parametrize(("group", "name"), [("problem", "uc-cd106"), ("dye", "BV421"), ("cytometer", "aria-fusion")])
def test_show_as_text_and_json(run: Run, group: str, name: str) -> None:
    assert name in run(group, "show", name).stdout
    assert name in (document := json.loads(run(group, "show", name, "--json").stdout)).values(), document.keys()


@pytest.mark.parametrize(
    "wrong",
    [
        ("dye", "show", "BV412"),
        ("cytometer", "show", "aria-fussion"),
        ("problem", "show", "uc-cd107"),
        ("problem", "check", "uc-cd107"),
        ("catalog", "check", "msc-reagent"),
    ],
)
def test_unknown_names_are_1_with_a_suggestion(run: Run, wrong: tuple[str, ...]) -> None:
    outcome = run(*wrong)
    assert outcome.exit_code == 1
    assert "Did you mean" in outcome.stderr


def test_cytometer_as_toml_is_a_file_that_is_read_again(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    assert run("cytometer", "show", "aria-fusion", "--format", "toml", "-o", path).exit_code == 0
    assert registry.find_cytometer(str(path)) == registry.find_cytometer("aria-fusion")


def test_catalog_list_tells_origin_hash_and_kind(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_catalog_folder(tmp_path / "mine", "mine-synthetic", ["CD45,PE", "CD3,FITC"])
    monkeypatch.setenv("PANELOPT_CATALOGS", str(folder))
    mine, *others = json.loads(run("catalog", "list", "--json").stdout)
    assert (mine["name"], mine["rows"], mine["kind"], mine["origin"]) == ("mine-synthetic", 2, "folder", str(folder))
    assert mine["sha256"] == hashlib.sha256((folder / "conjugates.csv").read_bytes()).hexdigest()
    assert [entry["synthetic"] for entry in (mine, *others)] == [True, *("synthetic" in e["name"] for e in others)]
    assert {entry["kind"] for entry in others} == {"built-in"}
    assert {"vendor", "version", "description"} <= set(mine)


def test_catalog_check_reports_every_row(run: Run, tmp_path: Path) -> None:
    good = write_catalog_folder(tmp_path / "good", "good")
    bad = write_catalog_folder(tmp_path / "bad", "bad", ["CD45", ",FITC", "CD3,PE"])
    outcome = run("catalog", "check", bad, good)
    assert outcome.exit_code == 1
    assert outcome.stdout.startswith(f"{bad}: ")
    assert f"{good}: 1 product, no faults" in outcome.stdout
    assert "  fault: conjugates.csv:2" in outcome.stdout
    report = json.loads(run("catalog", "check", bad, good, "--json").stdout)
    assert [bool(entry["faults"]) for entry in report] == [True, False]
    assert [fault["line"] for fault in report[0]["faults"]] == [2, 3]
    assert run("catalog", "check", good).exit_code == 0
    assert run("catalog", "check", good, "--strict").exit_code == 1


def test_shipped_catalogs_have_no_faults(run: Run) -> None:
    assert run("catalog", "check").exit_code == 0


def test_problem_check_lists_all_faults(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('id = "x"\nfoo = 1\n[goal]\npurity = 2\n', encoding="utf-8")
    outcome = run("problem", "check", path)
    assert outcome.exit_code == 1
    assert "foo" in outcome.stderr
    assert "goal.purity" in outcome.stderr


def test_broken_catalogs_only_warn_in_the_list(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "catalog.toml").write_text("name = ")
    write_catalog_folder(tmp_path / "worse", "worse", ["CD45"])
    monkeypatch.setenv("PANELOPT_CATALOGS", str(tmp_path))
    outcome = run("catalog", "list")
    assert outcome.exit_code == 0
    assert json.loads(run("catalog", "list", "--json").stdout)
    assert outcome.stderr.count("Warning: ") == 2
    assert "worse" not in outcome.stdout
    assert run("catalog", "check").exit_code == 1
