"""Time limits that the clock of the day has no say in."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from ortools.sat.python import cp_model

LEAST_S = 0.01
"""Shortest time that a search is given."""

_AGAIN_S = 0.05  # a search that has not yet begun does not hear that it shall stop


@contextlib.contextmanager
def stopped_after(solver: cp_model.CpSolver, seconds: float | None) -> Iterator[None]:
    """Stop what the solver does in this block when its time is up.

    The bound of the solver itself (``max_time_in_seconds``) goes by the clock of the day: a search during which that is
    set back by an hour takes an hour longer.

    Args:
        solver: The solver; its status says afterwards whether it came to its end.
        seconds: Wall-clock limit; None = none.
    """
    if seconds is None:
        yield
        return
    ended = threading.Event()

    def watch() -> None:
        wait = max(seconds, LEAST_S)
        while not ended.wait(wait):
            solver.stop_search()
            wait = _AGAIN_S

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
