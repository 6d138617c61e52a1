"""Numbers to be put in order: last digits, which differ between processors, decide nothing."""

from __future__ import annotations

DIGITS = 9
"""Significant digits that count: linear algebra keeps some twelve, whatever the processor."""


def settled(value: float) -> float:
    """Return a number at nine significant digits, so that what differs by rounding alone is a tie."""
    return float(f"{value:.{DIGITS}g}")
