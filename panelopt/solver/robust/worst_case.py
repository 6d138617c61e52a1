"""The best panel for the worst of finitely many scenarios, with a proven bound.

The model holds the panel and, for each scenario that has mattered so far, the gates, claims and ratios of that
scenario; it maximises the worst ratio of all of them. Leaving out scenarios and cuts only raises its optimum, which is
therefore a bound for all scenarios. Each round scores the panel of the model exactly in every scenario and corrects the
model: by the scenario in which the panel is worst, or by cuts in the scenarios that the model has.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from ortools.sat.python import cp_model

from panelopt.bounds.candidate_slots import list_options
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.scenarios import Scenarios, score_scenarios
from panelopt.scoring import check_panel
from panelopt.solver import engine
from panelopt.solver.integer_steps import SCALE, up
from panelopt.solver.master import Master
from panelopt.solver.model_run import relaxed_solution
from panelopt.solver.outcome import RESOLUTION, ProofError, SearchSettings
from panelopt.solver.panel_scorer import PanelKey, ordered_slots
from panelopt.solver.rule_constraints import RULES, PanelVars
from panelopt.solver.separator import RelaxedSolution, Separator
from panelopt.solver.stopping import GAP_SHARE, WANTED_SHARE
from panelopt.solver.tools import Tools

ENOUGH = 0.25
"""Share of the tolerance by which a scenario must fall short of the model to be corrected."""


@dataclass(slots=True)
class WorstCaseOutcome:
    """What was found and proven for a set of scenarios.

    Attributes:
        status: optimal, feasible, infeasible or unknown.
        slots: The best panel; None if there is none.
        best: Its objective 1 in its worst scenario.
        bound: Upper bound on objective 1 of any panel in its worst scenario.
        scenario: The scenario in which the best panel is worst.
        active: Scenarios in the model at the end.
        iterations: Runs of the model.
        wall_s: Seconds.
        interrupted: Whether the user stopped the search.
    """

    status: Literal["optimal", "feasible", "infeasible", "unknown"] = "unknown"
    slots: tuple[SlotIndex, ...] | None = None
    best: float | None = None
    bound: float | None = None
    scenario: int | None = None
    active: int = 0
    iterations: int = 0
    wall_s: float = 0.0
    interrupted: bool = False


class WorstCaseSearch:
    """One search for the best panel in its worst scenario.

    Args:
        instance: The question; its hard rules hold for the panel in every scenario.
        scenarios: The scenarios.
        settings: When to stop; gates are the best in each scenario.
        start: Panels to start from.
    """

    def __init__(
        self,
        instance: Instance,
        scenarios: Scenarios,
        settings: SearchSettings | None = None,
        start: Sequence[Sequence[SlotIndex]] = (),
    ) -> None:
        self.instance = instance
        self.scenarios = scenarios
        self.settings = settings or SearchSettings()
        self.outcome = WorstCaseOutcome()
        self.options = list_options(instance)
        self._start = start
        self._began = time.perf_counter()
        self._scored: dict[PanelKey, FloatArray] = {}
        self._masters: dict[int, Master] = {}
        self._separators: dict[int, Separator] = {}
        self._model = cp_model.CpModel()
        self._panel = PanelVars(self._model, instance, self.options)
        self._worst = self._model.new_int_var(-100 * SCALE, up(instance.rho_cap), "worst")

    def run(self) -> WorstCaseOutcome:
        """Search until the bound is met or time is up."""
        outcome = self.outcome
        try:
            self._search()
        except KeyboardInterrupt:
            outcome.interrupted = True
        if outcome.status != "infeasible":
            outcome.status = "optimal" if self._is_closed() else ("feasible" if outcome.slots else "unknown")
        if outcome.best is not None and outcome.bound is not None and outcome.bound < outcome.best - RESOLUTION:
            raise ProofError(f"the bound {outcome.bound:.6f} is below {outcome.best:.6f}, which a panel reaches")
        outcome.active = len(self._masters)
        outcome.wall_s = time.perf_counter() - self._began
        return outcome

    def _search(self) -> None:
        outcome = self.outcome
        if not self.options.slots:
            outcome.status = "infeasible"
            return
        for slots in self._start:
            if not check_panel(self.instance, slots):
                self._judge(tuple(sorted(self.options.by_slot[slot] for slot in slots)))
        for rule in RULES:
            rule.build(self._panel)
        self._model.maximize(self._worst)
        outcome.bound = self.instance.rho_cap
        self._activate(outcome.scenario or 0)
        while not self._is_closed() and not self._out_of_time():
            if not self._step():
                break

    def _step(self) -> bool:
        """Run the model once; return whether to go on."""
        outcome = self.outcome
        solver = cp_model.CpSolver()
        left = None if self.settings.time_limit_s is None else max(self._time_left(), 0.01)
        run = engine.run(
            solver,
            self._model,
            seconds=left,
            workers=self.settings.workers,
            seed=self.settings.seed,
            gap=GAP_SHARE * self.settings.tolerance * SCALE,
            memory_limit_mb=self.settings.memory_limit_mb,
        )
        outcome.iterations += 1
        if run.infeasible:  # the model has excluded only panels that were scored
            outcome.bound = outcome.best
            outcome.status = "infeasible" if outcome.best is None else outcome.status
            return False
        if not run.solved or run.bound is None:
            return False
        outcome.bound = min(run.bound / SCALE, self.instance.rho_cap if outcome.bound is None else outcome.bound)
        claimed = solver.value(self._worst) / SCALE
        self._correct({s: relaxed_solution(solver, master) for s, master in self._masters.items()}, claimed)
        return True

    def _correct(self, relaxed_solutions: dict[int, RelaxedSolution], claimed: float) -> None:
        """Score the panel of the model, and correct what the model claimed too much."""
        panel = next(iter(relaxed_solutions.values())).panel
        values = self._judge(panel)
        if not self._is_closed():
            less = np.isfinite(values) & (values < claimed - ENOUGH * self.settings.tolerance - RESOLUTION)
            surplus = self._surplus(claimed)
            for number in sorted(relaxed_solutions.keys() & set(np.flatnonzero(less).tolist())):
                relaxed = replace(relaxed_solutions[number], worst=claimed)
                self._separators[number].refine(relaxed, only_worst=True, surplus=surplus, stop=self._out_of_time)
            lowest = int(values.argmin())
            if less[lowest] and lowest not in self._masters:
                self._activate(lowest)
        self._cap(panel, float(values.min()))

    def _surplus(self, claimed: float) -> float:
        """Return the excess that is not worth correcting because no panel comes near it anyway."""
        best, bound = self.outcome.best, self.outcome.bound
        if best is None or bound is None:
            return 0.0
        return max(claimed - best - WANTED_SHARE * max(self.settings.tolerance, bound - best), 0.0)

    def _judge(self, panel: PanelKey) -> FloatArray:
        """Return (n,) objective 1 of a panel in every scenario, and keep the panel if it is the best."""
        if panel not in self._scored:
            slots = ordered_slots([self.options.slots[o] for o in panel])
            values = score_scenarios(self.instance, self.scenarios, slots, self.settings.tolerance).worst
            if check_panel(self.instance, slots):  # rules unknown to the model, such as on the condition number
                values = np.full_like(values, -np.inf)
            self._scored[panel] = values
            worst = float(values.min())
            if np.isfinite(worst) and (self.outcome.best is None or worst > self.outcome.best):
                self.outcome.best, self.outcome.slots = worst, slots
                self.outcome.scenario = int(values.argmin())
        return self._scored[panel]

    # ---- the model

    def _activate(self, number: int) -> None:
        """Add a scenario to the model."""
        instance = self.scenarios.instance(self.instance, number)
        tools = Tools(instance, self.options)
        master = Master(instance, self.options, tools.own_bounds, self._panel)
        master.demand_ratios()
        self._model.add(self._worst <= master.worst)
        self._masters[number] = master
        self._separators[number] = Separator(instance, self.options, tools.finder, tools.compensation, master)

    def _cap(self, panel: PanelKey, worst: float) -> None:
        """Bound the objective of one panel by its exact value; minus infinity excludes it."""
        inside = set(panel)
        if np.isfinite(worst):
            self._model.add(self._worst <= up(worst)).only_enforce_if(self._panel.is_exactly(inside))
        else:
            self._model.add_bool_or(self._panel.differs(inside))

    # ---- when to stop

    def _is_closed(self) -> bool:
        best, bound = self.outcome.best, self.outcome.bound
        return best is not None and bound is not None and bound - best <= self.settings.tolerance + RESOLUTION

    def _time_left(self) -> float:
        cap = self.settings.time_limit_s
        return np.inf if cap is None else cap - (time.perf_counter() - self._began)

    def _out_of_time(self) -> bool:
        return self._time_left() <= 0
