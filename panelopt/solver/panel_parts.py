"""Parts of panels that are being listed, and the order in which they grow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.solver.panel_ratios import Gains


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of panels, all of one size.

    Attributes:
        panels: (N, k) option indices.
        last: (N,) the last option that joined although no duty asked for it, -1 = none: the next ones follow it.
        gains: (N, Q) what the slots claim.
        sums: (N, L) what they add to each limit.
        barred: (N, W) bits of the options that the slots exclude.
        missing: (N, duties) the duties that no slot fulfils.
    """

    panels: np.ndarray
    last: np.ndarray
    gains: Gains
    sums: FloatArray
    barred: np.ndarray
    missing: BoolArray

    def __len__(self) -> int:
        return len(self.panels)

    def take(self, rows: np.ndarray | slice) -> Parts:
        """Return some of the parts."""
        gains = self.gains.take(rows)
        return Parts(self.panels[rows], self.last[rows], gains, self.sums[rows], self.barred[rows], self.missing[rows])

    @staticmethod
    def joined(parts: Sequence[Parts]) -> Parts:
        """Return all parts."""
        return Parts(
            np.concatenate([part.panels for part in parts]),
            np.concatenate([part.last for part in parts]),
            Gains.joined([part.gains for part in parts]),
            np.concatenate([part.sums for part in parts]),
            np.concatenate([part.barred for part in parts]),
            np.concatenate([part.missing for part in parts]),
        )


class WaitingParts:
    """Parts of panels that wait to grow, by size; the longest go first, so that few wait.

    Args:
        first: The part to begin with.
        sizes: Sizes that parts pass through.
        at_once: Parts that grow at once.
    """

    def __init__(self, first: Parts, sizes: int, at_once: int) -> None:
        self._at_once = at_once
        self._parts: list[list[Parts]] = [[first], *([] for _ in range(sizes - 1))]

    def add(self, parts: Parts) -> None:
        """Add parts of a size."""
        if len(parts):
            self._parts[parts.panels.shape[1]].append(parts)

    def next(self) -> Parts | None:
        """Take out parts: the longest of which many wait, else the shortest."""
        counts = [sum(map(len, parts)) for parts in self._parts]
        waiting = [size for size, count in enumerate(counts) if count]
        if not waiting:
            return None
        size = max((size for size in waiting if counts[size] >= self._at_once), default=waiting[0])
        same, taken = self._parts[size], [self._parts[size].pop()]
        while same and sum(map(len, taken)) < self._at_once:
            taken.append(same.pop())
        parts = Parts.joined(taken) if len(taken) > 1 else taken[0]
        if len(parts) > self._at_once:
            same.append(parts.take(slice(self._at_once, None)))
        return parts.take(slice(0, self._at_once))
