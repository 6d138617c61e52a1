"""Claims of marker lists, interpolated in one table per marker over the noise of cells with and without it.

The tables hold the logarithm of the pass probability without floor and cap: it is smooth, so a coarse grid suffices.
Floor and cap are applied to the interpolated value.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from panelopt.instance.arrays import FloatArray
from panelopt.scoring.claims import MOST_CLAIMED_PASS, SIDES, threshold_levels
from panelopt.scoring.quantiles import quantile
from panelopt.scoring.tails import sf

_GRID = np.geomspace(3.0, 3e6, 97)  # noise in antibodies: sixteen steps per decade
_FIRST, _STEP = float(np.log(_GRID[0])), float(np.log(_GRID[1] / _GRID[0]))
_TILE = 8  # grid points on a side of what is filled at a time
_TILES = -(-_GRID.size // _TILE)
_LEAST_PASS = 1e-6  # smaller probabilities count as this: a claim never exceeds that of `leak`

Level = tuple[float, float]
"""Median and coefficient of variation of the antibodies on a cell."""


class ListTables:
    """Tables of a list of markers, filled where a claim is asked for: a search needs a small part of them.

    Args:
        eps: Share of the target that one gate may cost.
        leak: Least share that a gate may claim to let pass.
        levels: For each marker the level on cells with it and on cells without it; None where it is not asked for.
    """

    def __init__(self, eps: float, leak: float, levels: list[tuple[Level, Level] | None]) -> None:
        self._most = float(-np.log10(leak))
        self._eps = eps
        self._cutoffs: dict[int, FloatArray] = {}
        self._pairs = list(dict.fromkeys(levels))
        self._table_of = np.array([self._pairs.index(pair) for pair in levels], dtype=int)
        shape = (len(self._pairs), _GRID.size, _GRID.size)
        unasked = np.array([pair is None for pair in self._pairs])
        self._tables = np.zeros(shape)
        self._filled = np.broadcast_to(unasked[:, None, None], (len(self._pairs), _TILES, _TILES)).copy()
        self._known = np.broadcast_to(unasked[:, None, None], shape).copy()  # of a field, its corner of least noise
        self._flat_tables, self._flat_known = self._tables.reshape(-1), self._known.reshape(-1)

    def claims(self, marker: np.ndarray, full: FloatArray, without: FloatArray) -> FloatArray:
        """Return claims at the variance of cells with and without the marker; arguments broadcast."""
        size, tables = _GRID.size, self._flat_tables
        row, row_part = _position(full)
        column, column_part = _position(without)
        place = (self._table_of[marker] * size + row) * size + column
        if not (known := self._flat_known[place]).all():
            self._fill(place[~known])
        low = tables[place] * (1 - row_part) + tables[place + size] * row_part
        high = tables[place + 1] * (1 - row_part) + tables[place + size + 1] * row_part
        value = np.minimum(low + (high - low) * column_part, self._most)
        return np.where(value < -np.log10(MOST_CLAIMED_PASS), 0.0, value)

    def _fill(self, places: np.ndarray) -> None:
        """Fill the tiles around some fields."""
        size = _GRID.size
        for place in dict.fromkeys(places.tolist()):
            table, row, column = place // size**2, place // size % size, place % size
            for i, j in product({row // _TILE, (row + 1) // _TILE}, {column // _TILE, (column + 1) // _TILE}):
                if not self._filled[table, i, j]:
                    self._fill_tile(table, i, j)
            self._known[table, row, column] = True

    def _fill_tile(self, table: int, i: int, j: int) -> None:
        """Fill one tile; what is in it does not depend on what was filled before."""
        pair = self._pairs[table]
        if pair is None:
            return
        if table not in self._cutoffs:
            self._cutoffs[table] = _cutoffs(self._eps, pair[0])
        rows, columns = slice(i * _TILE, (i + 1) * _TILE), slice(j * _TILE, (j + 1) * _TILE)
        passed = sf(self._cutoffs[table][rows, None], *pair[1], _GRID[None, columns])
        self._tables[table, rows, columns] = -np.log10(np.maximum(passed, _LEAST_PASS))
        self._filled[table, i, j] = True


def _cutoffs(eps: float, own: Level) -> FloatArray:
    """Return (G,) thresholds of gates above, by noise of cells with the marker."""
    level = threshold_levels(eps)[SIDES.index("above")]
    return quantile(level, np.full(_GRID.shape, own[0]), np.full(_GRID.shape, own[1]), _GRID)


def _position(variance: FloatArray) -> tuple[np.ndarray, FloatArray]:
    """Return the lower grid index of the root of a variance, and its fraction of the way to the next."""
    place = np.minimum((0.5 * np.log(np.maximum(variance, _GRID[0] ** 2)) - _FIRST) / _STEP, _GRID.size - 1.001)
    index = place.astype(int)
    return index, place - index
