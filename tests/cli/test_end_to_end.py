"""The real thing on a small question: design, judge the order list, improve a worse panel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builders import LEVELS, MARKERS, write_catalog_folder
from tests.cli.conftest import Run
from tests.io.test_result_json import valid

DYES = ("BV421", "FITC", "PE", "APC")


@pytest.fixture
def question(tmp_path: Path) -> tuple[str, ...]:
    """A problem file, a catalog folder, and how they are named on the command line."""
    lines = ["schema_version = 1", 'id = "tiny"']
    lines += [f'[[marker]]\nname = "{marker}"' for marker in MARKERS]
    for name, (role, share, words) in LEVELS.items():
        levels = ", ".join(f'{marker} = "{word}"' for marker, word in zip(MARKERS, words, strict=True))
        lines.append(f'[[population]]\nname = "{name}"\nrole = "{role}"\nfrequency = {share}\nlevels = {{ {levels} }}')
    (tmp_path / "tiny.toml").write_text("\n".join(lines), encoding="utf-8")
    rows = [f"{marker},{dye}" for marker in MARKERS for dye in DYES]
    folder = write_catalog_folder(tmp_path / "catalog", "tiny-catalog", rows)
    return (str(tmp_path / "tiny.toml"), "--cytometer", "aria-fusion", "--catalog", str(folder), "-q")


def test_design_score_and_improve_agree(run: Run, question: tuple[str, ...], tmp_path: Path) -> None:
    problem, *rest = question
    result, order, instance = tmp_path / "r.json", tmp_path / "order.csv", tmp_path / "i.npz"
    files = ("-o", result, "-o", order, "--instance", instance)
    assert run("design", problem, *rest, "--time-limit", 10, *files).exit_code == 0
    valid(result.read_text())
    best = json.loads(result.read_text())
    assert best["status"] == "optimal"
    assert {"CD271", "CD146"} <= {marker for slot in best["panel"] for marker in slot["markers"]}
    assert instance.stat().st_size > 0

    judged = json.loads(run("score", problem, order, *rest, "--json").stdout)
    for key in ("worst_log_ratio", "sum_log_ratio", "colours"):
        assert judged["objective"][key] == pytest.approx(best["objective"][key], abs=1e-9)

    worse = tmp_path / "worse.csv"
    worse.write_text("marker,fluorochrome\nCD271,FITC\nCD45,PE\n", encoding="utf-8")
    value = json.loads(run("score", problem, worse, *rest, "--json").stdout)["objective"]["worst_log_ratio"]
    outcome = run("improve", problem, worse, "--max-changes", 2, *rest, "--time-limit", 10, "--json")
    assert outcome.exit_code == 0
    assert value < json.loads(outcome.stdout)["objective"]["worst_log_ratio"]


def test_infeasible_question_is_3(run: Run, question: tuple[str, ...]) -> None:
    problem = Path(question[0])
    problem.write_text(problem.read_text().replace('name = "CD31"', 'name = "CD31"\nrequired = true'))
    problem.write_text(problem.read_text().replace('name = "CD45"', 'name = "CD45"\nrequired = true'))
    outcome = run("design", *question, "--max-colours", 1, "--json")
    assert outcome.exit_code == 3
    assert json.loads(outcome.stdout)["conflicts"]


def test_same_question_same_answer(run: Run, question: tuple[str, ...]) -> None:
    answers = [json.loads(run("design", *question, "--json").stdout) for _ in range(2)]
    for answer in answers:
        del answer["solver"]
    assert answers[0] == answers[1]
