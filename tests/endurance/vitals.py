"""Memory, open files and threads of this process, and whether they grow."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import theilslopes

LEAST_GROWTH_MB = 25.0
"""Less over a whole run is not called growth: 0.1 % of a machine with 24 GB."""

WARM_UP = 0.25
"""Part of a run after which everything that is kept for good has been loaded."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the process holds at one moment, after unused memory was given back.

    Attributes:
        resident_mb: Memory.
        objects: Objects that the garbage collector knows.
        handles: Open files, pipes and sockets.
        threads: Threads, those of libraries included.
    """

    resident_mb: float
    objects: int
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
        objects=len(gc.get_objects()),
        handles=len(os.listdir("/proc/self/fd")),  # noqa: PTH208
        threads=max(len(os.listdir("/proc/self/task")), threading.active_count()),  # noqa: PTH208
    )


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
    """Return what grows: memory beyond :data:`LEAST_GROWTH_MB` and beyond doubt, handles and threads at all."""
    memory = growth([one.resident_mb for one in samples])
    found = []
    if memory.total > LEAST_GROWTH_MB and memory.low > 0:
        found.append(f"memory grew by {memory.total:.0f} MB")
    warm = samples[int(WARM_UP * len(samples))]
    found += [
        f"{name}: {getattr(warm, name)} after the warm-up, {getattr(samples[-1], name)} at the end"
        for name in ("handles", "threads")
        if getattr(samples[-1], name) > getattr(warm, name)
    ]
    return found
