"""Counts cells by gate pattern, so that gates can be evaluated separately or jointly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.simulation.simulated_cells import IntArray


@dataclass(frozen=True, eq=False)
class Tally:
    """Cells of one kind, counted by the subset of the G gates that they pass.

    Attributes:
        counts: (2^G,) cells; bit ``g`` of the index is set if they pass gate ``g``.
        gates: Number of gates, G.
    """

    counts: IntArray
    gates: int

    @classmethod
    def of(cls, inside: BoolArray) -> Tally:
        """Count cells (n, G)."""
        gates = inside.shape[1]
        return cls(np.bincount(inside @ (1 << np.arange(gates)), minlength=1 << gates), gates)

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.counts + other.counts, self.gates)

    @cached_property
    def bits(self) -> BoolArray:
        """(2^G, G) the gates of each pattern."""
        return np.asarray((np.arange(1 << self.gates)[:, None] >> np.arange(self.gates)) & 1 == 1)

    @property
    def shares(self) -> FloatArray:
        """(G,) share of the cells in each gate."""
        return np.asarray(self.counts @ self.bits / self.counts.sum())

    def separate(self, gates: BoolArray, leak: float, leak_total: float) -> tuple[float, float]:
        """Return the product of the shares in some gates (G,), and its standard error.

        Each share is at least ``leak`` and their product at least ``leak_total``, as in the score; errors of different
        gates are treated as independent.
        """
        shares = self.shares[gates]
        counted = shares[shares > leak]
        product = float(np.prod(np.maximum(shares, leak)))
        if product <= leak_total:
            return leak_total, 0.0
        return product, product * float(np.sqrt(np.sum((1 - counted) / counted) / self.counts.sum()))

    def joint(self, gates: BoolArray, leak: float, leak_total: float) -> tuple[float, float]:
        """Return the share of the cells in all of some gates (G,), and its standard error.

        If fewer than ``leak`` of the cells are in a gate, the others pass it with the probability that raises the share
        to ``leak``: outlier cells, independent between gates. The share that passes all gates is at least
        ``leak_total``: cells that are outliers in several colours at once.
        """
        odd = np.clip((leak - self.shares) / np.maximum(1 - self.shares, leak), 0.0, 1.0)
        passing = np.where(self.bits | ~gates, 1.0, odd).prod(axis=1)
        total = int(self.counts.sum())
        mean = float(self.counts @ passing / total)
        if mean <= leak_total:
            return leak_total, 0.0
        square = float(self.counts @ passing**2 / total)
        return mean, float(np.sqrt(max(square - mean**2, 0.0) / total))
