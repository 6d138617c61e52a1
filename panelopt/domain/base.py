"""Base class and field types of all records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints


class Record(BaseModel):
    """A frozen record that rejects unknown keys and non-finite numbers.

    Its validator is built when it is first used: a command loads many records that it never makes. Records that are
    made when a module is loaded, such as defaults, need none: they are made with ``model_construct``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
IDENTIFIER_PATTERN = r"^[a-z0-9][a-z0-9._-]*$"
Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER_PATTERN, max_length=100)]
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]
NonNegative = Annotated[float, Field(ge=0.0)]
Nanometre = Annotated[float, Field(ge=200.0, le=1200.0)]


def within(low: float, high: float, *, open_end: bool = False) -> AfterValidator:
    """Return a validator whose message gives the whole range.

    Args:
        low: Smallest number allowed.
        high: Largest number allowed.
        open_end: Whether ``high`` itself is excluded.
    """
    allowed = f"from {low:g} to {'below ' if open_end else ''}{high:g}"

    def check(value: float) -> float:
        if not low <= value <= high or (open_end and value == high):
            raise ValueError(f"{value:g} is outside the allowed range, {allowed}")
        return value

    return AfterValidator(check)


Thing = TypeVar("Thing", bound=Hashable)


def repeated(things: Iterable[Thing]) -> list[Thing]:
    """Return each item that occurs more than once, in order of first occurrence."""
    return [thing for thing, count in Counter(things).items() if count > 1]
