"""Runs of the constraint solver: repeatable on any number of threads, and ended by limits alone."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from itertools import count

import numpy as np
import pytest
from ortools.sat.python import cp_model

from panelopt.solver import engine
from panelopt.solver.machine import available_cores, is_above, resident_mb


def cover(seed: int, variables: int = 45, rows: int = 35) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    """A set cover with many solutions of equal cost."""
    rng = np.random.default_rng(seed)
    model = cp_model.CpModel()
    x = [model.new_bool_var(f"x{i}") for i in range(variables)]
    for _ in range(rows):
        model.add_bool_or([x[i] for i in rng.choice(variables, 5, replace=False)])
    model.minimize(cp_model.LinearExpr.weighted_sum(x, [int(c) for c in rng.integers(3, 6, variables)]))
    return model, x


def endless() -> cp_model.CpModel:
    """A market split problem: no one solves it in a minute (Cornuejols & Dawande 1999)."""
    rng = np.random.default_rng(0)
    model = cp_model.CpModel()
    x = [model.new_bool_var(f"x{i}") for i in range(50)]
    slack = []
    for _ in range(6):
        weight = rng.integers(0, 100, len(x))
        over, under = model.new_int_var(0, 5000, ""), model.new_int_var(0, 5000, "")
        model.add(cp_model.LinearExpr.weighted_sum(x, weight.tolist()) + over - under == int(weight.sum() // 2))
        slack += [over, under]
    model.minimize(sum(slack))
    return model


@pytest.mark.parametrize("team", [(), ("no_lp", "default_lp")])
def test_portfolio_and_team_give_the_same_on_any_number_of_threads(
    team: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "FIRST_TRY", 1e-4)
    answers = set()
    for workers in (1, 2, 3, 8):
        model, x = cover(3)
        solver = cp_model.CpSolver()
        run = engine.run(solver, model, seconds=30, workers=workers, team=team)
        assert solver.parameters.interleave_search
        assert run.done
        answers.add((run.status, run.bound, f"{run.deterministic_time:.9f}", tuple(solver.value(v) for v in x)))
    assert len(answers) == 1


def test_an_easy_model_needs_no_portfolio() -> None:
    model, _ = cover(1, variables=20, rows=10)
    solver = cp_model.CpSolver()
    run = engine.run(solver, model, seconds=30, workers=4)
    assert run.done
    assert run.bound == solver.objective_value
    assert not solver.parameters.interleave_search
    assert solver.parameters.num_workers == 1


def test_time_limit_ends_a_run() -> None:
    began = time.perf_counter()
    solver = cp_model.CpSolver()
    run = engine.run(solver, endless(), seconds=1.0)
    assert time.perf_counter() - began < 10
    assert solver.parameters.max_time_in_seconds == np.inf  # that would go by the clock of the day
    assert not run.done
    assert not run.out_of_memory


def test_a_process_above_its_memory_limit_does_not_start() -> None:
    model, _ = cover(1)
    run = engine.run(cp_model.CpSolver(), model, seconds=30, memory_limit_mb=1.0)
    assert run.out_of_memory
    assert not run.solved
    assert not run.done
    assert run.deterministic_time == 0


def test_memory_limit_ends_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = count()
    monkeypatch.setattr(engine, "is_above", lambda _limit: next(looks) > 3)
    began = time.perf_counter()
    run = engine.run(cp_model.CpSolver(), endless(), seconds=60.0, memory_limit_mb=1e6)
    assert time.perf_counter() - began < 20
    assert run.out_of_memory
    assert not run.done


def test_interrupt_ends_a_run() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    timer = threading.Timer(0.5, _thread.interrupt_main)
    began = time.perf_counter()
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            engine.run(cp_model.CpSolver(), endless(), seconds=60.0)
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.perf_counter() - began < 20


def test_infeasible_and_invalid_models() -> None:
    model, x = cover(1)
    model.add(sum(x) == 0)
    run = engine.run(cp_model.CpSolver(), model, seconds=30)
    assert run.infeasible
    assert run.bound is None
    invalid = cp_model.CpModel()
    invalid.new_int_var(3, 2, "empty")
    with pytest.raises(RuntimeError, match="invalid"):
        engine.run(cp_model.CpSolver(), invalid, seconds=30)


def test_machine() -> None:
    assert available_cores() >= 1
    held = resident_mb()
    if held is None:
        pytest.skip("this system does not tell the resident size")
    assert 20 < held < 20_000
    assert is_above(held / 2)
    assert not is_above(held * 100)
    assert not is_above(None)


def test_resident_size_follows_what_is_held() -> None:
    before = resident_mb()
    if before is None:
        pytest.skip("this system does not tell the resident size")
    block = np.ones(25_000_000)  # 200 MB of doubles
    after = resident_mb()
    assert after is not None
    assert 150 < after - before < 250
    assert block[-1] == 1
