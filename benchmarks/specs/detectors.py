"""One made-up question, read on more and more of the detectors of a spectral cytometer."""

from __future__ import annotations

from functools import partial

from benchmarks.phases import FROM_ARRAYS
from benchmarks.registry import Spec
from benchmarks.synthetic import Size, subject

SPEC = Spec(
    "detectors",
    {str(count): partial(subject, Size(12, 24, 4), "aurora-5l", detectors=count) for count in (16, 32, 64)},
    FROM_ARRAYS,
)
