"""Finds panels by local search, scores them exactly, and keeps the better ones."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from panelopt.instance.arrays import FloatArray
from panelopt.solver.first_panel import first_panel
from panelopt.solver.listener import SolveListener
from panelopt.solver.local import Panel
from panelopt.solver.panel_scorer import Evaluation, PanelKey
from panelopt.solver.search_state import PanelFinders, SearchState
from panelopt.solver.stopping import EXPLORE_SHARE, LISTED_AFTER, WANTED_SHARE, EnoughFound


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

    def polish(self, panel: PanelKey) -> None:
        """Climb from a panel of the model and score the result."""
        if not self._state.is_closed():
            self.consider(self._finders.local.climb(panel, self._merit, self._state.out_of_time)[0])

    def _merit(self, worst: FloatArray, total: FloatArray) -> FloatArray:
        """Return what the local search maximises in the present phase."""
        if self._outcome.floor is None:
            return 1e3 * worst + total
        return total - 1e3 * np.maximum(self._outcome.floor - worst, 0.0)

    def explore(self, rounds: int) -> None:
        """Score local optima near the best known panel, or near one built from scratch, until the gap is closed."""
        if rounds == 0:
            return
        left, local = self._state.time_left(), self._finders.local
        until = np.inf if left is None else time.perf_counter() + EXPLORE_SHARE * left
        start = self._state.best.key if self._state.best is not None else self._first()
        if start is None:
            return

        def over() -> bool:
            late = time.perf_counter() > until
            self._outcome.hurried |= late
            return late

        for panel in local.explore(start, self._merit, rounds, over):
            self.consider(panel)
            if self._state.is_closed():
                break

    def _first(self) -> Panel | None:
        """Return a panel to start from; it is shown before any table is built."""
        local = self._finders.local
        start = first_panel(local, self._finders.tools.estimator)
        if start is not None and self.consider(start).score is None:  # the plain estimates may take it for allowed
            start = local.start()
            if start is not None:
                self.consider(start)
        return start

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
        panels = listing.above(worst, total, Work(LISTED_AFTER[step]), state.out_of_time)
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
