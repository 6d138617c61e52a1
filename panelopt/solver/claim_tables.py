"""Claims interpolated in small tables over the noise of target and contaminant, one table per pair of levels."""

from __future__ import annotations

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.optics.normal import ndtr, ndtri
from panelopt.scoring.claims import SIDES, claimed_rejection, threshold_levels
from panelopt.scoring.light import SlotLevels
from panelopt.scoring.tail_integrals import COARSE
from panelopt.scoring.tails import cdf, log_sd, sf

GRID = np.geomspace(3.0, 3e6, 25)  # noise in antibodies: four steps per decade
_LOG_STEP = float(np.log(GRID[1] / GRID[0]))
_NODES = np.linspace(-6.0, 6.0, 25)  # normal scores; what lies beyond passes less than any leak
_FINE_NODES = np.linspace(-6.0, 6.0, 241)
_MARKS_PER_DECADE = 10  # levels of dumps are rounded so that they share tables


def _cubics(nodes: FloatArray, points: FloatArray) -> FloatArray:
    """Return (N, P) weights of N values at nodes in the cubics through the nearest four, at P points."""
    first = np.clip(np.searchsorted(nodes, points) - 2, 0, len(nodes) - 4)
    weights = np.zeros((len(nodes), len(points)))
    for k in range(4):
        others = [nodes[first + j] for j in range(4) if j != k]
        at = nodes[first + k]
        weights[first + k, np.arange(len(points))] = np.prod([(points - o) / (at - o) for o in others], axis=0)
    return weights


_DRAWN_OUT = _cubics(_NODES, _FINE_NODES)


class ClaimTables:
    """Tables of claims, built on first use.

    Args:
        instance: The question.
        options: All slots.
        levels: Levels of the options.
    """

    def __init__(self, instance: Instance, options: CandidateSlots, levels: SlotLevels) -> None:
        self.instance = instance
        self.class_of, classes = _level_classes(options, levels)
        self._curves = _ScoreCurves(classes)
        self._table_of = np.full((len(classes), len(classes)), -1)
        self.tables = np.zeros((len(SIDES), 0, GRID.size, GRID.size))
        """(3, K, G, G) claims by side, table, noise of the target and noise of the contaminant."""

    def claims(self, table: np.ndarray, sd: FloatArray, other_sd: FloatArray) -> FloatArray:
        """Return (C, 3, n, B) claims between the points of the tables.

        Args:
            table: (C, n, B) table numbers.
            sd: (n, B) noise of the target, antibodies.
            other_sd: (C, n, B) noise of the contaminants, antibodies.
        """
        row, row_part = _position(sd)
        column, column_part = _position(other_sd)
        place = (table * GRID.size + row) * GRID.size + column
        result = np.empty((len(table), len(SIDES), *sd.shape))
        for side, flat in enumerate(self.tables.reshape(len(SIDES), -1)):
            low, high = flat[place], flat[place + 1]
            low += (flat[place + GRID.size] - low) * row_part
            high += (flat[place + GRID.size + 1] - high) * row_part
            high -= low
            high *= column_part
            np.add(low, high, out=result[:, side])
        return result

    def numbers(self, own: np.ndarray, foreign: np.ndarray) -> np.ndarray:
        """Return table numbers for level classes of target and contaminant (broadcast)."""
        own, foreign = np.broadcast_arrays(own, foreign)
        found = self._table_of[own, foreign]
        if (found < 0).any():
            count = len(self._table_of)
            wanted = np.flatnonzero(np.bincount(foreign[found < 0] * count + own[found < 0]))
            of, by = np.divmod(wanted, count)
            self._curves.draw(np.flatnonzero(np.bincount(np.concatenate([of, by]))))
            start = self.tables.shape[1]
            fresh = [self._tables(b, by[of == b]) for b in dict.fromkeys(of.tolist())]
            self.tables = np.concatenate([self.tables, *fresh], axis=1)
            self._table_of[by, of] = start + np.arange(len(wanted))
            found = self._table_of[own, foreign]
        return np.asarray(found)

    def _tables(self, foreign: int, own: np.ndarray) -> FloatArray:
        """Return (3, N, G, G) claims of N targets by side, noise of the target and noise of the contaminant."""
        levels = threshold_levels(self.instance.eps)
        cutoffs = self._curves.quantiles(own, levels)  # (N, 4, G)
        abc, cv = self._curves.classes[foreign]
        score = np.moveaxis(self._curves.scores(foreign, cutoffs), 0, -1)  # (N, 4, G, G)
        over, under = ndtr(-score[:, [0, 2]]), ndtr(score[:, [1, 3]])
        under = np.maximum(under, cdf(cutoffs[:, [1, 3]], abc, cv, 0.0)[..., None])
        claimed = np.stack([over[:, 0], under[:, 0], np.minimum(over[:, 1], under[:, 1])])
        return claimed_rejection(claimed, self.instance.leak)


