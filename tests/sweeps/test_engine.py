"""Worker processes: the same rows for any number of them, and for any that are lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from panelopt.domain.sweep_record import CellRow, SweepCell
from panelopt.io.sweep_spec import read_sweep
from panelopt.questions.question import Question
from panelopt.sweeps.local_engine import LOST, LocalEngine
from panelopt.sweeps.run_sweep import sweep
from panelopt.sweeps.sweep_inputs import SweepInputs, SweepPlan, plan
from tests.sweeps.examples import Here, is_alive, lasting, rows_in, write_grid

WAIT_S = 240
"""Seconds after which a test that waits for a process gives up; machines may be busy."""


def planned(folder: Path) -> SweepPlan:
    return plan(read_sweep(write_grid(folder)), folder)


def by_key(rows: Iterator[CellRow]) -> dict[str, dict[str, object]]:
    return {row.cell: lasting(row) for row in rows}


@pytest.mark.slow
def test_rows_do_not_depend_on_the_number_of_workers_or_on_lost_ones(tmp_path: Path) -> None:
    asked = planned(tmp_path)
    cells = [cell for cell in asked.cells if cell.cell.options.max_colours]
    alone = by_key(answer.row for answer in Here().answers(asked.inputs, cells))
    answers = LocalEngine(2).answers(asked.inputs, cells)
    before = set(multiprocessing.active_children())
    found = [next(answers).row]
    for process in set(multiprocessing.active_children()) - before:
        process.kill()
    found += [answer.row for answer in answers]
    assert len(found) == len(alone) == 4
    assert by_key(iter(found)) == alone


@pytest.mark.slow
def test_what_still_runs_is_stopped_when_nobody_waits(tmp_path: Path) -> None:
    asked = planned(tmp_path)
    before = set(multiprocessing.active_children())
    answers = LocalEngine(1).answers(asked.inputs, asked.cells)
    next(answers)
    workers = set(multiprocessing.active_children()) - before
    assert len(workers) == 1
    answers.close()
    for process in workers:
        process.join(WAIT_S)
        assert not process.is_alive()


class Deadly(SweepInputs):
    """Inputs with one cell that ends its process."""

    def question(self, cell: SweepCell) -> Question:
        """Return the question of a cell, or end."""
        if cell.problem == "marrow-2.toml":
            os._exit(9)
        return SweepInputs.question(self, cell)


@pytest.mark.slow
def test_a_cell_that_ends_its_worker_fails_after_some_attempts(tmp_path: Path) -> None:
    asked = planned(tmp_path)
    inputs = Deadly(**{field.name: getattr(asked.inputs, field.name) for field in fields(SweepInputs)})
    cells = [cell for cell in asked.cells if cell.cell.cytometer == "sorter.toml" and cell.cell.options.max_colours]
    rows = {answer.row.problem: answer.row for answer in LocalEngine(1).answers(inputs, cells)}
    assert rows["marrow-2.toml"].error == LOST
    assert rows["marrow.toml"].status == "optimal"


def started(spec: Path, out: Path, jobs: int = 1) -> subprocess.Popen[str]:
    """Start a sweep in a process of its own, and wait until two cells have landed."""
    words = [sys.executable, "-m", "panelopt", "sweep", str(spec), "-o", str(out), "--jobs", str(jobs)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + WAIT_S
    while len(list((out / "cells").glob("*.json"))) < 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)
    return process


def children(process: int) -> list[int]:
    """Return the processes that a process has started."""
    return [int(n) for n in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()]


MANY = """\
problems = ["marrow.toml", "marrow-2.toml"]
cytometers = ["sorter.toml", "sorter-2.toml"]
catalogs = ["./shelf"]
options = { time_limit = inf, seed = [0, 1, 2, 3, 4] }
"""
"""Twenty cells."""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")
def test_a_killed_sweep_goes_on_and_gives_the_same_table(tmp_path: Path) -> None:
    spec, out, whole = write_grid(tmp_path, MANY), tmp_path / "killed", tmp_path / "whole"
    process = started(spec, out)
    workers = children(process.pid)
    process.kill()
    process.communicate()
    until = time.monotonic() + WAIT_S
    while any(map(is_alive, workers)):
        assert time.monotonic() < until, "workers outlive the sweep"
        time.sleep(0.05)
    assert all(json.loads(path.read_bytes()) for path in out.glob("*/*.json"))
    landed = len(rows_in(out))
    assert 2 <= landed < 20
    assert sweep(spec, out, engine=Here()).ran == 20 - landed
    sweep(spec, whole, engine=Here())
    assert [lasting(row) for row in rows_in(out)] == [lasting(row) for row in rows_in(whole)]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_control_c_keeps_what_has_ended(tmp_path: Path) -> None:
    spec, out = write_grid(tmp_path, MANY), tmp_path / "out"
    process = started(spec, out)
    process.send_signal(signal.SIGINT)
    shown, said = process.communicate(timeout=WAIT_S)
    assert process.returncode == 130
    assert "missing" in shown
    assert "interrupted; finished cells are kept" in said
    assert "again to resume" in said
    assert (out / "table.csv").read_text(encoding="utf-8").count("\n") == 1 + len(rows_in(out))
