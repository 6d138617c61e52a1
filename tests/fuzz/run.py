# ruff: noqa: T201
"""Long run of hostile files; see :mod:`tests.fuzz`. Prints what it counted, and each find with its number."""

from __future__ import annotations

import argparse
import contextlib
import gc
import multiprocessing
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.guard import MEMORY_BYTES, limit_memory, peak_bytes
from tests.fuzz.reader import outcome
from tests.fuzz.readers import READERS

_BATCH = 250
_PROGRESS = 20_000
_LONGEST_S = 1800.0  # for one batch; after that the process that had it is gone: a library ended it


def main() -> int:
    """Run so many cases, or as many as the time allows, or until it is interrupted; 1 if something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--first", type=int, default=0, help="number of the first case of each reader")
    parser.add_argument("--reader", action="append", choices=sorted(READERS), help="only this one (repeatable)")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--save", type=Path, help="folder for the files that were finds")
    asked = parser.parse_args()
    began = time.monotonic()
    end = began + asked.seconds
    done: Counter[str] = Counter()
    finds: dict[str, str] = {}
    peak = 0
    batches = list(_batches(asked.reader or sorted(READERS), asked.cases, asked.first))
    with (
        multiprocessing.get_context("spawn").Pool(asked.processes, prepare) as pool,
        contextlib.suppress(KeyboardInterrupt),
    ):
        waiting = {batch[:2] for batch in batches}
        answers = pool.imap_unordered(_run, [(*batch, end) for batch in batches])
        while waiting:
            try:
                name, first, count, troubles, memory = answers.next(timeout=_LONGEST_S)
            except multiprocessing.TimeoutError:
                lost = ", ".join(f"{name} from {first}" for name, first in sorted(waiting)[:20])
                print(f"FOUND: a process ended. Not answered: {lost}", flush=True)
                finds["process"] = lost
                break
            waiting.remove((name, first))
            done[name] += count
            peak = max(peak, memory)
            if done.total() // _PROGRESS > (done.total() - count) // _PROGRESS:
                minutes = (time.monotonic() - began) / 60
                print(f"{done.total():9,} cases after {minutes:.1f} min, at most {peak / 1e6:.0f} MB", flush=True)
            for number, trouble in troubles:
                key = f"{name}: {trouble.split(': ')[0]}"
                if key not in finds:
                    print(f"FOUND {name} {number}: {' '.join(trouble.split())}", flush=True)
                    _keep(asked.save, name, number)
                finds.setdefault(key, trouble)
    for name, count in sorted(done.items()):
        print(f"{count:9,} {name}")
    print(f"{done.total():9,} cases in all, {len(finds)} kinds of find, at most {peak / 1e6:.0f} MB above the start")
    return 1 if finds or peak > MEMORY_BYTES else 0


def prepare() -> None:
    """Read one file of each kind, so that all libraries are loaded, and limit the memory then."""
    with tempfile.TemporaryDirectory() as folder:
        for reader in READERS.values():
            outcome(reader, 0, Path(folder))
    limit_memory()
    _start.append(peak_bytes())


_start: list[int] = []


def _batches(names: list[str], cases: int, first: int) -> list[tuple[str, int, int]]:
    total = sum(READERS[name].share for name in names)
    wanted = {name: round(cases * READERS[name].share / total) for name in names}
    found = [
        (start / count, name, first + start, min(_BATCH, count - start))
        for name, count in wanted.items()
        for start in range(0, count, _BATCH)
    ]
    return [batch[1:] for batch in sorted(found)]


def _run(batch: tuple[str, int, int, float]) -> tuple[str, int, int, list[tuple[int, str]], int]:
    name, first, count, end = batch
    troubles: list[tuple[int, str]] = []
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + count):
            if time.monotonic() > end:
                break
            if trouble := outcome(READERS[name], number, Path(folder)):
                troubles.append((number, trouble))
            done += 1
    gc.collect()
    return name, first, done, troubles, peak_bytes() - _start[0]


def _keep(folder: Path | None, name: str, number: int) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}-{number}{READERS[name].suffix}").write_bytes(READERS[name].case(number))
