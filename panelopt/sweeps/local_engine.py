"""Where the cells of a sweep are solved: processes of this machine, or a cluster (:mod:`panelopt.sweeps.dask_engine`).

Inputs travel pickled, and only between processes that this program started, or that the user runs as one cluster.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol

from panelopt.errors import PaneloptError
from panelopt.sweeps.cell import CellAnswer, failed, solve_cell
from panelopt.sweeps.sweep_inputs import PlannedCell, SweepInputs

MAX_ATTEMPTS = 3
"""Attempts at a cell whose worker is lost; after that it counts as failed."""

LOST = f"its worker was lost {MAX_ATTEMPTS} times, perhaps for lack of memory"

Attempt = tuple[PlannedCell, int]


class Engine(Protocol):
    """Solves cells in any order."""

    def answers(self, inputs: SweepInputs, cells: Sequence[PlannedCell]) -> Generator[CellAnswer, None, None]:
        """Yield the answer of each cell when it finishes; closing the iterator stops the others."""


class LocalEngine:
    """Worker processes on this machine, one cell at a time each.

    They are started anew, not forked, and end with this process, however that ends.

    Args:
        jobs: Number of processes.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def answers(self, inputs: SweepInputs, cells: Sequence[PlannedCell]) -> Generator[CellAnswer, None, None]:
        """Yield the answer of each cell when it finishes; lost workers are replaced and their cells tried again.

        Raises:
            PaneloptError: if no worker can be started.
        """
        packed = pickle.dumps(inputs)
        todo = deque((cell, 1) for cell in cells)
        while todo:
            lost = yield from self._until_lost(packed, todo)
            for cell, attempt in lost:
                if attempt == MAX_ATTEMPTS:
                    yield failed(cell, LOST)
                else:
                    todo.append((cell, attempt + 1))

    def _until_lost(self, packed: bytes, todo: deque[Attempt]) -> Generator[CellAnswer, None, list[Attempt]]:
        """Solve cells until none is left or a worker is lost; return the cells that were running then."""
        others = set(multiprocessing.active_children())
        context = multiprocessing.get_context("spawn")
        jobs = min(self.jobs, len(todo))
        pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(packed,))
        running: dict[Future[CellAnswer], Attempt] = {}
        try:
            _check_start(pool)
            while todo or running:
                while todo and len(running) < jobs:  # no queue, so that a lost worker is blamed on few cells
                    attempt = todo.popleft()
                    running[pool.submit(_solve, attempt[0])] = attempt
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    answer = future.result()
                    del running[future]
                    yield answer
        except BrokenProcessPool:
            return list(running.values())
        else:
            return []
        finally:
            pool.shutdown(wait=not running, cancel_futures=True)
            for process in set(multiprocessing.active_children()) - others if running else ():
                process.kill()


def _check_start(pool: ProcessPoolExecutor) -> None:
    """Start all processes, and wait until one is ready."""
    try:
        with _interrupts_held():  # a worker that is still starting would treat Ctrl-C as an error
            first = pool.submit(os.getpid)
        first.result()
    except BrokenProcessPool:
        hint = 'In a script of your own, start the sweep below `if __name__ == "__main__":`. Is there enough memory?'
        raise PaneloptError("worker processes cannot be started", hint=hint) from None


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back; processes started meanwhile never see it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_inputs: SweepInputs | None = None
"""In a worker: what its cells are made of."""


def _begin(packed: bytes) -> None:
    """Prepare a worker: Ctrl-C is left to the main process, and a worker ends with it."""
    global _inputs  # sent once a process, not once a cell
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _inputs = pickle.loads(packed)  # noqa: S301  # made by the main process


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _solve(planned: PlannedCell) -> CellAnswer:
    if _inputs is None:
        raise RuntimeError("the worker has no inputs")
    return solve_cell(_inputs, planned)
