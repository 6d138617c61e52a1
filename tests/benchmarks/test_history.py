"""History of releases: what is kept, and the page."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from benchmarks import history
from benchmarks.history_page import page


def _release(version: str, cpu_s: float) -> dict[str, Any]:
    solve = {"job": "a-1-solve", "cpu_s": 1.0, "counts": {"deterministic_time": 0.25}}
    return {
        "schema_version": 1,
        "version": version,
        "date": "2026-01-01",
        "machine": {"processor": "<b>fast</b>", "cores": 2, "python": "3.11", "ortools": "9.15", "numpy": "2.0"},
        "benchmarks": [{"job": "a-1-read", "cpu_s": cpu_s}, solve],
        "quality": {"questions": 2, "optimal": 1, "gap_worst": {"p on c": 0.5, "q on c": None}},
    }


def test_the_page_shows_times_work_and_gaps_and_escapes_what_it_is_given() -> None:
    text = page([_release("0.1.0", 0.010), _release("0.2.0", 0.005)])
    assert "a-1-read" in text
    assert "5.00" in text
    assert "0.250" in text
    assert "0.5000" in text
    assert "&lt;b&gt;fast" in text
    assert "<b>fast" not in text
    assert "0.1.0 10.00; 0.2.0 5.00" in text


def test_a_measured_version_becomes_a_file_and_a_page(tmp_path: Path) -> None:
    runner = CliRunner()
    job = "bm_cd271_msca1@facsmelody-score"
    assert runner.invoke(history.history, ["record", "--job", job, "--to", str(tmp_path)]).exit_code == 0
    (path,) = tmp_path.glob("*.json")
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert [row["job"] for row in kept["benchmarks"]] == [f"shipped-{job}"]
    assert platform.node() not in path.read_text(encoding="utf-8")
    assert runner.invoke(history.history, ["page", "--from", str(tmp_path)]).exit_code == 0
    assert job in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_releases_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for version in ("0.10.0", "0.2.0"):
        (tmp_path / f"{version}.json").write_text(json.dumps(_release(version, 0.1)), encoding="utf-8")
    CliRunner().invoke(history.history, ["page", "--from", str(tmp_path)])
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "0.2.0 100.00; 0.10.0 100.00" in text


def test_a_folder_without_results_says_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(history.history, ["page", "--from", str(tmp_path)])
    assert result.exit_code == 1
    assert "record" in result.output


def test_the_kept_results_can_be_shown() -> None:
    kept = sorted(history.RESULTS.glob("*.json"))
    assert kept
    assert page([json.loads(path.read_text(encoding="utf-8")) for path in kept])


def test_files_of_all_releases_are_read() -> None:
    kept = [history.read_release(path) for path in sorted(history.RESULTS.glob("*.json"))]
    assert kept
    assert all(release["version"] in page(kept) for release in kept)


def test_files_of_newer_versions_are_refused(tmp_path: Path) -> None:
    (tmp_path / "9.0.0.json").write_text(json.dumps({**_release("9.0.0", 0.1), "schema_version": 2}), encoding="utf-8")
    result = CliRunner().invoke(history.history, ["page", "--from", str(tmp_path)])
    assert result.exit_code == 1
    assert "schema_version 2 is newer than 1" in result.output
