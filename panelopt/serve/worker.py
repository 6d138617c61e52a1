"""The process that searches: it reports what it finds, and ends when it is told to or its parent is gone."""

from __future__ import annotations

import _thread
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from panelopt import api
from panelopt.api.consulting import PanelRow
from panelopt.api.errors import PaneloptError

NICE = 5
"""How much the search gives way to the page, where the system knows such a thing."""

STOP = "stop"
"""Sent to the process: end with the best panel so far."""


@dataclass(frozen=True, slots=True)
class Task:
    """What to search.

    Attributes:
        question: The question.
        options: Demands and limits.
        rows: The panel to improve; empty: design one.
        changes: Most changed reagents of it.
    """

    question: api.Question
    options: api.Options
    rows: tuple[PanelRow, ...] = ()
    changes: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Best panel and bound at one moment.

    Attributes:
        seconds: Since the search began.
        phase: What the search is at: start, worst, sum, practical.
        best, bound: Worst log ratio; None while unknown.
        total, total_bound: Sum of the log ratios.
    """

    seconds: float
    phase: str = "start"
    best: float | None = None
    bound: float | None = None
    total: float | None = None
    total_bound: float | None = None


class _Reporter:
    """Sends progress; a listener of the search."""

    def __init__(self, send: Callable[[Progress], None]) -> None:
        self._send, self._began = send, time.monotonic()
        self._known: dict[str, float | None] = {}
        self._phase = "start"

    def phase(self, name: str) -> None:
        """Report a phase."""
        self._phase = name
        self._tell()

    def improved(self, worst: float, total: float | None) -> None:
        """Report a better panel."""
        self._tell(best=worst, total=total)

    def bound(self, worst: float | None, total: float | None) -> None:
        """Report a bound."""
        self._tell(bound=worst, total_bound=total)

    def _tell(self, **known: float | None) -> None:
        self._known |= {name: value for name, value in known.items() if value is not None}
        self._send(Progress(time.monotonic() - self._began, self._phase, **self._known))


def work(connection: Connection, task: Task) -> None:
    """Search in a process of its own.

    Args:
        connection: Receives :class:`Progress`, and at last the result or the message of an error.
        task: What to search.
    """
    if hasattr(os, "nice"):
        os.nice(NICE)
    threading.Thread(target=_obey, args=(connection,), daemon=True).start()
    reporter = _Reporter(connection.send)
    try:
        if task.rows:
            result = api.improve(task.question, task.rows, task.changes, task.options, reporter)
        else:
            result = api.design(task.question, task.options, reporter)
        connection.send(result)
    except PaneloptError as error:
        connection.send(f"{error} {error.hint}".strip())
    except KeyboardInterrupt:
        connection.send("Stopped before a panel was found.")


def _obey(connection: Connection) -> None:
    """Interrupt the search when told to; end at once when nobody is left to report to."""
    try:
        if connection.recv() == STOP:
            _thread.interrupt_main()
    except (EOFError, OSError):
        os._exit(1)
