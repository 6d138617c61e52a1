"""Counts the work of a search.

With one worker and a fixed seed the counts of a search that ends by proof are the same every time. They hold for one
version of OR-tools and NumPy on one kind of processor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np
from ortools.sat.python import cp_model

from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.solver import panel_scorer
from panelopt.solver.outcome import Outcome
from panelopt.solver.panel_estimate import PanelEstimator

Counts = dict[str, float]

COUNTERS = {
    "deterministic_time": 0.01,
    "branches": 500.0,
    "conflicts": 100.0,
    "model_runs": 10.0,
    "rows": 50.0,
    "scores": 20.0,
    "estimates": 2000.0,
}
"""What is counted, and the least count at which a tenth more is worth an alarm.

deterministic_time, branches, conflicts: work of CP-SAT; model_runs: its runs; rows: limits added to the model; scores:
panels judged by the exact score; estimates: panels estimated by the local search.
"""


@contextmanager
def counted() -> Iterator[Counts]:
    """Count the work done inside; what the outcome tells is added by :func:`finished`."""
    counts: Counts = dict.fromkeys(("deterministic_time", "branches", "conflicts", "scores", "estimates"), 0.0)

    def solving(self: cp_model.CpSolver, *args: Any, **kwargs: Any) -> Any:
        status = solve(self, *args, **kwargs)
        counts["deterministic_time"] += self.response_proto.deterministic_time
        counts["branches"] += self.num_branches
        counts["conflicts"] += self.num_conflicts
        return status

    def estimating(self: PanelEstimator, panels: np.ndarray) -> Any:
        counts["estimates"] += len(panels)
        return estimate(self, panels)

    def scoring(instance: Instance, panels: Sequence[Sequence[SlotIndex]], tolerance: float) -> Any:
        counts["scores"] += len(panels)
        return score_panels(instance, panels, tolerance)

    solve: Callable[..., Any] = cp_model.CpSolver.solve
    estimate: Callable[..., Any] = PanelEstimator.estimate
    score_panels: Callable[..., Any] = panel_scorer.score_panels
    with (
        mock.patch.object(cp_model.CpSolver, "solve", solving),
        mock.patch.object(PanelEstimator, "estimate", estimating),
        mock.patch.object(panel_scorer, "score_panels", scoring),
    ):
        yield counts


def finished(counts: Counts, outcome: Outcome) -> Counts:
    """Return the counts of a search that has ended."""
    return {**counts, "model_runs": float(outcome.iterations), "rows": float(outcome.rows)}


def answer(outcome: Outcome) -> dict[str, float | str | None]:
    """Return what a search found and proved."""
    return {
        "status": outcome.status,
        "worst": outcome.best_worst,
        "worst_bound": outcome.bound_worst,
        "sum": outcome.best_total,
        "sum_bound": outcome.bound_total,
    }
