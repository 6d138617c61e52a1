"""Scores panels and remembers the scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.scoring import PanelScore, check_panel, score_panel

PanelKey = tuple[int, ...]
"""A panel as ascending option indices."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Score of a panel; ``score`` is None where it is not allowed."""

    key: PanelKey
    score: PanelScore | None


class PanelScorer:
    """Scores each panel once.

    Args:
        instance: The question.
        options: All slots.
        tolerance: How much of the worst ratio gates may give up for the sum (log10).
    """

    def __init__(self, instance: Instance, options: CandidateSlots, tolerance: float) -> None:
        self.instance = instance
        self.options = options
        self.tolerance = tolerance
        self.known: dict[PanelKey, Evaluation] = {}
        self._scores: dict[tuple[SlotIndex, ...], PanelScore] = {}

    def remember(self, scores: Iterable[PanelScore]) -> None:
        """Take over scores for the same cells, light and gates; hard rules are still checked."""
        self._scores.update((score.slots, score) for score in scores)

    def evaluate(self, panel: Sequence[int]) -> Evaluation:
        """Return the evaluation of a panel of option indices."""
        key = tuple(sorted(int(o) for o in panel))
        if key not in self.known:
            slots = ordered_slots([self.options.slots[o] for o in key])
            allowed = not check_panel(self.instance, slots)
            self.known[key] = Evaluation(key, self._score(slots) if allowed else None)
        return self.known[key]

    def _score(self, slots: tuple[SlotIndex, ...]) -> PanelScore | None:
        return self._scores.get(slots) or score_panel(self.instance, slots, self.tolerance)


def ordered_slots(slots: Sequence[SlotIndex]) -> tuple[SlotIndex, ...]:
    """Return slots in panel order: by the first marker, in the order of the problem."""
    return tuple(sorted(slots))
