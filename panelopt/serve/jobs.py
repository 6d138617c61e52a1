"""Searches in processes of their own, with limits of time and memory; they can be stopped at any time."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from panelopt.api.designs import Result
from panelopt.api.errors import PaneloptError
from panelopt.api.installation import available_cores
from panelopt.serve.worker import STOP, Progress, Task, work

GRACE_S = 30.0
"""Seconds that a stopped search has to score its best panel in full and hand it over, before it is killed."""

OVERTIME_S = 60.0
"""Seconds beyond its time limit after which a search is killed: reading and the last report take time."""

MOST_POINTS = 300
"""Points of the curve that are kept; older ones are thinned out."""

MOST_JOBS = 2
"""Searches at the same time."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A search at one moment.

    Attributes:
        points: Progress so far, in order of time.
        seconds: Since it began.
        running: Whether it runs.
        stopping: Whether it was told to stop.
        result: Its result, if there is one.
        message: Why there is none.
    """

    points: tuple[Progress, ...]
    seconds: float
    running: bool
    stopping: bool
    result: Result | None
    message: str


class Job:
    """One search.

    Args:
        task: What to search.
        ended: Called once, from another thread, when it has ended.
    """

    def __init__(self, task: Task, ended: Callable[[Job], None]) -> None:
        self.task = task
        self._ended = ended
        self._points: list[Progress] = []
        self._result: Result | None = None
        self._message = ""
        self._running, self._stopping = True, False
        self._seconds = 0.0
        self._began = time.monotonic()
        self._changed = threading.Condition()
        self._version = 0
        context = multiprocessing.get_context("spawn")
        self._connection, far = context.Pipe()
        self._process: BaseProcess = context.Process(target=work, args=(far, task), daemon=True)
        self._process.start()
        far.close()
        threading.Thread(target=self._listen, args=(self._connection,), daemon=True).start()
        self._killer = self._kill_after((task.options.time_limit_s or 0.0) + OVERTIME_S)

    @property
    def process_id(self) -> int | None:
        """Id of the process."""
        return self._process.pid

    def snapshot(self) -> Snapshot:
        """Return the search as it is now."""
        with self._changed:
            seconds = time.monotonic() - self._began if self._running else self._seconds
            return Snapshot(tuple(self._points), seconds, self._running, self._stopping, self._result, self._message)

    def wait(self, version: int, seconds: float) -> int:
        """Wait until something new has happened since a version, or some seconds; return the present version."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != version or not self._running, seconds)
            return self._version

    def stop(self) -> None:
        """End the search with its best panel; kill it if it does not end by itself."""
        with self._changed:
            if self._stopping:
                return
            self._stopping = True
            self._version += 1
            self._changed.notify_all()
        with contextlib.suppress(OSError, ValueError):
            self._connection.send(STOP)
        self._kill_after(GRACE_S)

    def kill(self) -> None:
        """End the search at once."""
        if self._process.is_alive():
            self._process.kill()

    def _kill_after(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self.kill)
        timer.daemon = True
        timer.start()
        return timer

    def _listen(self, connection: Connection) -> None:
        try:
            while self._running:
                self._take(connection.recv())
        except (EOFError, OSError):
            self._take("The search ended without a result: it was stopped, or ran out of memory.")
        self._killer.cancel()
        self._process.join(GRACE_S)
        self.kill()
        self._ended(self)

    def _take(self, message: object) -> None:
        with self._changed:
            if isinstance(message, Progress):
                self._points = [*_thinned(self._points), message]
            else:
                self._result = message if isinstance(message, Result) else None
                self._message = message if isinstance(message, str) else ""
                self._seconds = time.monotonic() - self._began
                self._running = False
            self._version += 1
            self._changed.notify_all()


class Jobs:
    """All searches of the server.

    Args:
        memory_mb: Memory at which a search ends with its best panel.
    """

    def __init__(self, memory_mb: float) -> None:
        self.memory_mb = memory_mb
        self._running: list[Job] = []
        self._lock = threading.Lock()

    def start(self, task: Task) -> Job:
        """Start a search.

        Raises:
            PaneloptError: if too many are running.
        """
        workers = max(1, available_cores() - 1)
        options = replace(task.options, memory_limit_mb=self.memory_mb, workers=workers)
        with self._lock:
            if len(self._running) >= MOST_JOBS:
                hint = "Stop a search in another tab, or wait for it."
                raise PaneloptError(f"{MOST_JOBS} searches are running already", hint=hint)
            job = Job(replace(task, options=options), self._forget)
            self._running.append(job)
        return job

    def close(self) -> None:
        """Kill all searches."""
        with self._lock:
            running = list(self._running)
        for job in running:
            job.kill()

    def _forget(self, job: Job) -> None:
        with self._lock:
            if job in self._running:
                self._running.remove(job)


def _thinned(points: list[Progress]) -> list[Progress]:
    """Return at most so many points that one more fits: every other one of the older half goes."""
    if len(points) < MOST_POINTS:
        return points
    half = len(points) // 2
    return [*points[:half:2], *points[half:]]
