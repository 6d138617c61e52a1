"""The programs: what they print and write, and that they go on where they stopped."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import growth, hard, marker_lists, race
from benchmarks.peers.clock import Clock
from benchmarks.race_figure import draw, proof_curve
from benchmarks.rows import RowFile, table
from benchmarks.synthetic import Size, synthetic
from panelopt.questions.question import Options, compiled

CASE = "thin/uc-gd2@aurora-5l"


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("command", [hard.hard, race.race, growth.growth, marker_lists.marker_lists])
def test_help(command: click.Command) -> None:
    result = CliRunner().invoke(command, ["--help"])
    assert result.exit_code == 0
    assert "--csv" in result.output


def test_hard_writes_rows_takes_closed_cases_over_and_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "hard.csv"
    arguments = ["--cases", CASE, "--limits", "10,20", "--csv", str(path)]
    first = CliRunner().invoke(hard.hard, arguments)
    assert first.exit_code == 0, first.output
    rows = _read(path)
    assert [(row["limit_s"], row["status"], row["taken_over"]) for row in rows] == [
        ("10", "optimal", "0"),
        ("20", "optimal", "1"),
    ]
    assert float(rows[0]["proven_s"]) <= float(rows[0]["seconds"])
    monkeypatch.setattr(hard, "measured", lambda *_: pytest.fail("was run again"))
    second = CliRunner().invoke(hard.hard, arguments)
    assert second.output == first.output


def test_hard_counts_infeasible_cases_on_their_own() -> None:
    def row(status: str, gap: str) -> dict[str, str]:
        common = {"variant": "dim", "cytometer": "influx", "limit_s": "20"}
        return {**common, "status": status, "gap_worst": gap, "gap_sum": gap}

    rows = [row("optimal", "0.01"), row("feasible", "3"), row("feasible", ""), row("infeasible", "")]
    line = hard.summary(rows).splitlines()[1].split()
    assert line == ["dim,", "conventional", "20", "3", "1", "1", "33", "%", "1", "1.505", "3.000", "1.50", "3.00"]


def test_race_compares_with_the_best_of_the_case() -> None:
    def row(method: str, worst: float, total: float) -> dict[str, str]:
        values = {"best_worst": f"{worst}", "worst": f"{worst}", "sum": f"{total}", "after_s": "1", "proven_s": ""}
        return {"case": "x", "method": method, "judged": "1", **values}

    rows = [row("a", 1.0, 20.0), row("b", 0.99, 10.0), row("c", 0.5, 99.0)]
    found = {r["method"]: (distance, ratio) for r, distance, ratio in race.standings(rows)}
    assert found["a"] == (0.0, 1.0)
    assert found["b"] == (pytest.approx(-0.01), 0.5)
    assert found["c"] == (-0.5, None)
    assert "0/1" in race.summary(rows, [1.0]).splitlines()[-1]


def test_race_refuses_an_unknown_method() -> None:
    result = CliRunner().invoke(race.race, ["--method", "magic"])
    assert result.exit_code == 2
    assert "magic" in result.output


def test_growth_fits_exponents_and_leaves_unproven_sizes_out() -> None:
    def row(size: int, seconds: str) -> dict[str, str]:
        return {"markers": str(size), "dyes": "1", "colours": "8", "proven_s": seconds}

    rows = [row(1, "2"), row(2, "8"), row(4, "32"), row(8, ""), row(8, ""), row(8, "1")]
    place = growth.SERIES["markers x dyes"][1]
    xs, ys = growth.points(rows, "proven_s", place)
    assert xs == [1.0, 2.0, 4.0]
    assert growth.exponent(xs, ys) == pytest.approx(2.0)


def test_growth_measures_a_point() -> None:
    point = {
        "cytometer": "aurora-5l",
        "light": "nominal",
        "markers": 4,
        "dyes": 6,
        "colours": 3,
        "seed": 0,
        "limit_s": 5.0,
    }
    row = growth.measured(point)
    assert row["status"] == "optimal"
    assert 0 < float(row["first_bound_s"] or 0) <= float(row["proven_s"] or 0)
    assert float(row["peak_mb"] or 0) > 10


def test_synthetic_instances_are_the_same_for_the_same_seed() -> None:
    size = Size(30, 25, 6)
    one, same, other = (synthetic(size, "aria-fusion", seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.available, same.available)
    np.testing.assert_array_equal(one.abc, same.abc)
    assert one.dye != other.dye
    assert one.available.shape == (30, 25)
    assert (one.available.sum(axis=1) >= 2).all()
    assert one.required.sum() == 3


def test_marker_lists_require_every_marker() -> None:
    instance = compiled(marker_lists.list_question(30), Options(allow_unverified=True)).instance
    assert instance.marker_list
    assert instance.available.any(axis=1).all()  # whatever problem was loaded to begin with
    assert instance.required.all()
    assert len(instance.marker) == len(set(instance.marker)) == 30
    with pytest.raises(click.BadParameter):
        marker_lists.list_question(300)


def test_marker_lists_print_score_and_complexity(tmp_path: Path) -> None:
    path = tmp_path / "lists.csv"
    arguments = ["--colours", "4", "--times", "0.5,1", "--method", "greedy", "--csv", str(path)]
    result = CliRunner().invoke(marker_lists.marker_lists, arguments)
    assert result.exit_code == 0, result.output
    rows = _read(path)
    assert [row["after_s"] for row in rows] == ["0.5", "1"]
    assert all(float(row["complexity"]) >= 1 for row in rows)


def test_a_file_of_other_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    RowFile(path, ["a", "b"]).add({"a": 1.5, "b": None})
    assert RowFile(path, ["a", "b"]).rows == [{"a": "1.5", "b": ""}]
    with pytest.raises(click.ClickException, match="other columns"):
        RowFile(path, ["a"])


def test_tables_line_up() -> None:
    assert table(["name", "x"], [["a", "1"], ["long name", "22"]]) == "name        x\na           1\nlong name  22"


def test_race_counts_runs_at_the_optimum_and_draws_them(tmp_path: Path) -> None:
    def row(method: str, total: float, proven: str) -> dict[str, str]:
        values = {"best_worst": "1", "worst": "1", "sum": f"{total}", "after_s": "1", "proven_s": proven}
        return {"case": "x", "method": method, "judged": "1", **values}

    rows = [row("a", 20.0, "0.5"), row("a", 19.96, ""), row("b", 19.9, "")]
    assert [good for _, good in race.reached(rows)] == [True, True, False]
    assert "2/2" in race.summary(rows, [1.0]).splitlines()[1]
    times, shares = proof_curve(rows[:2], 1.0)
    assert (times, shares) == ([0.0, 0.5, 1.0], [0.0, 0.5, 0.5])
    draw(tmp_path / "race.svg", race.standings(rows), race.reached(rows), [1.0])
    assert (tmp_path / "race.svg").stat().st_size > 1000


def test_a_race_by_cpu_time_gives_solvers_more_wall_time() -> None:
    clock = Clock()
    assert clock.wall(2.0) == 2.0
    clock.is_cpu = True
    assert 2.0 <= clock.wall(2.0) <= 60.0
    before = clock.now()
    time.sleep(0.05)
    assert clock.now() - before < 0.05
