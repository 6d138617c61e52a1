"""Probabilities of a log-normal plus a normal, by Gauss-Legendre pieces placed where the integrand changes.

With L = abc exp(sigma z) and u = (x - L) / sd, a tail is the integral over the standard normal z of its density times
Phi(u) or Phi(-u). The range of z is cut at every whole z and at every whole u, so in no piece does either factor change
much, whatever the ratio of noise to signal. All functions take arrays; each tail is right to 1e-10 of itself down to
1e-12.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

BELOW, ABOVE = 1, -1

_REACH = 10
_STEPS = np.arange(-_REACH, _REACH + 1.0)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)
_ROUNDS = 200


def sigma_of(cv: ArrayLike) -> np.ndarray:
    """Sigma of a log-normal with this coefficient of variation."""
    return np.sqrt(np.log1p(np.square(cv)))


def probability_below(x: ArrayLike, abc: ArrayLike, cv: ArrayLike, sd: ArrayLike) -> np.ndarray:
    """P(L + N < x)."""
    return _tail(BELOW, x, abc, cv, sd)


def probability_above(x: ArrayLike, abc: ArrayLike, cv: ArrayLike, sd: ArrayLike) -> np.ndarray:
    """P(L + N > x), without the loss of digits of 1 - P(L + N < x)."""
    return _tail(ABOVE, x, abc, cv, sd)


def quantile(p: ArrayLike, abc: ArrayLike, cv: ArrayLike, sd: ArrayLike) -> np.ndarray:
    """The x with P(L + N < x) = p."""
    p, abc, sigma, sd = np.broadcast_arrays(np.asarray(p, dtype=float), abc, sigma_of(cv), sd)
    z = ndtri(p)
    fixed = (abc <= 0) | (sigma == 0)
    found = np.where(fixed, np.maximum(abc, 0.0) + sd * z, abc * np.exp(sigma * z))
    both = ~fixed & (sd > 0)
    found[both] = _roots(p[both], abc[both], sigma[both], sd[both])
    return found


def _tail(side: int, x: ArrayLike, abc: ArrayLike, cv: ArrayLike, sd: ArrayLike) -> np.ndarray:
    x, abc, sigma, sd = np.broadcast_arrays(np.asarray(x, dtype=float), abc, sigma_of(cv), sd)
    fixed, loud = (abc <= 0) | (sigma == 0), sd > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        away = x - np.maximum(abc, 0.0)
        normal = np.where(loud, away / np.where(loud, sd, 1.0), np.copysign(np.inf, away))
        quiet = np.where(x > 0, np.log(np.maximum(x, 0.0) / abc) / sigma, -np.inf)
    found = np.asarray(ndtr(side * np.where(fixed, normal, quiet)))
    both = ~fixed & loud
    found[both] = _integral(side, x[both], abc[both], sigma[both], sd[both])[0]
    return found


def _integral(
    side: int | np.ndarray, x: np.ndarray, abc: np.ndarray, sigma: np.ndarray, sd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) tail and density at x, for abc, sigma and sd above 0."""
    level = np.maximum(x[:, None] - sd[:, None] * _STEPS, 1e-300)  # where u is whole
    cut = np.log(level / abc[:, None]) / sigma[:, None]
    every = np.broadcast_to(_STEPS, cut.shape)
    edges = np.sort(np.concatenate([np.clip(cut, -_REACH, _REACH), every], axis=1), axis=1)
    half = np.diff(edges, axis=1)[:, :, None] / 2
    z = edges[:, :-1, None] + half * (1 + _NODES)
    weight = half * _WEIGHTS * np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    u = (x[:, None, None] - abc[:, None, None] * np.exp(sigma[:, None, None] * z)) / sd[:, None, None]
    tail = ndtr(np.broadcast_to(side, x.shape)[:, None, None] * u)
    density = np.exp(-0.5 * u * u) / math.sqrt(2 * math.pi)
    return np.sum(weight * tail, axis=(1, 2)), np.sum(weight * density, axis=(1, 2)) / sd


def _roots(p: np.ndarray, abc: np.ndarray, sigma: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Newton's steps on the normal score of the smaller tail, bisection where a step leaves the bracket."""
    side = np.where(p <= 0.5, BELOW, ABOVE)
    want = np.minimum(p, 1 - p)
    upper = 1 - (1 - p) / 2
    low = sd * ndtri(p)  # L is not negative
    high = abc * np.exp(sigma * ndtri(upper)) + sd * ndtri(upper)  # each part exceeds its term with (1 - p) / 2
    spread = np.hypot(abc * np.expm1(sigma * ndtri(p)), sd * ndtri(p))
    x = np.clip(abc - side * spread, low, high)
    left = np.arange(len(x))
    for _ in range(_ROUNDS):
        have, density = _integral(side[left], x[left], abc[left], sigma[left], sd[left])
        too_low = side[left] * (have - want[left]) < 0
        low[left] = np.where(too_low, x[left], low[left])
        high[left] = np.where(too_low, high[left], x[left])
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = density * math.sqrt(2 * math.pi) * np.exp(0.5 * ndtri(have) ** 2)
            newton = x[left] - side[left] * (ndtri(have) - ndtri(want[left])) / slope
        inside = (newton >= low[left]) & (newton <= high[left])
        after = np.where(inside, newton, (low[left] + high[left]) / 2)
        small = np.abs(after - x[left]) <= 1e-9 * (np.abs(after) + sd[left])  # the next step would be its square
        x[left] = after
        left = left[~(small & inside)]
        if len(left) == 0:
            return x
    raise ArithmeticError("a quantile did not converge")
