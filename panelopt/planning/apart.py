"""How well a threshold separates the cells on its two sides, among those that reach it.

For a gate of target t, reached by ``w_t`` target cells and ``w_c`` single cells of each contaminant c, the other side
of a threshold consists of the contaminants beyond it of which at most half pass the gate. With the threshold at x,

    misplaced(x) = share of t lost at x + n (share of the other side that passes at x)

and its minimum over x measures the separation: near 0 there is a gap, at 1 no threshold is better than losing
everything. n is 1, each side relative to itself; if the other side is dim and outnumbers the target, it is
``sum(w_c) / w_t``, so that passing cells count as shares of the target. A rare target drowns in the tail of many dim
cells, which a tube without the dye shows; it does not show the dim end of marker-positive cells that a gate below its
threshold keeps out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from panelopt.instance.arrays import FloatArray
from panelopt.planning.narrowing import least
from panelopt.planning.tube import Tube, amounts
from panelopt.scoring import PanelScore
from panelopt.scoring.claims import MOST_CLAIMED_PASS
from panelopt.scoring.tail_integrals import COARSE
from panelopt.scoring.tails import cdf, log_sd, sf

_FIRST_LOOK = 129
"""Thresholds tried before the best one is refined."""
_REACH = 5.8
"""Standard deviations of level and noise to which thresholds are tried; less than 1e-8 of a population lies beyond."""


@dataclass(frozen=True, slots=True)
class Distance:
    """Separation of the cells on the two sides of a threshold.

    Attributes:
        misplaced: Least sum of the target lost and the other side that passes, from 0 to 1.
        times: Cells on the other side for each target cell that reaches the gate.
    """

    misplaced: float
    times: float


def reaching(tube: Tube, phi: FloatArray, place: int) -> FloatArray:
    """Return (1 + C,) single cells of the target and of each contaminant that reach a gate, per event.

    Args:
        tube: Target with its gates in the order of the gating tree.
        phi: (P,) share of each population among all events.
        place: Which gate: index into ``tube.gates``; their number for what passes all of them.
    """
    left = amounts(tube, phi, place)
    return np.array([left.target, *left.single])


def distance(score: PanelScore, number: int, tube: Tube, place: int, phi: FloatArray) -> Distance | None:
    """Return the separation at a gate; for a window that of its less separated threshold.

    Args:
        score: The scored panel.
        number: Which target: index of its view.
        tube: Target with its gates in the order of the gating tree.
        place: Which gate: index into ``tube.gates``.
        phi: (P,) share of each population among all events.

    Returns:
        The distance; None where the gate keeps nothing out.
    """
    gate, levels = tube.gates[place], score.light.levels
    weight = reaching(tube, phi, place)
    others = np.array(tube.contaminants)
    kept_out = (gate.passing <= MOST_CLAIMED_PASS) & levels.known[others, gate.slot] & (weight[1:] > 0)
    dim = levels.abc[others, gate.slot] < levels.abc[tube.target, gate.slot]
    found = []
    for threshold, side, above in ((gate.low, kept_out & dim, True), (gate.high, kept_out & ~dim, False)):
        if threshold is not None and side.any():
            times = float(weight[1:][side].sum() / weight[0])
            number_counted = max(times, 1.0) if above else 1.0
            share = weight[1:][side] / weight[1:][side].sum()
            populations = [tube.target, *others[side].tolist()]
            misplaced = _least_misplaced(
                levels.abc[populations, gate.slot], levels.cv[populations, gate.slot],
                score.light.sd[number, populations, gate.slot], number_counted * share, above=above,
            )  # fmt: skip
            found.append(Distance(misplaced, times))
    return max(found, key=lambda one: one.misplaced, default=None)


def _least_misplaced(abc: FloatArray, cv: FloatArray, sd: FloatArray, counted: FloatArray, *, above: bool) -> float:
    """Return the smallest misplaced share over all thresholds.

    Args:
        abc: (1 + N,) medians of the target and of the populations on the other side, antibodies.
        cv: (1 + N,) their coefficients of variation.
        sd: (1 + N,) their noise, antibodies.
        counted: (N,) what each population on the other side counts.
        above: Whether the target lies above the threshold.
    """
    lost, passing = (cdf, sf) if above else (sf, cdf)
    # signals span decades: thresholds at equal steps of their logarithm, linear around 0
    scale = float(sd[sd > 0].min(initial=np.inf))
    scale = scale if np.isfinite(scale) else 1.0

    def misplaced(places: FloatArray) -> FloatArray:
        at = np.sinh(places)[:, None] * scale
        others = passing(at, abc[1:], cv[1:], sd[1:], COARSE) @ counted
        return np.asarray(lost(at, abc[:1], cv[:1], sd[:1], COARSE)[:, 0] + others)

    sigma = log_sd(cv)
    first = float((abc * np.exp(-_REACH * sigma) - _REACH * sd).min())
    last = float((abc * np.exp(_REACH * sigma) + _REACH * sd).max())
    return min(least(misplaced, math.asinh(first / scale), math.asinh(last / scale), _FIRST_LOOK), 1.0)
