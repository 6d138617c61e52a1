"""Counts of objective 3 for many panels at once, without gates, which only the score knows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.practical_counts import practical_counts
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring.practicality import ROUNDING, STEP, dim_light, word_order
from panelopt.solver.near_complexity import NearComplexity

Panel = tuple[int, ...]
_MOST_STEPS = 1e9


class PracticalKeys:
    """Orders panels by objective 3.

    Args:
        instance: The question.
        options: All slots.

    Attributes:
        width: How many numbers are compared before gates; the price counts twice.
    """

    def __init__(self, instance: Instance, options: CandidateSlots) -> None:
        self.instance = instance
        self.options = options
        unsourced, to_buy, fragile = practical_counts(instance, options)
        ones = np.ones(len(options.slots))
        self._counts = {"sourced": unsourced, "to_buy": to_buy, "colours": ones, "fragile": fragile}
        self._words: Sequence[str] = word_order(instance.prefer)
        self.width = len(self._words) + 1
        self._near = None if instance.conventional else NearComplexity(instance.signal)

    def before(self, panels: Sequence[Panel], other: Panel) -> list[Panel]:
        """Return the neighbours of a panel that come before it, in order.

        Args:
            panels: Panels with at most one other dye, and one missing.
            other: The panel.
        """
        *rows, last = map(tuple, self._table([*panels, other], self._words, other).tolist())
        most = last, *self.late(other)
        keyed = [(row, *self.late(panel), panel) for row, panel in zip(rows, panels, strict=True) if row <= last]
        return [panel for *key, panel in sorted(keyed) if tuple(key) < most]

    def fewer(self, panels: Sequence[Panel], other: Panel) -> list[Panel]:
        """Return the panels that count less than one in what is compared before the complexity index, in order."""
        *rows, last = self.before_complexity([*panels, other])
        return [panel for row, panel in sorted(zip(rows, panels, strict=True)) if row < last]

    def before_complexity(self, panels: Sequence[Panel]) -> list[tuple[float, ...]]:
        """Return the numbers of panels that are compared before the complexity index, in order of precedence."""
        words = self._words[: self._words.index("spillover")]
        return [tuple(row) for row in self._table(panels, words, panels[0]).tolist()] if panels else []

    def counted_first(self) -> FloatArray:
        """Return (O,) whole numbers that sum up what is counted before the complexity index, in order of precedence.

        A price ends them: deliveries make it no sum.
        """
        words = list(takewhile(lambda word: word not in ("spillover", "price"), self._words))
        most = len(self.instance.marker) + 1
        total: FloatArray = np.zeros(len(self.options.slots))
        for word in words:
            total = np.asarray(total * most + self._counts[word], dtype=float)
        return total

    def _table(self, panels: Sequence[Panel], words: Sequence[str], near: Panel) -> FloatArray:
        """Return (N, K) the compared numbers, in order of precedence."""
        sizes = np.array([len(panel) for panel in panels])
        table = np.zeros((len(panels), len(words) + ("price" in words)))
        for size in np.unique(sizes):
            places = np.flatnonzero(sizes == size)
            some = np.array([panels[i] for i in places.tolist()])
            if words:
                table[places] = self._numbers(some, words, near)
        return table

    def table(self, panels: np.ndarray) -> FloatArray:
        """Return (N, K) what is compared before gates of panels (N, n), in order of precedence (conventional only)."""
        return self._numbers(panels, self._words, ())

    def _numbers(self, panels: np.ndarray, words: Sequence[str], near: Panel) -> FloatArray:
        return np.column_stack([self._columns(word, panels, near) for word in words])

    def _columns(self, word: str, panels: np.ndarray, near: Panel) -> FloatArray:
        """Return (N, 1) or (N, 2) numbers of panels (N, n)."""
        if word == "price":
            unknown = self.options.unknown_prices[panels].sum(axis=1).astype(float)
            return np.asarray(np.column_stack([unknown, self._prices(panels)]))
        if word == "spillover":
            steps = np.floor(self._spillover(panels, near) / STEP + ROUNDING)
            return np.asarray(np.minimum(steps, _MOST_STEPS)[:, None])
        return np.asarray(self._counts[word][panels].sum(axis=1)[:, None].astype(float))

    def _prices(self, panels: np.ndarray) -> FloatArray:
        if self.instance.delivery is None:
            return np.asarray(np.round(self.options.cost[panels].sum(axis=1), 6))
        slots = self.options.slots
        reagents = ([(m, slots[o].dye) for o in panel for m in slots[o].markers] for panel in panels.tolist())
        return np.array([round(self.instance.cost(some), 6) for some in reagents])

    def _spillover(self, panels: np.ndarray, near: Panel) -> FloatArray:
        """Return (N,) spillover burdens, or complexity indices of panels near one, infinite if clearly higher."""
        if self._near is None:
            light = self.spill(panels[:, :, None], panels[:, None, :])
            return np.asarray(light.sum(axis=(1, 2)) - panels.shape[1])
        dyes = self.options.dye[list(near)]
        return self._near.near(dyes, self.options.dye[panels], self._near.index(dyes) + STEP)

    def spill(self, into: np.ndarray, of: np.ndarray) -> FloatArray:
        """Return the light of options ``of`` in the detectors of options ``into``, as a share of that in their own."""
        signal, detector, dye = self.instance.signal, self.options.detector, self.options.dye[of]
        return np.asarray(signal[detector[into], dye] / signal[detector[of], dye])

    def spill_of_both(self, one: np.ndarray, other: np.ndarray) -> FloatArray:
        """Return the light of each of two options in the detector of the other, summed."""
        return self.spill(one, other) + self.spill(other, one)

    def late(self, panel: Panel) -> tuple[tuple[int, ...], float]:
        """Return what is compared after gates: products and lost light."""
        rank, slots = self.instance.product_rank, self.options.slots
        products = tuple(sorted(int(rank[m, slots[o].dye]) for o in panel for m in slots[o].markers))
        read = [slots[o].detector for o in panel], [slots[o].dye for o in panel]
        return products, dim_light(self.instance, *read)
