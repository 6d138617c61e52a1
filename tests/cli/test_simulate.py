"""`panelopt simulate` on a shipped problem: files, report, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from panelopt.domain.simulation_result import Simulation
from panelopt.io.fcs import read_fcs
from tests.cli.conftest import Run

CALL = ("--cytometer", "aria-fusion", "--events", 3000, "--control-events", 200)


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    path = tmp_path / "panel.csv"
    path.write_text("marker,fluorochrome\nviability,DRAQ7\nCD106,PE-Cy5\n", encoding="utf-8")
    return path


def test_files_and_report(run: Run, panel: Path, tmp_path: Path) -> None:
    folder, gates = tmp_path / "events", tmp_path / "gates.xml"
    outcome = run("simulate", "cv-cd106", panel, *CALL, "-o", folder, "--gates", gates, "--seed", 2, "--json")
    assert outcome.exit_code == 0
    found = Simulation.model_validate(json.loads(outcome.stdout))
    assert {Path(file.path) for file in found.files} == set(folder.iterdir())
    assert {file.kind: file.events for file in found.files} == {
        "sample": 3000, "unstained": 200, "single_stain": 200, "fmo": 200,
    }  # fmt: skip
    assert found.seed == 2
    assert gates.stat().st_size > 0
    assert read_fcs(folder / "sample.fcs").keywords["cyt"].startswith("BD FACSAria Fusion")


def test_text_report_names_what_was_written(run: Run, panel: Path, tmp_path: Path) -> None:
    place = tmp_path / "sample.fcs"
    outcome = run("simulate", "cv-cd106", panel, *CALL, "-o", place, "--no-controls", "-q")
    assert outcome.exit_code == 0
    assert "sample.fcs" in "".join(outcome.stdout.split())
    assert "CV_CD106+" in outcome.stdout
    assert outcome.stderr == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["panel.csv", "sample.fcs"]


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("cv-cd106", "--events", 0), 2, "--events"),
        (("cv-cd106", "--events", -5), 2, "--events"),
        (("cv-cd106", "--seed", "x"), 2, "--seed"),
        (("general-msc-identity",), 1, "no populations"),
        (("adipose-4way",), 1, "CD106 is not a marker"),
        (("skeletal-hssc",), 1, "CD106"),
        (("bm-cd271-cd146",), 3, "breaks rules"),
        (("nothing-like-this",), 1, "nothing-like-this"),
    ],
)
def test_refusals(run: Run, panel: Path, tmp_path: Path, words: tuple[object, ...], code: int, text: str) -> None:
    problem, *rest = words
    outcome = run("simulate", problem, panel, *CALL, "-o", tmp_path / "s.fcs", *rest)
    assert outcome.exit_code == code
    assert text in outcome.stderr
    assert "Traceback" not in outcome.output
    assert not (tmp_path / "s.fcs").exists()


def test_without_a_place_or_a_cytometer(run: Run, panel: Path, tmp_path: Path) -> None:
    assert run("simulate", "cv-cd106", panel, "--cytometer", "aria-fusion").exit_code == 2
    outcome = run("simulate", "cv-cd106", panel, "-o", tmp_path / "s.fcs")
    assert outcome.exit_code == 2
    assert "no cytometer" in outcome.stderr
