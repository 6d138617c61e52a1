"""Panels made by hand: refused, worse, behind or, which is a fault of the design, ahead."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import hand_made
from benchmarks.hand_made import FAULT, HandMade, Verdict, compared, listed, standing
from panelopt import api
from panelopt.domain.result import Result
from panelopt.io.panel_csv import panel_csv

OPTIONS = api.Options(time_limit_s=60, workers=1)
PROBLEM, CYTOMETER = "cv-cd106", "symphony-s6"


@pytest.fixture(scope="module")
def design() -> Result:
    return hand_made._designed(PROBLEM, CYTOMETER, OPTIONS)


def _made(folder: Path, text: str) -> HandMade:
    path = folder / "panel.csv"
    path.write_text(text, encoding="utf-8")
    return HandMade(path, PROBLEM, CYTOMETER)


def test_the_design_itself_is_as_good(design: Result, tmp_path: Path) -> None:
    verdict = compared(_made(tmp_path, panel_csv(design)), OPTIONS)
    assert verdict.text == "as good in everything"
    assert verdict.counts == verdict.chosen_counts
    assert not verdict.is_fault


def test_a_panel_that_breaks_a_rule_is_refused(tmp_path: Path) -> None:
    verdict = compared(_made(tmp_path, "marker,fluorochrome\nCD106,PE\n"), OPTIONS)
    assert verdict.text.startswith("refused: required-marker: required marker viability is missing")


def test_a_panel_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    verdict = compared(_made(tmp_path, "marker,fluorochrome\nCD106,Nonesuch 999\n"), OPTIONS)
    assert verdict.text.startswith("refused: ")
    assert "Nonesuch 999" in verdict.text


def test_a_panel_that_is_read_in_a_poor_dye_is_not_as_good(tmp_path: Path) -> None:
    path = tmp_path / "panel.csv"
    path.write_text("marker,fluorochrome\nCD106,FITC\nviability,7-AAD\n", encoding="utf-8")
    verdict = compared(HandMade(path, "cv-cd106", "facsmelody"), api.Options(time_limit_s=10, workers=1))
    assert verdict.text.startswith("not as good: worst -")
    assert not verdict.is_fault


def test_the_first_count_that_differs_decides_and_to_be_ahead_is_a_fault() -> None:
    chosen = {"sourced": (0.0,), "colours": (4.0,), "price": (1.0, 90.0)}
    assert standing(chosen, chosen) == "as good in everything"
    assert standing({**chosen, "price": (2.0, 10.0)}, chosen) == "as good, and behind in price"
    assert standing({**chosen, "colours": (3.0,), "price": (2.0, 90.0)}, chosen) == f"{FAULT} colours"
    assert Verdict(HandMade(Path("a.csv"), PROBLEM, CYTOMETER), f"{FAULT} colours").is_fault


def test_a_fault_ends_with_an_exit_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _made(tmp_path, "marker,fluorochrome\n")
    monkeypatch.setattr(hand_made, "compared", lambda made, _: Verdict(made, f"{FAULT} colours"))
    result = CliRunner().invoke(hand_made.hand_made, ["--panel", str(made.file), PROBLEM, CYTOMETER])
    assert result.exit_code == 1
    assert f"| panel.csv | {PROBLEM} | {CYTOMETER} | {FAULT} colours |" in result.output


def test_an_index_names_files_beside_it(tmp_path: Path) -> None:
    index = tmp_path / "index.csv"
    index.write_text("file,problem,cytometer\na.csv,ipsc-msc,aria-fusion\n", encoding="utf-8")
    assert listed(index) == [HandMade(tmp_path / "a.csv", "ipsc-msc", "aria-fusion")]


def test_without_panels_the_program_says_how_to_name_them() -> None:
    result = CliRunner().invoke(hand_made.hand_made, [])
    assert result.exit_code == 2
    assert "--panel" in result.output
