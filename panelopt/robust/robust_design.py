"""The panel whose score holds under uncertainty, compared with the one chosen on paper."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from panelopt.answers.design_panel import result_of, search_settings
from panelopt.answers.result_records import Assembler
from panelopt.domain.result import Result
from panelopt.domain.robust_result import RobustCandidate, RobustResult, Sensitivity
from panelopt.instance.arrays import Instance
from panelopt.instance.compile import Compiled
from panelopt.optics.overflow import refuse_overflow
from panelopt.questions.question import Options, Question, compiled, named
from panelopt.questions.uncertain import spread_for
from panelopt.robust.robust_choice import RobustChoice, RobustPanels
from panelopt.robust.robust_options import RobustOptions
from panelopt.robust.robust_records import RobustReporter
from panelopt.robust.sensitivity import sensitivity
from panelopt.scenarios import ScenarioScores, Spread
from panelopt.scenarios.scenario_blocks import Panel, Runner, score_in_scenarios
from panelopt.scoring import PanelScore, score_panel
from panelopt.solver.listener import SilentSolveListener, SolveListener
from panelopt.solver.outcome import Outcome, SearchSettings
from panelopt.solver.search import Search
from panelopt.solver.search_cache import SearchCache

NOMINAL_SHARE = 0.4
"""Share of the time limit for the nominal search."""


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
        options: Demands and settings of the call.
        listener: Hears of progress.
        run: Applies a function to blocks of scenarios, anywhere.

    Returns:
        Candidates, the chosen one first; none where no panel meets the demands, as the nominal result says.

    Raises:
        InputError: if names in the problem are unknown or prices cannot be compared.
    """
    return _RobustRun(
        question, wanted or RobustOptions(), options or Options(), listener or SilentSolveListener(), run
    ).result()


class _RobustRun:
    """One call."""

    def __init__(
        self, question: Question, wanted: RobustOptions, options: Options, listener: SolveListener, run: Runner
    ) -> None:
        self.question = question
        self.wanted = wanted
        self.options = options = named(question, options)
        self.listener = listener
        self.run = run
        self.began = time.perf_counter()
        self.arrays: Compiled = compiled(question, options)
        self.instance: Instance = self.arrays.instance
        self.spread: Spread = spread_for(question, self.instance)
        self.settings: SearchSettings = search_settings(options)

    def result(self) -> RobustResult:
        """Search, score and report."""
        search, outcome = self._nominal_search()
        found = result_of(self.question, self.options, self.arrays, outcome)
        if outcome.score is None:
            return self._report(found, None, None)
        choice = RobustChoice(
            self.instance, self.spread, self.wanted, self.settings, self.listener, self._time_left, search, outcome
        ).run()
        self.listener.phase("check")
        return self._report(found, outcome.score.slots, choice)

    def _nominal_search(self) -> tuple[Search, Outcome]:
        cap = self.settings.time_limit_s
        share = None if cap is None else NOMINAL_SHARE * cap
        settings = SearchSettings(
            share,
            self.settings.tolerance,
            self.settings.workers,
            self.settings.seed,
            self.settings.memory_limit_mb,
        )
        search = Search(self.instance, settings, self.listener, cache=SearchCache())
        return search, search.run()

    def _time_left(self, share: float) -> float:
        cap = self.settings.time_limit_s
        return math.inf if cap is None else share * cap - (time.perf_counter() - self.began)

    # ---- the report

    def _report(self, found: Result, nominal: Panel | None, choice: RobustPanels | None) -> RobustResult:
        share = 1.0 if self.wanted.worst_case else self.wanted.share
        reporter = RobustReporter(Assembler(self.question, self.options, self.arrays), share, self.settings.seed)
        candidates: tuple[RobustCandidate, ...] = ()
        gain, influence = None, None
        if nominal is not None and choice is not None:
            scores = self._scores(list(dict.fromkeys([*choice.panels, nominal])))
            scored = self._scored(scores)
            candidates = reporter.candidates(scores, scored, nominal, choice.best)
            gain = reporter.gain(scored, [score.slots for score in scores].index(nominal))
            if self.wanted.sobol and not choice.interrupted:
                influence = self._influence(scores[0].slots)
        return RobustResult(
            problem=self.question.problem.id,
            cytometer=self.question.cytometer.id,
            goal="worst-case" if self.wanted.worst_case else "share",
            share=share,
            scenarios=self.wanted.count,
            checked_in=self.wanted.check,
            seed=self.settings.seed,
            gates="fixed" if self.wanted.fixed_gates else "chosen",
            uncertainty=self.question.problem.uncertainty,
            nominal=found,
            candidates=candidates,
            slack=self.instance.slack,
            gain=gain,
            worst_case=None if choice is None else choice.worst_case,
            sensitivity=influence,
            interrupted=choice is not None and choice.interrupted,
            wall_s=time.perf_counter() - self.began,
        )

    def _scores(self, panels: Sequence[Panel]) -> list[PanelScore]:
        found = (score_panel(self.instance, panel, self.settings.tolerance) for panel in panels)
        return [score for score in found if score is not None]

    def _scored(self, scores: Sequence[PanelScore]) -> tuple[ScenarioScores, ...]:
        """Score the candidates in scenarios in which none of them was chosen."""
        gates = [tuple(view.gates for view in score.views) for score in scores] if self.wanted.fixed_gates else None
        return score_in_scenarios(
            self.instance,
            self.spread,
            [score.slots for score in scores],
            self.settings.seed + 1,
            self.wanted.check,
            self.settings.tolerance,
            gates,
            self.run,
        )

    def _influence(self, panel: Panel) -> Sensitivity:
        self.listener.phase("sensitivity")
        return sensitivity(
            self.instance, self.spread, panel, self.wanted.sobol, self.settings.seed, self.settings.tolerance
        )
