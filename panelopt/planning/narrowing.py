"""Minima and crossings of functions that take many numbers at once, by ever finer grids.

:mod:`scipy.optimize` does the same, but its import takes longer than planning a sort.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from panelopt.instance.arrays import FloatArray

_POINTS = 33
_ROUNDS = 5
"""Grids for a minimum; each but the first narrows the range 16-fold."""

Function = Callable[[FloatArray], FloatArray]


def least(function: Function, low: float, high: float, points: int = _POINTS) -> float:
    """Return the smallest value of a function between two numbers.

    Args:
        function: Takes and returns (N,) numbers.
        low: Lower end.
        high: Upper end.
        points: Of the first grid, so many that the neighbours of its best point have the minimum between them.
    """
    found = np.inf
    for count in (points, *[_POINTS] * (_ROUNDS - 1)):
        grid = np.linspace(low, high, count)
        values = function(grid)
        best = int(np.argmin(values))
        found = min(found, float(values[best]))
        low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, count - 1)])
    return found


def crossing(function: Function, low: float, high: float, exact: float) -> float:
    """Return where a rising function passes 0.

    Args:
        function: Takes and returns (N,) numbers; below 0 at ``low`` and above at ``high``.
        low: Lower end.
        high: Upper end.
        exact: Largest error; rounding can make it larger.
    """
    before = np.inf
    while exact < high - low < before:
        before = high - low
        grid = np.linspace(low, high, _POINTS)
        place = int(np.argmax(np.append(function(grid[1:-1]) >= 0, True)))
        low, high = float(grid[place]), float(grid[place + 1])
    return 0.5 * (low + high)
