"""Gates of a target as windows on estimated antibodies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.scoring import ViewScore
from panelopt.scoring.claims import SIDES, WINDOW


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """The gates of one target, each on one slot: ``low <= value < high``.

    Attributes:
        slots: Slot of each of the G gates.
        low, high: (G,) thresholds; infinite on the open side.
    """

    slots: tuple[int, ...]
    low: FloatArray
    high: FloatArray

    def inside(self, values: FloatArray) -> BoolArray:
        """Return (n, G) whether values (n, S) are inside each window."""
        chosen = values[:, list(self.slots)]
        return np.asarray((chosen >= self.low) & (chosen < self.high))


def windows_of(view: ViewScore) -> Windows:
    """Return the gates of a target as chosen by the score, in antibodies."""
    ends = [[_limit(view, slot, level) for level in WINDOW[SIDES[side]]] for slot, side in view.gates]
    return Windows(
        slots=tuple(slot for slot, _ in view.gates),
        low=np.array([-np.inf if low is None else low for low, _ in ends]),
        high=np.array([np.inf if high is None else high for _, high in ends]),
    )


def _limit(view: ViewScore, slot: int, level: int | None) -> float | None:
    return None if level is None else float(view.thresholds[level, slot])
