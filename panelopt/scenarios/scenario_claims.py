"""Claims of every gate of one target in many scenarios; the formulas are those of :mod:`panelopt.scoring.claims`.

A claim saturates: at `leak`, and at nothing if more than half would pass. Whether it does is often clear from signal
and noise separately, and then nothing is integrated. With noise ``N`` and signal ``L``, for any ``k``,

    P(L + N < q) <= P(L < q + k sd) + P(N < -k sd),    P(L + N < q) >= P(L < q - k sd) P(N < k sd),

and likewise above ``q``.
"""

from __future__ import annotations

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray, Instance, View
from panelopt.optics.normal import ndtr, ndtri
from panelopt.scenarios.scenario_light import ScenarioLight
from panelopt.scoring.claims import LEVELS, MOST_CLAIMED_PASS, SIDES, WINDOW, claimed_rejection, threshold_levels
from panelopt.scoring.quantiles import quantile
from panelopt.scoring.tails import cdf, sf

_PARTS = (0.03, 0.25, 0.75)  # shares of `leak` left to the noise
_REACHES = (0.5, 1.2, 2.5)  # k of the lower bounds
_ABOVE, _BELOW, _BETWEEN = (SIDES.index(side) for side in ("above", "below", "between"))
_MARGIN = 1e-6  # far above the errors of rounding and integration


def scenario_claims(instance: Instance, view: View, usable: BoolArray, light: ScenarioLight, number: int) -> FloatArray:
    """Return (n, S, 3, C) claims by slot, side and contaminant; 0 where a side is not usable.

    Args:
        instance: The question.
        view: Target and contaminants.
        usable: (S, 3) sides on which a slot may be gated.
        light: Levels and noise in n scenarios.
        number: Number of the view.
    """
    claims = np.zeros((len(light.sd), *usable.shape, len(view.contaminants)))
    for sides in map(np.array, sorted({tuple(row) for row in usable.tolist() if any(row)})):
        alike = np.flatnonzero((usable == sides).all(axis=1))
        claims[:, alike] = _claims(instance, view, alike, sides, light, number)
    return claims


def _claims(
    instance: Instance, view: View, gated: np.ndarray, sides: BoolArray, light: ScenarioLight, number: int
) -> FloatArray:
    """Return (n, G, 3, C) claims of (G,) slots that may be gated on the same (3,) sides."""
    levels, others = light.levels, list(view.contaminants)
    sd = light.sd[:, number]
    own = (levels.abc[:, view.target][:, gated], levels.cv[:, view.target][:, gated], sd[:, view.target][:, gated])
    abc, cv, noise = (values[:, others][:, :, gated] for values in (levels.abc, levels.cv, sd))
    known = levels.known[:, [view.target]][:, :, gated] & levels.known[:, others][:, :, gated]
    cutoffs = np.full((LEVELS, *own[0].shape), np.nan)
    asked = [level for side, ends in enumerate(WINDOW.values()) if sides[side] for level in ends if level is not None]
    cutoffs[asked] = quantile(threshold_levels(instance.eps)[asked][:, None, None], *own)
    passing = _passing(cutoffs, sides, abc, cv, noise, known, instance.leak)
    claims = np.where(known, claimed_rejection(passing, instance.leak), 0.0)  # (3, n, C, G)
    return np.ascontiguousarray(claims.transpose(1, 3, 0, 2))


def _passing(
    cutoffs: FloatArray,
    sides: BoolArray,
    abc: FloatArray,
    cv: FloatArray,
    sd: FloatArray,
    known: BoolArray,
    leak: float,
) -> FloatArray:
    """Return (3, n, C, G) pass probabilities by side; 0 or 1 where clearly below `leak` or above one half.

    Args:
        cutoffs: (4, n, G) thresholds of the target.
        sides: (3,) sides that are asked for; on the others everything passes.
        abc: (n, C, G) medians of the contaminants.
        cv: Their coefficients of variation.
        sd: Their noise.
        known: (n, C, G) where a claim is wanted at all.
        leak: Smallest pass probability that a gate may claim.
    """
    cells = np.flatnonzero(known)
    shape = abc.shape
    level, width, noise = abc.ravel()[cells], cv.ravel()[cells], sd.ravel()[cells]
    edges = [np.broadcast_to(cutoff[:, None], shape).ravel()[cells] for cutoff in cutoffs]
    result = np.ones((3, abc.size))
    if sides[_ABOVE]:
        result[_ABOVE, cells] = _one_sided(edges[0], level, width, noise, leak, up=True)
    if sides[_BELOW]:
        result[_BELOW, cells] = _one_sided(edges[1], level, width, noise, leak, up=False)
    if sides[_BETWEEN]:
        upper = _one_sided(edges[2], level, width, noise, leak, up=True)
        lower = np.zeros_like(upper)
        open_ = np.flatnonzero(upper > leak)  # otherwise the window already claims all it may
        lower[open_] = _one_sided(edges[3][open_], level[open_], width[open_], noise[open_], leak, up=False)
        result[_BETWEEN, cells] = np.minimum(upper, lower)
    return result.reshape(3, *shape)


def _one_sided(
    edge: FloatArray, abc: FloatArray, cv: FloatArray, sd: FloatArray, leak: float, *, up: bool
) -> FloatArray:
    """Return the claimed pass probability above or below thresholds, exact between `leak` and a half."""
    sign = -1.0 if up else 1.0
    result = np.full(edge.shape, np.nan)
    open_ = np.arange(edge.size)

    def silent(shift: FloatArray) -> FloatArray:
        return (sf if up else cdf)(edge[open_] + shift, abc[open_], cv[open_], 0.0)

    if not up:
        noiseless = silent(np.zeros(edge.size))
        result[noiseless > MOST_CLAIMED_PASS * (1 + _MARGIN)] = 1.0
        open_ = np.flatnonzero(np.isnan(result))
    for part in _PARTS:
        reach = -float(ndtri(part * leak))
        small = silent(sign * reach * sd[open_]) + part * leak < leak * (1 - _MARGIN)
        result[open_[small]] = 0.0
        open_ = open_[~small]
    for reach in _REACHES:
        large = silent(-sign * reach * sd[open_]) * float(ndtr(reach)) > MOST_CLAIMED_PASS * (1 + _MARGIN)
        result[open_[large]] = 1.0
        open_ = open_[~large]
    share = (sf if up else cdf)(edge[open_], abc[open_], cv[open_], sd[open_])
    result[open_] = share if up else np.maximum(share, noiseless[open_])
    return result
