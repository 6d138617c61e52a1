"""The relaxation given to CP-SAT, as one model.

L. Perron, F. Didier, S. Gay, "The CP-SAT-LP solver", 29th International Conference on Principles and Practice of
Constraint Programming (2023), doi:10.4230/LIPIcs.CP.2023.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from ortools.sat.python import cp_model

from benchmarks.peers.direct import GAP, OnPanel, SolverRun, run_directly
from benchmarks.peers.relaxation import LinearModel
from benchmarks.peers.trace import Trace
from panelopt.instance.arrays import Instance

SCALE = 1_000_000
"""Integer steps in one unit of log10."""

PORTFOLIO = 6
"""Strategies that take turns in one thread."""


class DirectCpSat:
    """CP-SAT on the relaxation; its solutions are judged as they come."""

    name: ClassVar[str] = "direct cp-sat"

    def run(self, instance: Instance, seconds: float, seed: int) -> Trace:
        """Search until the time is over or the result is proven."""
        return run_directly(self.name, _solve, instance, seconds, seed)


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, variables: Sequence[cp_model.IntVar], on_solution: OnPanel) -> None:
        super().__init__()
        self._variables = variables
        self._on_solution = on_solution

    def on_solution_callback(self) -> None:
        """Hand a solution on."""
        self._on_solution([self.value(variable) for variable in self._variables])


def _solve(model: LinearModel, goal: Sequence[int], seconds: float, seed: int, on_solution: OnPanel) -> SolverRun:
    program, variables = _translated(model)
    program.maximize(cp_model.LinearExpr.sum([variables[v] for v in goal]))
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.max_time_in_seconds = max(seconds, 0.01)
    parameters.random_seed = seed
    parameters.num_workers = PORTFOLIO
    parameters.interleave_search = True
    parameters.linearization_level = 2
    parameters.absolute_gap_limit = GAP * SCALE
    status = solver.solve(program, _Listener(variables, on_solution))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return SolverRun(status == cp_model.INFEASIBLE, None, None)
    return SolverRun(False, solver.best_objective_bound / SCALE, [float(solver.value(v)) for v in variables])


def _translated(model: LinearModel) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    """Return the model in whole steps; coefficients are rounded down and limits up, so that no solution is lost."""
    program = cp_model.CpModel()
    variables = [
        program.new_bool_var("") if binary else program.new_int_var(_up(lower), _up(upper), "")
        for lower, upper, binary in zip(model.lower, model.upper, model.binary, strict=True)
    ]
    for chosen, coefficients, limit in model.rows:
        if all(model.binary[v] for v in chosen) and all(float(c).is_integer() for c in coefficients):
            weights, most = [int(c) for c in coefficients], int(np.floor(limit))
        else:
            weights = [int(c) if not model.binary[v] else _down(c) for v, c in zip(chosen, coefficients, strict=True)]
            most = _up(limit)
        program.add(cp_model.LinearExpr.weighted_sum([variables[v] for v in chosen], weights) <= most)
    return program, variables


def _up(value: float) -> int:
    return int(np.ceil(value * SCALE))


def _down(value: float) -> int:
    return int(np.floor(value * SCALE))
