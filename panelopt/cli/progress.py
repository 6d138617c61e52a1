"""Search progress on stderr: one updated line on a terminal, or one line per step with --verbose."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.status import Status

    from panelopt.api.designs import SolveListener


_Pair = tuple[float | None, float | None]
"""Worst ratio and sum; None while unknown."""

_PHASES = {
    "start": "starting",
    "worst": "raising the worst ratio",
    "sum": "raising the sum of ratios",
    "practical": "choosing among equally good panels",
    "robust": "comparing panels across scenarios",
    "worst case": "raising the worst ratio of the worst scenario",
    "check": "evaluating the panels in fresh scenarios",
    "sensitivity": "computing sensitivity indices",
}


class Progress:
    """Shows phase, best panel and proven bound; a :class:`~panelopt.solver.listener.SolveListener`."""

    def __init__(self, status: Status | None) -> None:
        self._status = status
        self._phase = "reading"
        self._best: _Pair = (None, None)
        self._bound: _Pair = (None, None)

    def phase(self, name: str) -> None:
        """Show the current phase."""
        self._phase = _PHASES.get(name, name)
        self._show()

    def improved(self, worst: float, total: float | None) -> None:
        """Show the objective of a better panel."""
        self._best = (worst, total)
        self._show()

    def bound(self, worst: float | None, total: float | None) -> None:
        """Show a tighter proven bound."""
        self._bound = (worst, total)
        self._show()

    def _show(self) -> None:
        gap = (_minus(self._bound[0], self._best[0]), _minus(self._bound[1], self._best[1]))
        known = (("best", self._best), ("bound", self._bound), ("gap", gap))
        text = ", ".join([self._phase, *(f"{name} {_pair(*pair)}" for name, pair in known if pair != (None, None))])
        if self._status is None:
            click.echo(text, err=True)
        else:
            self._status.update(text)


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else max(one - other, 0.0)


def _pair(worst: float | None, total: float | None) -> str:
    parts = [f"worst {worst:.3f}" if worst is not None else "", f"sum {total:.2f}" if total is not None else ""]
    return " ".join(filter(None, parts))


@contextmanager
def progress(*, quiet: bool, verbose: bool) -> Iterator[SolveListener | None]:
    """Yield a listener that shows progress, or None if none is shown."""
    if quiet or not (verbose or sys.stderr.isatty()):
        yield None
    elif verbose:
        yield Progress(None)
    else:
        from rich.console import Console

        with Console(stderr=True, markup=False).status("reading") as status:
            yield Progress(status)
