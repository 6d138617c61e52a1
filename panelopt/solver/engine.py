"""Runs CP-SAT so that a keyboard interrupt stops it at once and nothing else does."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from ortools.sat.python import cp_model


@dataclass(frozen=True, slots=True)
class EngineRun:
    """What one run of the constraint solver gave."""

    status: int
    bound: float | None
    deterministic_time: float

    @property
    def solved(self) -> bool:
        """Whether there is a solution to read."""
        return self.status in (cp_model.OPTIMAL, cp_model.FEASIBLE)

    @property
    def infeasible(self) -> bool:
        """Whether the model has no solution."""
        return self.status == cp_model.INFEASIBLE


def run(
    solver: cp_model.CpSolver,
    model: cp_model.CpModel,
    *,
    seconds: float | None,
    workers: int,
    seed: int,
    callback: cp_model.CpSolverSolutionCallback | None = None,
) -> EngineRun:
    """Solve a model in a thread of its own, and wait for it.

    Raises:
        KeyboardInterrupt: after the solver has stopped.
        RuntimeError: if the solver rejects the model.
    """
    parameters = solver.parameters
    parameters.num_workers = workers
    parameters.random_seed = seed
    parameters.catch_sigint_signal = False
    # measured: the models are small and solved often, and presolve pays while probing and symmetry do not
    parameters.cp_model_probing_level = 0
    parameters.symmetry_level = 0
    if seconds is not None:
        parameters.max_time_in_seconds = max(seconds, 0.01)
    outcome: list[int] = []

    def work() -> None:
        outcome.append(int(solver.solve(model, callback)))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.1)
    except KeyboardInterrupt:
        solver.stop_search()
        thread.join()
        raise
    if not outcome or outcome[0] == cp_model.MODEL_INVALID:
        raise RuntimeError(f"the constraint model is invalid: {model.validate()}")
    status = outcome[0]
    proven = status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.UNKNOWN) and model.has_objective()
    bound = float(solver.best_objective_bound) if proven else None
    return EngineRun(status, bound, float(solver.response_proto.deterministic_time))
