"""The command line of sweeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from click.testing import Result as Outcome

from panelopt.cli import main
from panelopt.io.sweep_folder import SweepFolder
from tests.sweeps.examples import Here, write_grid


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("panelopt.api.sweeps.LocalEngine", lambda jobs: Here(stop_after=None if jobs > 1 else 3))
    return write_grid(tmp_path)


def run(spec: Path, *words: str) -> Outcome:
    return CliRunner().invoke(main, ["sweep", str(spec), "-o", str(spec.parent / "out"), *words])


def test_a_sweep_that_is_interrupted_says_how_to_go_on(spec: Path) -> None:
    outcome = run(spec, "--jobs", "1", "-v")
    assert outcome.exit_code == 130
    assert outcome.stdout.startswith("8 cells: 3 optimal, 5 missing\n")
    assert "8 cells: 0 finished, 8 to do" in outcome.stderr
    assert "3/8 marrow.toml, sorter-2.toml, ./shelf: optimal, worst " in outcome.stderr
    assert "5 cells are missing" in outcome.stderr
    assert "Run the same command again" in outcome.stderr
    status = run(spec, "--status", "--json")
    assert status.exit_code == 0
    assert json.loads(status.stdout)["missing"] == 5
    outcome = run(spec, "--jobs", "2")
    assert outcome.exit_code == 0
    assert outcome.stdout == "8 cells: 8 optimal, 0 missing\n"
    assert outcome.stderr.startswith("Written: ")
    assert run(spec, "--jobs", "2", "-q").stderr == ""


def test_failures_give_exit_code_1_and_are_told_before_and_after(spec: Path) -> None:
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("sorter-2.toml", "nowhere.toml"), encoding="utf-8")
    outcome = run(spec, "--jobs", "2")
    assert outcome.exit_code == 1
    assert "4 failed, 4 optimal" in outcome.stdout
    assert "nowhere.toml" in outcome.stdout
    assert outcome.stderr.index("the cells with it fail") < outcome.stderr.index("4 of 8 cells failed")


def test_wrong_specifications_and_usage(spec: Path) -> None:
    spec.write_text("problem = 3\n", encoding="utf-8")
    outcome = run(spec)
    assert outcome.exit_code == 1
    assert "3 faults in the input" in outcome.stderr
    assert run(spec.parent / "none.toml").exit_code == 1
    assert run(spec, "--jobs", "2", "--scheduler", "tcp://x:1").exit_code == 2


def test_two_runs_in_one_folder(spec: Path) -> None:
    with SweepFolder(spec.parent / "out").open_for_run():
        outcome = run(spec)
        assert outcome.exit_code == 1
        assert "another sweep uses this folder: process " in outcome.stderr
        assert run(spec, "--status").exit_code == 0
