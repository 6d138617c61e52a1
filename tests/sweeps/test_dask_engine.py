"""Sweeps on a Dask cluster: the same rows, also when workers are lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from panelopt.errors import PaneloptError
from panelopt.io.sweep_spec import read_sweep
from panelopt.sweeps.run_sweep import sweep
from panelopt.sweeps.sweep_inputs import plan
from tests.sweeps.examples import Here, lasting, rows_in, write_grid

distributed = pytest.importorskip("distributed")

from panelopt.sweeps.dask_engine import DaskEngine  # noqa: E402


def test_a_cluster_gives_the_same_rows(tmp_path: Path) -> None:
    spec = write_grid(tmp_path)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, protocol="inproc://"
    ) as cluster:
        there = sweep(spec, tmp_path / "there", engine=DaskEngine(cluster.scheduler_address))
    here = sweep(spec, tmp_path / "here", engine=Here())
    assert there.status == here.status
    assert [lasting(row) for row in rows_in(tmp_path / "there")] == [lasting(row) for row in rows_in(tmp_path / "here")]


@pytest.mark.slow
def test_cells_of_a_killed_worker_are_solved_by_others(tmp_path: Path) -> None:
    asked = plan(read_sweep(write_grid(tmp_path)), tmp_path)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        answers = DaskEngine(cluster.scheduler_address).answers(asked.inputs, asked.cells)
        found = [next(answers).row]
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        found += [answer.row for answer in answers]
    alone = [answer.row for answer in Here().answers(asked.inputs, asked.cells)]
    assert sorted(map(repr, map(lasting, found))) == sorted(map(repr, map(lasting, alone)))


def test_a_scheduler_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panelopt.sweeps.dask_engine.CONNECT_S", 0.2)
    spec = write_grid(tmp_path)
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        with pytest.raises(PaneloptError, match="scheduler does not answer") as caught:
            sweep(spec, tmp_path / "out", engine=DaskEngine(address))
        assert "tcp://host:8786" in caught.value.hint


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(PaneloptError, match="not installed") as caught:
        DaskEngine("tcp://host:8786")
    assert "panelopt[dask]" in caught.value.hint
