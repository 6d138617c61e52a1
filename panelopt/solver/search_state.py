"""State of a search: its model and tools, the best panels so far, and the time left."""

from __future__ import annotations

import time
from dataclasses import field
from typing import TYPE_CHECKING

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.clauses import Cut, Lowered
from panelopt.frozen import dataclass
from panelopt.instance.arrays import Instance
from panelopt.scoring import PanelScore
from panelopt.solver.local import LocalSearch
from panelopt.solver.outcome import Outcome, SearchSettings
from panelopt.solver.panel_scorer import Evaluation, PanelScorer
from panelopt.solver.plain_estimate import PlainEstimator
from panelopt.solver.tools import Tools

if TYPE_CHECKING:
    from panelopt.solver.master import Master
    from panelopt.solver.separator import Separator

SAME = 1e-9
"""Values closer than this (log10) are equal: the last digits depend on the processor."""

WORTH_SHOWING = 1e-3
"""A sum that is larger by less (log10) is no news before objective 2 has its turn."""


@dataclass(frozen=True, slots=True)
class PanelFinders:
    """What finds and scores panels, with no model.

    Attributes:
        tools: Tables shared with related searches.
        scorer: Scores panels exactly.
        local: Local search on estimates.
        sketch: The same on formulas, and in fewer steps: it needs no tables.
    """

    tools: Tools
    scorer: PanelScorer
    local: LocalSearch
    sketch: LocalSearch

    @classmethod
    def build(cls, instance: Instance, tools: Tools, settings: SearchSettings) -> PanelFinders:
        """Return the finders of a new search."""
        scorer = PanelScorer(instance, tools.options, settings.tolerance)
        local = LocalSearch(instance, tools.options, tools.estimator, settings.seed)
        is_list = tools.estimator.lists is not None
        return cls(tools, scorer, local, local if is_list else local.sketching(PlainEstimator(tools.estimator)))


@dataclass(frozen=True, slots=True)
class SearchParts:
    """The model of a search and what works on it.

    Attributes:
        options: Candidate slots.
        scorer: Scores panels exactly.
        tools: Tables shared with related searches.
        local: Local search on estimates.
        master: The constraint model.
        separator: Adds violated cuts to `master`.
    """

    options: CandidateSlots
    scorer: PanelScorer
    tools: Tools
    local: LocalSearch
    master: Master
    separator: Separator

    @classmethod
    def build(cls, instance: Instance, finders: PanelFinders) -> SearchParts:
        """Return the parts of a new search, without cuts; the solver is loaded only now."""
        from panelopt.solver.master import Master
        from panelopt.solver.separator import Separator

        tools = finders.tools
        master = Master(instance, tools.options, tools.own_bounds)
        separator = Separator(instance, tools.options, tools.finder, tools.compensation, master)
        return cls(tools.options, finders.scorer, tools, finders.local, master, separator)

    def second_model(self) -> tuple[Master, Separator]:
        """Return a model with every cut found so far and no objective."""
        from panelopt.solver.master import Master
        from panelopt.solver.separator import Separator

        master = Master(self.master.instance, self.options, self.tools.own_bounds)
        master.demand_ratios()
        separator = Separator(self.master.instance, self.options, self.tools.finder, self.tools.compensation, master)
        separator.reuse(
            [clause for clause in self.master.clauses if isinstance(clause, Cut)],
            [clause for clause in self.master.clauses if isinstance(clause, Lowered)],
        )
        return master, separator


