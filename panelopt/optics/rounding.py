"""Rounding before comparisons, so that last digits, which differ between processors, decide nothing."""

from __future__ import annotations

DIGITS = 9
"""Significant digits that count; linear algebra keeps about twelve on any processor."""


def settled(value: float) -> float:
    """Return a number at nine significant digits, so that differences by rounding alone are ties."""
    return float(f"{value:.{DIGITS}g}")
