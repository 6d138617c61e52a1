"""The best choice of reporters so far, and the levels of the objective that are closed."""

from __future__ import annotations

from dataclasses import dataclass

from panelopt.reporters.worth import ReporterScore, first_names


@dataclass(slots=True)
class ReporterState:
    """What a search for reporters has found.

    Attributes:
        best: The best choice.
        floor: Least log signal of an equal choice, once level 3 is closed.
        ceiling: Largest mean bleed-through of an equal choice, once level 4 is closed.
    """

    best: ReporterScore
    floor: float | None = None
    ceiling: float | None = None

    def is_equal(self, score: ReporterScore) -> bool:
        """Whether a choice equals the best one in the closed levels."""
        return (
            (self.floor is None or score.log_signal >= self.floor)
            and (self.ceiling is None or score.mean_bleed <= self.ceiling)
            and ((self.floor is None and self.ceiling is None) or score.key[:2] >= self.best.key[:2])
        )

    def consider(self, score: ReporterScore) -> None:
        """Keep a choice if it comes before the best one."""
        if self.floor is None and self.ceiling is None:
            better = score.key > self.best.key
        elif not self.is_equal(score):
            better = False
        elif self.ceiling is None:
            better = score.mean_bleed < self.best.mean_bleed
        else:
            better = first_names(score) < first_names(self.best)
        if better:
            self.best = score