@dataclass(slots=True)
class SearchState:
    """What a search has built and found so far.

    Attributes:
        settings: When to stop.
        outcome: Values and bounds.
        began: Start of the search, on the clock of `time.perf_counter`.
        deadline: End of the present phase on that clock; None = none.
        options: Candidate slots; None until they are listed.
        finders: What finds panels; None until the slots are listed.
        parts: Model and tools; None until they are built.
        best: Best panel for the present objective.
        scouted: Panel of the largest sum found before objective 2 had its turn.
        chosen: Panel chosen by objective 3.
    """

    settings: SearchSettings
    outcome: Outcome = field(default_factory=Outcome)
    began: float = field(default_factory=time.perf_counter)
    deadline: float | None = None
    options: CandidateSlots | None = None
    finders: PanelFinders | None = None
    parts: SearchParts | None = None
    best: Evaluation | None = None
    scouted: Evaluation | None = None
    chosen: Evaluation | None = None

    # ---- time

    def elapsed_s(self) -> float:
        """Return seconds since the start."""
        return time.perf_counter() - self.began

    def end_phase_at(self, share: float) -> None:
        """Give the present phase until a share of the time limit has passed."""
        cap = self.settings.time_limit_s
        self.deadline = None if cap is None else self.began + share * cap

    def time_left(self) -> float | None:
        """Return seconds until the phase ends; None = no limit."""
        return None if self.deadline is None else self.deadline - time.perf_counter()

    def out_of_time(self) -> bool:
        """Whether the phase is over; recorded in the outcome."""
        left = self.time_left()
        over = left is not None and left <= 0
        self.outcome.hurried |= over
        return over

    # ---- panels

    def take(self, evaluation: Evaluation) -> bool:
        """Keep a panel if it improves the present objective; return whether it does.

        A panel found under objective 2 may also beat the best value of objective 1 if that is not proven yet. The floor
        rises with it; a best panel that is then below the floor no longer counts.
        """
        score, outcome = evaluation.score, self.outcome
        if score is None:
            return False
        if outcome.floor is None:
            if outcome.best_worst is not None and score.worst <= outcome.best_worst + SAME:
                return False
            outcome.best_worst = score.worst
        else:
            self._raise_floor(outcome.floor, score)
            if self.is_below_floor(score) or (
                outcome.best_total is not None and score.total <= outcome.best_total + SAME
            ):
                return False
            outcome.best_total = score.total
        self.best = evaluation
        return True

    def _raise_floor(self, floor: float, score: PanelScore) -> None:
        """Let the floor follow a better value of objective 1."""
        outcome = self.outcome
        if outcome.best_worst is None or score.worst <= outcome.best_worst + SAME:
            return
        outcome.floor = floor + score.worst - outcome.best_worst
        outcome.best_worst = score.worst
        if self.best is not None and self.best.score is not None and self.is_below_floor(self.best.score):
            outcome.best_total = None

    def scout(self, evaluation: Evaluation) -> bool:
        """Keep a panel whose sum is larger than any known at nearly its best worst ratio; return whether it is."""
        known = self._scouted() or self.best
        if evaluation.score is None or known is None or known.score is None or not self._is_level(evaluation):
            return False
        if evaluation.score.total <= known.score.total + WORTH_SHOWING:
            return False
        self.scouted = evaluation
        return True

    def _scouted(self) -> Evaluation | None:
        """Return the panel of the largest sum, if the best one has not left it behind."""
        return self.scouted if self.scouted is not None and self._is_level(self.scouted) else None

    def _is_level(self, evaluation: Evaluation) -> bool:
        """Whether a panel gives up no more of objective 1 than it may for the sum."""
        best, score = self.outcome.best_worst, evaluation.score
        return best is not None and score is not None and score.worst >= best - self.settings.tolerance - SAME

    def is_below_floor(self, score: PanelScore) -> bool:
        """Whether a panel gives up too much of objective 1 to count for objective 2."""
        return self.outcome.floor is not None and score.worst < self.outcome.floor - SAME

    def is_closed(self) -> bool:
        """Whether the present objective meets its bound."""
        outcome, settings = self.outcome, self.settings
        return outcome.worst_is_closed(settings) if outcome.floor is None else outcome.total_is_closed(settings)

    def finish(self) -> Outcome:
        """Return the outcome, completed by panels, status and size of the model."""
        outcome = self.outcome
        chosen = self.chosen or (self._scouted() if outcome.floor is None else None) or self.best
        outcome.best = self.best.score if self.best is not None else None
        outcome.score = chosen.score if chosen is not None else None
        outcome.practical_proven &= not (outcome.hurried or outcome.interrupted or outcome.out_of_memory)
        if outcome.status != "infeasible":
            closed = outcome.worst_is_closed(self.settings) and outcome.total_is_closed(self.settings)
            outcome.status = "optimal" if closed else ("feasible" if outcome.score is not None else "unknown")
        if self.parts is not None:
            master = self.parts.master
            outcome.rows = master.rows
            outcome.variables = len(master.model.proto.variables)
            outcome.constraints = len(master.model.proto.constraints)
        outcome.wall_s = self.elapsed_s()
        outcome.check()
        return outcome
