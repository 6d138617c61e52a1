"""Quantiles of a log-normal signal with normal noise; arguments as in :mod:`panelopt.scoring.tails`.

The secant method on normal scores, ``ndtri(P(X < x))`` against ``x``, needs three or four probabilities: scores are
linear in ``x`` where the noise is wide, and nearly so over a step where the signal is. It is kept within bounds that
hold for every ``X``. Quantiles above the median are found on the upper tail, which keeps its digits.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panelopt.optics.normal import ndtri
from panelopt.scoring.tail_integrals import FINE, FloatArray, tail
from panelopt.scoring.tails import log_sd

_CLOSE = 1e-9
"""Distance of a score (s.d.) from which one more secant step reaches rounding."""
_AT_ONCE = 1e-12
"""The same for the first step, whose slope is a guess."""
_MOST_STEPS = 200
_BISECT_EVERY = 10


def quantile(
    p: npt.ArrayLike, abc: npt.ArrayLike, cv: npt.ArrayLike, sd: npt.ArrayLike, step: float = FINE
) -> FloatArray:
    """Return the ``x`` with ``P(X < x) = p``; the smaller tail is exact to a relative 1e-11.

    Args:
        p: Probability, strictly between 0 and 1.
        abc: Median of the log-normal part, antibodies; 0 leaves the noise alone.
        cv: Coefficient of variation of the log-normal part.
        sd: Standard deviation of the noise, antibodies.
        step: `FINE`, or `COARSE` for a rough value.
    """
    p, abc, cv, sd = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (p, abc, cv, sd)))
    shape = p.shape
    p, abc, sd = p.ravel(), abc.ravel(), sd.ravel()
    sigma = log_sd(cv.ravel())
    score = ndtri(p)
    signal = np.where(abc > 0, abc * np.exp(sigma * score), 0.0)
    result = signal + np.where((abc <= 0) | (sigma <= 0), sd * score, 0.0)
    mixed = (abc > 0) & (sigma > 0) & (sd > 0)
    for up in (False, True):
        part = np.flatnonzero(mixed & ((p >= 0.5) == up))
        if part.size:
            share = 1 - p[part] if up else p[part]
            result[part] = _mixed_quantile(share, abc[part], sigma[part], sd[part], up, step)
    return result.reshape(shape)


def _mixed_quantile(
    share: FloatArray, abc: FloatArray, sigma: FloatArray, sd: FloatArray, up: bool, step: float
) -> FloatArray:
    """Return the ``x`` beyond which (or below which) the tail holds a share of at most one half."""
    goal = ndtri(share)
    sign = -1.0 if up else 1.0
    low, high = _bounds(share, abc, sigma, sd, sign)
    signal = abc * np.exp(sign * sigma * goal)
    slope = 1 / np.hypot(sigma * signal, sd)  # scores per antibody, for the first step
    x = np.clip(abc + sign * -np.hypot(signal - abc, sd * goal), low, high)
    before, score_before = np.full((2, x.size), np.nan)
    root = x.copy()
    todo = np.arange(x.size)
    for number in range(_MOST_STEPS):
        here = x[todo]
        with np.errstate(divide="ignore", invalid="ignore"):
            score = sign * (ndtri(tail(here, abc[todo], sigma[todo], sd[todo], up=up, step=step)) - goal[todo])
            if number:
                slope[todo] = (score - score_before[todo]) / (here - before[todo])
            onward = here - score / slope[todo]
        low[todo] = np.where(score < 0, here, low[todo])
        high[todo] = np.where(score < 0, high[todo], here)
        inside = np.isfinite(onward) & (onward >= low[todo]) & (onward <= high[todo])
        if number % _BISECT_EVERY == _BISECT_EVERY - 1:
            inside[:] = False
        onward = np.where(inside, onward, 0.5 * (low[todo] + high[todo]))
        close = np.abs(score) < (_CLOSE if number else _AT_ONCE)
        done = (close & inside) | (high[todo] - low[todo] <= 1e-15 * np.abs(here))
        root[todo] = onward
        before[todo], score_before[todo], x[todo] = here, score, onward
        todo = todo[~done]
        if todo.size == 0:
            break
    return root


def _bounds(
    share: FloatArray, abc: FloatArray, sigma: FloatArray, sd: FloatArray, sign: float
) -> tuple[FloatArray, FloatArray]:
    """Return bounds on the quantile of the lower (sign 1) or upper (-1) tail.

    Less than ``share`` is beyond a point that signal and noise each pass with ``share / 2``; more than ``share`` is
    beyond one that each passes with its square root; and the signal is positive.
    """
    half, root = ndtri(share / 2), ndtri(np.sqrt(share))
    outer = abc * np.exp(sign * sigma * half) + sign * sd * half
    inner = abc * np.exp(sign * sigma * root) + sign * sd * root
    noise_alone = sign * sd * ndtri(share)
    if sign > 0:
        return np.maximum(outer, noise_alone), inner
    return np.maximum(inner, noise_alone), outer
