"""Finds panels by local search, scores them exactly, and keeps the better ones."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from panelopt.instance.arrays import FloatArray
from panelopt.solver.listener import SolveListener
from panelopt.solver.local import LocalSearch, Merit, Panel, Stop
from panelopt.solver.panel_scorer import Evaluation, PanelKey
from panelopt.solver.search_state import PanelFinders, SearchState
from panelopt.solver.stopping import (
    DECENT,
    EXPLORE_SHARE,
    FIRST_ROUNDS,
    HIGHER,
    LISTED_AFTER,
    SCOUT_ROUNDS,
    SHORT_WEIGHT,
    WANTED_SHARE,
    EnoughFound,
)


class Explorer:
    """Local search for the present objective of a search.

    Args:
        state: What has been found so far; improved panels go there.
        finders: What finds and scores panels.
        listener: Notified of better panels.
        first_only: Stop at the first allowed panel.
    """

    def __init__(self, state: SearchState, finders: PanelFinders, listener: SolveListener, *, first_only: bool) -> None:
        self._state = state
        self._outcome = state.outcome
        self._finders = finders
        self._listener = listener
        self._first_only = first_only
        self.is_list = finders.tools.estimator.lists is not None
        """Whether the question is a simple marker list."""

    def polish(self, panel: PanelKey) -> None:
        """Climb from a panel of the model and score the result."""
        if not self._state.is_closed():
            self.consider(self._climbed(panel))

    def _climbed(self, panel: PanelKey) -> Panel:
        return self._finders.local.climb(panel, self._merit, self._state.out_of_time)[0]

    def _merit(self, worst: FloatArray, total: FloatArray) -> FloatArray:
        """Return what the local search maximises in the present phase."""
        if self._outcome.floor is None:
            return 1e3 * worst + total
        return _sum_above(self._outcome.floor)(worst, total)

    def _aim(self) -> tuple[Merit, float]:
        """Return what to maximise, and the log ratio that every marker of a list is to reach.

        For objective 1 of a list, shortfalls weigh little more than the sum in every other step of the model, and
        before the first where a marker has no decent ratio; otherwise the worst ratio counts above all.
        """
        best, floor = self._outcome.best_worst, self._outcome.floor
        if floor is not None:
            return self._merit, floor
        least = -np.inf if best is None else best + HIGHER
        steps = self._outcome.iterations
        if not self.is_list or (steps % 2 == 0 and (steps > 0 or self._is_decent())):
            return self._merit, least
        return _softly, max(least, DECENT)

    def _is_decent(self) -> bool:
        best = self._outcome.best_worst
        return best is not None and best >= DECENT

    def sketch(self) -> None:
        """Find first panels, the first of them at once, with no table."""
        start = self._state.best.key if self._state.best is not None else self._first()
        if start is not None:
            if self.is_list:
                self._scout(self._climbed(start))  # a search that aims at decent ratios finds large sums late
            self._climb_from(start, self._finders.sketch, FIRST_ROUNDS)

    def _first(self) -> Panel | None:
        start = self._finders.sketch.start()
        if start is not None:
            self.consider(start)  # shown at once
        return start

    def scout(self) -> None:
        """Look for panels of a larger sum before objective 1 is proven; they count when objective 2 has its turn.

        Where a marker of a list has hardly a dye yet, it comes first.
        """
        best, state = self._state.best, self._state
        if best is None or best.score is None or state.is_closed():
            return
        if self.is_list and not self._is_decent():
            self._climb_from(best.key, self._finders.sketch, SCOUT_ROUNDS)
            return
        floor = best.score.worst - state.settings.tolerance
        for panel in self._finders.sketch.explore(best.key, _sum_above(floor), SCOUT_ROUNDS, self._clock(), floor):
            self._scout(panel)

    def _scout(self, panel: Panel) -> None:
        """Score a panel and keep it if it is better, or in the first phase if it has a larger sum."""
        evaluation = self.consider(panel)
        if self._outcome.floor is None and self._state.scout(evaluation) and evaluation.score is not None:
            self._listener.improved(evaluation.score.worst, evaluation.score.total)

    def explore(self, rounds: int, share: float = EXPLORE_SHARE) -> None:
        """Score local optima near the best known panel, or near one built from scratch, until the gap is closed.

        Args:
            rounds: Most rounds.
            share: Most of the time left of the phase.
        """
        start = self._state.best.key if self._state.best is not None else self._finders.local.start()
        if start is not None and rounds > 0:
            if self._state.best is None:
                self.consider(start)
            self._climb_from(start, self._finders.local, rounds, share)

    def _climb_from(self, start: Panel, local: LocalSearch, rounds: int, share: float = EXPLORE_SHARE) -> None:
        merit, level = self._aim()
        for panel in local.explore(start, merit, rounds, self._clock(share), level):
            (self._scout if self.is_list else self.consider)(panel)
            if self._state.is_closed():
                break

    def _clock(self, share: float = EXPLORE_SHARE) -> Stop:
        """Return whether one exploration has taken its share of the time left."""
        left = self._state.time_left()
        until = np.inf if left is None else time.perf_counter() + share * left

        def over() -> bool:
            late = time.perf_counter() > until
            self._outcome.hurried |= late
            return late

        return over

    def list_above(self, step: int) -> bool:
        """Score every panel that may be better than the best one, where they are few enough to be listed.

        Args:
            step: Steps of the model in the present phase; only some are followed by a listing.

        Returns:
            Whether the present objective is closed.
        """
        state, outcome, parts = self._state, self._outcome, self._state.parts
        best = state.best.score if state.best is not None else None
        if step not in LISTED_AFTER or best is None or parts is None or not parts.master.instance.conventional:
            return False
        from panelopt.solver.bound_listing import BoundListing
        from panelopt.solver.panel_growth import Work

        worst, total = outcome.goals(state.settings, WANTED_SHARE)
        bounds = parts.separator.bounds(parts.tools.own_bounds)
        listing = BoundListing(parts.master.instance, parts.tools, bounds, best)
        given_up = 0.0 if outcome.floor is None else state.settings.tolerance
        panels = listing.above(worst, total, given_up, Work(LISTED_AFTER[step]), state.out_of_time)
        if panels is None:
            return False
        parts.scorer.evaluate_all(panels)
        for panel in panels:
            self.consider(panel)
        outcome.tighten_to(worst, total)
        self._listener.bound(outcome.bound_worst, outcome.bound_total)
        return state.is_closed()

    def consider(self, panel: Sequence[int]) -> Evaluation:
        """Score a panel and keep it if it is better.

        Raises:
            EnoughFound: if one panel is enough.
        """
        evaluation, floor = self._finders.scorer.evaluate(panel), self._outcome.floor
        if self._state.take(evaluation) and evaluation.score is not None:
            first = floor is None
            self._listener.improved(evaluation.score.worst, None if first else evaluation.score.total)
            if first and self._first_only:
                raise EnoughFound
        if self._outcome.floor != floor:
            for known in list(self._finders.scorer.known.values()):
                self._state.take(known)
        return evaluation


def _softly(worst: FloatArray, total: FloatArray) -> FloatArray:
    """Return the merit of panels for objective 1 that trades shortfalls for the sum."""
    return SHORT_WEIGHT * worst + total


def _sum_above(floor: float) -> Merit:
    """Return the merit of panels for objective 2: the sum, where the worst ratio reaches a floor."""

    def merit(worst: FloatArray, total: FloatArray) -> FloatArray:
        return total - 1e3 * np.maximum(floor - worst, 0.0)

    return merit
