"""``panelopt sort-plan`` on the command line, with the real library and a small problem of its own."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from panelopt.domain.sort_plan_record import SortPlan
from tests.cli.conftest import Run
from tests.reporting.examples import PROBLEM

PANEL = "marker,fluorochrome\nCD271,PE\nCD146,BV421\nCD45,APC\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "problem.toml").write_text(PROBLEM, encoding="utf-8")
    (tmp_path / "panel.csv").write_text(PANEL, encoding="utf-8")
    return tmp_path


@pytest.fixture
def command(files: Path) -> tuple[object, ...]:
    return ("sort-plan", files / "problem.toml", files / "panel.csv", "--cytometer", "aria-fusion")


def test_plan_is_shown_and_warnings_go_to_stderr(run: Run, command: tuple[object, ...]) -> None:
    outcome = run(*command)
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout.startswith("two-tubes on aria-fusion\n")
    for title in ("Sorter", "Gates of pos", "What passes the gates", "Plans", "Stages"):
        assert f"\n{title}" in outcome.stdout
    assert "sort ways of" in outcome.stderr
    assert "sort ways of" not in outcome.stdout


def test_several_outputs_say_the_same(run: Run, command: tuple[object, ...], tmp_path: Path) -> None:
    outputs = [tmp_path / name for name in ("plan.json", "gates.csv", "plan.txt")]
    outcome = run(*command, *(word for path in outputs for word in ("-o", path)))
    assert (outcome.exit_code, outcome.stdout) == (0, "")
    plan = SortPlan.model_validate(json.loads(outputs[0].read_text(encoding="utf-8")))
    rows = list(csv.DictReader(io.StringIO(outputs[1].read_text(encoding="utf-8"))))
    assert len(rows) == sum(len(target.tree) for target in plan.targets)
    assert [float(row["purity_so_far"]) for row in rows] == [s.purity_so_far for t in plan.targets for s in t.tree]
    assert "Plans" in outputs[2].read_text(encoding="utf-8")


def test_result_of_score_is_taken_as_a_panel(run: Run, command: tuple[object, ...], files: Path) -> None:
    result = files / "result.json"
    assert run("score", *command[1:], "-o", result).exit_code == 0
    words = list(command)
    words[2] = result
    plan, again = (json.loads(run(*line, "--json", "-q").stdout) for line in (command, words))
    assert plan == again
    judged = json.loads(result.read_text(encoding="utf-8"))
    for target, found in zip(judged["targets"], plan["targets"], strict=True):
        assert found["prediction"]["purity"] == pytest.approx(target["purity"], abs=1e-12)
        assert found["prediction"]["yield"] == pytest.approx(target["yield"], abs=1e-12)


def test_options_reach_the_plan(run: Run, command: tuple[object, ...]) -> None:
    words = ["--mode", "yield", "--event-rate", "5000", "--drop-rate", "60000", "--mask-drops", "1.5", "--nozzle", "85"]
    words += ["--recovery", "0.5", "--hours", "4", "--wanted-cells", "100", "--stages", "two", "--ways", "2"]
    words += ["--bead-marker", "CD271", "--bead-fold", "33", "--bead-recovery", "0.7"]
    plan = json.loads(run(*command, *words, "--json", "-q").stdout)
    sorter = plan["sorter"]
    given = {key: sorter[key] for key in ("mode", "event_rate_hz", "drop_rate_hz", "mask_drops", "nozzle_um", "ways")}
    assert given == {
        "mode": "yield", "event_rate_hz": 5000, "drop_rate_hz": 60000, "mask_drops": 1.5, "nozzle_um": 85, "ways": 2,
    }  # fmt: skip
    assert sorter["recovery"] == 0.5
    assert plan["goals"]["hours"] == 4
    assert plan["goals"]["wanted_cells"] == 100
    beads = plan["plans"][1]["stages"][0]["enrichment"]
    assert (beads["marker"], beads["fold"], beads["recovery"]) == ("CD271", 33, 0.7)


def test_calibration_file(run: Run, command: tuple[object, ...], files: Path) -> None:
    (files / "beads.csv").write_text("fluorochrome,slope,offset,unit\nPE,2,10,AU\n", encoding="utf-8")
    plan = json.loads(run(*command, "--calibration", files / "beads.csv", "--json", "-q").stdout)
    units = {s["fluorochrome"]: s["signal_unit"] for t in plan["targets"] for s in t["tree"]}
    assert units["PE"] == "AU"
    assert {unit for dye, unit in units.items() if dye != "PE"} == {None}


def test_controls_and_order_list_are_files_of_their_own(run: Run, command: tuple[object, ...], files: Path) -> None:
    tubes, order, plan = (files / name for name in ("tubes.csv", "order.csv", "plan.json"))
    outcome = run(*command, "--controls-csv", tubes, "--order-csv", order, "-o", plan, "--cells-per-test", "500000")
    assert (outcome.exit_code, outcome.stdout) == (0, ""), outcome.stderr
    assert f"Written: {plan}, {tubes}, {order}" in outcome.stderr.replace("\n", " ")
    whole = json.loads(plan.read_text(encoding="utf-8"))
    listed = list(csv.DictReader(io.StringIO(tubes.read_text(encoding="utf-8"))))
    assert [row["name"] for row in listed] == [tube["name"] for tube in whole["controls"]["tubes"]]
    lines = list(csv.DictReader(io.StringIO(order.read_text(encoding="utf-8"))))
    assert [row["marker"] for row in lines] == [line["marker"] for line in whole["order"]["lines"]]
    assert {line["tests_sample"] for line in whole["order"]["lines"]} == {20.0}
    assert any(line["spares"] for line in whole["order"]["lines"])
    text = run(*command, "--spares", "0", "-q", "--order-csv", order)
    for title in ("Controls", "Gates that need an FMO control", "Order list"):
        assert f"\n{title}" in text.stdout
    assert "\nSpares" not in text.stdout
    assert {row["spares"] for row in csv.DictReader(io.StringIO(order.read_text(encoding="utf-8")))} == {""}


def test_lots_of_the_inventory_are_in_the_order_list(run: Run, command: tuple[object, ...], files: Path) -> None:
    shelf = files / "shelf.csv"
    shelf.write_text(
        "marker,fluorochrome,vendor,lot,expires,tests_left\nCD271,PE,=Evil(),@L-1,2031-01-02,500\n", encoding="utf-8"
    )
    order = files / "order.csv"
    outcome = run(*command, "--inventory", shelf, "--order-csv", order, "--spares", "0", "-q")
    assert outcome.exit_code == 0, outcome.stderr
    (row,) = (row for row in csv.DictReader(io.StringIO(order.read_text("utf-8"))) if row["marker"] == "CD271")
    assert (row["owned"], row["tests_on_shelf"], row["packs"], row["vendor"]) == ("yes", "500", "0", "'=Evil()")
    assert row["lots"] == "lot @L-1, =Evil(), expires 2031-01-02, 500 tests left"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--spares", "-1"], 2, "--spares"),
        (["--cells-per-test", "0"], 2, "--cells-per-test"),
        (["--order-csv", "no-such-folder/order.csv"], 1, "folder does not exist"),
        (["--order-csv", "x.csv", "--controls-csv", "./x.csv"], 2, "written to the same file"),
        (["-o", "x.csv", "--controls-csv", "x.csv"], 2, "written to the same file"),
        (["--event-rate", "-1"], 2, "--event-rate"),
        (["--event-rate", "inf"], 2, "not a finite number"),
        (["--recovery", "1.2"], 2, "--recovery"),
        (["--wanted-cells", "0"], 2, "--wanted-cells"),
        (["--ways", "0"], 2, "--ways"),
        (["--bead-fold", "1"], 2, "--bead-fold"),
        (["--mode", "fast"], 2, "--mode"),
        (["--bead-marker", "CD272"], 1, "Did you mean CD271?"),
        (["--calibration", "none.toml"], 1, "no such file"),
        (["--cytometer", "fortessa"], 1, "does not sort"),
        (["-o", "no-such-folder/plan.json"], 1, "folder does not exist"),
    ],
)
def test_bad_input_is_refused(run: Run, command: tuple[object, ...], words: list[str], code: int, message: str) -> None:
    outcome = run(*command, *words)
    assert outcome.exit_code == code, outcome.stderr
    assert message in outcome.stderr
    assert outcome.stdout == ""
    assert "Traceback" not in outcome.stderr


def test_tubes_that_nothing_sets_apart_follow_each_other(run: Run, command: tuple[object, ...], files: Path) -> None:
    (files / "problem.toml").write_text(PROBLEM.replace('"very_bright", CD45 = "-"', '"-", CD45 = "-"'), "utf-8")
    outcome = run(*command)
    assert outcome.exit_code == 0
    assert "The sort needs 2 passes" in outcome.stderr
    assert "No marker of the panel separates some tubes" in outcome.stderr
    refused = run(*command, "--overlap", "refuse")
    assert refused.exit_code == 3
    assert "pos and neg" in refused.stderr
    assert "--ways 1" in refused.stderr
    assert run(*command, "--ways", "1", "--overlap", "refuse", "-q").exit_code == 0


def test_rules_that_the_panel_breaks_are_named(run: Run, command: tuple[object, ...]) -> None:
    outcome = run(*command, "--max-colours", "2")
    assert outcome.exit_code == 3
    assert "Gates of pos" in outcome.stdout
    assert "breaks rules" in outcome.stderr


def test_panel_without_rows_is_refused(run: Run, command: tuple[object, ...], files: Path) -> None:
    (files / "panel.csv").write_text("marker,fluorochrome\n", encoding="utf-8")
    outcome = run(*command)
    assert outcome.exit_code == 1
    assert "no rows" in outcome.stderr
