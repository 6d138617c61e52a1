"""Probabilities of a log-normal plus a normal, by Gauss-Legendre pieces placed where the integrand changes."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_PIECES = 12
_REACH = 9.0


def sigma_of(cv: float) -> float:
    """Sigma of a log-normal with this coefficient of variation."""
    return math.sqrt(math.log(1 + cv * cv))


def probability_below(x: float, abc: float, cv: float, sd: float) -> float:
    """P(L + N < x)."""
    sigma = sigma_of(cv)
    if abc <= 0 or sigma == 0:
        distance = x - max(abc, 0.0)
        if sd == 0:
            return 1.0 if distance > 0 else 0.0
        return float(ndtr(distance / sd))
    if sd == 0:
        return float(ndtr(math.log(x / abc) / sigma)) if x > 0 else 0.0
    # the noise decides where the signal lies within 9 s.d. of x; below that all pass, above none does
    first = math.log((x - _REACH * sd) / abc) / sigma if x > _REACH * sd else -_REACH
    last = math.log((x + _REACH * sd) / abc) / sigma if x > -_REACH * sd else -_REACH
    first, last = max(min(first, _REACH), -_REACH), max(min(last, _REACH), -_REACH)
    edges = np.linspace(first, last, _PIECES + 1)
    half = np.diff(edges)[:, None] / 2
    z = edges[:-1, None] + half * (1 + _NODES)
    density = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    inside = float(np.sum(half * _WEIGHTS * density * ndtr((x - abc * np.exp(sigma * z)) / sd)))
    return float(ndtr(first)) + inside if first > -_REACH else inside


def quantile(p: float, abc: float, cv: float, sd: float) -> float:
    """The x with P(L + N < x) = p."""
    sigma = sigma_of(cv)
    if abc <= 0 or sigma == 0:
        return max(abc, 0.0) + sd * float(ndtri(p))
    signal = abc * math.exp(sigma * float(ndtri(p)))
    if sd == 0:
        return signal
    low, high = sd * float(ndtri(p)) - sd, abc * math.exp(sigma * 6) + 6 * sd
    return float(brentq(lambda x: probability_below(x, abc, cv, sd) - p, low, high, xtol=1e-11, rtol=1e-14))
