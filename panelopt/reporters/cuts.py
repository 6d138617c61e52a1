"""Cuts for choices in which every channel has little bleed-through, from the linear relaxation.

If a channel on detector ``d`` is weak (its signal at most ``t`` over the threshold), no dye that gives ``t`` or more in
``d`` may be used. Such dyes on one other detector ``e`` exclude each other, so that

    sum of weak channels on d + sum of strong dyes on e <= 1

for every ``d``, ``e`` and ``t``. There are too many of these rows for a model; those that the linear relaxation breaks
are found in rounds. Its dual values also tell which pairs cannot be part of a choice as bright as the best known one:
the bound is recomputed from them with every rounding on the safe side, so that it holds for whatever values the linear
solver returns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.reporters.reporter_question import ReporterInstance
from panelopt.reporters.worth import BLEED_LIMIT, Pair, ReporterScore

IntArray = npt.NDArray[np.intp]

ROUNDS = 12
"""Most solutions of the linear relaxation."""

_BROKEN = 1e-3  # least violation of an added cut
_MARGIN = 1e-3  # shortfall (logarithm) from which a pair is left out: far above rounding and ties
_STRICT = 1 + 1e-9  # comparisons must hold by more than rounding


@dataclass(frozen=True, slots=True)
class Strengthened:
    """Findings of the relaxation.

    Attributes:
        clean, other: (F, D) pairs that may be channels with little bleed-through, and other channels, of a choice at
            least as bright as the best one.
        rows: Sets of pairs of which at most one may be chosen: clean channels, and channels of any kind.
    """

    clean: BoolArray
    other: BoolArray
    rows: tuple[tuple[list[Pair], list[Pair]], ...]


class Relaxation:
    """The linear relaxation of the choices that have as many clean channels as the best one, and no dark ones.

    Its columns are the clean channels, then the other ones; its rows allow at most one channel for each dye, each
    detector and each cut.

    Args:
        instance: The question.
        best: The best choice known; it has no channel without signal.
        useful: (F, D) pairs that may be clean.
    """

    def __init__(self, instance: ReporterInstance, best: ReporterScore, useful: BoolArray) -> None:
        self.instance = instance
        self.best = best
        lit = instance.signal > 0
        clean = np.argwhere(lit & useful)
        other = np.argwhere(lit) if best.below_limit < instance.colours else np.empty((0, 2), dtype=int)
        self._pairs: IntArray = np.concatenate((clean, other))
        self._clean: BoolArray = np.arange(len(self._pairs)) < len(clean)
        self._weight: FloatArray = np.log(instance.signal[tuple(self._pairs.T)])
        dyes, detectors = (np.arange(size)[:, None] for size in instance.signal.shape)
        self._rows = _sparse(np.concatenate((self._pairs[:, 0] == dyes, self._pairs[:, 1] == detectors)))
        self._cuts: list[tuple[BoolArray, BoolArray]] = []

    def strengthen(self) -> Strengthened:
        """Add cuts until none is broken; return them, and the pairs that may be part of a choice as bright."""
        alive = np.ones(len(self._pairs), dtype=bool)
        for _ in range(ROUNDS):
            answer = self._solve()
            if answer.x is None:
                break
            alive &= self._bounds(answer) > self.best.log_signal - _MARGIN
            new = self._broken(answer.x)
            if not new:
                break
            self._cuts += new
            self._rows = vstack([self._rows, _sparse(np.array([weak | strong for weak, strong in new]))], format="csr")
        rows = tuple((self._listed(weak), self._listed(strong & ~weak)) for weak, strong in self._cuts)
        return Strengthened(self._table(alive & self._clean), self._table(alive & ~self._clean), rows)

    def _table(self, columns: BoolArray) -> BoolArray:
        found = np.zeros(self.instance.signal.shape, dtype=bool)
        found[tuple(self._pairs[columns].T)] = True
        return found

    def _listed(self, columns: BoolArray) -> list[Pair]:
        return list(dict.fromkeys((int(f), int(d)) for f, d in self._pairs[columns]))

    def _solve(self) -> Any:
        sparse: Any = vstack([self._rows, _sparse(-self._clean[None, :].astype(float))], format="csr")
        most = np.append(np.ones(self._rows.shape[0]), -self.best.below_limit)
        every = np.ones((1, len(self._weight)))
        return linprog(
            -self._weight,
            A_ub=sparse,
            b_ub=most,
            A_eq=every,
            b_eq=[self.instance.colours],
            bounds=(0, 1),
            method="highs",
        )

    def _bounds(self, answer: Any) -> FloatArray:
        """Return for each column an upper bound on the sum of logarithms of choices that hold it (weak duality)."""
        colours = self.instance.colours
        *row_price, clean_price = np.maximum(-answer.ineqlin.marginals, 0.0)
        colour_price = -float(answer.eqlin.marginals[0])
        reduced = self._weight - self._rows.T @ np.array(row_price) + clean_price * self._clean - colour_price
        bound = sum(row_price) - clean_price * self.best.below_limit + colours * colour_price
        return np.asarray(bound + np.maximum(reduced, 0.0).sum() + np.minimum(reduced, 0.0))

    def _broken(self, x: FloatArray) -> list[tuple[BoolArray, BoolArray]]:
        """Return for each pair of detectors the cut that the solution violates most."""
        clean, chosen = np.zeros((2, *self.instance.signal.shape))
        clean[tuple(self._pairs[self._clean].T)] = x[self._clean]
        np.add.at(chosen, tuple(self._pairs.T), x)
        found = []
        dye, detector = self._pairs.T
        for d in range(len(self.instance.detector)):
            light = self.instance.signal[:, d]
            for e in range(len(self.instance.detector)):
                thresholds = np.unique(light[(chosen[:, e] > 1e-7) & (light > 0)])
                if d == e or thresholds.size == 0:
                    continue
                weak = (light > 0) & (light * BLEED_LIMIT * _STRICT < thresholds[:, None])
                strong = light >= thresholds[:, None]
                total = weak @ clean[:, d] + strong @ chosen[:, e]
                top = int(np.argmax(total))
                if total[top] > 1 + _BROKEN:
                    on_d = weak[top][dye] & (detector == d) & self._clean
                    found.append((on_d, strong[top][dye] & (detector == e)))
        return found


def _sparse(rows: Any) -> csr_array:
    return csr_array(np.asarray(rows, dtype=float))
