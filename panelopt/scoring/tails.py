"""Tail probabilities of a log-normal signal with normal noise.

``X = L + N`` with ``L`` log-normal (median ``abc``, coefficient of variation ``cv``) and ``N`` normal with standard
deviation ``sd``. All functions broadcast; lengths are antibodies per cell. The smaller of the two tails is integrated
(:mod:`panelopt.scoring.tail_integrals`) and the other one is what is left of 1, so that both keep their digits.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panelopt.optics.normal import ndtr
from panelopt.scoring.tail_integrals import FINE, FloatArray, tail

_TINY = 1e-300


def log_sd(cv: npt.ArrayLike) -> FloatArray:
    """Return sigma of the log-normal whose coefficient of variation (s.d. / mean) is ``cv``."""
    return np.asarray(np.sqrt(np.log1p(np.square(np.asarray(cv, dtype=float)))))


def cdf(x: npt.ArrayLike, abc: npt.ArrayLike, cv: npt.ArrayLike, sd: npt.ArrayLike, step: float = FINE) -> FloatArray:
    """Return ``P(X < x)``; the relative error is below 1e-8 from 1e-12 on, for coefficients of variation up to 5.

    Args:
        x: Threshold, antibodies.
        abc: Median of the log-normal part, antibodies; 0 leaves the noise alone.
        cv: Coefficient of variation of the log-normal part.
        sd: Standard deviation of the noise, antibodies; 0 leaves the log-normal alone.
        step: `FINE`, or `COARSE` where a rough value will do.
    """
    return _share(x, abc, cv, sd, up=False, step=step)


def sf(x: npt.ArrayLike, abc: npt.ArrayLike, cv: npt.ArrayLike, sd: npt.ArrayLike, step: float = FINE) -> FloatArray:
    """Return ``P(X > x)``, as exactly as :func:`cdf`; arguments as there."""
    return _share(x, abc, cv, sd, up=True, step=step)


def _share(
    x: npt.ArrayLike, abc: npt.ArrayLike, cv: npt.ArrayLike, sd: npt.ArrayLike, *, up: bool, step: float
) -> FloatArray:
    x, abc, cv, sd = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (x, abc, cv, sd)))
    shape = x.shape
    x, abc, sd = x.ravel(), abc.ravel(), sd.ravel()
    sigma = log_sd(cv.ravel())
    result = np.empty(x.shape)
    certain = (abc <= 0) | (sigma <= 0)
    noiseless = (sd <= 0) & ~certain
    noisy = ~certain & ~noiseless
    if certain.any():
        result[certain] = _step_or_normal(x[certain] - np.maximum(abc[certain], 0), sd[certain], up)
    if noiseless.any():
        result[noiseless] = _log_normal(x[noiseless], abc[noiseless], sigma[noiseless], up)
    for upper in (False, True):  # the tail to integrate: the median of X is never below that of the signal
        part = np.flatnonzero(noisy & ((x > abc) == upper))
        if part.size:
            share = tail(x[part], abc[part], sigma[part], sd[part], up=upper, step=step)
            result[part] = share if up == upper else 1 - share
    return result.reshape(shape)


def _step_or_normal(distance: FloatArray, sd: FloatArray, up: bool) -> FloatArray:
    distance = -distance if up else distance
    scaled = np.divide(distance, sd, out=np.where(distance > 0, np.inf, -np.inf), where=sd > 0)
    return np.asarray(ndtr(scaled))


def _log_normal(x: FloatArray, abc: FloatArray, sigma: FloatArray, up: bool) -> FloatArray:
    z = np.log(np.maximum(x, _TINY) / abc) / sigma
    return np.where(x > 0, ndtr(-z if up else z), 1.0 if up else 0.0)
