"""Objective 3 on spectral instruments: a lower complexity index among the panels as good as the best one.

Slots keep their markers and exchange dyes. Panels that the estimate finds clearly as good, or clearly not, are judged
by it on the way; the others, and every panel that is kept, by the score.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.exclusions import exclusive_dyes
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.scoring import PanelScore
from panelopt.solver.complexity_search import ComplexitySearch
from panelopt.solver.local import LocalSearch, Panel
from panelopt.solver.panel_estimate import PanelEstimator
from panelopt.solver.panel_scorer import Evaluation
from panelopt.solver.practical_keys import PracticalKeys
from panelopt.solver.seats import IntArray, Seats

EVALUATIONS = 200
"""Panels that may be scored."""

AT_ONCE = 16
"""Dyes whose panels are estimated together; in marker lists, where panels may have to be scored, one at first."""

LIST_ERROR = 0.02
"""Error of the estimate of marker lists, log10."""


class LowerComplexity:
    """Lowers the complexity index of a panel.

    Args:
        instance, options, local, keys: The search's own.
        margin: How far panels are inside of what is as good, by the estimate.
        evaluate: Returns the evaluation of a panel if it is as good as the best one, else None.
    """

    def __init__(
        self,
        instance: Instance,
        options: CandidateSlots,
        local: LocalSearch,
        keys: PracticalKeys,
        margin: Margin,
        evaluate: Callable[[Panel], Evaluation | None],
    ) -> None:
        self.instance = instance
        self.options = options
        self.local = local
        self.keys = keys
        self.margin = margin
        self._evaluate = evaluate
        self._scored: dict[Panel, Evaluation | None] = {}
        self._judged: dict[Panel, bool] = {}

    def run(self, start: Evaluation, stop: Callable[[], bool]) -> None:
        """Evaluate panels of lower complexity index that are no worse in what is compared before."""
        slots = [self.options.slots[o] for o in start.key]
        of_seat = np.full((len(slots), len(self.instance.dye)), -1)
        for o, slot in enumerate(self.options.slots):
            of_seat[[seat for seat, old in enumerate(slots) if slot.markers == old.markers], slot.dye] = o
        (counts,) = self.keys.before_complexity([start.key])
        seats = np.arange(len(slots))

        def panel(seating: IntArray) -> Panel:
            return tuple(sorted(of_seat[seats, seating].tolist()))

        def judge(seatings: IntArray) -> BoolArray:
            return self._usable([panel(seating) for seating in seatings], counts)

        def confirm(seating: IntArray) -> bool:
            return self._score(panel(seating)) is not None

        def over() -> bool:
            return len(self._scored) >= EVALUATIONS or stop()

        counted = self.keys.counted_first()
        count = np.where(of_seat >= 0, counted[of_seat], 0.0)
        places = Seats(of_seat >= 0, exclusive_dyes(self.instance), count)
        search = ComplexitySearch(
            self.instance.signal, places, judge, confirm, at_once=1 if self.margin.error else AT_ONCE
        )
        for _ in search.run(np.array([slot.dye for slot in slots]), stop=over):
            pass  # what it yields has been evaluated

    def _usable(self, panels: list[Panel], counts: tuple[float, ...]) -> BoolArray:
        """Return which panels keep the rules and the counts compared before, and are as good as the best one."""
        new = [panel for panel in dict.fromkeys(panels) if panel not in self._judged]
        before = self.keys.before_complexity(new)
        self._judged |= dict.fromkeys(new, False)
        some = [p for row, p in zip(before, new, strict=True) if row <= counts and self.local.allows(p)]
        if some:
            for panel, margin in zip(some, self.margin.of(some).tolist(), strict=True):
                is_clear = abs(margin) >= self.margin.error
                self._judged[panel] = margin >= 0 if is_clear else self._score(panel) is not None
        return np.array([self._judged[panel] for panel in panels])

    def _score(self, panel: Panel) -> Evaluation | None:
        if panel not in self._scored:
            self._scored[panel] = self._evaluate(panel)
        return self._scored[panel]


class Margin:
    """How far panels are inside of what is as good as the best one, by the estimate.

    In marker lists that is the distance of every marker's ratio; elsewhere the estimate only knows the worst pair, and
    the margin is one or minus one where the sum does not matter.

    Args:
        instance, estimator: The search's own.
        best: The panel to compare with.
        slack: How much worse a panel may be, log10.

    Attributes:
        error: Margins up to this, either way, tell nothing.
    """

    def __init__(self, instance: Instance, estimator: PanelEstimator, best: PanelScore, slack: float) -> None:
        self._estimator = estimator
        self._worst = best.worst - slack
        self._total = best.total if slack == 0 else -np.inf
        self._lists = estimator.lists
        self._least = np.full(len(instance.marker), self._worst)
        if self._lists is not None:
            for view, scored in zip(instance.views, best.views, strict=True):
                reached = min(scored.odds_at_least - slack, instance.rho_cap)
                self._least[view.marker] = max(self._worst, reached)
        self.error = 0.0 if self._lists is None else LIST_ERROR

    def of(self, panels: list[Panel]) -> FloatArray:
        """Return (B,) the margins of panels of the same size, log10."""
        some = np.array(panels)
        if self._lists is None:
            if self._total == -np.inf:
                return np.where(self._estimator.reach(some, self._worst), 1.0, -1.0)
            worst, total = self._estimator.estimate(some)
            return np.asarray(np.minimum(worst - self._worst, total - self._total))
        rho = self._lists.rho(some)
        inside = (rho - self._least[self._lists.marker[some]]).min(axis=1)
        return np.asarray(np.minimum(inside, rho.sum(axis=1) - self._total))
