"""What a gate may claim against a contaminant, and what it is expected to achieve.

A gate costs the target the share ``eps``. Its *claim* never improves with more noise in either population, unlike the
plain probabilities (a window far from a contaminant "rejects" it by smearing it).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.optics.normal import ndtr
from panelopt.scoring.quantiles import quantile
from panelopt.scoring.tail_integrals import FINE
from panelopt.scoring.tails import cdf, log_sd, sf

Side = Literal["above", "below", "between"]
SIDES: tuple[Side, ...] = ("above", "below", "between")
MOST_CLAIMED_PASS = 0.5
"""A gate that passes more than this claims nothing."""


LEVELS = 4
"""Thresholds of a slot: quantiles of the target at eps, 1 - eps, eps/2 and 1 - eps/2."""

WINDOW: dict[Side, tuple[int | None, int | None]] = {"above": (0, None), "below": (None, 1), "between": (2, 3)}
"""Thresholds at the lower and the upper end of a gate; None where it is open."""


def threshold_levels(eps: float) -> FloatArray:
    """Return the four probabilities that define a target's thresholds."""
    return np.array([eps, 1 - eps, eps / 2, 1 - eps / 2])


def thresholds(eps: float, abc: FloatArray, cv: FloatArray, sd: FloatArray, step: float = FINE) -> FloatArray:
    """Return the thresholds of a target.

    Args:
        eps: Share of the target that one gate may cost.
        abc: (...) median of the target in the slot, antibodies.
        cv: (...) its coefficient of variation.
        sd: (...) its noise, antibodies.
        step: `FINE`, or `COARSE` for a rough value.

    Returns:
        (4, ...): quantiles at eps, 1 - eps, eps/2, 1 - eps/2, antibodies.
    """
    probability = threshold_levels(eps).reshape(LEVELS, *([1] * np.ndim(abc)))
    return quantile(probability, abc, cv, sd, step)


def pass_probabilities(
    cutoffs: FloatArray, abc: FloatArray, cv: FloatArray, sd: FloatArray, step: float = FINE
) -> tuple[FloatArray, FloatArray]:
    """Return the raw pass probabilities of a contaminant: claimed (before floor and cap) and plain.

    Args:
        cutoffs: (4, ...) thresholds of the target.
        abc: (...) median of the contaminant in the slot, antibodies.
        cv: (...) its coefficient of variation.
        sd: (...) its noise, antibodies.
        step: `FINE`, or `COARSE` for a rough value.

    Returns:
        Two arrays (3, ...) in the order of :data:`SIDES`. Claims: ``above`` and ``below`` the one-sided
        probabilities, ``below`` at least that without noise, ``between`` the smaller of its two sides.
    """
    over = sf(cutoffs[[0, 2]], abc, cv, sd, step)
    under = cdf(cutoffs[[1, 3]], abc, cv, sd, step)
    under_claim = np.maximum(under, cdf(cutoffs[[1, 3]], abc, cv, np.zeros_like(sd), step))
    claimed = np.stack([over[0], under_claim[0], np.minimum(over[1], under_claim[1])])
    plain = np.stack([over[0], under[0], np.maximum(over[1] + under[1] - 1, 0.0)])
    return claimed, plain


def claimed_pass(
    eps: float,
    side: int,
    target: tuple[FloatArray, FloatArray, FloatArray],
    contaminant: tuple[FloatArray, FloatArray, FloatArray],
) -> FloatArray:
    """Return the raw claimed pass probability of one side; like :func:`pass_probabilities`, but faster.

    Args:
        eps: Share of the target that one gate may cost.
        side: Index into :data:`SIDES`.
        target: Level (abc, cv) and noise (sd) of the target, antibodies; shapes broadcast with the contaminant's.
        contaminant: The same of the contaminant.
    """
    levels = threshold_levels(eps)
    abc, cv, sd = contaminant

    def above(level: float) -> FloatArray:
        return sf(quantile(level, *target), abc, cv, sd)

    def below(level: float) -> FloatArray:
        cutoff = quantile(level, *target)
        return np.maximum(cdf(cutoff, abc, cv, sd), cdf(cutoff, abc, cv, np.zeros_like(sd)))

    if SIDES[side] == "above":
        return above(levels[0])
    if SIDES[side] == "below":
        return below(levels[1])
    return np.minimum(above(levels[2]), below(levels[3]))


def monotone_sides(eps: float, cv: FloatArray) -> BoolArray:
    """Return (..., 3) the sides on which the claims of a gate never improve with noise, by the target's level.

    The lower quantile of a log-normal with normal noise never rises with the noise while it is below the mode, that is
    for a share of at most ``Phi(-sigma)``. The upper quantile never falls. See "What is proven of claims" in
    ``docs/method.md``.

    Args:
        eps: Share of the target that one gate may cost.
        cv: (...) coefficient of variation of the target's level.
    """
    room = ndtr(-log_sd(cv))
    return np.stack([eps <= room, np.ones_like(room, dtype=bool), eps / 2 <= room], axis=-1)


def claimed_rejection(probability: FloatArray, leak: float) -> FloatArray:
    """Return ``-log10`` of the claimed pass probability: at least ``leak``; nothing if more than half would pass."""
    return np.where(probability > MOST_CLAIMED_PASS, 0.0, -np.log10(np.maximum(probability, leak)))


def plain_rejection(probability: FloatArray, leak: float) -> FloatArray:
    """Return ``-log10`` of the expected pass probability, floored at ``leak``."""
    return np.asarray(-np.log10(np.clip(probability, leak, 1.0)))
