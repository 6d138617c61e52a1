"""Claims interpolated in small tables over the noise of target and contaminant, one table per pair of levels."""

from __future__ import annotations

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.optics.normal import ndtr, ndtri
from panelopt.scoring.claims import SIDES, claimed_rejection, thresholds
from panelopt.scoring.light import SlotLevels
from panelopt.scoring.tail_integrals import COARSE
from panelopt.scoring.tails import cdf, log_sd, sf

GRID = np.geomspace(3.0, 3e6, 25)  # noise in antibodies: four steps per decade
_LOG_STEP = float(np.log(GRID[1] / GRID[0]))
_NODES = np.linspace(-6.0, 6.0, 31)  # normal scores; what lies beyond passes less than any leak
_FINE_NODES = np.linspace(-6.0, 6.0, 241)
_MARKS_PER_DECADE = 10  # levels of dumps are rounded so that they share tables


class ClaimTables:
    """Tables of claims, built on first use.

    Args:
        instance: The question.
        options: All slots.
        levels: Levels of the options.
    """

    def __init__(self, instance: Instance, options: CandidateSlots, levels: SlotLevels) -> None:
        self.instance = instance
        self.class_of, self._classes = _level_classes(options, levels)
        count = len(self._classes)
        self._table_of = np.full((count, count), -1)
        self._cutoffs_of: dict[int, FloatArray] = {}
        self._curve_of: dict[int, _ScoreCurves] = {}
        self.tables = np.zeros((0, GRID.size, GRID.size, len(SIDES)))
        """(K, G, G, 3) claims by table, noise of the target, noise of the contaminant and side."""

    def numbers(self, own: np.ndarray, foreign: np.ndarray) -> np.ndarray:
        """Return table numbers for level classes of target and contaminant (broadcast)."""
        own, foreign = np.broadcast_arrays(own, foreign)
        found = self._table_of[own, foreign]
        if (found < 0).any():
            pairs = np.unique(np.stack([foreign[found < 0], own[found < 0]], axis=1), axis=0)
            start = len(self.tables)
            fresh = [self._tables(b, pairs[pairs[:, 0] == b, 1]) for b in np.unique(pairs[:, 0]).tolist()]
            self.tables = np.concatenate([self.tables, *fresh])
            self._table_of[pairs[:, 1], pairs[:, 0]] = start + np.arange(len(pairs))
            found = self._table_of[own, foreign]
        return np.asarray(found)

    def _tables(self, foreign: int, own: np.ndarray) -> FloatArray:
        """Return (N, G, G, 3) claims of N targets by noise of the target, noise of the contaminant and side."""
        cutoffs = np.stack([self._cutoffs(a) for a in own.tolist()])  # (N, 4, G)
        abc, cv = self._classes[foreign]
        score = np.moveaxis(self._curve(foreign).scores(cutoffs), 0, -1)  # (N, 4, G, G)
        over, under = ndtr(-score[:, [0, 2]]), ndtr(score[:, [1, 3]])
        under = np.maximum(under, cdf(cutoffs[:, [1, 3]], abc, cv, 0.0)[..., None])
        claimed = np.stack([over[:, 0], under[:, 0], np.minimum(over[:, 1], under[:, 1])], axis=-1)
        return claimed_rejection(claimed, self.instance.leak)

    def _cutoffs(self, own: int) -> FloatArray:
        """Return (4, G) thresholds of a target by its noise."""
        if own not in self._cutoffs_of:
            abc, cv = self._classes[own][:, None] * np.ones(GRID.size)
            self._cutoffs_of[own] = thresholds(self.instance.eps, abc, cv, GRID, COARSE)
        return self._cutoffs_of[own]

    def _curve(self, foreign: int) -> _ScoreCurves:
        if foreign not in self._curve_of:
            self._curve_of[foreign] = _ScoreCurves(*self._classes[foreign].tolist())
        return self._curve_of[foreign]


class _ScoreCurves:
    """Normal scores ``ndtri(P(X < x))`` of one level at every noise of the grid, interpolated.

    With ``x = abc exp(sigma s) + sd s`` the score is ``s`` where one of the two spreads vanishes, and between nearly
    straight in ``s``.
    """

    def __init__(self, abc: float, cv: float) -> None:
        lower, upper = (self._places(s, abc, cv) for s in (_NODES[_NODES < 0], _NODES[_NODES >= 0]))
        below = ndtri(cdf(lower, abc, cv, GRID[:, None], COARSE))
        above = -ndtri(sf(upper, abc, cv, GRID[:, None], COARSE))
        self._score = np.concatenate([below, above], axis=1)
        self._x = self._places(_FINE_NODES, abc, cv)

    @staticmethod
    def _places(s: FloatArray, abc: float, cv: float) -> FloatArray:
        """Return (G, N) thresholds, antibodies."""
        return np.asarray(abc * np.exp(log_sd(cv) * s) + GRID[:, None] * s)

    def scores(self, x: FloatArray) -> FloatArray:
        """Return (G, ...) scores of thresholds (...), antibodies."""
        return np.stack(
            [
                np.interp(np.interp(x, places, _FINE_NODES), _NODES, score)
                for places, score in zip(self._x, self._score, strict=True)
            ]
        )


def position(sd: FloatArray) -> tuple[np.ndarray, FloatArray]:
    """Return the lower grid index of a noise, and its fraction of the way to the next."""
    place = np.minimum(np.log(np.maximum(sd, GRID[0]) / GRID[0]) / _LOG_STEP, GRID.size - 1.001)
    index = place.astype(int)
    return index, place - index


def _level_classes(options: CandidateSlots, levels: SlotLevels) -> tuple[np.ndarray, FloatArray]:
    """Return (P, O) class of each level, and (K, 2) median and CV of each class."""
    abc, cv = levels.abc, levels.cv
    dump = np.array([slot.is_dump for slot in options.slots], dtype=bool)
    rounded = 10 ** (np.round(np.log10(np.maximum(abc, 1e-3)) * _MARKS_PER_DECADE) / _MARKS_PER_DECADE)
    abc = np.where(dump & (abc > 0), rounded, abc)
    cv = np.where(dump, np.round(cv, 1), cv)
    flat = np.column_stack([abc.ravel(), cv.ravel()])
    classes, inverse = np.unique(flat, axis=0, return_inverse=True)
    return inverse.reshape(abc.shape), classes
