"""Scores panels and remembers the scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.frozen import dataclass
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.scoring import PanelScore, check_panel, score_panels

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
        return self.evaluate_all([panel])[0]

    def evaluate_all(self, panels: Sequence[Sequence[int]]) -> list[Evaluation]:
        """Return the evaluations of panels of option indices; together they take less time than one by one."""
        keys = [tuple(sorted(int(o) for o in panel)) for panel in panels]
        unknown = [key for key in dict.fromkeys(keys) if key not in self.known]
        slots = [ordered_slots([self.options.slots[o] for o in key]) for key in unknown]
        allowed = [panel for panel in slots if not check_panel(self.instance, panel)]
        asked = [panel for panel in allowed if panel not in self._scores]
        scores: dict[tuple[SlotIndex, ...], PanelScore | None] = {
            panel: self._scores[panel] for panel in allowed if panel in self._scores
        }
        scores |= dict(zip(asked, score_panels(self.instance, asked, self.tolerance), strict=True))
        self.known |= {key: Evaluation(key, scores.get(panel)) for key, panel in zip(unknown, slots, strict=True)}
        return [self.known[key] for key in keys]


def ordered_slots(slots: Sequence[SlotIndex]) -> tuple[SlotIndex, ...]:
    """Return slots in panel order: by the first marker, in the order of the problem."""
    return tuple(sorted(slots))
