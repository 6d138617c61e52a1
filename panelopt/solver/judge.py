"""Judges panels by the score and remembers the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panelopt.bounds.options import Options
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.scoring import PanelScore, check_panel, score_panel

PanelKey = tuple[int, ...]
"""A panel as ascending option indices."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the score says of a panel; ``score`` is None where it is not allowed."""

    key: PanelKey
    score: PanelScore | None


class Judge:
    """Scores panels once each.

    Args:
        instance: The question.
        options: All slots.
        tolerance: How much of the worst ratio the gates may give up for the sum.
    """

    def __init__(self, instance: Instance, options: Options, tolerance: float) -> None:
        self.instance = instance
        self.options = options
        self.tolerance = tolerance
        self.known: dict[PanelKey, Verdict] = {}

    def verdict(self, panel: Sequence[int]) -> Verdict:
        """Return the verdict on a panel of option indices."""
        key = tuple(sorted(int(o) for o in panel))
        if key not in self.known:
            slots = ordered_slots([self.options.slots[o] for o in key])
            allowed = not check_panel(self.instance, slots)
            self.known[key] = Verdict(key, score_panel(self.instance, slots, self.tolerance) if allowed else None)
        return self.known[key]


def ordered_slots(slots: Sequence[SlotIndex]) -> tuple[SlotIndex, ...]:
    """Return slots in panel order: by the first marker, in the order of the problem."""
    return tuple(sorted(slots))
