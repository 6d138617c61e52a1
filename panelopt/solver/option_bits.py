"""Sets of options as bits, many at once. The options of one detector have words of their own."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.exclusions import Exclusions
from panelopt.instance.arrays import BoolArray

_WORD = 64  # bits

_BLOCK = 4_000_000
"""Bits that are unpacked at once."""


class OptionBits:
    """Packs sets of options.

    Args:
        options: All slots.

    Attributes:
        width: Bytes of a set.
    """

    def __init__(self, options: CandidateSlots) -> None:
        count = np.bincount(options.detector)
        words = np.maximum(-(-count // _WORD), 1)
        self._starts = words.cumsum() - words
        rank = np.empty(len(options.detector), dtype=int)
        rank[np.argsort(options.detector, kind="stable")] = np.concatenate([np.arange(n) for n in count.tolist()])
        self._place = self._starts[options.detector] * _WORD + rank
        self._byte, self._bit = self._place >> 3, (128 >> (self._place & 7)).astype(np.uint8)
        self.width = int(words.sum()) * _WORD // 8

    def packed(self, rows: BoolArray) -> np.ndarray:
        """Return (N, width) the sets of which rows (N, O) tell the members."""
        spread = np.zeros((len(rows), self.width * 8), dtype=bool)
        spread[:, self._place] = rows
        return np.packbits(spread, axis=1)

    def excluded(self, exclusions: Exclusions) -> np.ndarray:
        """Return (O, width) the options that each one excludes."""
        return np.concatenate([self.packed(exclusions.rows(rows)) for rows in self._blocks(len(self._place))])

    @cached_property
    def later(self) -> np.ndarray:
        """(O + 1, width): all options, those after the first one, those after the second one.."""
        every = np.arange(len(self._place))
        blocks = self._blocks(len(every) + 1)
        return np.concatenate([self.packed(every >= rows[:, None]) for rows in blocks])

    def contain(self, sets: np.ndarray, rows: np.ndarray, options: np.ndarray) -> BoolArray:
        """Return (J,) whether sets (N, width), by their rows (J,), contain an option each (J,)."""
        return np.asarray(sets[rows, self._byte[options]] & self._bit[options] != 0)

    def detectors(self, sets: np.ndarray) -> BoolArray:
        """Return (N, D') which detectors the members of sets (N, width) are read on, up to the last that has any."""
        words = np.ascontiguousarray(sets).view(np.uint64) != 0
        return words if len(self._starts) == words.shape[1] else np.logical_or.reduceat(words, self._starts, axis=1)

    def _blocks(self, rows: int) -> list[np.ndarray]:
        size = max(1, _BLOCK // max(self.width * 8, 1))
        return [np.arange(start, min(start + size, rows)) for start in range(0, rows, size)]
