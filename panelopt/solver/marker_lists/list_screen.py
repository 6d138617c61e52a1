"""Fast estimates of the neighbours of a panel of a marker list.

They keep the least-squares weights of the given panel. The unmixed signals of a neighbour stay unbiased, so their
variance is never below that of the best weights and, the weights being optimal, off in second order only
(Gauss-Markov). What remains per neighbour are matrix products that all neighbours share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from panelopt.instance.arrays import FloatArray
from panelopt.solver.marker_lists.list_estimate import ListEstimator

_LEAST_INFORMATION = 1e-12  # share of a dye's information that must remain given the others
_ONE_THREAD = 260_000  # multiplications per matrix product above which BLAS uses several threads


@dataclass(frozen=True)
class Near:
    """Log ratios of panels near a given one.

    Attributes:
        rho: (B, n) by marker of the panel.
    """

    rho: FloatArray


class ListScreen:
    """Fast estimates of the panels near a given one, which may lack markers.

    Args:
        estimator: Estimates the given panel.
        panel: Options.
    """

    def __init__(self, estimator: ListEstimator, panel: Sequence[int]) -> None:
        instance = estimator.instance
        self.estimator = estimator
        self.panel = np.array(panel, dtype=int)
        self.marker = estimator.marker[self.panel]
        self.signal = instance.signal[:, estimator.options.dye[self.panel]]  # (D, n)
        self._full, self._spread = estimator.full[self.marker], estimator.full_spread[self.marker]
        self._less = self._full - estimator.without[self.marker]
        self._less_spread = self._spread - estimator.without_spread[self.marker]
        self.light = self.signal @ self._full + estimator.own + instance.background
        self.wide = self.signal**2 @ self._spread
        variance = estimator.noise(self.light, self.wide)
        self._weight = 1.0 / variance
        own = instance.autofluorescence[:, None]
        self._mixing = np.hstack([self.signal, own]) if instance.has_autofluorescence_column else self.signal
        self._inverse = np.linalg.inv((self._mixing.T * self._weight) @ self._mixing)
        self._rows = self._inverse @ (self._mixing.T * self._weight)  # (n or n + 1, D)
        full, without = estimator.variances(self.panel[None])
        frozen = self._without(full.T, self.light[:, None], np.arange(self.panel.size)[None])[:, 0]
        self._ratio = (without[0] / np.maximum(frozen, 1e-300))[:, None]
        self._at, self._own_part = full.T, (full - without).T
        self._own_ratio = (without / full).T
        self.rho = estimator.ratios(self.marker, full[0], without[0])

    def replaced(self, slot: int, dyes: np.ndarray) -> Near:
        """Return estimates with other dyes (B,) on the marker of one slot."""
        return self._in_parts(lambda part: self._replaced(slot, part), dyes)

    def joined(self, marker: int, dyes: np.ndarray) -> Near:
        """Return estimates with one more slot; its marker comes last."""
        return self._in_parts(lambda part: self._joined(marker, part), dyes)

    def permuted(self, orders: np.ndarray) -> Near:
        """Return estimates with the markers permuted among the dyes of the panel.

        Args:
            orders: (B, n) for each dye of the panel the position of the marker that it gets.

        Returns:
            Ratios in the order of the dyes, not of the markers.
        """
        return self._in_parts(self._permuted, orders)

    def _in_parts(self, near: Callable[[np.ndarray], Near], each: np.ndarray) -> Near:
        """Join the estimates of parts small enough for single-threaded matrix products: threads would only wait."""
        step = max(1, _ONE_THREAD // self._rows.size)
        return Near(np.concatenate([near(each[start : start + step]).rho for start in range(0, len(each), step)]))

    def _replaced(self, slot: int, dyes: np.ndarray) -> Near:
        pivot = self._inverse[:, slot] / self._inverse[slot, slot]
        rows = self._rows - pivot[:, None] * self._rows[slot]
        rows[slot] = 0.0
        marker = int(self.marker[slot])
        light = self.light - self.signal[:, slot] * self._full[slot]
        wide = self.wide - self.signal[:, slot] ** 2 * self._spread[slot]
        full, without = self._with_new(rows, light, wide, marker, dyes)
        full[slot], without[slot] = full[-1], without[-1]
        return Near(self.estimator.ratios(self.marker[:, None], full[:-1], without[:-1]).T)

    def _joined(self, marker: int, dyes: np.ndarray) -> Near:
        full, without = self._with_new(self._rows, self.light, self.wide, marker, dyes)
        return Near(self.estimator.ratios(np.append(self.marker, marker)[:, None], full, without).T)

    def _permuted(self, orders: np.ndarray) -> Near:
        estimator = self.estimator
        markers = self.marker[orders]
        base = estimator.own + estimator.instance.background
        light = self.signal @ self._full[orders].T + base[:, None]
        wide = self.signal**2 @ self._spread[orders].T
        variance = estimator.noise(light.T, wide.T).T
        full = self._rows[: self.panel.size] ** 2 @ variance
        without = self._without(full, light, orders) * self._ratio
        return Near(estimator.ratios(markers, full.T, without.T))

    def _without(self, full: FloatArray, light: FloatArray, orders: np.ndarray) -> FloatArray:
        """Return (n, B) variances in cells that lack the slot's own marker, for the weights of the panel.

        Without its own marker a detector has less light by x = signal * less, and so less variance by
        F x + k^2 (2 light x - x^2 + signal^2 less_spread).
        """
        instance = self.estimator.instance
        less, less_spread = self._less[orders].T, self._less_spread[orders].T
        uneven = instance.proportional**2
        seen = self._rows[: self.panel.size] ** 2 * self.signal.T  # (n, D)
        photons = (seen @ instance.excess)[:, None]
        square = (seen * self.signal.T @ uneven)[:, None]
        return np.asarray(full - less * (photons + 2 * (seen * uneven) @ light) + (less**2 - less_spread) * square)

    def _with_new(
        self, rows: FloatArray, light: FloatArray, wide: FloatArray, marker: int, dyes: np.ndarray
    ) -> tuple[FloatArray, FloatArray]:
        """Return (n + 1, B) variances, in cells with all markers and without the slot's own, when a slot joins.

        The row of the newcomer is what the others leave of its signature (Schur complement); each other row loses its
        share of it, so that it does not see the newcomer. The part of the variance due to the slot's own marker is
        taken as it was, or scaled where the variance falls.
        """
        estimator, n = self.estimator, self.panel.size
        instance = estimator.instance
        new = instance.signal[:, dyes]  # (D, B)
        share = rows @ new
        rest = self._weight[:, None] * (new - self._mixing @ share)
        left = (new * rest).sum(axis=0)
        all_of_it = (new**2 * self._weight[:, None]).sum(axis=0)
        good = left > _LEAST_INFORMATION * all_of_it
        row = rest / np.where(good, left, 1.0)
        light = light[:, None] + new * estimator.full[marker]
        wide = wide[:, None] + new**2 * estimator.full_spread[marker]
        variance = estimator.noise(light.T, wide.T).T
        full = np.empty((n + 1, dyes.size))
        without = np.empty_like(full)
        rows, share = rows[:n], share[:n]
        full[:n] = _quadratic(rows, row, share, variance)
        full[n] = (row**2 * variance).sum(axis=0)
        without[:n] = np.where(full[:n] > self._at, full[:n] - self._own_part, full[:n] * self._own_ratio)
        less = new * (estimator.full[marker] - estimator.without[marker])
        less_spread = new**2 * (estimator.full_spread[marker] - estimator.without_spread[marker])
        fewer = estimator.noise((light - less).T, (wide - less_spread).T).T
        without[n] = (row**2 * fewer).sum(axis=0)
        full[:, ~good], without[:, ~good] = np.inf, np.inf
        return full, without


def _quadratic(rows: FloatArray, row: FloatArray, share: FloatArray, variance: FloatArray) -> FloatArray:
    """Return (n, B) sums over detectors of (rows - share row)^2 variance."""
    seen = row * variance
    return np.asarray(rows**2 @ variance - 2 * share * (rows @ seen) + share**2 * (row * seen).sum(axis=0))
