"""Estimates of panels by formulas: less exact than those by tables, but at hand at once."""

from __future__ import annotations

import math

import numpy as np

from panelopt.instance.arrays import FloatArray
from panelopt.optics.normal import ndtri
from panelopt.scoring.claims import SIDES, threshold_levels
from panelopt.scoring.tails import log_sd
from panelopt.solver.panel_estimate import PanelEstimator

_LEAST_LEAK = 1e-9
"""Smallest pass probability that an estimate claims."""

_LOWER = [1, 3]
"""Thresholds whose lower side passes; the others pass above."""


class PlainEstimator(PanelEstimator):
    """Estimates whose claims come from formulas instead of tables.

    A level with median ``a``, log-normal spread ``sigma`` and noise ``sd`` lies ``s`` normal scores from its median
    where ``1 / s^2 = (sigma / log(x / a))^2 + (sd / (x - a))^2``: exact where one of the two spreads vanishes.

    Args:
        tabled: Estimates for the same question.
    """

    def __init__(self, tabled: PanelEstimator) -> None:
        vars(self).update(vars(tabled))
        self._sigma = log_sd(self.levels.cv)
        self._goals = ndtri(threshold_levels(self.instance.eps))

    def _claims(self, view: int, panels: np.ndarray, sd: FloatArray) -> FloatArray:
        """Return (C, 3, n, B) estimated claims."""
        target, others = self.instance.views[view].target, list(self.instance.views[view].contaminants)
        abc, sigma, known, options = self.levels.abc, self._sigma, self.levels.known, panels.T
        own, own_sd, goals = abc[target][options], sd[:, target].T, self._goals[:, None, None]
        away = np.hypot(own * np.expm1(sigma[target][options] * goals), own_sd * goals)
        cutoffs = own + np.copysign(away, goals)  # (4, n, B)
        gap = cutoffs[:, None] - abc[others][:, options]  # (4, C, n, B)
        score = self._scores(gap, abc[others][:, options], sigma[others][:, options], sd[:, others].transpose(1, 2, 0))
        score[_LOWER] *= -1
        most = -math.log10(max(self.instance.leak, _LEAST_LEAK))
        claim = np.where(score > 0, np.minimum(_rejection(np.maximum(score, 0.0)), most), 0.0)
        claim *= known[target][options] & known[others][:, options]
        sides = {"above": claim[0], "below": claim[1], "between": np.maximum(claim[2], claim[3])}
        return np.stack([sides[side] for side in SIDES], axis=1) * self._usable[view][:, options]

    @staticmethod
    def _scores(gap: FloatArray, abc: FloatArray, sigma: FloatArray, sd: FloatArray) -> FloatArray:
        """Return the normal scores of places that lie ``gap`` antibodies above medians."""
        with np.errstate(divide="ignore", invalid="ignore"):
            smooth = sigma / np.log1p(np.maximum(gap / abc, -1.0))
            straight = sd / gap
            score = np.copysign(1.0 / np.hypot(np.where(np.isfinite(smooth), smooth, 0.0), straight), gap)
        return np.where(np.isfinite(score), score, 0.0)


def _rejection(score: FloatArray) -> FloatArray:
    """Return ``-log10`` of the upper tail of the normal distribution above a score of at least 0, within 0.3 %."""
    return score**2 / (2 * math.log(10)) + np.log10(
        math.sqrt(2 * math.pi) * (0.661 * score + 0.339 * np.sqrt(score**2 + 5.51))
    )
