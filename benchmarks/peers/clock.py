"""The clock of a race: wall time, or on a shared machine the CPU time of the process."""

from __future__ import annotations

import time

MOST = 30.0
"""Most wall seconds that are given for one second of CPU time."""


class Clock:
    """Seconds of one kind.

    Attributes:
        is_cpu: Whether CPU time of all threads of the process counts, and no time spent waiting for other programs.
    """

    def __init__(self) -> None:
        self.is_cpu = False
        self._began = time.perf_counter()

    def now(self) -> float:
        """Return the seconds since some moment."""
        return time.process_time() if self.is_cpu else time.perf_counter()

    def wall(self, seconds: float) -> float:
        """Return a wall-time limit for a solver that knows no other: twice what the process has needed so far."""
        if not self.is_cpu:
            return seconds
        share = time.process_time() / max(time.perf_counter() - self._began, 1e-3)
        return seconds * min(max(2.0 / max(share, 1e-3), 1.0), MOST)


CLOCK = Clock()
"""The clock of this process."""
