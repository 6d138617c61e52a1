"""``panelopt problem new``: template, questions, events."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from panelopt import registry
from panelopt.cli import main, problem_new
from panelopt.domain.panel_constraints import PanelConstraints
from panelopt.drafts.answers import named_levels
from panelopt.errors import InputError
from tests import labelled
from tests.cli.conftest import Run


def test_template_passes_the_check_as_it_is(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    for arguments in (("--template",), ()):  # there is no terminal here
        outcome = run("problem", "new", *arguments, "-o", path, "--force")
        assert outcome.exit_code == 0, outcome.stderr
        assert outcome.stdout == ""
    assert "no faults" in run("problem", "check", path).stdout
    text = path.read_text(encoding="utf-8")
    assert text == run("problem", "new", "--template").stdout
    assert text.count("# <-") > 10


def test_a_file_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("mine", encoding="utf-8")
    outcome = run("problem", "new", "-o", path)
    assert outcome.exit_code == 1
    assert "--force" in outcome.stderr
    assert path.read_text(encoding="utf-8") == "mine"


def test_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        stdin = type("Stdin", (), {"isatty": staticmethod(lambda: True)})

    monkeypatch.setattr(problem_new, "sys", Terminal)
    path = tmp_path / "Fat 1.toml"
    answers = [
        "adipose", "ASC", "ASC", "endothelial, leukocyte", "CD34, CD31, LCA, CD45", "CD34, Live/Dead",
        "CD34, CD31, LCA", "0.x", "0.6",
        "CD34 brigth", "CD34 bright, CD31 -, CD45=-", "0.5", "0.1", "CD31: bright, CD34 dim", "0.3", "CD45 very_bright",
        "2", "0.9",
    ]  # fmt: skip
    outcome = CliRunner().invoke(main, ["problem", "new", "-o", str(path)], input="\n".join(answers) + "\n")
    assert outcome.exit_code == 0, outcome.output
    assert outcome.stdout == ""
    for complaint in (
        "ASC: already a population to sort",
        "0.x is not a number",
        "Did you mean bright?",
        "between 0 and 1",
        "LCA and CD45 are the same marker",
        "the viability dye is already included",
        "between 0 and 0.4",
    ):
        assert complaint in outcome.stderr
    problem = registry.find_problem(str(path)).problem
    assert (problem.id, problem.sample.tissue, problem.goal.purity) == ("fat-1", "adipose", 0.9)
    assert [marker.name for marker in problem.marker] == ["viability", "CD34", "CD31", "CD45"]
    assert [(p.name, p.role, p.frequency) for p in problem.population] == [
        ("ASC", "target", 0.6), ("endothelial", "contaminant", 0.1), ("leukocyte", "contaminant", 0.3),
    ]  # fmt: skip
    assert problem.population[0].levels == {"CD34": "bright", "CD31": "-", "CD45": "-"}
    assert problem.population[2].levels == {"CD45": "very_bright"}


def test_levels_as_people_type_them() -> None:
    markers = ["CD271", "HLA-DR", "PD-1"]
    assert named_levels("LNGFR bright, HLA DR -, PD-1=very_bright,", markers) == {
        "CD271": "bright", "HLA-DR": "-", "PD-1": "very_bright",
    }  # fmt: skip
    for wrong in ("CD271", "CD99 bright", "CD271 shiny"):
        with pytest.raises(InputError):
            named_levels(wrong, markers)


def test_events_become_a_problem(run: Run, tmp_path: Path) -> None:
    source = labelled.write_csv(tmp_path / "cells.csv", labelled.frame())
    lines = tmp_path / "beads.csv"
    rows = "".join(f"{name},1,0,au,own beads\n" for name in ("CD271", "CD45"))
    lines.write_text(f"detector,slope,offset,unit,source\n{rows}", encoding="utf-8")
    target = tmp_path / "found.toml"
    common = ("problem", "new", "--from-events", source, "--population-column", "population", "--target", "MSC")
    outcome = run(*common, "--calibration", lines, "--frequency", "MSC=1e-3", "-o", target)
    assert outcome.exit_code == 0, outcome.stderr
    assert "Correlated markers" in outcome.stdout
    assert max(map(len, outcome.stdout.splitlines())) <= 80 + len(str(source))
    assert "no faults" in run("problem", "check", target).stdout
    found = registry.find_problem(str(target)).problem
    assert found.id == "found"
    assert found.population[0].frequency == 1e-3
    document = json.loads(run(*common, "--force", "--json", "-o", target).stdout)
    assert document["populations"][0]["correlations"][0].keys() == {"markers", "spearman", "notable"}
    assert document["calibrated"] == []
    assert run(*common).stdout.startswith("# Made from 6,000 labelled events")


def test_wrong_events_are_explained(run: Run, tmp_path: Path) -> None:
    source = labelled.write_csv(tmp_path / "cells.csv", labelled.frame())
    target = tmp_path / "x.toml"
    outcome = run(
        "problem",
        "new",
        "--from-events",
        source,
        tmp_path / "none.csv",
        "--population-column",
        "population",
        "-o",
        target,
    )
    assert outcome.exit_code == 1
    assert "no such file" in outcome.stderr
    outcome = run("problem", "new", "--from-events", source, "--population-column", "population", "-o", target)
    assert outcome.exit_code == 1
    assert "--target" in outcome.stderr
    assert "MSC, leukocyte, endothelial" in outcome.stderr
    assert not target.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("--from-events",),
        ("--from-events", "x.csv"),
        ("--from-events", "--template", "x.csv", "--population-column", "p"),
        ("x.csv",),
        ("--target", "MSC"),
        ("--map", "CD45"),
        ("--keep", "is_doublet=0"),
        ("--compensate",),
        ("--frequency", "MSC=much"),
        ("--frequency", "MSC=nan"),
        ("--min-events", "1"),
        ("--from-events", "x.csv", "--population-column", "p", "--json"),
    ],
)
def test_wrong_usage(run: Run, words: tuple[str, ...]) -> None:
    outcome = run("problem", "new", *words)
    assert outcome.exit_code == 2, outcome.stderr
    assert "Traceback" not in outcome.stderr


DEMAND = re.compile(r"^# (?=\[\[?\w+\]\]?$|\w+ = )", re.MULTILINE)


def test_demands_stand_in_the_template_as_comments(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    run("problem", "new", "--template", "-o", path)
    text = path.read_text(encoding="utf-8")
    plain = registry.find_problem(str(path)).problem
    assert (plain.locked, plain.limits, plain.goal.slack) == ((), PanelConstraints(), 0.02)
    path.write_text(DEMAND.sub("", text), encoding="utf-8")
    asked = registry.find_problem(str(path)).problem
    assert asked.goal == plain.goal.model_copy(update={"sort_ways": 2})  # the others show what holds anyway
    assert set(asked.limits.model_fields_set) == {
        "max_colours", "budget", "currency", "vendors", "exclude_fluorochromes", "exclude_tandems", "max_spillover",
        "prefer",
    }  # fmt: skip
    assert [(lock.marker, lock.fluorochrome, lock.detector) for lock in asked.locked] == [("CD271", "APC", "R670/30")]
    assert run("problem", "check", path).exit_code == 0
    options = set(re.findall(r"--[a-z]+(?:-[a-z]+)*", text))
    assert options == {
        "--lock", "--require", "--forbid", "--exclude-dye", "--exclude-tandems", "--vendor", "--slack",
        "--max-spillover", "--max-colours", "--budget",
    }  # fmt: skip
    shown = run("design", "--help-all").stdout
    assert all(option in shown for option in options)
