"""Progress of a search on stderr: a line that is rewritten on a terminal, or one line a step with --verbose."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.status import Status

    from panelopt.solver.listener import SolveListener


_PHASES = {
    "start": "starting",
    "worst": "raising the worst ratio",
    "sum": "raising the sum of ratios",
    "tidy": "choosing among equals",
}


class Progress:
    """Shows phase, best panel and proven limit; a :class:`~panelopt.solver.listener.SolveListener`."""

    def __init__(self, status: Status | None) -> None:
        self._status = status
        self._phase = "reading"
        self._best = ""
        self._bound = ""

    def phase(self, name: str) -> None:
        """Show what the search does now."""
        self._phase = _PHASES.get(name, name)
        self._show()

    def improved(self, worst: float, total: float | None) -> None:
        """Show the objective of a better panel."""
        self._best = f"best {_pair(worst, total)}"
        self._show()

    def bound(self, worst: float | None, total: float | None) -> None:
        """Show a tighter proven limit."""
        self._bound = f"limit {_pair(worst, total)}"
        self._show()

    def _show(self) -> None:
        text = ", ".join(part for part in (self._phase, self._best, self._bound) if part)
        if self._status is None:
            click.echo(text, err=True)
        else:
            self._status.update(text)


def _pair(worst: float | None, total: float | None) -> str:
    parts = [f"worst {worst:.3f}" if worst is not None else "", f"sum {total:.2f}" if total is not None else ""]
    return " ".join(filter(None, parts)) or "unknown"


@contextmanager
def progress(*, quiet: bool, verbose: bool) -> Iterator[SolveListener | None]:
    """Give a listener that shows progress, or None where nobody looks."""
    if quiet or not (verbose or sys.stderr.isatty()):
        yield None
    elif verbose:
        yield Progress(None)
    else:
        from rich.console import Console

        with Console(stderr=True, markup=False).status("reading") as status:
            yield Progress(status)
