"""Sweeps: what is solved, what is kept, what fails, and where a run goes on."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pandas as pd
import pytest

from panelopt import api
from panelopt.errors import InputError, PaneloptError
from panelopt.io.sweep_spec import read_sweep
from panelopt.sweeps.cell import CLOCK_SHARE, solve_cell
from panelopt.sweeps.run_sweep import sweep, sweep_status
from panelopt.sweeps.sweep_inputs import options_of, plan
from tests.sweeps import examples as sweeps
from tests.sweeps.examples import Here, lasting, rows_in, write_grid

SMALL = """\
problems = ["marrow.toml", "marrow-2.toml"]
cytometers = ["sorter.toml"]
catalogs = ["./shelf"]
options = { time_limit = inf, max_colours = 1 }
"""
"""Two cells."""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    return write_grid(tmp_path, SMALL)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_a_cell_says_what_the_design_says(spec: Path, out: Path, tmp_path: Path) -> None:
    summary = sweep(spec, out, engine=Here())
    assert (summary.cells, summary.ran, summary.missing, summary.status) == (2, 2, 0, {"optimal": 2})
    question = api.load(
        str(tmp_path / "marrow.toml"), cytometer=str(tmp_path / "sorter.toml"), catalogs=[str(tmp_path / "shelf")]
    )
    wanted = api.design(question, api.Options(time_limit_s=None, max_colours=1, workers=1))
    assert wanted.objective is not None
    (row,) = [row for row in rows_in(out) if row.problem == "marrow.toml"]
    assert row.worst_log_ratio == wanted.objective.worst_log_ratio
    assert row.bound_sum_log_ratio == wanted.bound.sum_log_ratio
    assert (row.colours, row.price, row.unknown_prices) == (1, None, wanted.objective.unknown_prices)
    assert row.problem_sha256 == question.problem_sha256
    result = json.loads((out / "results" / f"{row.cell}.json").read_bytes())
    assert [slot["fluorochrome"] for slot in result["panel"]] == [slot.fluorochrome for slot in wanted.panel]
    assert list(pd.read_csv(out / "table.csv")["problem"]) == ["marrow.toml", "marrow-2.toml"]


def test_a_second_run_does_nothing(spec: Path, out: Path) -> None:
    sweep(spec, out, engine=Here())
    again = Here()
    assert sweep(spec, out, engine=again).ran == 0
    assert again.solved == []


@pytest.mark.parametrize("name", ["marrow.toml", "sorter.toml", "shelf/conjugates.csv", "shelf/catalog.toml"])
def test_a_changed_file_repeats_the_cells_that_read_it(spec: Path, out: Path, tmp_path: Path, name: str) -> None:
    sweep(spec, out, engine=Here())
    path, again = tmp_path / name, Here()
    added = {"csv": "CD45,PE\n", "toml": "note = 'x'\n" if "shelf" not in name else "title = 'x'\n"}
    text = path.read_text(encoding="utf-8")
    extra = "# remark\n" if name in ("marrow.toml", "sorter.toml") else added[name[-3:] if "csv" in name else "toml"]
    path.write_text(text + extra, encoding="utf-8")
    summary = sweep(spec, out, engine=again)
    read = 1 if name == "marrow.toml" else 2
    assert (len(again.solved), summary.outdated, summary.missing) == (read, read, 0)
    path.write_text(text, encoding="utf-8")
    assert sweep(spec, out, engine=Here()).ran == 0


def test_a_run_that_is_interrupted_goes_on(spec: Path, out: Path) -> None:
    stopped = sweep(spec, out, engine=Here(stop_after=1))
    assert (stopped.interrupted, stopped.ran, stopped.missing) == (True, 1, 1)
    assert len(pd.read_parquet(out / "table.parquet")) == 1
    assert sweep_status(spec, out).missing == 1
    rest = sweep(spec, out, engine=Here())
    assert (rest.interrupted, rest.ran, rest.missing) == (False, 1, 0)


def test_wrong_inputs_fail_alone_and_are_tried_again(spec: Path, out: Path, tmp_path: Path) -> None:
    spec.write_text(SMALL.replace('"marrow-2.toml"', '"nowhere.toml", "broken.toml"'), encoding="utf-8")
    (tmp_path / "broken.toml").write_text('id = "x"\nmarker = 3\n', encoding="utf-8")
    summary = sweep(spec, out, engine=Here())
    assert summary.status == {"failed": 2, "optimal": 1}
    errors = {row.problem: row.error or "" for row in summary.failures}
    assert "no such file" in errors["nowhere.toml"]
    assert "broken.toml" in errors["broken.toml"]
    (tmp_path / "nowhere.toml").write_text(sweeps.PROBLEM, encoding="utf-8")
    assert sweep(spec, out, engine=Here()).status == {"failed": 1, "optimal": 2}


def test_what_a_design_refuses_is_told_in_the_row(spec: Path, out: Path, tmp_path: Path) -> None:
    rows = "marker,fluorochrome,price,currency\nCD271,PE,10,EUR\nCD45,FITC,10,USD\n"
    (tmp_path / "shelf" / "conjugates.csv").write_text(rows, encoding="utf-8")
    spec.write_text(SMALL.replace("max_colours = 1", "budget = 100"), encoding="utf-8")
    summary = sweep(spec, out, engine=Here())
    assert summary.status == {"failed": 2}
    assert all("currenc" in (row.error or "") for row in summary.failures)


def test_faults_of_the_program_do_not_end_the_sweep(spec: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("x" * 1000)

    monkeypatch.setattr("panelopt.sweeps.cell.design", broken)
    summary = sweep(spec, out, engine=Here())
    error = summary.failures[0].error or ""
    assert error.startswith("internal error: ZeroDivisionError: xxx")
    assert len(error) == 500


def test_cells_without_a_panel_name_the_clash(spec: Path, out: Path) -> None:
    spec.write_text(SMALL.replace("max_colours = 1", "budget = 0"), encoding="utf-8")
    assert sweep(spec, out, engine=Here()).status == {"infeasible": 2}
    row = rows_in(out)[0]
    assert "--budget" in (row.conflicts or "")
    assert row.worst_log_ratio is None


def test_another_version_is_refused(spec: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    planned = plan(read_sweep(spec), tmp_path)
    cell = planned.cells[0]
    other = replace(cell, fingerprint=cell.fingerprint.model_copy(update={"panelopt_version": "99"}))
    assert "the sweep is of 99" in (solve_cell(planned.inputs, other).row.error or "")


def test_keys_depend_on_every_part(spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def keys() -> set[str]:
        return {cell.key for cell in plan(read_sweep(spec), tmp_path).cells}

    first = keys()
    assert keys() == first
    monkeypatch.setattr("panelopt.sweeps.sweep_inputs.__version__", "99")
    assert not keys() & first


@pytest.mark.parametrize("small_bytes", [0, 10**6], ids=["compiled catalogs", "small catalogs"])
def test_a_cell_is_a_pure_function_of_what_travels(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_bytes: int
) -> None:
    monkeypatch.setattr("panelopt.catalogs.store.SMALL_BYTES", small_bytes)
    planned = plan(read_sweep(spec), tmp_path)
    cell = planned.cells[0]
    there = solve_cell(*pickle.loads(pickle.dumps((planned.inputs, cell))))  # noqa: S301
    assert lasting(there.row) == lasting(solve_cell(planned.inputs, cell).row)


def test_rows_say_whether_the_clock_had_a_say(spec: Path, tmp_path: Path) -> None:
    planned = plan(read_sweep(spec), tmp_path)
    cell = planned.cells[0]
    assert solve_cell(planned.inputs, cell).row.clock_free  # no limit
    for limit in (1e-3, 1e4):
        options = cell.cell.options.model_copy(update={"time_limit_s": limit})
        row = solve_cell(planned.inputs, _with(cell, options)).row
        assert row.clock_free == (row.status == "optimal" and row.solver_seconds <= CLOCK_SHARE * limit)
        assert row.clock_free == (limit > 1)


def _with(planned: object, options: object) -> object:
    from dataclasses import replace

    return replace(planned, cell=planned.cell.model_copy(update={"options": options}))


def test_options_reach_the_search(spec: Path, tmp_path: Path) -> None:
    text = "{ time_limit = 7, tolerance = 0.5, seed = 3, max_colours = 2, budget = 9, memory_limit = 800 }"
    spec.write_text(SMALL.replace("{ time_limit = inf, max_colours = 1 }", text), encoding="utf-8")
    options = options_of(plan(read_sweep(spec), tmp_path).cells[0].cell)
    assert options == api.Options(
        time_limit_s=7, tolerance=0.5, seed=3, max_colours=2, budget=9, memory_limit_mb=800, workers=1
    )


def test_wrong_specifications_stop_before_a_folder_is_made(spec: Path, out: Path) -> None:
    spec.write_text("problems = 3\n", encoding="utf-8")
    with pytest.raises(InputError):
        sweep(spec, out, engine=Here())
    assert not out.exists()


def test_status_needs_no_folder_and_no_lock(spec: Path, out: Path) -> None:
    status = sweep_status(spec, out)
    assert (status.cells, status.missing, status.status, status.left_s) == (2, 2, {}, None)
    assert not out.exists()


def test_the_table_is_written_when_landing_fails(spec: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from panelopt.io.sweep_folder import SweepFolder

    def full(*_: object) -> None:
        raise PaneloptError("the disk is full")

    monkeypatch.setattr(SweepFolder, "land", full)
    with pytest.raises(PaneloptError, match="disk is full"):
        sweep(spec, out, engine=Here())
    assert (out / "table.csv").exists()