class _ScoreCurves:
    """Normal scores ``ndtri(P(X < x))`` of each level class at every noise of the grid, interpolated.

    With ``x = abc exp(sigma s) + sd s`` the score is ``s`` where one of the two spreads vanishes, and between smooth
    and nearly straight in ``s``: cubics through a few nodes are drawn out to many, and lines join these.

    Args:
        classes: (K, 2) median and coefficient of variation of each class.
    """

    def __init__(self, classes: FloatArray) -> None:
        self.classes = classes
        self._sigma = log_sd(classes[:, 1])
        self._drawn = np.zeros(len(classes), dtype=bool)
        self._score = np.zeros((len(classes), GRID.size, _FINE_NODES.size))

    def draw(self, some: np.ndarray) -> None:
        """Work out the scores of some classes, all at once: many small arrays take longer than a large one."""
        fresh = some[~self._drawn[some]]
        abc, cv = (column[:, None, None] for column in self.classes[fresh].T)
        x = self._places(fresh[:, None, None], GRID[:, None], _NODES)
        low = int((_NODES < 0).sum())
        below = ndtri(cdf(x[..., :low], abc, cv, GRID[:, None], COARSE))
        above = -ndtri(sf(x[..., low:], abc, cv, GRID[:, None], COARSE))
        self._score[fresh] = np.concatenate([below, above], axis=-1) @ _DRAWN_OUT
        self._drawn[fresh] = True

    def _places(self, number: np.ndarray | int, sd: FloatArray, s: FloatArray) -> FloatArray:
        """Return thresholds of a class, antibodies (broadcast)."""
        return np.asarray(self.classes[number, 0] * np.exp(self._sigma[number] * s) + sd * s)

    def quantiles(self, some: np.ndarray, probability: FloatArray) -> FloatArray:
        """Return (N, L, G) thresholds below which N classes are found with L probabilities, antibodies."""
        goal = ndtri(probability)
        s = [[np.interp(goal, curve, _FINE_NODES) for curve in self._score[number]] for number in some.tolist()]
        return self._places(some[:, None, None], GRID, np.array(s).transpose(0, 2, 1))

    def scores(self, number: int, x: FloatArray) -> FloatArray:
        """Return (G, ...) scores of thresholds (...) in a class, antibodies."""
        places = self._places(number, GRID[:, None], _FINE_NODES)
        return np.stack([np.interp(x, at, curve) for at, curve in zip(places, self._score[number], strict=True)])


def _position(sd: FloatArray) -> tuple[np.ndarray, FloatArray]:
    """Return the lower grid index of a noise, and its fraction of the way to the next."""
    place = np.minimum(np.log(np.maximum(sd, GRID[0]) / GRID[0]) / _LOG_STEP, GRID.size - 1.001)
    index = place.astype(int)
    return index, place - index


def _level_classes(options: CandidateSlots, levels: SlotLevels) -> tuple[np.ndarray, FloatArray]:
    """Return (P, O) class of each level, and (K, 2) median and CV of each class."""
    abc, cv = levels.abc, levels.cv
    dump = options.is_dump
    rounded = 10 ** (np.round(np.log10(np.maximum(abc, 1e-3)) * _MARKS_PER_DECADE) / _MARKS_PER_DECADE)
    abc = np.where(dump & (abc > 0), rounded, abc)
    cv = np.where(dump, np.round(cv, 1), cv)
    # as complex numbers, pairs are sorted much faster than as rows
    classes, inverse = np.unique((abc + 1j * cv).ravel(), return_inverse=True)
    return inverse.reshape(abc.shape), np.column_stack([classes.real, classes.imag])
