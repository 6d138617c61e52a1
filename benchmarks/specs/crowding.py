"""One made-up question whose dyes look more and more alike; see ``crowded`` in ``synthetic.py``."""

from __future__ import annotations

from functools import partial

from benchmarks.phases import FROM_ARRAYS
from benchmarks.registry import Spec
from benchmarks.synthetic import Size, subject

SHARES = {"0": 0.0, "0.2": 0.2, "0.4": 0.4}

SPEC = Spec(
    "crowding",
    {size: partial(subject, Size(12, 24, 5), "aurora-5l", crowding=share) for size, share in SHARES.items()},
    FROM_ARRAYS,
)
