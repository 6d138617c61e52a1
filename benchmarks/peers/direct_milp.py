"""The relaxation given to HiGHS, as one mixed-integer linear program.

Q. Huangfu, J. A. J. Hall, "Parallelizing the dual revised simplex method", Mathematical Programming Computation
10:119-142 (2018), doi:10.1007/s12532-017-0130-5. The package ``highspy`` (MIT licence) is an extra of the benchmarks.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from benchmarks.peers.direct import GAP, OnPanel, SolverRun, run_directly
from benchmarks.peers.relaxation import LinearModel
from benchmarks.peers.trace import Trace
from panelopt.instance.arrays import Instance


def has_highs() -> bool:
    """Whether the package highspy is installed."""
    return importlib.util.find_spec("highspy") is not None


class DirectMilp:
    """HiGHS on the relaxation; its solutions are judged as they come."""

    name: ClassVar[str] = "direct milp"

    def run(self, instance: Instance, seconds: float, seed: int) -> Trace:
        """Search until the time is over or the result is proven."""
        return run_directly(self.name, _solve, instance, seconds, seed)


def _solve(model: LinearModel, goal: Sequence[int], seconds: float, seed: int, on_solution: OnPanel) -> SolverRun:
    import highspy

    highs = _translated(model, goal)
    for option, value in (
        ("threads", 1),
        ("random_seed", seed),
        ("time_limit", max(seconds, 0.01)),
        ("mip_abs_gap", GAP),
        ("mip_rel_gap", 0.0),
    ):
        highs.setOptionValue(option, value)
    highs.cbMipImprovingSolution.subscribe(lambda event: on_solution(list(event.data_out.mip_solution)))
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return SolverRun(True, None, None)
    info = highs.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return SolverRun(False, None, None)
    return SolverRun(False, float(info.mip_dual_bound), list(highs.getSolution().col_value))


def _translated(model: LinearModel, goal: Sequence[int]) -> Any:
    import highspy

    count = len(model.lower)
    cost = np.zeros(count)
    cost[list(goal)] = 1.0
    starts = np.cumsum([0, *(len(chosen) for chosen, _, _ in model.rows)])
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = count, len(model.rows)
    program.col_cost_ = cost
    program.col_lower_, program.col_upper_ = np.array(model.lower), np.array(model.upper)
    program.row_lower_ = np.full(len(model.rows), -np.inf)
    program.row_upper_ = np.array([limit for _, _, limit in model.rows])
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = starts.astype(np.int32)
    program.a_matrix_.index_ = np.concatenate([chosen for chosen, _, _ in model.rows]).astype(np.int32)
    program.a_matrix_.value_ = np.concatenate([values for _, values, _ in model.rows])
    program.integrality_ = [
        highspy.HighsVarType.kInteger if binary else highspy.HighsVarType.kContinuous for binary in model.binary
    ]
    program.sense_ = highspy.ObjSense.kMaximize
    highs: Any = highspy.Highs()
    highs.silent()
    highs.passModel(program)
    return highs
