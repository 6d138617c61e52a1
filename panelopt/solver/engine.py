"""Runs CP-SAT so that a keyboard interrupt or the memory limit stops it at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from ortools.sat.python import cp_model

from panelopt.frozen import dataclass
from panelopt.solver.deadline import stopped_after
from panelopt.solver.machine import is_above
from panelopt.solver.parameters import Strategy, set_parameters

FIRST_TRY = 0.5
"""Deterministic time (about seconds) for the single search before the portfolio takes over."""

WATCH_S = 0.1
"""Seconds between checks of memory and keyboard."""


@dataclass(frozen=True, slots=True)
class EngineRun:
    """Result of one run of the constraint solver."""

    status: int
    bound: float | None
    deterministic_time: float
    out_of_memory: bool = False

    @property
    def solved(self) -> bool:
        """Whether there is a solution."""
        return self.status in (cp_model.OPTIMAL, cp_model.FEASIBLE)

    @property
    def done(self) -> bool:
        """Whether the search finished."""
        return self.status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)

    @property
    def infeasible(self) -> bool:
        """Whether the model has no solution."""
        return self.status == cp_model.INFEASIBLE


def run(
    solver: cp_model.CpSolver,
    model: cp_model.CpModel,
    *,
    seconds: float | None,
    workers: int = 1,
    seed: int = 0,
    gap: float = 0.0,
    memory_limit_mb: float | None = None,
    team: Sequence[str] = (),
    work: float | None = None,
) -> EngineRun:
    """Solve a model by a team of strategies, or by a single search and, if that takes long, by a portfolio.

    All are deterministic, whatever the number of threads, except where the time or the memory limit ends them.

    Args:
        solver: Holds the solution afterwards.
        model: The model.
        seconds: Wall-clock limit; None = none.
        workers: Threads of the portfolio; it uses at least two, and at most as many as there is work for.
        seed: Seed of the search.
        gap: Absolute gap at which to stop.
        memory_limit_mb: Resident size of the process at which to stop; None = none.
        team: Names of the solver's strategies that search together; none = the single search and the portfolio.
        work: Deterministic time for the portfolio or the team; None = no limit.

    Raises:
        KeyboardInterrupt: after the solver has stopped.
        RuntimeError: if the solver rejects the model.
    """
    if is_above(memory_limit_mb):
        return EngineRun(int(cp_model.UNKNOWN), None, 0.0, out_of_memory=True)
    began = time.perf_counter()
    if team:
        set_parameters(solver.parameters, Strategy.TEAM, workers=workers, seed=seed, gap=gap, work=work, team=team)
        return _solve(solver, model, seconds, memory_limit_mb)
    set_parameters(solver.parameters, Strategy.SINGLE, workers=1, seed=seed, gap=gap, work=FIRST_TRY)
    first = _solve(solver, model, seconds, memory_limit_mb)
    left = None if seconds is None else seconds - (time.perf_counter() - began)
    if first.done or first.out_of_memory or (left is not None and left <= 0):
        return first
    set_parameters(solver.parameters, Strategy.PORTFOLIO, workers=workers, seed=seed, gap=gap, work=work)
    return _solve(solver, model, left, memory_limit_mb, spent=first.deterministic_time)


def _solve(
    solver: cp_model.CpSolver,
    model: cp_model.CpModel,
    seconds: float | None,
    memory_limit_mb: float | None,
    spent: float = 0.0,
) -> EngineRun:
    outcome: list[int] = []

    def work() -> None:
        with stopped_after(solver, seconds):
            outcome.append(int(solver.solve(model)))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    out_of_memory = False
    try:
        while thread.is_alive():
            thread.join(WATCH_S)
            # the solver's own limit counts address space, and is checked too rarely
            if not out_of_memory and thread.is_alive() and is_above(memory_limit_mb):
                out_of_memory = True
                solver.stop_search()
    except KeyboardInterrupt:
        solver.stop_search()
        thread.join()
        raise
    if not outcome or outcome[0] == cp_model.MODEL_INVALID:
        raise RuntimeError(f"the constraint model is invalid: {model.validate()}")
    status = outcome[0]
    # without a solution the reported bound may be a default
    proven = status in (cp_model.OPTIMAL, cp_model.FEASIBLE) and model.has_objective()
    bound = float(solver.best_objective_bound) if proven else None
    return EngineRun(status, bound, spent + float(solver.response_proto.deterministic_time), out_of_memory)
