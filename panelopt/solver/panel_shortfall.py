"""Which options help parts of panels where they fall short most, for many parts at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import FloatArray
from panelopt.solver.panel_ratios import Gains

_ROUNDING = 1e-9  # margin where gains (log10) are compared with what is needed

_DEEPEST = 3  # comparisons looked at of each part


@dataclass(frozen=True, slots=True)
class HelpfulOptions:
    """Options that may join parts of panels: of each part a piece of one list.

    Attributes:
        lists: (L, O) option indices.
        of_part: (N,) the list of each part.
        begin: (N,) where in the list its options begin.
        count: (N,) how many they are.
        short: (N, K) what the option must gain at least..
        against: (N, K) ..in these columns of `gains`.
        gains: (O, 2 Q) what each option gains.
    """

    lists: np.ndarray
    of_part: np.ndarray
    begin: np.ndarray
    count: np.ndarray
    short: FloatArray
    against: np.ndarray
    gains: FloatArray

    @property
    def joins(self) -> int:
        """Number of pairs of part and option to be looked at."""
        return int(self.count.sum())

    def batches(self, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield parts (J,) and options (J,), some ``size`` pairs at once as far as parts can be kept together."""
        ends = self.count.cumsum()
        starts = np.unique(np.searchsorted(ends, np.arange(0, self.joins, size), side="right"))
        for start, stop in pairwise([*starts.tolist(), len(ends)]):
            place = np.repeat(np.arange(start, stop, dtype=np.int32), self.count[start:stop])
            shift = (self.of_part * self.lists.shape[1] + self.begin - ends + self.count)[start:stop]
            done = ends[start - 1] if start else 0
            option = self.lists.ravel()[np.arange(len(place)) + (done + shift)[place - start]]
            for column in range(self.short.shape[1]):
                place, option = self._enough(place, option, column)
            yield place, option

    def _enough(self, place: np.ndarray, option: np.ndarray, column: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs of part and option that gain enough against the contaminant in a column of `against`."""
        short = self.short[:, column]
        asks = short > 0
        if not asks.any():
            return place, option
        rows = np.flatnonzero(asks[place])
        too_little = self.gains[option[rows], self.against[place[rows], column]] < short[place[rows]]
        kept = np.ones(len(place), dtype=bool)
        kept[rows[too_little]] = False
        return place[kept], option[kept]


class PanelShortfall:
    """Compares what parts of panels gain with what is needed.

    Args:
        each: (O, Q) gains of each option.
        most: (N, Q) what 0, 1, 2.. options gain together at best.
        needed: (1, Q) what a panel needs.
    """

    def __init__(self, each: Gains, most: Gains, needed: Gains) -> None:
        self._each, self._most, self._needed = (gains.side_by_side() for gains in (each, most, needed))
        order = np.argsort(-self._each, axis=0, kind="stable")
        gains = np.take_along_axis(self._each, order, axis=0).T  # (2 Q, O), falling
        self._lists = np.vstack([order.T, np.arange(len(order))]).astype(np.int32)
        self._reach = max(float(gains.max(initial=0.0)), 0.0) + 1.0
        # one rising array for all columns: each column's gains lie between its number of reaches and the next one
        self._rising = (np.arange(len(gains))[:, None] * self._reach + gains[:, ::-1]).ravel()

    def helpful(self, gains: Gains, left: int, begin: np.ndarray) -> HelpfulOptions:
        """Return the options that gain enough where each part falls short most; of a part that does not, all of them.

        Args:
            gains: (N, Q) what the parts gain.
            left: Options still to come after the next one.
            begin: (N,) the first option that may join each part.
        """
        short = self._needed - gains.side_by_side() - self._most[min(left, len(self._most) - 1)] - _ROUNDING
        width = min(_DEEPEST, short.shape[1])
        against, rest = np.zeros((len(short), width), dtype=int), short.copy()
        for column in range(width):
            against[:, column] = rest.argmax(axis=1)
            np.put_along_axis(rest, against[:, [column]], -np.inf, axis=1)
        short = np.take_along_axis(short, against, axis=1)
        place = against * self._reach + np.clip(short, 0.0, self._reach)
        count = (against + 1) * len(self._each) - np.searchsorted(self._rising, place.ravel()).reshape(place.shape)
        everything = len(self._lists) - 1
        lists = np.column_stack([against, np.full(len(count), everything)])
        count = np.column_stack([count, len(self._each) - begin])
        fewest = np.argmin(count, axis=1)[:, None]
        of_part, count = (np.take_along_axis(values, fewest, axis=1)[:, 0] for values in (lists, count))
        begin = np.where(of_part == everything, begin, 0)
        return HelpfulOptions(self._lists, of_part, begin, count, short, against, self._each)
