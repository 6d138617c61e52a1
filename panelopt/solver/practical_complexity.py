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
from panelopt.solver.panel_scorer import Evaluation
from panelopt.solver.practical_keys import PracticalKeys
from panelopt.solver.seats import IntArray, Seats

EVALUATIONS = 200
"""Panels that may be scored."""

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
        search = ComplexitySearch(self.instance.signal, places, judge, confirm)
        for _ in search.run(np.array([slot.dye for slot in slots]), stop=over):
            pass  # what it yields has been evaluated

    def _usable(self, panels: list[Panel], counts: tuple[float, ...]) -> BoolArray:
        """Return which panels keep the rules and the counts compared before, and are as good as the best one."""
        before = self.keys.before_complexity(panels)
        usable = np.array([row <= counts and self.local.allows(p) for row, p in zip(before, panels, strict=True)])
        some = np.flatnonzero(usable)
        if some.size:
            margin = self.margin.of([panels[i] for i in some.tolist()])
            usable[some] = margin >= self.margin.error
            for i in some[np.abs(margin) < self.margin.error].tolist():
                usable[i] = self._score(panels[i]) is not None
        return usable

    def _score(self, panel: Panel) -> Evaluation | None:
        if panel not in self._scored:
            self._scored[panel] = self._evaluate(panel)
        return self._scored[panel]


class Margin:
    """How far panels are inside of what is as good as the best one, by the estimate.

    In marker lists that is the distance of every marker's ratio; elsewhere the estimate only knows the worst pair.

    Args:
        instance, local: The search's own.
        best: The panel to compare with.
        slack: How much worse a panel may be, log10.

    Attributes:
        error: Margins up to this, either way, tell nothing.
    """

    def __init__(self, instance: Instance, local: LocalSearch, best: PanelScore, slack: float) -> None:
        self._local = local
        self._worst = best.worst - slack
        self._total = best.total if slack == 0 else -np.inf
        self._lists = local.estimator.lists
        self._least = np.full(len(instance.marker), self._worst)
        if self._lists is not None:
            for view, scored in zip(instance.views, best.views, strict=True):
                reached = min(scored.odds_at_least - slack, instance.rho_cap)
                self._least[view.marker] = max(self._worst, reached)
        self.error = 0.0 if self._lists is None else LIST_ERROR

    def of(self, panels: list[Panel]) -> FloatArray:
        """Return (B,) the margins of panels, log10."""
        if self._lists is None:
            worst, total = self._local.estimates(panels)
            return np.asarray(np.minimum(worst - self._worst, total - self._total))
        some = np.array(panels)
        rho = self._lists.rho(some)
        inside = (rho - self._least[self._lists.marker[some]]).min(axis=1)
        return np.asarray(np.minimum(inside, rho.sum(axis=1) - self._total))
