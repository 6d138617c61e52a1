"""Memory, open files and threads of this process, and whether they grow."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import theilslopes

LEAST_GROWTH_MB = 5.0
"""Less over a whole run is not called growth of what is in use."""

LEAST_BLOCKS = 50_000
"""The same for objects of Python, some MB: the run itself keeps a few for each question."""

MOST_FRAGMENTS_MB = 100.0
"""Resident memory may rise by this: what libraries gave back, and the system's allocator keeps for itself."""

WARM_UP = 0.25
"""Part of a run after which everything that is kept for good has been loaded."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the process holds at one moment, after unused memory was given back.

    Attributes:
        resident_mb: Memory, with free parts that the allocator of the system keeps.
        in_use_mb: Memory that libraries have asked for and not given back (glibc); 0 where that is not known.
        blocks: Blocks of memory that Python's own allocator holds in use.
        handles: Open files, pipes and sockets.
        threads: Threads, those of libraries included.
    """

    resident_mb: float
    in_use_mb: float
    blocks: int
    handles: int
    threads: int


def vitals() -> Vitals:
    """Measure this process; needs ``/proc``."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Vitals(
        resident_mb=pages * os.sysconf("SC_PAGESIZE") / 1e6,
        in_use_mb=_in_use_mb(),
        blocks=sys.getallocatedblocks(),
        handles=len(os.listdir("/proc/self/fd")),  # noqa: PTH208
        threads=max(len(os.listdir("/proc/self/task")), threading.active_count()),  # noqa: PTH208
    )


class _HeapInfo(ctypes.Structure):
    """``struct mallinfo2`` of glibc."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in [
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        ]
    )


def _in_use_mb() -> float:
    try:
        read = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError):
        return 0.0
    read.restype = _HeapInfo
    info = read()
    return (info.uordblks + info.hblkhd) / 1e6


@dataclass(frozen=True, slots=True)
class Growth:
    """How a quantity rose after the warm-up.

    Attributes:
        total: Median slope (Theil and Sen; Sen 1968, doi:10.1080/01621459.1968.10480934) times the samples.
        low: Lower end of its 95 % interval.
    """

    total: float
    low: float


def growth(values: Sequence[float]) -> Growth:
    """Return how much values rose from the warm-up to the end.

    Raises:
        ValueError: if there are fewer than 8 values.
    """
    if len(values) < 8:
        raise ValueError("growth needs 8 values or more")
    rest = np.asarray(values[int(WARM_UP * len(values)) :], dtype=float)
    slope, _, low, _ = theilslopes(rest)
    return Growth(float(slope) * (len(rest) - 1), float(low) * (len(rest) - 1))


def leaks(samples: Sequence[Vitals]) -> list[str]:
    """Return what grows: memory by more than the limits and beyond doubt, handles and threads at all."""
    found = []
    for name, least, unit in (
        ("in_use_mb", LEAST_GROWTH_MB, "MB in use"),
        ("blocks", LEAST_BLOCKS, "blocks of Python"),
        ("resident_mb", MOST_FRAGMENTS_MB, "MB resident"),
    ):
        rise = growth([getattr(one, name) for one in samples])
        if rise.total > least and rise.low > 0:
            found.append(f"memory grew by {rise.total:.0f} {unit}")
    warm = samples[int(WARM_UP * len(samples))]
    found += [
        f"{name}: {getattr(warm, name)} after the warm-up, {getattr(samples[-1], name)} at the end"
        for name in ("handles", "threads")
        if getattr(samples[-1], name) > getattr(warm, name)
    ]
    return found
