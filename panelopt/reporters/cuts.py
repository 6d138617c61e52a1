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
        kept: (F, D) pairs that may be part of a choice at least as bright as the best one.
        rows: Sets of pairs of which at most one may be chosen: clean channels, and channels of any kind.
    """

    kept: BoolArray
    rows: tuple[tuple[list[Pair], list[Pair]], ...]


def strengthen(instance: ReporterInstance, best: ReporterScore) -> Strengthened:
    """Return cuts and remaining pairs for choices of clean channels that are at least as bright as the best one."""
    pairs = np.argwhere(instance.signal > 0)
    weight = np.log(instance.signal[tuple(pairs.T)])
    rows = [pairs[:, 0] == f for f in range(len(instance.dye))] + [
        pairs[:, 1] == d for d in range(len(instance.detector))
    ]
    added: list[tuple[BoolArray, BoolArray]] = []
    matrix = csr_array(np.array(rows, dtype=float))
    alive = np.ones(len(pairs), dtype=bool)
    for _ in range(ROUNDS):
        answer = _relaxed(matrix, weight, instance.colours)
        if answer.x is None:
            break
        alive &= _bound_with(matrix, weight, instance.colours, answer) > best.log_signal - _MARGIN
        new = _broken(instance, pairs, answer.x)
        if not new:
            break
        added += new
        matrix = vstack(
            [matrix, csr_array(np.array([weak | strong for weak, strong in new], dtype=float))], format="csr"
        )
    kept = np.zeros(instance.signal.shape, dtype=bool)
    kept[tuple(pairs[alive].T)] = True
    return Strengthened(kept, tuple((_listed(pairs[weak]), _listed(pairs[strong & ~weak])) for weak, strong in added))


def _listed(pairs: IntArray) -> list[Pair]:
    return [(int(f), int(d)) for f, d in pairs]


def _relaxed(matrix: csr_array, weight: FloatArray, colours: int) -> Any:
    ones = np.ones(matrix.shape[0])
    every = np.ones((1, len(weight)))
    sparse: Any = matrix  # known to the function, not to its type
    return linprog(-weight, A_ub=sparse, b_ub=ones, A_eq=every, b_eq=[colours], bounds=(0, 1), method="highs")


def _bound_with(matrix: csr_array, weight: FloatArray, colours: int, answer: Any) -> FloatArray:
    """Return for each pair an upper bound on the sum of logarithms of choices that hold it (weak duality)."""
    row_price = np.maximum(-answer.ineqlin.marginals, 0.0)
    colour_price = -float(answer.eqlin.marginals[0])
    reduced = weight - matrix.T @ row_price - colour_price
    bound = row_price.sum() + colours * colour_price + np.maximum(reduced, 0.0).sum()
    return np.asarray(bound + np.minimum(reduced, 0.0))


def _broken(instance: ReporterInstance, pairs: IntArray, x: FloatArray) -> list[tuple[BoolArray, BoolArray]]:
    """Return for each pair of detectors the cut that the solution violates most."""
    value = np.zeros(instance.signal.shape)
    value[tuple(pairs.T)] = x
    found = []
    for d in range(len(instance.detector)):
        light = instance.signal[:, d]
        for e in range(len(instance.detector)):
            thresholds = np.unique(light[(value[:, e] > 1e-7) & (light > 0)])
            if d == e or thresholds.size == 0:
                continue
            weak = (light > 0) & (light * BLEED_LIMIT * _STRICT < thresholds[:, None])
            strong = light >= thresholds[:, None]
            total = weak @ value[:, d] + strong @ value[:, e]
            top = int(np.argmax(total))
            if total[top] > 1 + _BROKEN:
                on_d, on_e = pairs[:, 1] == d, pairs[:, 1] == e
                found.append((weak[top][pairs[:, 0]] & on_d, strong[top][pairs[:, 0]] & on_e))
    return found
