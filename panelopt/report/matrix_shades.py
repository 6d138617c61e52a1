"""Shades of a matrix: from the smallest entry, dark, to the largest, yellow."""

from __future__ import annotations

import math
from dataclasses import dataclass

from panelopt.report.palette import shade
from panelopt.report.sheet import Sheet

_DECADES = 3
"""Orders of magnitude that a log-shaded matrix can show."""


@dataclass(frozen=True, slots=True)
class Shades:
    """Maps the entries of a matrix to colours.

    Attributes:
        low, high: Ends of the scale; entries beyond them get the colours of the ends.
        by_log: Whether the scale is logarithmic.
    """

    low: float
    high: float
    by_log: bool

    @classmethod
    def of(cls, sheet: Sheet) -> Shades:
        """Return the shades of a matrix: from 0, or from a thousandth of the largest entry by logarithm."""
        numbers = [
            float(value)
            for row in sheet.rows
            for column, value in zip(sheet.columns, row, strict=True)
            if column.kind == "matrix" and isinstance(value, int | float)
        ]
        high = max(numbers, default=1.0)
        if not sheet.by_log or high <= 0:
            return cls(min([*numbers, 0.0]), high, by_log=False)
        low = max(min((x for x in numbers if x > 0), default=high), high / 10**_DECADES)
        return cls(low, high, by_log=True)

    def colour(self, value: float) -> str:
        """Return the colour of an entry."""
        return shade(self.place(value))

    def place(self, value: float) -> float:
        """Return the place of an entry on the scale, 0 to 1."""
        low, high = (math.log(self.low), math.log(self.high)) if self.by_log else (self.low, self.high)
        if high <= low:
            return 0.0
        at = (math.log(value) if value > 0 else low) if self.by_log else value
        return min(max((at - low) / (high - low), 0.0), 1.0)

    def value(self, place: float) -> float:
        """Return the entry at a place on the scale."""
        if self.by_log:
            return float(self.low * (self.high / self.low) ** place)
        return self.low + (self.high - self.low) * place
