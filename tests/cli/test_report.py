"""``panelopt report`` on the command line, with the real library."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from panelopt.domain.design_comparison import DesignComparison
from tests.cli.conftest import Run
from tests.reporting import examples as reporting
from tests.reporting.examples import Page


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return reporting.write_report_files(tmp_path_factory.mktemp("report"))


def test_report_is_written_in_every_format(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    outputs = [tmp_path / f"report.{suffix}" for suffix in ("html", "xlsx", "txt")]
    words = [word for path in outputs for word in ("-o", path)]
    outcome = run("report", files[1], "--problem", files[0], *words)
    assert (outcome.exit_code, outcome.stdout) == (0, ""), outcome.stderr
    assert "Two tubes" in Page(outputs[0].read_text("utf-8")).text
    assert outputs[1].read_bytes().startswith(b"PK")
    assert outputs[2].read_text("utf-8").startswith("two-tubes on aria-fusion\n")
    assert f"Written: {outputs[0]}" in outcome.stderr


def test_report_is_small_and_quick(files: tuple[Path, Path], tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    words = [sys.executable, "-m", "panelopt", "report", str(files[1]), "--problem", str(files[0]), "-o", str(target)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(words, check=True, capture_output=True)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 9  # about 2 s of processor time
    assert target.stat().st_size < 1_000_000


def test_text_goes_to_stdout(run: Run, files: tuple[Path, Path]) -> None:
    outcome = run("report", files[1], "--problem", files[0])
    assert outcome.exit_code == 0
    assert "\nPanel\n" in outcome.stdout
    assert "\nPlans compared\n" in outcome.stdout
    assert outcome.stderr == ""
    assert run("report", files[1], "--problem", files[0], "--format", "html").stdout.startswith("<!DOCTYPE html>")


def test_what_is_missing_is_noted(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    outcome = run("report", files[1], "-o", target)
    assert outcome.exit_code == 0
    assert "Note: two-tubes is not a shipped problem" in outcome.stderr
    assert "not a shipped" in target.read_text("utf-8")
    assert run("report", files[1], "-o", target, "--quiet").stderr == ""


def test_two_results_are_compared(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    document = json.loads(files[1].read_text("utf-8"))
    document["panel"][0]["fluorochrome"] = "BV605"
    other.write_text(json.dumps(document), encoding="utf-8")
    text = run("report", files[1], other).stdout
    assert "1 of 3 markers differs" in " ".join(text.split())
    found = DesignComparison.model_validate(json.loads(run("report", files[1], other, "--json").stdout))
    assert [change.change for change in found.changed] == ["fluorochrome"]
    target = tmp_path / "both.html"
    assert run("report", files[1], other, "-o", target, "-o", tmp_path / "both.xlsx").exit_code == 0
    assert "BV605" in Page(target.read_text("utf-8")).text


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["missing.json"], 1, "no such file"),
        (["a.json", "b.json", "c.json"], 2, "too many results: 3"),
        (["."], 1, "this folder holds no sweep"),
        ([".", "--problem", "cv-cd106"], 2, "problem apply only to the report of one result"),
        (["RESULT", "--json"], 2, "already JSON"),
        (["RESULT", "--format", "pdf"], 2, "cannot go to stdout"),
        (["RESULT", "-o", "nowhere/x.html"], 1, "does not exist"),
        (["RESULT", "RESULT", "--problem", "x"], 2, "one result"),
        (["RESULT", "--problem", "cv-cd107"], 1, "Did you mean cv-cd106?"),
    ],
)
def test_mistakes_are_explained(
    run: Run,
    files: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run("report", *(files[1] if word == "RESULT" else word for word in words))
    assert outcome.exit_code == code, outcome.stderr
    assert message in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_hostile_names_cannot_steer_the_terminal(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    document = json.loads(files[1].read_text("utf-8")) | {"problem": "\x1b[31mred\u202e[bold]"}
    path = tmp_path / "result.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    outcome = run("report", path)
    assert outcome.exit_code == 0
    for stream in (outcome.stdout, outcome.stderr):
        assert "red[bold]" in stream
        assert "\x1b" not in stream
        assert "\u202e" not in stream
