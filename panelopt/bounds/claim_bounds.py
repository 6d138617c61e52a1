"""Largest claims of the gates of a slot at given noise, for every view."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring.claims import SIDES, claimed_pass, claimed_rejection, pass_probabilities, thresholds

ROUND_UP = 1e-7
"""Margin added to every claim bound (log10), 2.3e-7 of a probability: a hundred times the error of a claim.

Over 70,000 pairs of levels with coefficients of variation up to 5, the largest relative error of claimed probabilities
of at least 1e-10 was 1.1e-9, quantiles included.
"""

_BLOCK = 2048
"""Options whose claims are bounded between two looks at the clock; they take about a second."""

_JUST_ABOVE = 1e-8
"""Share by which a probability may exceed one half and still count, because rounding decides there."""


def claim_bounds(instance: Instance, noise: SubsetNoise, view: int, options: np.ndarray, sd: FloatArray) -> FloatArray:
    """Return bounds on the claims of slots whose noise is at least ``sd``.

    Args:
        instance: The question.
        noise: Levels of the options.
        view: Index of the view.
        options: (B,) the slots in question.
        sd: (B, P) lower bound on their noise as seen from the view's target, antibodies; infinite: no claim.

    Returns:
        (B, 3, C), by side and contaminant of the view.
    """
    target, others = instance.views[view].target, list(instance.views[view].contaminants)
    levels = noise.levels
    hopeless = np.asarray(~np.isfinite(sd).all(axis=1))
    sd = np.where(hopeless[:, None], 1.0, sd)
    abc, cv, known = levels.abc[:, options], levels.cv[:, options], levels.known[:, options]
    cutoffs = thresholds(instance.eps, abc[target], cv[target], sd[:, target])
    claimed, _ = pass_probabilities(cutoffs[:, None, :], abc[others], cv[others], sd[:, others].T)
    value = np.where(known[target] & known[others] & ~hopeless, _as_bound(claimed, instance.leak), 0.0)
    return np.ascontiguousarray(value.transpose(2, 0, 1) * noise.usable[view][options][:, :, None])


def pair_bounds(
    instance: Instance, noise: SubsetNoise, view: int, pairs: np.ndarray, own_sd: FloatArray, foreign_sd: FloatArray
) -> FloatArray:
    """Return bounds on the claims of single slots against single contaminants, whether or not they may be gated so.

    Args:
        instance: The question.
        noise: Levels of the options.
        view: Index of the view.
        pairs: (K, 2) option, and position in the view's contaminants.
        own_sd: (K,) lower bounds on the noise of the slot in the target, antibodies; finite.
        foreign_sd: (K,) the same in the contaminant.

    Returns:
        (K, 3), by side.
    """
    options, target = pairs[:, 0], instance.views[view].target
    others = np.array(instance.views[view].contaminants)[pairs[:, 1]]
    levels = noise.levels
    windows, place = np.unique(np.stack([options, own_sd], axis=1), axis=0, return_inverse=True)
    slots = windows[:, 0].astype(int)
    cutoffs = thresholds(instance.eps, levels.abc[target, slots], levels.cv[target, slots], windows[:, 1])
    claimed, _ = pass_probabilities(
        cutoffs[:, place.ravel()], levels.abc[others, options], levels.cv[others, options], foreign_sd
    )
    known = levels.known[target, options] & levels.known[others, options]
    return np.asarray(np.where(known, _as_bound(claimed, instance.leak), 0.0).T)


def own_bounds(instance: Instance, noise: SubsetNoise) -> list[FloatArray]:
    """Return for each view (O, 3, C) bounds on the claims of each option at its own noise."""
    bounds = OwnBounds(instance, noise)
    bounds.complete(lambda: False)
    return bounds.values


class OwnBounds:
    """Bounds on the claims of each option at its own noise, worked out as far as there is time.

    Args:
        instance: The question.
        noise: Levels of the options.

    Attributes:
        values: For each view (O, 3, C), by side and contaminant; zeros where not yet known.
    """

    def __init__(self, instance: Instance, noise: SubsetNoise) -> None:
        count = len(noise.options.slots)
        self.values = [np.zeros((count, len(SIDES), len(view.contaminants))) for view in instance.views]
        self._instance, self._noise = instance, noise
        self._marker = np.array([slot.markers[0] for slot in noise.options.slots], dtype=int)
        self._next = 0

    def complete(self, stop: Callable[[], bool]) -> bool:
        """Work out the bounds that are missing; return whether there was time for all of them."""
        while self._next < len(self._marker):
            if stop():
                return False
            some = np.arange(self._next, min(self._next + _BLOCK, len(self._marker)))
            sd = self._noise.sd(some)
            for v, view in enumerate(self._instance.views):
                rows = slice(None) if view.marker is None else self._marker[some] == view.marker
                gated = some[rows]
                self.values[v][gated] = claim_bounds(self._instance, self._noise, v, gated, sd[rows, v])
            self._next = int(some[-1]) + 1
        return True


def gate_bounds(
    instance: Instance,
    noise: SubsetNoise,
    view: int,
    option: int,
    side: int,
    contaminants: Sequence[int],
    sd: FloatArray,
) -> FloatArray:
    """Return bounds on the claims of one gate against some contaminants, at several noise levels.

    Args:
        instance: The question.
        noise: Levels of the options.
        view: Index of the view.
        option: The gated slot.
        side: Index of the side.
        contaminants: C positions in the view's contaminants.
        sd: (B, P) lower bounds on the slot's noise, antibodies.

    Returns:
        (B, C)
    """
    if not noise.usable[view][option, side]:
        return np.zeros((len(sd), len(contaminants)))
    target = instance.views[view].target
    others = [instance.views[view].contaminants[c] for c in contaminants]
    hopeless = np.asarray(~np.isfinite(sd).all(axis=1))
    sd = np.where(hopeless[:, None], 1.0, sd)
    abc, cv = noise.levels.abc[:, option], noise.levels.cv[:, option]
    known = noise.levels.known[target, option] & noise.levels.known[others, option]
    claimed = claimed_pass(
        instance.eps,
        side,
        (abc[target], cv[target], sd[:, target, None]),
        (abc[None, others], cv[None, others], sd[:, others]),
    )
    return np.where(known & ~hopeless[:, None], _as_bound(claimed, instance.leak), 0.0)


def _as_bound(claimed: FloatArray, leak: float) -> FloatArray:
    value = claimed_rejection(claimed * (1 - _JUST_ABOVE), leak)
    return np.where(value > 0, value + ROUND_UP, 0.0)
