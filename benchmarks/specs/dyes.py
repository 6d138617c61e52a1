"""Made-up questions with more and more dyes."""

from __future__ import annotations

from functools import partial

from benchmarks.phases import FROM_ARRAYS
from benchmarks.registry import Spec
from benchmarks.synthetic import Size, subject

SPEC = Spec(
    "dyes",
    {str(count): partial(subject, Size(12, count, 5), "aurora-5l") for count in (20, 40, 80)},
    FROM_ARRAYS,
)
