"""Purity as people count it: one wrong cell in so many."""

from __future__ import annotations

import math
from typing import Literal

from panelopt.report.text_tables import number

Rounding = Literal["down", "up"]
"""Down for what a panel reaches, up for what no panel exceeds."""

_DIGITS = 3
_ONE_DECIMAL = 10.0
"""Smaller counts keep a decimal."""


def wrong_cells(purity: float, rounding: Rounding = "down") -> str:
    """Return a purity as ``1 wrong cell in 36``; below one half as ``1 right cell in 250``.

    Args:
        purity: Share of target cells in the tube, 0 to 1.
        rounding: Direction in which the purity may be rounded.
    """
    if purity >= 1.0:
        return "no wrong cell"
    if purity >= 0.5:
        return f"1 wrong cell in {_counted(1.0 / (1.0 - purity), rounding)}"
    if purity <= 0.0:
        return "no right cell"
    return f"1 right cell in {_counted(1.0 / purity, 'up' if rounding == 'down' else 'down')}"


def purity_of(log_ratio: float) -> float:
    """Return the purity of a tube with one contaminant, from log10 of target to contaminant cells."""
    return 1.0 / (1.0 + 10.0**-log_ratio) if log_ratio > -_TOO_LOW else 0.0


_TOO_LOW = 300.0
"""Ratios below 10 to the minus 300 overflow."""


def ratio_in_words(log_ratio: float | None, rounding: Rounding = "down") -> str:
    """Return log10 of target to contaminant cells as ``1 wrong cell in 36``; a hyphen if unknown."""
    return "-" if log_ratio is None else wrong_cells(purity_of(log_ratio), rounding)


def cells_per_wrong(purity: float | None) -> float | None:
    """Return the number of cells among which one is wrong, at least 1; None if unknown or if no cell is."""
    return None if purity is None or purity >= 1.0 else 1.0 / (1.0 - purity)


def one_in_cells(purity: float, rounding: Rounding = "down") -> str:
    """Return the number of :func:`wrong_cells` for a table: ``36``, or ``1 right in 250``."""
    return wrong_cells(purity, rounding).removeprefix("1 wrong cell in ").replace(" cell", "")


def one_in(log_ratio: float | None, rounding: Rounding = "down") -> str:
    """Return the number of :func:`ratio_in_words` for a table: ``36``, or ``1 right in 250``."""
    return "-" if log_ratio is None else one_in_cells(purity_of(log_ratio), rounding)


def _counted(value: float, rounding: Rounding) -> str:
    """Return a count of at least 1 with up to three digits, rounded in one direction."""
    toward = math.floor if rounding == "down" else math.ceil
    slip = 1e-9 if rounding == "down" else -1e-9
    if value < _ONE_DECIMAL:
        return number(toward(10 * value * (1 + slip)) / 10, 1).removesuffix(".0")
    unit = 10.0 ** max(math.floor(math.log10(value)) - _DIGITS + 1, 0)
    return f"{toward(value / unit * (1 + slip)) * unit:,.0f}"
