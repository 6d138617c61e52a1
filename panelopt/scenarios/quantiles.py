"""Quantiles of many log-normal signals with noise, by a table and a few steps of Newton's method.

Scaled by its median, a signal depends on two numbers only, its coefficient of variation and the noise over the median.
Scenarios move medians and noise, not coefficients of variation: for each of these one curve over the noise gives a
start from which Newton's method needs two steps or three. The root is that of the same function that
:func:`panelopt.scoring.quantiles.quantile` finds; what does not converge is left to that function.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.interpolate import CubicSpline

from panelopt.instance.arrays import FloatArray
from panelopt.scoring.quantiles import quantile
from panelopt.scoring.tails import cdf, log_sd

WORTH = 8
"""Signals of one coefficient of variation from which a curve pays; a dump has another one in each scenario."""

_RATIO = np.geomspace(1e-5, 1e5, 241)  # noise over median
_STEPS = 5
_CLOSE = 1e-13  # of a probability, as in the reference


def quantiles(p: FloatArray, abc: FloatArray, cv: FloatArray, sd: FloatArray) -> FloatArray:
    """Return (L, ...) the quantiles at (L,) probabilities of signals of shape (...).

    Args:
        p: (L,) probabilities, strictly between 0 and 1.
        abc: Medians, antibodies.
        cv: Coefficients of variation.
        sd: Noise, antibodies.
    """
    result = np.empty((len(p), *abc.shape))
    _, kind_of, times = np.unique(cv, return_inverse=True, return_counts=True)
    ratio = np.divide(sd, abc, out=np.zeros_like(sd), where=abc > 0)
    on_curve = (times[kind_of].reshape(cv.shape) >= WORTH) & (cv > 0)
    on_curve &= (ratio > _RATIO[0]) & (ratio < _RATIO[-1])
    if on_curve.any():
        result[:, on_curve] = _by_curves(p, abc[on_curve], cv[on_curve], sd[on_curve])
    off = ~on_curve
    if off.any():
        result[:, off] = quantile(p[:, None], abc[off], cv[off], sd[off])
    return result


def _by_curves(p: FloatArray, abc: FloatArray, cv: FloatArray, sd: FloatArray) -> FloatArray:
    x, density = np.empty((2, len(p), abc.size))
    ratio = np.log(sd / abc)
    for kind in np.unique(cv):
        places = np.flatnonzero(cv == kind)
        for row, share in enumerate(p):
            value, slope = _curve(float(share), float(kind))
            width = np.hypot(abc[places] * log_sd(kind), sd[places])
            x[row, places] = abc[places] + width * value(ratio[places])
            density[row, places] = np.exp(slope(ratio[places])) / width
    level = np.repeat(np.arange(len(p)), abc.size)
    cell = np.tile(np.arange(abc.size), len(p))
    root, slopes = x.ravel(), density.ravel()
    todo = np.arange(root.size)
    for _ in range(_STEPS):
        here = cell[todo]
        error = cdf(root[todo], abc[here], cv[here], sd[here]) - p[level[todo]]
        root[todo] -= np.where(np.abs(error) < _CLOSE, 0.0, error / slopes[todo])
        todo = todo[np.abs(error) >= _CLOSE]
        if todo.size == 0:
            break
    if todo.size:
        here = cell[todo]
        root[todo] = quantile(p[level[todo]], abc[here], cv[here], sd[here])
    return root.reshape(len(p), abc.size)


@lru_cache(maxsize=256)
def _curve(p: float, cv: float) -> tuple[CubicSpline, CubicSpline]:
    """Return, over ln(noise / median), the quantile's distance from the median and the log density there, by width."""
    sigma = float(log_sd(cv))
    width = np.hypot(sigma, _RATIO)
    root = quantile(p, 1.0, cv, _RATIO)
    step = 1e-4 * width
    slope = (cdf(root + step, 1.0, cv, _RATIO) - cdf(root - step, 1.0, cv, _RATIO)) / (2 * step)
    return CubicSpline(np.log(_RATIO), (root - 1) / width), CubicSpline(np.log(_RATIO), np.log(slope * width))
