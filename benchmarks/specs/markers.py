"""Made-up questions with more and more markers."""

from __future__ import annotations

from functools import partial

from benchmarks.phases import FROM_ARRAYS
from benchmarks.registry import Spec
from benchmarks.synthetic import Size, subject

SPEC = Spec(
    "markers",
    {str(count): partial(subject, Size(count, 30, 5), "aurora-5l") for count in (8, 16, 24)},
    FROM_ARRAYS,
)
