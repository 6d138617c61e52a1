"""Estimates of panels, each made once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from panelopt.instance.arrays import FloatArray
from panelopt.solver.marker_lists.list_estimate import ListEstimator

Panel = tuple[int, ...]

_BATCH = 384
_REMEMBERED = 20_000  # panels whose estimates are kept


class Estimates(Protocol):
    """Estimates objective 1 and 2 of batches of panels."""

    @property
    def lists(self) -> ListEstimator | None:
        """Estimates for simple marker lists, which have their own search; None for other questions."""

    def estimate(self, panels: np.ndarray) -> tuple[FloatArray, FloatArray]:
        """Return (B,) estimates of `worst` and of `total` of (B, n) option indices."""


class RememberedEstimates:
    """Estimates panels of any sizes in batches, and remembers the results.

    Args:
        estimator: Estimates panels of one size.
    """

    def __init__(self, estimator: Estimates) -> None:
        self.estimator = estimator
        self._known: dict[Panel, tuple[float, float]] = {}

    def of(self, panels: Sequence[Panel]) -> tuple[FloatArray, FloatArray]:
        """Return (N,) estimates of `worst` and of `total`."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        new = [panel for panel in dict.fromkeys(panels) if panel not in self._known]
        self._known.update(zip(new, zip(*self._estimates(new), strict=True), strict=True))
        known = np.array([self._known[panel] for panel in panels]).reshape(-1, 2)
        return known[:, 0], known[:, 1]

    def _estimates(self, panels: Sequence[Panel]) -> tuple[FloatArray, FloatArray]:
        worst, total = np.full(len(panels), -np.inf), np.full(len(panels), -np.inf)
        sizes = np.array([len(panel) for panel in panels], dtype=int)
        for size in sorted(set(sizes.tolist())):  # np.unique would load numpy.ma
            places = np.flatnonzero(sizes == size)
            for start in range(0, places.size, _BATCH):
                part = places[start : start + _BATCH]
                worst[part], total[part] = self.estimator.estimate(np.array([panels[i] for i in part]))
        return worst, total
