"""Most that the gates of a slot can claim at given noise, for every view."""

from __future__ import annotations

import numpy as np

from panelopt.bounds.noise import SubsetNoise
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring.claims import claimed_rejection, pass_probabilities, thresholds

ROUND_UP = 1e-7
"""Added to every claim used as a limit: covers the integration error of the tails."""


def claim_limits(instance: Instance, noise: SubsetNoise, view: int, options: np.ndarray, sd: FloatArray) -> FloatArray:
    """Return the claims of slots whose noise is at least ``sd``.

    Args:
        instance: The question.
        noise: Levels of the options.
        view: Index of the view.
        options: (B,) the slots in question.
        sd: (B, P) lower limit of their noise as seen from the view's target, antibodies; infinite claims nothing.

    Returns:
        (B, 3, C), by side and contaminant of the view.
    """
    target, others = instance.views[view].target, list(instance.views[view].contaminants)
    levels = noise.levels
    hopeless = ~np.isfinite(sd).all(axis=1)
    sd = np.where(hopeless[:, None], 1.0, sd)
    abc, cv, known = levels.abc[:, options], levels.cv[:, options], levels.known[:, options]
    limits = thresholds(instance.eps, abc[target], cv[target], sd[:, target])
    claimed, _ = pass_probabilities(limits[:, None, :], abc[others], cv[others], sd[:, others].T)
    value = claimed_rejection(claimed - _PROBABILITY_ERROR, instance.leak)
    value = np.where(known[target] & known[others] & ~hopeless, value, 0.0)
    value = np.where(value > 0, value + ROUND_UP, 0.0)
    return np.ascontiguousarray(value.transpose(2, 0, 1))


_PROBABILITY_ERROR = 1e-9  # so that a probability of exactly one half is never mistaken for more
