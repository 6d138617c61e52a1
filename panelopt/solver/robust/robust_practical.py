"""Objective 3 under uncertainty: of the panels that hold as well as the best one, the one preferred at the bench.

A panel holds as well if neither its worst log ratio nor the odds of any tube, at the required share of scenarios, are
more than the slack below those of the best panel. The search moves by single changes of slots to the next panel in the
order of objective 3; nothing is proven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scenarios import ScenarioScores, share_value
from panelopt.scenarios.scenario_blocks import Panel, merged
from panelopt.scoring import check_panel, score_panel
from panelopt.scoring.practicality import ROUNDING, practical_key
from panelopt.solver.local import LocalSearch
from panelopt.solver.panel_scorer import ordered_slots
from panelopt.solver.practical_keys import PracticalKeys

EVALUATIONS = 60
"""Panels that may be scored in scenarios."""

_EARLY = 0.15  # error of the first blocks of scenarios (log10)
_ESTIMATE = 0.1  # error of the estimate (log10)

Scores = Callable[[Panel, int], ScenarioScores]
"""Scores of a panel in a block of scenarios, by number."""


class RobustPractical:
    """One choice by objective 3.

    Args:
        instance: The question.
        options: All slots.
        local: Neighbours of panels, and estimates in the deciding scenarios.
        scores: Scores a panel in a block of scenarios.
        blocks: How many blocks there are.
        share: Share of the scenarios in which the score must hold.
        tolerance: How much of ``worst`` may be given up for the sum (log10).
        best: The panel that holds most.
        stop: Whether time is up.
    """

    def __init__(
        self,
        instance: Instance,
        options: CandidateSlots,
        local: LocalSearch,
        scores: Scores,
        blocks: int,
        share: float,
        tolerance: float,
        best: Panel,
        stop: Callable[[], bool],
    ) -> None:
        self.instance = instance
        self.options = options
        self.local = local
        self.blocks = blocks
        self.share = share
        self.tolerance = tolerance
        self.best = best
        self.stop = stop
        self.keys = PracticalKeys(instance, options)
        self._scores = scores
        self._left = EVALUATIONS
        self._known: dict[Panel, tuple[object, ...]] = {}
        self._tried = {best}

    def choose(self, others: Sequence[Panel]) -> Panel:
        """Return the panel that objective 3 puts first; the best one if none holds in the share at all.

        Args:
            others: Panels that may hold as well, to begin with.
        """
        if not np.isfinite(self._held(self.best, self.blocks)[0]):
            return self.best
        chosen = min([self.best, *filter(self._holds_as_well, others)], key=self._key)
        while (found := self._next(chosen)) is not None:
            chosen = found
        return chosen

    def _next(self, chosen: Panel) -> Panel | None:
        """Return a neighbour that comes before a panel and holds as well as the best one."""
        for panel in self._promising(chosen):
            if self._left <= 0 or self.stop():
                return None
            self._left -= 1
            self._tried.add(panel)
            if self._key(panel) < self._key(chosen) and self._holds_as_well(panel):
                return panel
        return None

    def _promising(self, chosen: Panel) -> Iterator[Panel]:
        """Yield new neighbours that, by the estimate, may come before a panel and hold about as well."""
        here, best = (tuple(sorted(self.options.by_slot[slot] for slot in panel)) for panel in (chosen, self.best))
        panels = self.keys.before(self.local.neighbours(here), here)
        worst, _ = self.local.estimates([best, *panels])
        for panel, estimate in zip(panels, worst[1:], strict=True):
            slots = ordered_slots([self.options.slots[o] for o in panel])
            near = estimate > worst[0] - self.instance.slack - _ESTIMATE
            if near and slots not in self._tried and not check_panel(self.instance, slots):
                yield slots

    def _holds_as_well(self, panel: Panel) -> bool:
        for blocks in range(1, self.blocks + 1):
            spared = self.instance.slack + (ROUNDING if blocks == self.blocks else _EARLY)
            if (self._held(panel, blocks) < self._held(self.best, blocks) - spared).any():
                return False
        return True

    def _held(self, panel: Panel, blocks: int) -> FloatArray:
        """Return (1 + T,) the worst log ratio and the odds of each tube that hold in the first blocks."""
        scores = merged([self._scores(panel, number) for number in range(blocks)])
        return np.array([share_value(values, self.share) for values in (scores.worst, *scores.odds.T)])

    def _key(self, panel: Panel) -> tuple[object, ...]:
        """Return the key of objective 3; panels without a score on paper come last."""
        if panel not in self._known:
            score = score_panel(self.instance, panel, self.tolerance)
            self._known[panel] = (1,) if score is None else (0, *practical_key(self.instance, score))
        return self._known[panel]
