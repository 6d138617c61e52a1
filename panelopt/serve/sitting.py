"""One tab of the page: its state, what came before, the best panel so far, and what is kept to compare."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from threading import RLock
from typing import Literal

from panelopt.api.designs import Result
from panelopt.serve.jobs import Job
from panelopt.serve.state import State

MOST_STEPS = 60
"""Steps that can be undone."""

Side = Literal["A", "B"]

TABS = ("spectra", "spillover", "gates", "controls", "order", "compare")
"""What can be shown below the panel, one at a time."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A panel that is kept to be compared."""

    state: State
    result: Result


@dataclass(slots=True)
class Sitting:
    """One tab.

    Attributes:
        state: What the page shows.
        result: Score of its panel; None without a panel.
        before: Score before the last change of the panel.
        best: Best panel that kept all rules, of all that were looked at for this question.
        proven: Result of the last design, whose bound holds for its question, demands and locks.
        proven_for: Those.
        kept: Panels to compare.
        job: The search that runs, or has ended and is not taken over yet.
        notices: What went wrong, or what the user should know; shown once.
        tab: What is shown below the panel.
        lock: Held while the sitting changes.
    """

    state: State = field(default_factory=State)
    result: Result | None = None
    before: Result | None = None
    best: Result | None = None
    proven: Result | None = None
    proven_for: tuple[object, ...] = ()
    kept: dict[Side, Kept] = field(default_factory=dict)
    job: Job | None = None
    notices: list[str] = field(default_factory=list)
    tab: str = "spectra"
    past: list[State] = field(default_factory=list)
    future: list[State] = field(default_factory=list)
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    lock: RLock = field(default_factory=RLock)

    def show(self, state: State, result: Result | None) -> None:
        """Show another state; the present one can be brought back."""
        if state == self.state:
            self.result = result
            self.note_best(result)
            return
        self.past = [*self.past[-MOST_STEPS + 1 :], self.state]
        self.future = []
        self._set(state, result)

    def went_back(self, result: Result | None) -> None:
        """Show the state before; its score is known."""
        self.future.append(self.state)
        self._set(self.past.pop(), result)

    def went_forward(self, result: Result | None) -> None:
        """Show the state that was undone; its score is known."""
        self.past.append(self.state)
        self._set(self.future.pop(), result)

    def keep(self, side: Side) -> None:
        """Keep the panel on the page to compare it."""
        if self.result is not None:
            self.kept[side] = Kept(self.state, self.result)
            self.tab = "compare"

    def _set(self, state: State, result: Result | None) -> None:
        if state.question != self.state.question:
            self.best = self.before = None
        elif state.panel != self.state.panel or state.demands != self.state.demands:
            self.before = self.result
        self.state, self.result = state, result
        self.note_best(result)

    def note_best(self, result: Result | None) -> None:
        """Remember a panel if it keeps all rules and is better than the best one so far."""
        if result is not None and not result.conflicts and value(result) > value(self.best):
            self.best = result

    @property
    def bound(self) -> float | None:
        """Proven bound on the worst log ratio of this question; None if none was proven for it."""
        if self.proven is None or self.proven_for[:2] != (self.state.question, self.state.demands):
            return None
        locks = self.proven_for[2]
        reagents = {(marker, slot.dye) for slot in self.state.panel for marker in slot.markers}
        return self.proven.bound.worst_log_ratio if set(locks) <= reagents else None  # type: ignore[call-overload]


def value(result: Result | None) -> tuple[float, float]:
    """Return objective 1 and 2; minus infinity where there is no score."""
    if result is None or result.objective is None:
        return float("-inf"), float("-inf")
    return result.objective.worst_log_ratio, result.objective.sum_log_ratio


def locks_of(state: State) -> tuple[tuple[str, str], ...]:
    """Return marker and dye of each locked reagent."""
    return tuple((marker, slot.dye) for slot in state.panel if slot.locked for marker in slot.markers)
