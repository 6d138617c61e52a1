"""``panelopt robust``: what it writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from panelopt.cli import main
from panelopt.domain.robust_result import RobustResult
from panelopt.report.robust_picture import robust_picture
from panelopt.report.robust_sheets import robust_lines
from panelopt.report.robust_text import robust_text
from tests.reporting.examples import Page

FEW = ["cv-cd106", "--cytometer", "aria-fusion", "--max-colours", "3", "--scenarios", "64", "--check", "32"]
FEW += ["--sobol", "16", "--time-limit", "8"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run with every kind of output."""
    place = tmp_path_factory.mktemp("robust")
    files = [word for name in ("r.json", "r.csv", "r.txt") for word in ("-o", str(place / name))]
    outcome = CliRunner().invoke(main, ["robust", *FEW, *files, "--picture", str(place / "p.svg"), "-q"])
    assert (outcome.exit_code, outcome.stdout) == (0, ""), outcome.output
    return place


def test_text_is_80_columns_wide(folder: Path) -> None:
    text = (folder / "r.txt").read_text("utf-8")
    assert max(map(len, text.splitlines())) <= 80
    for word in ("Chosen panel", "Regret", "Which unknown matters most"):
        assert word in text


def test_json_holds_panels_and_indices(folder: Path) -> None:
    document = json.loads((folder / "r.json").read_text("utf-8"))
    assert document["kind"] == "robust"
    assert document["uncertainty"]["level"] == 3.0
    assert document["candidates"][0]["result"]["panel"]
    assert document["sensitivity"]["influences"]


def test_report_shows_the_chosen_panel_in_its_scenarios(folder: Path) -> None:
    page, text = folder / "r.html", folder / "report.txt"
    outcome = CliRunner().invoke(main, ["report", str(folder / "r.json"), "-o", str(page), "-o", str(text), "-q"])
    assert outcome.exit_code == 0, outcome.output
    found = RobustResult.model_validate_json((folder / "r.json").read_text("utf-8"))
    shown = Page(page.read_text("utf-8")).text
    for words in (*robust_lines(found), "Candidate panels in fresh scenarios", "Which unknown matters most"):
        assert words in shown
    assert " ".join(robust_lines(found)[0].split()) in " ".join(text.read_text("utf-8").split())


def test_csv_is_the_chosen_panel(folder: Path) -> None:
    rows = (folder / "r.csv").read_text("utf-8").splitlines()
    found = RobustResult.model_validate_json((folder / "r.json").read_text("utf-8"))
    assert len(rows) == 1 + sum(len(slot.markers) for slot in found.candidates[0].result.panel)
    outcome = CliRunner().invoke(main, ["score", FEW[0], str(folder / "r.csv"), "--cytometer", "aria-fusion", "-q"])
    assert outcome.exit_code == 0


def test_picture_is_svg_and_the_same_again(folder: Path) -> None:
    found = RobustResult.model_validate_json((folder / "r.json").read_text("utf-8"))
    assert ET.fromstring((folder / "p.svg").read_bytes()).tag.endswith("svg")  # noqa: S314
    assert robust_picture(found) == (folder / "p.svg").read_bytes()
    text = robust_picture(found).decode("utf-8")
    assert all(f">{one.name}</text>" in text for one in found.candidates)
    assert found.sensitivity is not None
    assert text.count('class="bar on"') == min(len(found.sensitivity.influences), 10)


def test_hostile_names_cannot_steer_the_terminal(folder: Path) -> None:
    document = json.loads((folder / "r.json").read_text("utf-8"))
    document["problem"] = "x\x1b[31m[bold]y"
    document["sensitivity"]["influences"][0]["unknown"] = "level of $\\alpha$ \x1b[31m"
    found = RobustResult.model_validate(document)
    assert "\x1b" not in robust_text(found)
    assert b"\x1b" not in robust_picture(found)


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["cv-cd106", "--cytometer", "aria-fusion", "--share", "0"], 2, "--share"),
        (["cv-cd106", "--cytometer", "aria-fusion", "--share", "nan"], 2, "finite"),
        (["cv-cd106", "--cytometer", "aria-fusion", "--sobol", "48"], 2, "power of two"),
        (["cv-cd106", "--cytometer", "aria-fusion", "--picture", "x.bmp"], 2, "cannot write .bmp"),
        (["cv-cd106", "--cytometer", "aria-fusion", "--worst-case", "--fixed-gates"], 2, "fixed"),
        (["cv-cd106", "--cytometer", "aria-fusion", "--max-colours", "1"], 3, "conflict"),
        (["no-such-problem", "--cytometer", "aria-fusion"], 1, "no-such-problem"),
    ],
)
def test_wrong_calls(arguments: list[str], code: int, word: str) -> None:
    outcome = CliRunner().invoke(main, ["robust", *arguments, "--time-limit", "10"])
    assert outcome.exit_code == code
    assert word in outcome.stderr
    assert "Traceback" not in outcome.output


def test_wrong_uncertainty_is_reported_with_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(
        "\n".join(
            [
                'schema_version = 1\nid = "wrong"\n[uncertainty]\nlevel = -2\nbrightnes = 3',
                '[[marker]]\nname = "CD45"',
                '[[population]]\nname = "a"\nrole = "target"\nfrequency = 0.1',
                "levels = { CD45 = { abc = 100, low = 500, high = 50 } }",
                '[[population]]\nname = "b"\nrole = "contaminant"\nfrequency = 0.5\nfrequency_low = 0.6',
                'levels = { CD45 = "bright" }',
            ]
        ),
        "utf-8",
    )
    outcome = CliRunner().invoke(main, ["problem", "check", str(path)])
    assert outcome.exit_code == 1
    for word in ("uncertainty.level", "uncertainty.brightnes", "low (500) is above abc", "frequency_low (0.6)"):
        assert word in outcome.stderr
