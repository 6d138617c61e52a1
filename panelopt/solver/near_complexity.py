"""Complexity index of the panels that differ from one panel by at most one dye in and one dye out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panelopt.instance.arrays import FloatArray
from panelopt.optics.joined_complexity import joined_complexity, peak_products

IntArray = npt.NDArray[np.intp]


class NearComplexity:
    """Complexity index near panels.

    Args:
        signatures: (D, F) of all dyes.
    """

    def __init__(self, signatures: FloatArray) -> None:
        self._products = peak_products(signatures)

    def index(self, dyes: IntArray) -> float:
        """Return the complexity index of some dyes."""
        return float(joined_complexity(self._products, dyes[:-1], dyes[-1:])[0])

    def near(self, dyes: IntArray, panels: IntArray, most: float = np.inf) -> FloatArray:
        """Return the complexity index of panels near one.

        Args:
            dyes: (n,) different dyes of the given panel.
            panels: (B, m) different dyes of each panel, at most one of them not in the given one, m at least n - 1.
            most: Larger values are of no interest.

        Returns:
            Shape (B,); infinite above ``most``.
        """
        is_old = np.zeros(len(self._products), dtype=bool)
        is_old[dyes] = True
        old = is_old[panels]
        # numbers of dyes are sums of sets that differ by one; -1 means that none leaves, or none joins
        keeps = old.sum(axis=1)
        leaver = np.where(keeps < dyes.size, dyes.sum() - np.where(old, panels, 0).sum(axis=1), -1)
        joiner = np.where(keeps < panels.shape[1], np.where(old, 0, panels).sum(axis=1), -1)
        result = np.empty(len(panels))
        for out in np.unique(leaver).tolist():
            kept, some = dyes[dyes != out], np.flatnonzero(leaver == out)
            new = some[joiner[some] >= 0]
            result[new] = joined_complexity(self._products, kept, joiner[new], most)
            result[some[joiner[some] < 0]] = self.index(kept) if kept.size else 1.0
        return np.where(result <= most, result, np.inf)
