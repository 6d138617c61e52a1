"""Complexity index of a set of signatures after one more dye joins, for all dyes at once.

If ``G = V diag(l) V'`` holds the products of the signatures that stay, the joiner with products ``g`` to them and ``c``
to itself gives the bordered matrix whose eigenvalues are the roots of the secular equation

    f(x) = c - x - sum_j (V'g)_j^2 / (l_j - x)

(G. H. Golub, "Some modified matrix eigenvalue problems", SIAM Review 15:318, 1973, doi:10.1137/1015032). One
decomposition serves all joiners. ``f`` falls from the left up to ``l_1``, so that its sign at one point tells whether
the smallest eigenvalue lies above it: most joiners are discarded by a single evaluation.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panelopt.optics.spectra import Array

Numbers = npt.NDArray[np.intp]

LEAST_RATIO = 1e-12
"""Smallest over largest eigenvalue from which the eigenvalues of products cannot be told from zero."""

_STEPS = 40  # most steps towards a root
_CLOSE = 1e-10  # relative change of a root that ends the steps
_QR_ITERATION = 25  # most rows that numpy decomposes so
_ONE_THREAD = 260_000  # multiplications per matrix product above which BLAS uses several threads


def peak_products(signatures: Array) -> Array:
    """Return (F, F) the products of signatures (D, F), each divided by its peak; zero for dyes without light."""
    peak = signatures.max(axis=0)
    scaled = signatures / np.where(peak > 0, peak, 1.0)
    return np.asarray(scaled.T @ scaled)


def joined_complexity(products: Array, kept: Numbers, joiners: Numbers, most: float = np.inf) -> Array:
    """Return the complexity index of some dyes with each of some others added.

    Args:
        products: (F, F) as of :func:`peak_products`.
        kept: Numbers of the dyes that stay.
        joiners: (B,) numbers of the dyes of which one is added.
        most: Larger values are of no interest.

    Returns:
        Shape (B,); infinite where the index is above ``most``, or a dye has no light or repeats what is there.
    """
    own = np.diagonal(products)[joiners]
    if kept.size == 0:
        return np.where(own > 0, 1.0, np.inf)
    values, vectors = _decomposed(products[np.ix_(kept, kept)])
    result = np.full(own.size, np.inf)
    if values[0] <= LEAST_RATIO * values[-1]:
        return result
    seen = _products(vectors.T, products[np.ix_(kept, joiners)]) ** 2
    # the largest eigenvalue is no smaller than this, so the smallest may be no smaller than that
    top = np.maximum(values[-1], own)
    floor = np.maximum(top / most**2, LEAST_RATIO * top)
    good = np.flatnonzero(floor < values[0])
    good = good[_secular(own[good], values, seen[:, good], floor[good]) > 0]
    own, seen, top = own[good], seen[:, good], top[good]
    least = _root(own, values, seen, 0, floor[good], np.minimum(values[0], own))
    light = _root(own, values, seen, values.size - 1, top, values[-1] + own)
    index = np.sqrt(light / least)
    result[good] = np.where(index <= most, index, np.inf)
    return result


def _decomposed(symmetric: Array) -> tuple[Array, Array]:
    """Return eigenvalues and eigenvectors by QR iteration.

    numpy divides and conquers from 26 dyes on, which starts threads that only wait; scipy takes long to load.
    """
    if len(symmetric) <= _QR_ITERATION:
        return np.linalg.eigh(symmetric)
    from scipy.linalg import eigh

    values, vectors = eigh(symmetric, driver="ev", check_finite=False)
    return values, vectors


def _products(left: Array, right: Array) -> Array:
    """Return a matrix product in parts small enough for one thread: several would only wait."""
    step = max(1, _ONE_THREAD // left.size)
    return np.hstack([left @ right[:, start : start + step] for start in range(0, max(right.shape[1], 1), step)])


def _secular(own: Array, values: Array, seen: Array, at: Array) -> Array:
    """Return (B,) ``f`` at (B,) points, one for each joiner."""
    return np.asarray(own - at - (seen / (values[:, None] - at)).sum(axis=0))


def _root(own: Array, values: Array, seen: Array, pole: int, low: Array, high: Array) -> Array:
    """Return (B,) the root of ``f`` beside its first or last pole, in an interval where it falls through zero.

    The term of the pole is kept and the others replaced by their tangent, which leaves a quadratic equation; a step out
    of the interval gives way to its middle.
    """
    others = np.arange(values.size) != pole
    poles, weights, end, weight = values[others, None], seen[others], values[pole], seen[pole]
    at = (low + high) / 2
    for _ in range(_STEPS):
        with np.errstate(divide="ignore", invalid="ignore"):  # at a pole; the middle of the interval is taken then
            near = weights / (poles - at)
            rest, slope = near.sum(axis=0), 1.0 + (near / (poles - at)).sum(axis=0)
            falls = own - at - rest - weight / (end - at) > 0
            line = own - rest + (slope - 1.0) * at
            root = np.sqrt((line - slope * end) ** 2 + 4.0 * slope * weight)
            both = line + slope * end
            step = 2.0 * (line * end - weight) / (both + root) if pole == 0 else (both + root) / (2.0 * slope)
        low, high = np.where(falls, at, low), np.where(falls, high, at)
        inside = (step >= low * (1 - _CLOSE)) & (step <= high * (1 + _CLOSE))
        new = np.where(inside, np.clip(step, low, high), (low + high) / 2)
        done = bool((np.abs(new - at) <= _CLOSE * np.abs(new)).all())
        at = new
        if done:
            break
    return np.asarray(at)
