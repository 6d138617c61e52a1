"""Tail probabilities and quantiles of a log-normal signal with normal noise.

``X = L + N`` with ``L`` log-normal (median ``abc``, coefficient of variation ``cv``) and ``N`` normal with standard
deviation ``sd``. All functions broadcast; lengths are antibodies per cell.

Two integrals give the same probability. Over the signal the integrand is ``Phi((x - L(z)) / sd)``; over the noise it
is ``Phi((ln(x - sd u) - ln abc) / sigma)``. The first is smooth where the noise is wide against the signal's spread,
the second where it is narrow, so that an equidistant rule (exponentially accurate on smooth integrands that die out
at both ends, Trefethen & Weideman 2014, doi:10.1137/130932132) needs few nodes for either.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

FloatArray = npt.NDArray[np.float64]

_REACH = 8.3  # standard deviations; the mass beyond is 1e-16
FINE_NODES = 141  # step 0.12: error below 1e-9 for coefficients of variation up to 1.5
COARSE_NODES = 41  # step 0.4: error up to 3e-4, for guiding a search only
_TINY = 1e-300


@lru_cache(maxsize=4)
def _rule(nodes: int) -> tuple[FloatArray, FloatArray]:
    z = np.linspace(-_REACH, _REACH, nodes)
    return z, np.exp(-0.5 * z**2) * (z[1] - z[0]) / np.sqrt(2 * np.pi)


def log_sd(cv: npt.ArrayLike) -> FloatArray:
    """Return sigma of the log-normal whose coefficient of variation (s.d. / mean) is ``cv``."""
    return np.asarray(np.sqrt(np.log1p(np.square(np.asarray(cv, dtype=float)))))


def cdf(
    x: npt.ArrayLike, abc: npt.ArrayLike, cv: npt.ArrayLike, sd: npt.ArrayLike, nodes: int = FINE_NODES
) -> FloatArray:
    """Return ``P(X < x)``, absolute error below 1e-9 for coefficients of variation up to 1.

    Args:
        x: Threshold, antibodies.
        abc: Median of the log-normal part, antibodies; 0 leaves the noise alone.
        cv: Coefficient of variation of the log-normal part.
        sd: Standard deviation of the noise, antibodies; 0 leaves the log-normal alone.
        nodes: Nodes of the integration rule.
    """
    x, abc, cv, sd = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (x, abc, cv, sd)))
    shape = x.shape
    x, abc, sd = x.ravel(), abc.ravel(), sd.ravel()
    sigma = log_sd(cv.ravel())
    result = np.empty(x.shape)
    certain = (abc <= 0) | (sigma <= 0)
    noiseless = (sd <= 0) & ~certain
    noisy = ~certain & ~noiseless
    if certain.any():
        result[certain] = _step_or_normal(x[certain] - np.maximum(abc[certain], 0), sd[certain])
    if noiseless.any():
        result[noiseless] = _lognormal_cdf(x[noiseless], abc[noiseless], sigma[noiseless])
    if noisy.any():
        result[noisy] = _mixed_cdf(x[noisy], abc[noisy], sigma[noisy], sd[noisy], nodes)
    return result.reshape(shape)


def _step_or_normal(distance: FloatArray, sd: FloatArray) -> FloatArray:
    scaled = np.divide(distance, sd, out=np.where(distance > 0, np.inf, -np.inf), where=sd > 0)
    return np.asarray(ndtr(scaled))


def _lognormal_cdf(x: FloatArray, abc: FloatArray, sigma: FloatArray) -> FloatArray:
    logarithm = np.log(np.maximum(x, _TINY) / abc)
    return np.where(x > 0, ndtr(logarithm / sigma), 0.0)


def _mixed_cdf(x: FloatArray, abc: FloatArray, sigma: FloatArray, sd: FloatArray, nodes: int) -> FloatArray:
    result = np.empty(x.shape)
    # over the signal the integrand steps within sd / (sigma x), over the noise within sigma abc / sd
    step = 0.15 if nodes >= FINE_NODES else 0.3
    narrow = (sd < step * sigma * x) & (sd**2 < sigma**2 * abc * x)
    for chosen, integral in ((narrow, _over_noise), (~narrow, _over_signal)):
        places = np.flatnonzero(chosen)
        for start in range(0, places.size, 4096):  # keeps the work arrays in the processor's cache
            part = places[start : start + 4096]
            result[part] = integral(x[part], abc[part], sigma[part], sd[part], nodes)
    return np.clip(result, 0.0, 1.0)


def _over_noise(x: FloatArray, abc: FloatArray, sigma: FloatArray, sd: FloatArray, nodes: int) -> FloatArray:
    z, weight = _rule(nodes)
    left = np.maximum(x[:, None] - sd[:, None] * z, _TINY)
    return np.asarray(ndtr((np.log(left) - np.log(abc)[:, None]) / sigma[:, None]) @ weight)


def _over_signal(x: FloatArray, abc: FloatArray, sigma: FloatArray, sd: FloatArray, nodes: int) -> FloatArray:
    z, weight = _rule(nodes)
    signal = abc[:, None] * np.exp(sigma[:, None] * z)
    return np.asarray(ndtr((x[:, None] - signal) / sd[:, None]) @ weight)


def quantile(
    p: npt.ArrayLike, abc: npt.ArrayLike, cv: npt.ArrayLike, sd: npt.ArrayLike, nodes: int = FINE_NODES
) -> FloatArray:
    """Return the ``x`` with ``P(X < x) = p``, relative error below 1e-10 of the spread.

    Args:
        p: Probability, strictly between 0 and 1.
        abc: Median of the log-normal part, antibodies; 0 leaves the noise alone.
        cv: Coefficient of variation of the log-normal part.
        sd: Standard deviation of the noise, antibodies.
        nodes: Nodes of the integration rule.
    """
    p, abc, cv, sd = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (p, abc, cv, sd)))
    shape = p.shape
    p, abc, cv, sd = p.ravel(), abc.ravel(), cv.ravel(), sd.ravel()
    sigma = log_sd(cv)
    signal = np.where(abc > 0, abc * np.exp(sigma * ndtri(p)), 0.0)
    result = np.where(abc <= 0, sd * ndtri(p), signal)
    point = (abc > 0) & (sigma <= 0)
    result[point] = abc[point] + sd[point] * ndtri(p[point])
    mixed = (abc > 0) & (sigma > 0) & (sd > 0)
    if mixed.any():
        result[mixed] = _mixed_quantile(p[mixed], abc[mixed], cv[mixed], sd[mixed], nodes)
    return result.reshape(shape)


def _mixed_quantile(p: FloatArray, abc: FloatArray, cv: FloatArray, sd: FloatArray, nodes: int) -> FloatArray:
    """Regula falsi with halving (Illinois) and bisection as a safeguard, inside bounds that hold for any ``X``."""
    sigma = log_sd(cv)
    half_tail = ndtri(1 - (1 - p) / 2)
    low = sd * ndtri(p)  # L >= 0
    high = abc * np.exp(sigma * half_tail) + sd * half_tail  # union bound on the two tails
    f_low, f_high = cdf(low, abc, cv, sd, nodes) - p, cdf(high, abc, cv, sd, nodes) - p
    side = np.zeros(p.shape, dtype=int)
    root = low.copy()
    todo = np.arange(p.size)
    for step in range(200):
        a, b, fa, fb = low[todo], high[todo], f_low[todo], f_high[todo]
        with np.errstate(divide="ignore", invalid="ignore"):
            x = b - fb * (b - a) / (fb - fa)
        x = np.where(np.isfinite(x) & (x > a) & (x < b) & (step % 4 != 3), x, 0.5 * (a + b))
        fx = cdf(x, abc[todo], cv[todo], sd[todo], nodes) - p[todo]
        root[todo] = x
        below = fx < 0
        low[todo[below]], f_low[todo[below]] = x[below], fx[below]
        high[todo[~below]], f_high[todo[~below]] = x[~below], fx[~below]
        same_low = below & (side[todo] < 0)
        same_high = ~below & (side[todo] > 0)
        f_high[todo[same_low]] *= 0.5
        f_low[todo[same_high]] *= 0.5
        side[todo] = np.where(below, -1, 1)
        width = high[todo] - low[todo]
        done = (np.abs(fx) < 1e-13) | (width <= 1e-12 * (np.abs(x) + sd[todo]))
        todo = todo[~done]
        if todo.size == 0:
            break
    return root
