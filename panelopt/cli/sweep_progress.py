"""Sweep progress on stderr: a bar on a terminal, or one line per cell with --verbose."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from panelopt.api.errors import Finding, InputError, PaneloptError
from panelopt.cli.group import say, say_finding, say_warning

if TYPE_CHECKING:
    from rich.progress import Progress

    from panelopt.api.sweeps import CellRow, SweepListener


class SweepProgress:
    """Shows finished cells and the remaining time; a :class:`~panelopt.sweeps.run_sweep.SweepListener`.

    Args:
        bar: Bar to update; None for no bar.
        lines: Whether to write a line per cell.
        warn: Whether to report wrong inputs.
    """

    def __init__(self, bar: Progress | None, *, lines: bool, warn: bool) -> None:
        self._bar = bar
        self._lines = lines
        self._warn = warn
        self._began = time.monotonic()
        self._todo = self._done = self._failed = 0

    def planned(self, cells: int, todo: int, faults: Sequence[PaneloptError]) -> None:
        """Report the number of cells to run, and wrong inputs before a long run begins."""
        self._todo, self._began = todo, time.monotonic()
        if self._warn:
            for fault in faults:
                say_warning(f"{fault.message}; the cells with it fail", fault.where, fault.hint)
                for finding in fault.findings[1:] if isinstance(fault, InputError) else ():
                    say_finding(Finding(finding.code, finding.message, finding.where))
        if self._lines:
            say(f"{cells:,} cells: {cells - todo:,} finished, {todo:,} to do")
        if self._bar is not None:
            self._bar.add_task("cells", total=todo, failed="")

    def landed(self, label: str, row: CellRow) -> None:
        """Report a finished cell."""
        from panelopt.api.sweeps import duration, row_text

        self._done += 1
        self._failed += row.status == "failed"
        if self._lines:
            left = (time.monotonic() - self._began) / self._done * (self._todo - self._done)
            say(f"{self._done:,}/{self._todo:,} {label}: {row_text(row)}, {duration(left)} left")
        if self._bar is not None:
            failed = f"{self._failed:,} failed" if self._failed else ""
            self._bar.update(self._bar.task_ids[0], completed=self._done, failed=failed)


@contextmanager
def sweep_progress(*, quiet: bool, verbose: bool) -> Iterator[SweepListener]:
    """Yield a listener that shows progress if requested."""
    if quiet or verbose or not sys.stderr.isatty():
        yield SweepProgress(None, lines=verbose and not quiet, warn=not quiet)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("left", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True, markup=False)) as bar:
        yield SweepProgress(bar, lines=False, warn=True)
