"""Whether any panel meets the demands."""

from __future__ import annotations

import numpy as np
from ortools.sat.python import cp_model

from panelopt.bounds.options import list_options
from panelopt.instance.arrays import Instance
from panelopt.solver import engine
from panelopt.solver.judge import Judge
from panelopt.solver.outcome import SolveLimits
from panelopt.solver.rules import RULES, PanelVars
from panelopt.solver.search import Search

CHECK_S = 20.0
"""Seconds that one question may take."""

TRIES = 50
"""Panels that obey the rules of the model and are judged before the full search takes over."""


def is_feasible(instance: Instance, seconds: float | None = CHECK_S) -> bool | None:
    """Return whether a panel exists, or None where that stays open within the time."""
    options = list_options(instance)
    if not options.slots:
        return False
    model = cp_model.CpModel()
    panel = PanelVars(model, instance, options)
    for rule in RULES:
        rule.build(panel)
    judge = Judge(instance, options, 0.0)
    tries = 1 if _judges_scores(instance) else TRIES
    for _ in range(tries):
        solver = cp_model.CpSolver()
        run = engine.run(solver, model, seconds=seconds)
        if run.infeasible:
            return False
        if not run.solved:
            return None
        chosen = [o for o, x in enumerate(panel.used) if solver.boolean_value(x)]
        if judge.verdict(chosen).score is not None:
            return True
        inside = set(chosen)
        model.add_bool_or([x.negated() if o in inside else x for o, x in enumerate(panel.used)])
    outcome = Search(instance, SolveLimits(time_limit_s=seconds), first_only=True).run()
    if outcome.score is not None:
        return True
    return False if outcome.status == "infeasible" else None


def _judges_scores(instance: Instance) -> bool:
    """Whether demands depend on the score, so that a full search is the better way to a panel."""
    return instance.require_goal or bool((~np.isnan(instance.max_share)).any())
