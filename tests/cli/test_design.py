"""``design``, ``score``, ``improve``: what is asked, what is written where, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from panelopt.domain.problem_record import Locked
from panelopt.errors import Finding, InputError, PaneloptError
from panelopt.report.verdict import verdict
from tests import builders
from tests.cli.conftest import FakeApi, Options, Run

DESIGN = ("design", "tiny", "--cytometer", "tiny-sorter")
VERDICT = verdict(builders.result())


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    path = tmp_path / "panel.csv"
    path.write_text("marker,fluorochrome\nCD271,PE\nCD45,FITC\n", encoding="utf-8")
    return path


def test_design_prints_the_result_and_nothing_else_on_stdout(api: FakeApi, run: Run) -> None:
    outcome = run(*DESIGN)
    assert outcome.exit_code == 0
    assert outcome.stdout.startswith("tiny on tiny-sorter\n")
    assert "CD31 is unknown" not in outcome.stdout
    told = outcome.stderr.splitlines()
    assert told[0] == "Warning: Unknown antigen levels: The level of CD31 is unknown in msc-pos (tiny.toml)."
    assert told[1].startswith("  Hint: State them in the problem file")
    assert len(told) == 2


def last_paragraph(text: str) -> str:
    return " ".join(text.split("\n\n")[-1].split())


def test_the_verdict_comes_last_after_all_warnings(api: FakeApi, run: Run, tmp_path: Path) -> None:
    assert last_paragraph(run(*DESIGN).output) == VERDICT
    assert last_paragraph(run(*DESIGN).stdout) == VERDICT
    assert VERDICT not in run(*DESIGN).stderr
    for how in (("--json",), ("--format", "csv"), ("-o", tmp_path / "r.json"), ("-o", tmp_path / "r.txt")):
        lines = run(*DESIGN, *how).stderr.splitlines()
        assert "Warning: " in lines[0]
        assert lines[-1] == VERDICT
        assert run(*DESIGN, *how, "-q").stderr == ""
    head, _, rest = (tmp_path / "r.txt").read_text().partition("\n\n")
    assert " ".join(head.split()) == f"tiny on tiny-sorter {VERDICT}"
    assert "Gates, in antibodies per cell" in rest


def test_tables_wait_for_verbose(api: FakeApi, run: Run) -> None:
    assert "Gates, in antibodies per cell" not in run(*DESIGN).stdout
    shown = run(*DESIGN, "-v").stdout
    assert shown.index("Gates, in antibodies per cell") < shown.index("Tubes\n")
    assert last_paragraph(shown) == VERDICT


@pytest.mark.parametrize("status", ["infeasible", "unknown"])
def test_a_verdict_without_a_panel_comes_last_as_well(api: FakeApi, run: Run, status: str) -> None:
    api.answer = builders.empty_result(status, warnings=[{"code": "x", "message": "look here"}])
    shown = run(*DESIGN).output
    assert "Warning: X: Look here." in shown
    assert last_paragraph(shown).endswith(verdict(api.answer))


def test_quiet_leaves_stderr_empty(api: FakeApi, run: Run) -> None:
    assert run(*DESIGN, "-q").stderr == ""


def test_verbose_tells_each_step(api: FakeApi, run: Run) -> None:
    steps = run(*DESIGN, "-v").stderr.splitlines()[:3]
    assert steps == [
        "searching",
        "searching, best worst 1.000",
        "searching, best worst 1.000, bound worst 1.500 sum 9.00, gap worst 0.500",
    ]


@pytest.mark.parametrize("how", [("--json",), ("--format", "json")])
def test_json_is_the_result(api: FakeApi, run: Run, how: tuple[str, ...]) -> None:
    document = json.loads(run(*DESIGN, *how).stdout)
    assert document["targets"][0]["yield"] == 0.9412


def test_every_option_reaches_the_library(api: FakeApi, run: Run) -> None:
    options = "--max-colours 8 --budget 900.5 --allow-unknown-price --require-goal --time-limit 5 --tolerance 0.1"
    more = "--workers 2 --seed 7 --memory-limit 900 --catalog a --catalog ./b --inventory shelf"
    run(*DESIGN, *options.split(), *more.split())
    assert api.calls[0] == ("load", ("tiny", "tiny-sorter", ("a", "./b"), "shelf"))
    name, (question, given, _) = api.calls[1]
    assert (name, question) == ("design", "question about tiny")
    assert given == Options(5.0, 0.1, 2, 7, 8, 900.5, True, True, 900.0)


def test_every_demand_reaches_the_library(api: FakeApi, run: Run) -> None:
    reagents = "--lock CD271=PE --lock CD45=FITC@B530/30 --exclude-dye PE-Cy5 --exclude-dye APC --exclude-tandems"
    markers = "--require CD146 --require CD31 --forbid CD106 --vendor Alpha --vendor Beta --inventory shelf"
    numbers = "--only-inventory --allow-unverified --slack 0 --max-spillover 1.5"
    run(*DESIGN, *reagents.split(), *markers.split(), *numbers.split())
    assert api.calls[1][1][1] == Options(
        locks=(
            Locked(marker="CD271", fluorochrome="PE"),
            Locked(marker="CD45", fluorochrome="FITC", detector="B530/30"),
        ),
        require=("CD146", "CD31"),
        forbid=("CD106",),
        exclude_dyes=("PE-Cy5", "APC"),
        exclude_tandems=True,
        vendors=("Alpha", "Beta"),
        only_inventory=True,
        allow_unverified=True,
        slack=0.0,
        max_spillover=1.5,
    )


@pytest.mark.parametrize("command", ["score", "improve"])
def test_demands_belong_to_given_panels_as_well(api: FakeApi, run: Run, panel: Path, command: str) -> None:
    more = ("--max-changes", 1) if command == "improve" else ()
    run(command, "tiny", panel, *more, "--cytometer", "tiny-sorter", "--forbid", "CD106", "--max-spillover", 2)
    name, arguments = api.calls[1]
    assert name == command
    assert Options(forbid=("CD106",), max_spillover=2.0) in arguments


def test_defaults(api: FakeApi, run: Run) -> None:
    run(*DESIGN)
    assert api.calls[1][1][1] == Options()


def test_infinite_time_means_no_limit(api: FakeApi, run: Run) -> None:
    run(*DESIGN, "--time-limit", "inf")
    assert api.calls[1][1][1].time_limit_s is None


@pytest.mark.parametrize(
    "wrong",
    [
        ("--time-limit", "0"),
        ("--time-limit", "nan"),
        ("--budget", "nan"),
        ("--budget", "inf"),
        ("--budget", "-1"),
        ("--tolerance", "-0.1"),
        ("--max-colours", "0"),
        ("--workers", "-1"),
        ("--memory-limit", "0"),
        ("--memory-limit", "inf"),
        ("--format", "xml"),
        ("--lock", "CD271"),
        ("--lock", "=PE"),
        ("--lock", "CD271="),
        ("--lock", "CD271=PE@"),
        ("--lock", f"CD271={'x' * 300}"),
        ("--slack", "-0.1"),
        ("--slack", "3.1"),
        ("--slack", "nan"),
        ("--max-spillover", "0"),
        ("--max-spillover", "inf"),
        ("--only-inventory",),
        ("--prefer-inventory", "0.3"),
        ("--then", "complexity"),
        ("-o", "r.docx"),
        ("-o", "r.dat"),
        ("-o", "r.pdf"),
        ("-o", "r.toml"),
        ("-o", "r.JSON5"),
        ("--json", "-o", "r.csv"),
        ("--format", "text", "-o", "r.html"),
        ("--instance", "i.csv"),
        ("--certificate", "c.xlsx"),
        ("--nonsense",),
    ],
)
def test_wrong_usage_is_2_and_starts_nothing(api: FakeApi, run: Run, wrong: tuple[str, ...]) -> None:
    assert run(*DESIGN, *wrong).exit_code == 2
    assert not api.calls


def test_a_missing_cytometer_is_wrong_usage_with_a_hint(api: FakeApi, run: Run) -> None:
    outcome = run("design", "tiny")
    assert outcome.exit_code == 2
    assert "Hint: Add --cytometer" in outcome.stderr


def test_one_run_writes_all_formats_by_suffix(api: FakeApi, run: Run, tmp_path: Path) -> None:
    out = [tmp_path / name for name in ("r.json", "r.CSV", "r.txt", "result")]
    outcome = run(*DESIGN, *(part for path in out for part in ("-o", path)))
    assert outcome.exit_code == 0
    assert outcome.stdout == ""
    assert outcome.stderr.splitlines()[-1] == VERDICT
    assert json.loads(out[0].read_text())["status"] == "optimal"
    assert out[1].read_text().startswith("marker,")
    assert "CD271-PE" in out[1].read_text()
    assert out[2].read_text() == out[3].read_text()
    assert "CD31 is unknown" in out[2].read_text()


def test_a_given_format_goes_before_the_suffix(api: FakeApi, run: Run, tmp_path: Path) -> None:
    run(*DESIGN, "--json", "-o", tmp_path / "r.txt")
    assert json.loads((tmp_path / "r.txt").read_text())["problem"] == "tiny"


def test_an_impossible_output_is_told_before_the_search(api: FakeApi, run: Run, tmp_path: Path) -> None:
    outcome = run(*DESIGN, "-o", tmp_path / "missing" / "r.json")
    assert outcome.exit_code == 1
    assert "does not exist" in outcome.stderr
    assert "Hint: " in outcome.stderr
    assert not api.calls


def test_instance_is_written_on_request(api: FakeApi, run: Run, tmp_path: Path) -> None:
    run(*DESIGN, "--instance", tmp_path / "i.npz", "--seed", 3)
    assert api.calls[1] == ("write_instance", ("question about tiny", tmp_path / "i.npz", Options(seed=3)))


def test_infeasible_is_3_and_names_the_clash(api: FakeApi, run: Run) -> None:
    clash = {"demand": "max_colours", "message": "at most 2 colours", "where": "limits.max_colours"}
    api.answer = builders.empty_result("infeasible", conflicts=[clash])
    outcome = run(*DESIGN, "--json", "-q")
    assert outcome.exit_code == 3
    assert json.loads(outcome.stdout)["conflicts"][0]["demand"] == "max_colours"
    assert "max_colours: at most 2 colours (limits.max_colours)" in outcome.stderr
    assert "Hint: " in outcome.stderr


def test_a_given_panel_that_breaks_rules_is_3_and_still_judged(api: FakeApi, run: Run, panel: Path) -> None:
    broken = {"demand": "one-detector", "message": "PE and PE-Cy5 share a detector"}
    api.answer = builders.result(status="infeasible", conflicts=[broken])
    outcome = run("score", "tiny", panel, "--cytometer", "tiny-sorter")
    assert outcome.exit_code == 3
    assert "Rules that the panel violates\n  - one-detector: PE and PE-Cy5" in outcome.stdout
    assert "Error: the given panel breaks rules\n" in outcome.stderr
    assert "one-detector" not in outcome.stderr  # stdout lists the rules
    assert "CD271-PE" in outcome.stdout


def test_unknown_is_4(api: FakeApi, run: Run) -> None:
    api.answer = builders.empty_result("unknown")
    outcome = run(*DESIGN)
    assert outcome.exit_code == 4
    assert "--time-limit" in outcome.stderr


def test_interrupted_writes_the_best_first_and_is_130(api: FakeApi, run: Run, tmp_path: Path) -> None:
    stats: dict[str, Any] = {"interrupted": True}
    api.answer = builders.result(status="feasible", solver=stats)
    outcome = run(*DESIGN, "-o", tmp_path / "r.json")
    assert outcome.exit_code == 130
    assert json.loads((tmp_path / "r.json").read_text())["panel"]
    assert "best panel so far" in outcome.stderr


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 4, "memory"),
        (PaneloptError("it broke", where="a.toml", hint="mend it"), 1, "Error: a.toml: it broke\nHint: mend it\n"),
        (
            InputError([Finding("a", "one", "f:1", "do x"), Finding("b", "two", "f:2")]),
            1,
            "Error: 2 faults in the input:\n  - f:1: one\n    Hint: do x\n  - f:2: two\n",
        ),
    ],
)
def test_errors_become_messages_and_codes(api: FakeApi, run: Run, fault: BaseException, code: int, says: str) -> None:
    api.fault = fault
    outcome = run(*DESIGN)
    assert outcome.exit_code == code
    assert says in outcome.stderr
    assert outcome.stdout == ""


def test_very_many_faults_are_counted(api: FakeApi, run: Run) -> None:
    api.fault = InputError(Finding("a", f"fault {i}") for i in range(1000))
    lines = run(*DESIGN).stderr.splitlines()
    assert len(lines) < 60
    assert lines[-1] == "  and 950 more"


def test_names_in_messages_cannot_steer_the_terminal(api: FakeApi, run: Run) -> None:
    api.fault = InputError([Finding("a", "bad \x1b[2Jname", "f\x07:1", "a\u202eb")])
    assert not set("\x1b\x07\u202e") & set(run(*DESIGN).stderr)


def test_score_reads_the_panel(api: FakeApi, run: Run, panel: Path) -> None:
    outcome = run("score", "tiny", panel, "--cytometer", "tiny-sorter")
    assert outcome.exit_code == 0
    rows = api.calls[1][1][1]
    assert [(row.marker, row.fluorochrome) for row in rows] == [("CD271", "PE"), ("CD45", "FITC")]


def test_score_without_its_panel_is_wrong_input(api: FakeApi, run: Run, tmp_path: Path) -> None:
    outcome = run("score", "tiny", tmp_path / "none.csv", "--cytometer", "tiny-sorter")
    assert outcome.exit_code == 1
    assert "none.csv" in outcome.stderr


def test_improve_passes_the_number_of_changes(api: FakeApi, run: Run, panel: Path) -> None:
    run("improve", "tiny", panel, "--max-changes", 2, "--cytometer", "tiny-sorter")
    assert api.calls[1][0] == "improve"
    assert api.calls[1][1][2] == 2


def test_improve_needs_the_number_of_changes(api: FakeApi, run: Run, panel: Path) -> None:
    assert run("improve", "tiny", panel, "--cytometer", "tiny-sorter").exit_code == 2


def test_a_dash_is_stdout(api: FakeApi, run: Run, tmp_path: Path) -> None:
    outcome = run(*DESIGN, "-o", "-", "-o", tmp_path / "r.json")
    assert outcome.stdout.startswith("tiny on tiny-sorter\n")
    assert json.loads((tmp_path / "r.json").read_text())["problem"] == "tiny"


def test_a_full_disk_at_stdout_is_told(api: FakeApi, run: Run) -> None:
    api.fault = OSError(28, "No space left on device")
    outcome = run(*DESIGN)
    assert outcome.exit_code == 1
    assert outcome.stderr == "Error: output: no space left on device\n"
