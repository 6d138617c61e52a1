"""Made-up questions that admit more and more colours."""

from __future__ import annotations

from functools import partial

from benchmarks.phases import FROM_ARRAYS
from benchmarks.registry import Spec
from benchmarks.synthetic import Size, subject

SPEC = Spec(
    "colours",
    {str(count): partial(subject, Size(16, 30, count), "aurora-5l") for count in (4, 6, 8)},
    FROM_ARRAYS,
)
