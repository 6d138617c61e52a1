"""Whether any panel meets the demands, decided within counted work, independent of clock and machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from panelopt.bounds.candidate_slots import CandidateSlots, list_options
from panelopt.bounds.reduction import reduce
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.solver import engine
from panelopt.solver.local import LocalSearch
from panelopt.solver.master import Master
from panelopt.solver.model_run import run_model
from panelopt.solver.outcome import SearchSettings
from panelopt.solver.panel_scorer import PanelKey, PanelScorer
from panelopt.solver.rule_constraints import RULES, PanelVars
from panelopt.solver.separator import Separator
from panelopt.solver.tools import Tools

TRIES = 50
"""Panels that satisfy the model's rules and are scored before demands on scores are considered."""

LOCAL_ROUNDS = 20
"""Rounds of local search before the model proposes panels."""

CLIMBS = 10
"""Panels of the model from which local search climbs."""

GAP = 0.2
"""How far (log10) a panel of the model may be from the best: any that meets the demands will do."""

NO_TIME_LIMIT = SearchSettings(time_limit_s=None)


@dataclass(frozen=True, slots=True)
class Work:
    """Work allowed for one question.

    Attributes:
        panels: Panels that the model names and that are scored.
        solver: Deterministic time of the solver, about seconds.
    """

    panels: int = 1000
    solver: float = 20.0


def is_feasible(instance: Instance, work: Work | None = None) -> bool | None:
    """Return whether a panel exists, or None if the work did not suffice.

    Args:
        instance: The question.
        work: What may be spent on it.
    """
    options = reduce(instance, list_options(instance))
    if not options.slots:
        return False
    check = _Check(instance, options, work or Work())
    answer = None if _depends_on_scores(instance) else check.by_rules()
    return check.by_scores() if answer is None else answer


def _depends_on_scores(instance: Instance) -> bool:
    """Whether any demand depends on the score."""
    return instance.require_goal or bool((~np.isnan(instance.max_share)).any())


class _Check:
    """The search for a panel that meets the demands."""

    def __init__(self, instance: Instance, options: CandidateSlots, work: Work) -> None:
        self.instance = instance
        self.options = options
        self.scorer = PanelScorer(instance, options, 0.0)
        self._panels = work.panels
        self._solver = work.solver

    def by_rules(self) -> bool | None:
        """Try panels that satisfy the rules; None if none of the first few has a score."""
        model = cp_model.CpModel()
        panel = PanelVars(model, self.instance, self.options)
        for rule in RULES:
            rule.build(panel)
        for _ in range(min(TRIES, self._panels)):
            solver = cp_model.CpSolver()
            run = engine.run(solver, model, seconds=None, work=self._solver)
            self._panels -= 1
            self._solver -= run.deterministic_time
            if not run.solved or self._solver <= 0:
                return False if run.infeasible else None
            chosen = {o for o, x in enumerate(panel.used) if solver.boolean_value(x)}
            if self._is_good(chosen):
                return True
            model.add_bool_or(panel.differs(chosen))
        return None

    def by_scores(self) -> bool | None:
        """Try the panels with the best bounds, lowering the bounds until the model has no solution."""
        tools = Tools(self.instance, self.options)
        local = LocalSearch(self.instance, self.options, tools.estimator, NO_TIME_LIMIT.seed)
        if any(self._is_good(panel) for panel in _explored(local)):
            return True
        master = Master(self.instance, self.options, tools.own_bounds)
        separator = Separator(self.instance, self.options, tools.finder, tools.compensation, master)
        master.demand_ratios()
        master.maximise_worst()
        climbs = CLIMBS
        while self._panels > 0 and self._solver > 0:
            answer = run_model(master, NO_TIME_LIMIT, None, GAP, self._solver)
            self._panels -= 1
            self._solver -= answer.deterministic_time
            if answer.infeasible:
                return False
            if answer.relaxed is None:
                return None
            panel = answer.relaxed.panel
            climbs -= 1
            if self._is_good(panel) or (climbs >= 0 and self._is_good(local.climb(panel, _merit, _never)[0])):
                return True
            separator.refine(answer.relaxed, only_worst=True, surplus=0.0, stop=_never)
            master.forbid_exactly(panel)
        return None

    def _is_good(self, panel: PanelKey | set[int]) -> bool:
        return self.scorer.evaluate(tuple(panel)).score is not None


def _explored(local: LocalSearch) -> Iterator[PanelKey]:
    start = local.start()
    if start is not None:
        yield from local.explore(start, _merit, LOCAL_ROUNDS, _never)


def _merit(worst: FloatArray, total: FloatArray) -> FloatArray:
    return 1e3 * worst + total


def _never() -> bool:
    return False
