"""A solver that is given the relaxation directly: solve, judge, rule out what was judged, repeat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from benchmarks.peers.clock import CLOCK
from benchmarks.peers.relaxation import LinearModel, Relaxation
from benchmarks.peers.trace import Jury, Trace
from panelopt.instance.arrays import Instance

WORST_SHARE = 0.55
"""Share of the time for objective 1, as panelopt has it."""

GAP = 0.005
"""Gap at which a run of a solver may stop, log10; a quarter of the tolerance, as panelopt has it."""

OnPanel = Callable[[Sequence[float]], None]


@dataclass(frozen=True, slots=True)
class SolverRun:
    """What one run gave: whether no solution exists, the proven limit, and the last solution by variable."""

    infeasible: bool
    bound: float | None
    values: Sequence[float] | None


class Solve(Protocol):
    """Maximises the sum of some variables of a model."""

    def __call__(
        self, model: LinearModel, goal: Sequence[int], seconds: float, seed: int, on_solution: OnPanel
    ) -> SolverRun:
        """Run for some seconds at most; every solution found on the way goes to ``on_solution``."""


def run_directly(name: str, solve: Solve, instance: Instance, seconds: float, seed: int) -> Trace:
    """Search with a solver until the time is over or the result is proven."""
    return _Direct(name, solve, instance, seconds, seed).run()


class _Direct:
    def __init__(self, name: str, solve: Solve, instance: Instance, seconds: float, seed: int) -> None:
        self.jury = Jury(name, instance, seconds)
        self._solve = solve
        self._seconds = seconds
        self._seed = seed

    def run(self) -> Trace:
        trace = self.jury.trace
        self.relaxation = Relaxation(self.jury.instance)
        tolerance = self.jury.tolerance
        trace.bound_worst = self._phase([self.relaxation.worst], WORST_SHARE * self._seconds, None)
        if self._best(None) is None:  # no panel yet: all of the time for the first one
            trace.bound_worst = self._phase([self.relaxation.worst], self._seconds, None)
        best = trace.worst_at(np.inf)
        if best is None:
            return self.jury.close()
        floor = best - tolerance
        self.relaxation.require_worst(floor)
        trace.bound_total = self._phase(self.relaxation.rho, self._seconds, floor)
        top = trace.best_at(np.inf, floor)
        closed = trace.bound_worst is not None and trace.bound_worst - best <= tolerance
        if closed and top and trace.bound_total is not None and trace.bound_total - top.total <= 2.5 * tolerance:
            trace.proven_s = self.jury.seconds
        return self.jury.close()

    def _phase(self, goal: Sequence[int], until: float, floor: float | None) -> float | None:
        """Solve until best value and limit meet or the time is over; return the limit."""
        tolerance = self.jury.tolerance * (1.0 if floor is None else 2.5)
        limit: float | None = None
        while (left := until - self.jury.seconds) > 0:
            run = self._solve(self.relaxation.model, goal, CLOCK.wall(left), self._seed, self._judge)
            best = self._best(floor)
            if run.infeasible:  # only panels that were judged have been ruled out
                return best
            if run.values is None or run.bound is None:
                return limit
            bound = run.bound if best is None else max(run.bound, best)
            limit = bound if limit is None else min(limit, bound)
            self._judge(run.values)
            best = self._best(floor)
            if best is not None and limit - best <= tolerance:
                return limit
            self.relaxation.forbid(self._panel(run.values))
        return limit

    def _best(self, floor: float | None) -> float | None:
        if floor is None:
            return self.jury.trace.worst_at(np.inf)
        top = self.jury.trace.best_at(np.inf, floor)
        return None if top is None else top.total

    def _panel(self, values: Sequence[float]) -> list[int]:
        return [o for o, variable in enumerate(self.relaxation.used) if values[variable] > 0.5]

    def _judge(self, values: Sequence[float]) -> None:
        if not self.jury.is_over:
            self.jury.judge([self.relaxation.options.slots[o] for o in self._panel(values)])
