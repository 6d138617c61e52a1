"""Tails of a log-normal signal with normal noise, integrated so that small probabilities keep their digits.

With ``L = abc exp(sigma Z)``, ``k = x / sd`` and ``q = L / sd``, the same probability is three integrals,

    P(X < x) = int phi(z) Phi(k - q(z)) dz                     over the signal
             = int Phi(z(L = x - sd u)) phi(u) du              over the noise, as long as x - sd u > 0
             = int Phi(z(q)) phi(k - q) dq,                    q > 0

and ``P(X > x)`` likewise with ``Phi(-.)``, the last one with ``Phi(-k)`` added for noise that goes beyond ``x`` without
any signal. All integrands are positive, so that nothing cancels. Each is summed over equidistant nodes, with an error
that falls exponentially in the number of nodes as long as the integrand is analytic and dies out at both ends
(Trefethen & Weideman 2014, doi:10.1137/130932132): over the signal where its spread is the narrower of the two, over
the noise where that is narrower and the signal is far from 0, and otherwise over ``v`` in ``q = ln(1 + exp(v))``, which
counts the noise in its own units and the signal, near 0, by its logarithm.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from panelopt.optics.normal import ndtr

FloatArray = npt.NDArray[np.float64]

FINE = 1.0
"""Relative error below 1e-9 for probabilities from 1e-11 and coefficients of variation up to 5."""
COARSE = 1.5
"""Error up to 2e-4 of a probability, for guiding a search only."""

_SIGNAL_STEP = 0.2  # steps and limits are chosen by the errors measured in tests/scoring/test_tails.py
_NOISE_STEP = 0.6
_MIXED_STEP = 0.5
_REACH = 9.6  # standard deviations; the mass beyond is 1e-21
_FAR = 14.0  # noise s.d. from 0, from which the noise does not reach the log-normal's edge
_MIXED_FROM = -25.0  # exp(-25) of the noise's density at x is left out
_SQRT_TAU = float(np.sqrt(2 * np.pi))
_CHUNK = 2048  # keeps the work arrays in the processor's cache


def tail(x: FloatArray, abc: FloatArray, sigma: FloatArray, sd: FloatArray, *, up: bool, step: float) -> FloatArray:
    """Return ``P(X > x)`` or ``P(X < x)``.

    Args:
        x: (N,) thresholds, antibodies.
        abc: (N,) medians of the signal, above 0.
        sigma: (N,) standard deviations of its logarithm, above 0.
        sd: (N,) standard deviations of the noise, above 0.
        up: Whether the tail above the threshold is asked for.
        step: Factor on the steps, `FINE` or `COARSE`.
    """
    with np.errstate(over="ignore"):
        far = x / sd
        width = sd / (sigma * np.maximum(x, sd))  # of the noise, in s.d. of the logarithm
    narrow = width < 0.3
    over_noise = narrow & (far >= _FAR)
    mixed = ~over_noise & (narrow | (sigma >= 0.8) | ((sigma >= 0.5) & (width < 0.8)))
    result = np.empty(x.shape)
    for chosen, integral in (
        (over_noise, _over_noise),
        (mixed, _over_both),
        (~over_noise & ~mixed, _over_signal),
    ):
        places = np.flatnonzero(chosen)
        for start in range(0, places.size, _CHUNK):
            part = places[start : start + _CHUNK]
            result[part] = integral(x[part], abc[part], sigma[part], sd[part], up, step)
    return np.minimum(result, 1.0)


@lru_cache(maxsize=8)
def _normal_rule(step: float) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights over a standard normal density."""
    count = int(np.ceil(_REACH / step))
    z = np.asarray(np.arange(-count, count + 1) * step)
    return z, np.asarray(np.exp(-0.5 * z**2) * step / _SQRT_TAU)


@lru_cache(maxsize=8)
def _mixed_rule(step: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the nodes ``q``, their logarithms, and their weights without the density of the noise."""
    v = np.arange(np.floor(_MIXED_FROM / step), np.ceil((_FAR + _REACH) / step) + 1) * step
    q = np.logaddexp(0.0, v)
    return q, np.log(q), step / _SQRT_TAU / (1 + np.exp(-v))


def _over_signal(
    x: FloatArray, abc: FloatArray, sigma: FloatArray, sd: FloatArray, up: bool, step: float
) -> FloatArray:
    z, weight = _normal_rule(_SIGNAL_STEP * step)
    distance = np.exp(sigma[:, None] * z)
    distance *= (abc / sd)[:, None]
    distance -= (x / sd)[:, None]
    return np.asarray(ndtr(distance if up else -distance) @ weight)


def _over_noise(x: FloatArray, abc: FloatArray, sigma: FloatArray, sd: FloatArray, up: bool, step: float) -> FloatArray:
    u, weight = _normal_rule(_NOISE_STEP * step)
    z = np.log(x[:, None] - sd[:, None] * u)
    z -= np.log(abc)[:, None]
    z /= (-sigma if up else sigma)[:, None]
    return np.asarray(ndtr(z) @ weight)


def _over_both(x: FloatArray, abc: FloatArray, sigma: FloatArray, sd: FloatArray, up: bool, step: float) -> FloatArray:
    q, log_q, weight = _mixed_rule(_MIXED_STEP * step)
    far = x / sd
    z = log_q + np.log(sd / abc)[:, None]
    z /= (-sigma if up else sigma)[:, None]
    density = q - far[:, None]
    density *= density
    density *= -0.5
    share = (np.exp(density) * ndtr(z)) @ weight
    return np.asarray(share + ndtr(-far) if up else share)
