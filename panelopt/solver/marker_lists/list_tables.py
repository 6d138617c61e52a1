"""Claims of marker lists, interpolated in one table per marker over the noise of cells with and without it.

The tables hold the logarithm of the pass probability without floor and cap: it is smooth, so a coarse grid suffices.
Floor and cap are applied to the interpolated value.
"""

from __future__ import annotations

import numpy as np

from panelopt.instance.arrays import FloatArray
from panelopt.scoring.claims import MOST_CLAIMED_PASS, SIDES, claimed_pass

_GRID = np.geomspace(3.0, 3e6, 97)  # noise in antibodies: sixteen steps per decade
_FIRST, _STEP = float(np.log(_GRID[0])), float(np.log(_GRID[1] / _GRID[0]))
_LEAST_PASS = 1e-6  # smaller probabilities count as this: a claim never exceeds that of `leak`
_ABOVE = SIDES.index("above")

Level = tuple[float, float]
"""Median and coefficient of variation of the antibodies on a cell."""


class ListTables:
    """Tables of a list of markers.

    Args:
        eps: Share of the target that one gate may cost.
        leak: Least share that a gate may claim to let pass.
        levels: For each marker the level on cells with it and on cells without it; None where it is not asked for.
    """

    def __init__(self, eps: float, leak: float, levels: list[tuple[Level, Level] | None]) -> None:
        self._most = float(-np.log10(leak))
        known = {pair: _table(eps, *pair) for pair in dict.fromkeys(levels) if pair is not None}
        nothing = np.zeros((_GRID.size, _GRID.size))
        self._tables = np.stack([nothing if pair is None else known[pair] for pair in levels]).reshape(-1)

    def claims(self, marker: np.ndarray, full: FloatArray, without: FloatArray) -> FloatArray:
        """Return claims at the variance of cells with and without the marker; arguments broadcast."""
        size = _GRID.size
        row, row_part = _position(full)
        column, column_part = _position(without)
        place = (marker * size + row) * size + column
        low = self._tables[place] * (1 - row_part) + self._tables[place + size] * row_part
        high = self._tables[place + 1] * (1 - row_part) + self._tables[place + size + 1] * row_part
        value = np.minimum(low + (high - low) * column_part, self._most)
        return np.where(value < -np.log10(MOST_CLAIMED_PASS), 0.0, value)


def _table(eps: float, own: Level, other: Level) -> FloatArray:
    """Return (G, G) -log10 of what passes, by noise of cells with the marker and of cells without it."""
    rows, columns = (_GRID.size, 1), (1, _GRID.size)
    target = np.full(rows, own[0]), np.full(rows, own[1]), _GRID[:, None]
    contaminant = np.full(columns, other[0]), np.full(columns, other[1]), _GRID[None, :]
    passed = claimed_pass(eps, _ABOVE, target, contaminant)
    return np.asarray(-np.log10(np.maximum(passed, _LEAST_PASS)))


def _position(variance: FloatArray) -> tuple[np.ndarray, FloatArray]:
    """Return the lower grid index of the root of a variance, and its fraction of the way to the next."""
    place = np.minimum((0.5 * np.log(np.maximum(variance, _GRID[0] ** 2)) - _FIRST) / _STEP, _GRID.size - 1.001)
    index = place.astype(int)
    return index, place - index
