"""The panel whose score holds although much is not known, beside the one that is best on paper."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from panelopt.api.assemble import Assembler
from panelopt.api.design import result_of, solve_limits
from panelopt.api.question import Options, Question, compiled
from panelopt.api.robust_report import RobustReporter, worst_case_record
from panelopt.api.sensitivity import sensitivity
from panelopt.api.uncertain import spread_for
from panelopt.domain.result import Result
from panelopt.domain.robust import RobustCandidate, RobustResult, Sensitivity, WorstCase
from panelopt.errors import UsageError
from panelopt.instance.arrays import Instance
from panelopt.instance.compile import Compiled
from panelopt.optics.overflow import refuse_overflow
from panelopt.scenarios import BLOCK, ScenarioScores, Spread, score_scenarios
from panelopt.scenarios.blocks import Panel, Runner, block, judge_scenarios
from panelopt.scenarios.worlds import Scenarios, joined, nominal
from panelopt.scoring import PanelScore, score_panel
from panelopt.solver.knowledge import Knowledge
from panelopt.solver.listener import Silence, SolveListener
from panelopt.solver.outcome import Outcome, SolveLimits
from panelopt.solver.robust_search import RobustSearch
from panelopt.solver.search import Search
from panelopt.solver.worst_case import WorstCaseSearch

NOMINAL_SHARE = 0.4
"""Share of the time limit that the search for the nominal optimum may take."""

EXPLORE_SHARE, SEARCH_SHARE = 0.65, 0.85
"""Shares of the time limit after which candidates are no longer sought, and no longer compared."""

STARTS = 20
"""Panels of the nominal search that race, by each of the two objectives."""

SHOWN = 5
"""Candidates of a report."""


@dataclass(frozen=True, slots=True)
class RobustOptions:
    """What is asked of a robust panel.

    Attributes:
        scenarios: Scenarios that the panel is chosen in; None = 512, or 16 for the worst case.
        share: Share of the scenarios in which the score must hold.
        worst_case: Maximise the worst scenario instead, with a proven limit.
        fixed_gates: Choose and judge with the sides of the gates on paper, not with the best gates of each scenario.
        check: Other scenarios, in which the candidates are judged for the report.
        sobol: Base samples of the Sobol indices; 0 = none.
    """

    scenarios: int | None = None
    share: float = 0.9
    worst_case: bool = False
    fixed_gates: bool = False
    check: int = 512
    sobol: int = 128

    def __post_init__(self) -> None:
        if self.scenarios is not None and self.scenarios < 1:
            raise UsageError("the number of scenarios must be at least 1")
        if not 0 < self.share <= 1:
            raise UsageError("the share of scenarios must be above 0 and at most 1")
        if self.check < 1:
            raise UsageError("the number of scenarios to check in must be at least 1")
        if self.worst_case and self.fixed_gates:
            raise UsageError("the worst case is proven for the best gates of each scenario, not for fixed ones")
        if self.sobol < 0 or (self.sobol and self.sobol & (self.sobol - 1)):
            raise UsageError("the base samples of Sobol indices must be 0 or a power of two")

    @property
    def count(self) -> int:
        """Scenarios that the panel is chosen in."""
        return self.scenarios or (16 if self.worst_case else 512)


@refuse_overflow
def robust(
    question: Question,
    wanted: RobustOptions | None = None,
    options: Options | None = None,
    listener: SolveListener | None = None,
    run: Runner = map,
) -> RobustResult:
    """Choose the panel whose score holds in a share of the scenarios, or in the worst of them.

    Args:
        question: What is asked; its problem says what is uncertain.
        wanted: What is asked of the panel.
        options: Demands and limits of the call.
        listener: Hears of progress.
        run: Applies a function to blocks of scenarios, anywhere.

    Returns:
        Candidates, the chosen one first; none where no panel meets the demands, as the nominal result says.

    Raises:
        InputError: if names in the problem are unknown or prices cannot be compared.
    """
    return _Run(question, wanted or RobustOptions(), options or Options(), listener or Silence(), run).result()


class _Run:
    """One call."""

    def __init__(
        self, question: Question, wanted: RobustOptions, options: Options, listener: SolveListener, run: Runner
    ) -> None:
        self.question = question
        self.wanted = wanted
        self.options = options
        self.listener = listener
        self.run = run
        self.began = time.perf_counter()
        self.arrays: Compiled = compiled(question, options)
        self.instance: Instance = self.arrays.instance
        self.spread: Spread = spread_for(question, self.instance)
        self.limits: SolveLimits = solve_limits(options)
        self.interrupted = False

    def result(self) -> RobustResult:
        """Search, judge and report."""
        search, outcome = self._nominal_search()
        found = result_of(self.question, self.options, self.arrays, outcome)
        if outcome.score is None:
            return self._report(found, None, (), None)
        best = outcome.score.slots
        panels: list[Panel] = []
        worst_case: WorstCase | None = None
        self.interrupted = outcome.interrupted
        try:
            if self.wanted.worst_case and not self.interrupted:
                panels, worst_case = self._worst_case(best, self._starts(search, best))
            elif not self.interrupted:
                panels = self._share(search, best)
        except KeyboardInterrupt:
            self.interrupted = True  # what is known already is judged and written
        self.listener.phase("check")
        return self._report(found, best, list(dict.fromkeys([*panels, best])), worst_case)

    # ---- the searches

    def _nominal_search(self) -> tuple[Search, Outcome]:
        limit = self.limits.time_limit_s
        share = None if limit is None else NOMINAL_SHARE * limit
        limits = SolveLimits(
            share,
            self.limits.tolerance,
            self.limits.workers,
            self.limits.seed,
            self.limits.memory_limit_mb,
        )
        search = Search(self.instance, limits, self.listener, knowledge=Knowledge())
        return search, search.run()

    def _starts(self, search: Search, best: Panel) -> list[Panel]:
        """Return the nominal optimum, and the best of the other panels that its search has judged."""
        known = [verdict.score for verdict in search.judge.known.values() if verdict.score is not None]
        by_total = sorted(known, key=lambda score: (-score.total, score.slots))[:STARTS]
        by_worst = sorted(known, key=lambda score: (-score.worst, -score.total, score.slots))[:STARTS]
        turns = [score.slots for pair in zip(by_worst, by_total, strict=True) for score in pair]
        return list(dict.fromkeys([best, *turns]))

    def _share(self, search: Search, best: Panel) -> list[Panel]:
        self.listener.phase("robust")
        robust_search = RobustSearch(
            self.instance,
            search.options,
            self.spread,
            self.wanted.count,
            self.wanted.share,
            self.limits.seed,
            self.limits.tolerance,
            fixed_gates=self.wanted.fixed_gates,
        )
        ranked = robust_search.run(self._starts(search, best), partial(self._is_late, EXPLORE_SHARE), self._is_late)
        return [one.slots for one in ranked[:SHOWN]]

    def _worst_case(self, best: Panel, starts: Sequence[Panel]) -> tuple[list[Panel], WorstCase]:
        self.listener.phase("worst case")
        scenarios = self._finite_set()
        left = None if self.limits.time_limit_s is None else max(self._time_left(), 1.0)
        limits = SolveLimits(
            left, self.limits.tolerance, self.limits.workers, self.limits.seed, self.limits.memory_limit_mb
        )
        outcome = WorstCaseSearch(self.instance, scenarios, limits, starts).run()
        self.interrupted = outcome.interrupted
        values = score_scenarios(self.instance, scenarios, best, self.limits.tolerance).worst
        return [outcome.slots] if outcome.slots else [], worst_case_record(outcome, len(scenarios), values)

    def _finite_set(self) -> Scenarios:
        """Return the scenario in which all is as the problem says, and the first of those that are drawn."""
        drawn = self.wanted.count - 1
        blocks = [
            block(self.instance, self.spread, self.limits.seed, number, drawn)
            for number in range(math.ceil(drawn / BLOCK))
        ]
        return joined([nominal(self.instance), *blocks])

    def _time_left(self, share: float = SEARCH_SHARE) -> float:
        limit = self.limits.time_limit_s
        return math.inf if limit is None else share * limit - (time.perf_counter() - self.began)

    def _is_late(self, share: float = SEARCH_SHARE) -> bool:
        return self._time_left(share) <= 0

    # ---- the report

    def _report(
        self, found: Result, best: Panel | None, panels: Sequence[Panel], worst_case: WorstCase | None
    ) -> RobustResult:
        share = 1.0 if self.wanted.worst_case else self.wanted.share
        reporter = RobustReporter(Assembler(self.question, self.options, self.arrays), share, self.limits.seed)
        candidates: tuple[RobustCandidate, ...] = ()
        gain, influence = None, None
        if best is not None:
            scores = self._scores(panels)
            judged = self._judged(scores)
            candidates = reporter.candidates(scores, judged, best)
            gain = reporter.gain(judged, [score.slots for score in scores].index(best))
            influence = self._influence(panels[0])
        return RobustResult(
            problem=self.question.problem.id,
            cytometer=self.question.cytometer.id,
            goal="worst-case" if self.wanted.worst_case else "share",
            share=share,
            scenarios=self.wanted.count,
            checked_in=self.wanted.check,
            seed=self.limits.seed,
            gates="fixed" if self.wanted.fixed_gates else "chosen",
            uncertainty=self.question.problem.uncertainty,
            nominal=found,
            candidates=candidates,
            gain=gain,
            worst_case=worst_case,
            sensitivity=influence,
            interrupted=self.interrupted,
            wall_s=time.perf_counter() - self.began,
        )

    def _scores(self, panels: Sequence[Panel]) -> list[PanelScore]:
        found = (score_panel(self.instance, panel, self.limits.tolerance) for panel in panels)
        return [score for score in found if score is not None]

    def _judged(self, scores: Sequence[PanelScore]) -> tuple[ScenarioScores, ...]:
        """Judge the candidates in scenarios that none of them was chosen in."""
        gates = [tuple(view.gates for view in score.views) for score in scores] if self.wanted.fixed_gates else None
        return judge_scenarios(
            self.instance,
            self.spread,
            [score.slots for score in scores],
            self.limits.seed + 1,
            self.wanted.check,
            self.limits.tolerance,
            gates,
            self.run,
        )

    def _influence(self, panel: Panel) -> Sensitivity | None:
        if not self.wanted.sobol or self.interrupted:
            return None
        self.listener.phase("sensitivity")
        return sensitivity(
            self.instance, self.spread, panel, self.wanted.sobol, self.limits.seed, self.limits.tolerance
        )
