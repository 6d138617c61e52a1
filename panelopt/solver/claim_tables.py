"""Claims interpolated in small tables over the noise of target and contaminant, one table per pair of levels."""

from __future__ import annotations

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring.claims import SIDES, claimed_rejection, pass_probabilities, thresholds
from panelopt.scoring.light import SlotLevels
from panelopt.scoring.tail_integrals import COARSE

GRID = np.geomspace(3.0, 3e6, 25)  # noise in antibodies: four steps per decade
_LOG_STEP = float(np.log(GRID[1] / GRID[0]))
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
        self.tables = np.zeros((0, GRID.size, GRID.size, len(SIDES)))
        """(K, G, G, 3) claims by table, noise of the target, noise of the contaminant and side."""

    def numbers(self, own: np.ndarray, foreign: np.ndarray) -> np.ndarray:
        """Return table numbers for level classes of target and contaminant (broadcast)."""
        own, foreign = np.broadcast_arrays(own, foreign)
        found = self._table_of[own, foreign]
        if (found < 0).any():
            pairs = np.unique(np.stack([own[found < 0], foreign[found < 0]], axis=1), axis=0)
            fresh = np.stack([self._table(self._classes[a], self._classes[b]) for a, b in pairs])
            start = len(self.tables)
            self.tables = np.concatenate([self.tables, fresh])
            self._table_of[pairs[:, 0], pairs[:, 1]] = start + np.arange(len(pairs))
            found = self._table_of[own, foreign]
        return np.asarray(found)

    def _table(self, own: FloatArray, foreign: FloatArray) -> FloatArray:
        """Return (G, G, 3) claims by noise of the target, noise of the contaminant and side."""
        size = GRID.size
        ones = np.ones(size)
        cutoffs = thresholds(self.instance.eps, own[0] * ones, own[1] * ones, GRID, COARSE)
        square = np.ones((size, size))
        claimed, _ = pass_probabilities(
            np.broadcast_to(cutoffs[:, :, None], (4, size, size)),
            foreign[0] * square,
            foreign[1] * square,
            np.broadcast_to(GRID[None, :], (size, size)),
            COARSE,
        )
        return np.moveaxis(claimed_rejection(claimed, self.instance.leak), 0, -1)


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
