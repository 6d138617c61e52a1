"""The searches for a robust panel: which holds most, and which of the equally good ones objective 3 prefers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from panelopt.domain.robust_result import WorstCase
from panelopt.instance.arrays import Instance
from panelopt.robust.robust_options import RobustOptions
from panelopt.robust.robust_records import worst_case_record
from panelopt.scenarios import BLOCK, ScenarioScores, Spread, score_scenarios
from panelopt.scenarios.scenario_blocks import Panel, block
from panelopt.scenarios.worlds import Scenarios, joined, nominal
from panelopt.solver.listener import SolveListener
from panelopt.solver.outcome import Outcome, SearchSettings
from panelopt.solver.robust.robust_practical import RobustPractical
from panelopt.solver.robust.robust_search import RobustSearch, deciding
from panelopt.solver.robust.worst_case import WorstCaseSearch
from panelopt.solver.search import Search

EXPLORE_SHARE = 0.6
"""Share of the time limit at which the search for candidates ends."""

RACE_SHARE = 0.75
"""Share of the time limit at which the race for the best ends."""

SEARCH_SHARE = 0.85
"""Share of the time limit at which the search by objective 3 ends."""

STARTS = 20
"""Panels of the nominal search that enter the race, by each of the two objectives."""

SHOWN = 5
"""Candidates in a report, besides the chosen panel and the nominal one."""


@dataclass(slots=True)
class RobustPanels:
    """Results of the searches.

    Attributes:
        panels: Panels to report, the chosen one first; empty where none but the nominal one is known.
        best: The panel that holds most.
        worst_case: The search over a finite set.
        interrupted: Whether the user stopped a search.
    """

    panels: list[Panel] = field(default_factory=list)
    best: Panel = ()
    worst_case: WorstCase | None = None
    interrupted: bool = False


class RobustChoice:
    """One search.

    Args:
        instance, spread: The question, and how well it is known.
        wanted: What is asked of the panel.
        settings: When to stop.
        listener: Hears of progress.
        time_left: Seconds until a share of the time limit is over.
        search, outcome: The search for the nominal panel, and what it found.
    """

    def __init__(
        self,
        instance: Instance,
        spread: Spread,
        wanted: RobustOptions,
        settings: SearchSettings,
        listener: SolveListener,
        time_left: Callable[[float], float],
        search: Search,
        outcome: Outcome,
    ) -> None:
        self.instance = instance
        self.spread = spread
        self.wanted = wanted
        self.settings = settings
        self.listener = listener
        self.time_left = time_left
        self.search = search
        self.on_paper = [score.slots for score in (outcome.best, outcome.score) if score is not None]
        self.choice = RobustPanels(best=self.on_paper[-1], interrupted=outcome.interrupted)

    def run(self) -> RobustPanels:
        """Search; if the user stops it, keep what is known."""
        if not self.choice.interrupted:
            try:
                if self.wanted.worst_case:
                    self._worst_case()
                else:
                    self._share()
            except KeyboardInterrupt:
                self.choice.interrupted = True
        return self.choice

    def _starts(self) -> list[Panel]:
        """Return the nominal panels and the best other panels that their search scored."""
        known = [one.score for one in self.search.parts.scorer.known.values() if one.score is not None]
        by_total = sorted(known, key=lambda score: (-score.total, score.slots))[:STARTS]
        by_worst = sorted(known, key=lambda score: (-score.worst, -score.total, score.slots))[:STARTS]
        turns = [score.slots for pair in zip(by_worst, by_total, strict=True) for score in pair]
        return list(dict.fromkeys([*self.on_paper, *turns]))

    def _share(self) -> None:
        self.listener.phase("robust")
        search = RobustSearch(
            self.instance,
            self.search.options,
            self.spread,
            self.wanted.count,
            self.wanted.share,
            self.settings.seed,
            self.settings.tolerance,
            fixed_gates=self.wanted.fixed_gates,
        )
        explored, raced = partial(self._is_late, EXPLORE_SHARE), partial(self._is_late, RACE_SHARE)
        ranked = [one.slots for one in search.run(self._starts(), explored, raced)]
        self._found(ranked)
        if ranked:
            self.listener.phase("practical")
            self._found(ranked, search.practical(ranked[0], [*ranked[1:], *self.on_paper], self._is_late))

    def _worst_case(self) -> None:
        self.listener.phase("worst case")
        scenarios = self._finite_set()
        left = None if self.settings.time_limit_s is None else max(self.time_left(RACE_SHARE), 1.0)
        settings = SearchSettings(
            left, self.settings.tolerance, self.settings.workers, self.settings.seed, self.settings.memory_limit_mb
        )
        search = WorstCaseSearch(self.instance, scenarios, settings, self._starts())
        outcome = search.run()
        self.choice.interrupted = outcome.interrupted

        def least(panel: Panel | None) -> float:
            if panel is None:
                return -math.inf
            return float(score_scenarios(self.instance, scenarios, panel, self.settings.tolerance).worst.min())

        on_paper, best = least(self.on_paper[-1]), outcome.slots
        self.choice.worst_case = worst_case_record(outcome, len(scenarios), on_paper, least(best))
        if best is not None:
            self._found([best])
            if not outcome.interrupted:
                chosen = self._practical(search, scenarios, best)
                self._found([best], chosen)
                self.choice.worst_case = worst_case_record(outcome, len(scenarios), on_paper, least(chosen))

    def _practical(self, search: WorstCaseSearch, scenarios: Scenarios, best: Panel) -> Panel:
        """Return the panel that objective 3 puts first among those that are as good in the whole set."""
        self.listener.phase("practical")
        known: dict[Panel, ScenarioScores] = {}

        def scores(panel: Panel, _: int) -> ScenarioScores:
            if panel not in known:
                known[panel] = score_scenarios(self.instance, scenarios, panel, self.settings.tolerance)
            return known[panel]

        local = deciding(self.instance, search.options, scenarios, scores(best, 0), 1.0, self.settings.seed)
        choice = RobustPractical(
            self.instance, search.options, local, scores, 1, 1.0, self.settings.tolerance, best, self._is_late
        )
        return choice.choose(self.on_paper)

    def _found(self, ranked: Sequence[Panel], chosen: Panel | None = None) -> None:
        if ranked:
            self.choice.best = ranked[0]
            self.choice.panels = list(dict.fromkeys([chosen or ranked[0], *ranked[:SHOWN]]))

    def _finite_set(self) -> Scenarios:
        """Return the scenario of the problem's own numbers and the first ones drawn."""
        drawn = self.wanted.count - 1
        blocks = [
            block(self.instance, self.spread, self.settings.seed, number, drawn)
            for number in range(math.ceil(drawn / BLOCK))
        ]
        return joined([nominal(self.instance), *blocks])

    def _is_late(self, share: float = SEARCH_SHARE) -> bool:
        return self.time_left(share) <= 0
