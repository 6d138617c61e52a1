"""Slowness put in on purpose, to see whether a comparison notices it; known to the benchmarks only.

``tables=0.2`` makes the table builder busy for a fifth of its time more; ``work=0.2`` lets the constraint solver and
the local search do a fifth of their work once more, and throws the result away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import numpy as np
from ortools.sat.python import cp_model

from benchmarks import phases
from panelopt.solver.panel_estimate import PanelEstimator

VARIABLE = "PANELOPT_BENCH_PLANT"
"""Environment variable that plants, e.g. ``tables=0.2``."""


@contextmanager
def planted(text: str) -> Iterator[None]:
    """Plant what a text says; an empty one plants nothing.

    Raises:
        ValueError: if the text has another form.
    """
    with ExitStack() as stack:
        for part in filter(None, text.split(",")):
            name, _, share = part.partition("=")
            if name not in PLANTS:
                raise ValueError(f"{part!r}: a plant is one of {', '.join(PLANTS)}, followed by = and a share")
            for patch in PLANTS[name](float(share)):
                stack.enter_context(patch)
        yield


def _slow_tables(share: float) -> list[Any]:
    build: Callable[..., Any] = phases.claim_tables

    def slower(*args: Any) -> Any:
        began = time.process_time()
        result = build(*args)
        until = time.process_time() + share * (time.process_time() - began)
        while time.process_time() < until:
            pass
        return result

    return [mock.patch.object(phases, "claim_tables", slower)]


def _more_work(share: float) -> list[Any]:
    solve: Callable[..., Any] = cp_model.CpSolver.solve
    estimate: Callable[..., Any] = PanelEstimator.estimate

    def solving(self: cp_model.CpSolver, model: cp_model.CpModel, *args: Any) -> Any:
        again = cp_model.CpSolver()
        again.parameters.copy_from(self.parameters)
        status = solve(self, model, *args)
        again.parameters.max_deterministic_time = share * self.response_proto.deterministic_time
        solve(again, model)
        return status

    def estimating(self: PanelEstimator, panels: np.ndarray) -> Any:
        estimate(self, panels[: int(np.ceil(share * len(panels)))])
        return estimate(self, panels)

    return [
        mock.patch.object(cp_model.CpSolver, "solve", solving),
        mock.patch.object(PanelEstimator, "estimate", estimating),
    ]


PLANTS: dict[str, Callable[[float], list[Any]]] = {"tables": _slow_tables, "work": _more_work}
