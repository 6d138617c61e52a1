"""Cores and memory of this process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_BYTES_PER_MB = 2**20
_STATM = Path("/proc/self/statm")


def available_cores() -> int:
    """Return the number of cores available to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def resident_mb() -> float | None:
    """Return the resident size in MB (2^20 bytes); its peak if only that is known, None if unknown."""
    if _STATM.exists():
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / _BYTES_PER_MB
    try:
        import resource  # not on every system
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / _BYTES_PER_MB if sys.platform == "darwin" else peak / 1024


def is_above(threshold_mb: float | None) -> bool:
    """Whether the process holds more memory than a threshold; None = no threshold."""
    if threshold_mb is None:
        return False
    held = resident_mb()
    return held is not None and held > threshold_mb
