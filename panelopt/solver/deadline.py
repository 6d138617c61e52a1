"""Time limits that do not depend on the wall clock being set right."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from ortools.sat.python import cp_model

LEAST_S = 0.01
"""Shortest time granted to a search."""

_AGAIN_S = 0.05  # a stop request before the search has started is lost


@contextlib.contextmanager
def stopped_after(solver: cp_model.CpSolver, seconds: float | None) -> Iterator[None]:
    """Stop the solver in this block when its time is up.

    The solver's own limit (``max_time_in_seconds``) follows the system clock: set back by an hour, it lets the search
    run an hour longer.

    Args:
        solver: The solver; its status tells whether it finished.
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
