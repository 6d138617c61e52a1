"""Search progress on stderr: one updated line on a terminal, or one line per step with --verbose."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.text import Text

    from panelopt.api.designs import SolveListener


_Pair = tuple[float | None, float | None]
"""Worst ratio and sum; None while unknown."""

_PHASES = {
    "start": "starting",
    "worst": "raising the worst ratio",
    "sum": "raising the sum of ratios",
    "practical": "choosing among equals",
    "robust": "comparing in scenarios",
    "worst case": "raising the worst scenario",
    "check": "trying fresh scenarios",
    "sensitivity": "weighing the unknowns",
}

_PER_SECOND = 4
"""How often the line is drawn anew."""


class Progress:
    """Follows a search; a :class:`~panelopt.solver.listener.SolveListener`.

    Args:
        told: Called with the state after each step; None: the state is only kept.
        clock: Seconds since any fixed moment.
    """

    def __init__(self, told: Callable[[str], None] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._told = told
        self._clock = clock
        self._began = clock()
        self._phase = "reading"
        self._best: _Pair = (None, None)
        self._bound: _Pair = (None, None)

    def phase(self, name: str) -> None:
        """Take note of the current phase."""
        self._phase = _PHASES.get(name, name)
        self._tell()

    def improved(self, worst: float, total: float | None) -> None:
        """Take note of a better panel."""
        self._best = (worst, total)
        self._tell()

    def bound(self, worst: float | None, total: float | None) -> None:
        """Take note of a tighter proven bound."""
        self._bound = (worst, total)
        self._tell()

    def line(self) -> str:
        """Return elapsed time, phase, best panel and proven bound; at most 80 characters in ordinary searches."""
        seconds = int(self._clock() - self._began)
        best, bound = self._best, self._bound
        shown = f"{seconds // 60}:{seconds % 60:02} {self._phase}; best {_ratio(best[0])}, bound {_ratio(bound[0])}"
        if best[1] is not None and bound[1] is not None:
            shown += f", sum {best[1]:.2f} of {bound[1]:.2f}"
        return shown

    def _tell(self) -> None:
        if self._told is not None:
            gap = (_minus(self._bound[0], self._best[0]), _minus(self._bound[1], self._best[1]))
            known = (("best", self._best), ("bound", self._bound), ("gap", gap))
            parts = [self._phase, *(f"{name} {_pair(*pair)}" for name, pair in known if pair != (None, None))]
            self._told(", ".join(parts))

    def __rich__(self) -> Text:
        """Return the line for a terminal, cut at its width."""
        from rich.text import Text

        return Text(self.line(), no_wrap=True, overflow="ellipsis")


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else max(one - other, 0.0)


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _pair(worst: float | None, total: float | None) -> str:
    parts = [f"worst {worst:.3f}" if worst is not None else "", f"sum {total:.2f}" if total is not None else ""]
    return " ".join(filter(None, parts))


@contextmanager
def progress(*, quiet: bool, verbose: bool) -> Iterator[SolveListener | None]:
    """Yield a listener that shows progress, or None if none is shown."""
    if quiet or not (verbose or sys.stderr.isatty()):
        yield None
    elif verbose:
        yield Progress(lambda text: click.echo(text, err=True))
    else:
        from rich.console import Console
        from rich.live import Live

        shown = Progress()
        with Live(shown, console=Console(stderr=True), refresh_per_second=_PER_SECOND, transient=True):
            yield shown
