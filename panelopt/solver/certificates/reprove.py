"""Proves bounds again from clauses alone: one run of the constraint solver each, and no search.

A bound holds if the model of question, tables and clauses has no solution that exceeds it by one integer step.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ortools.sat.python import cp_model

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.clauses import Forbidden
from panelopt.bounds.proof_arrays import Proof
from panelopt.instance.arrays import Instance
from panelopt.solver.deadline import stopped_after
from panelopt.solver.integer_steps import SCALE, up
from panelopt.solver.master import Master
from panelopt.solver.parameters import Strategy, set_parameters

Verdict = Literal["proven", "refuted", "open"]


@dataclass(frozen=True, slots=True)
class Reproof:
    """What one run showed.

    Attributes:
        verdict: proven, refuted (the clauses allow more), or open (not in time).
        bound: Bound proven or refuted (log10); None for "no panel is allowed".
        wall_s: Time of the run.
    """

    verdict: Verdict
    bound: float | None
    wall_s: float


class Reprover:
    """Builds models from a proof and solves them.

    Args:
        instance: The question.
        options: All slots a panel may hold.
        proof: Tables and clauses.
        workers: Threads.
        seed: Seed of the solver.
    """

    def __init__(
        self, instance: Instance, options: CandidateSlots, proof: Proof, workers: int = 1, seed: int = 0
    ) -> None:
        self.instance = instance
        self.options = options
        self.proof = proof
        self.workers = workers
        self.seed = seed

    def no_panel(self, forbidden: Iterable[Forbidden], seconds: float | None) -> Reproof:
        """Prove that no panel is allowed except those forbidden, which were scored."""
        return self._decide(self._model(forbidden), None, seconds)

    def worst(self, bound: float, forbidden: Iterable[Forbidden], seconds: float | None) -> Reproof:
        """Prove a bound on objective 1.

        Args:
            bound: The bound, log10; proven up to one integer step.
            forbidden: Panels that are not allowed.
            seconds: Time limit; None = none.
        """
        master = self._model(forbidden)
        master.model.add(master.worst >= up(bound) + 1)
        return self._decide(master, bound + 1 / SCALE, seconds)

    def total(
        self, bound: float, floor: float, tolerance: float, forbidden: Iterable[Forbidden], seconds: float | None
    ) -> Reproof:
        """Prove a bound on objective 2 among the panels whose objective 1 reaches the floor.

        Args:
            bound: The bound, log10; proven up to one integer step per pair.
            floor: Least value of objective 1.
            tolerance: How much of it gates may give up.
            forbidden: Panels that are not allowed, or lie below the floor.
            seconds: Time limit; None = none.
        """
        master = self._model(forbidden)
        master.require_worst(floor - tolerance)
        steps = len(master.rho)
        master.model.add(master.total >= up(bound) + steps)
        return self._decide(master, bound + steps / SCALE, seconds)

    def _model(self, forbidden: Iterable[Forbidden]) -> Master:
        proof = self.proof
        master = Master(self.instance, self.options, proof.own_limits)
        master.demand_ratios()
        for lowered in proof.lowered:
            master.lower_own(lowered)
        for row in proof.rows:
            master.add_row(row)
        for capped in proof.capped:
            master.cap_exactly(capped.panel, capped.worst, capped.total)
        for one in forbidden:
            master.forbid_exactly(one.panel)
        return master

    def _decide(self, master: Master, bound: float | None, seconds: float | None) -> Reproof:
        began = time.perf_counter()
        if seconds is not None and seconds <= 0:
            return Reproof("open", bound, 0.0)
        solver = cp_model.CpSolver()
        set_parameters(solver.parameters, Strategy.PLAIN, workers=self.workers, seed=self.seed)
        with stopped_after(solver, seconds):
            status = solver.solve(master.model)
        if status == cp_model.MODEL_INVALID:
            raise RuntimeError(f"the constraint model is invalid: {master.model.validate()}")
        verdict: Verdict = "open"
        if status == cp_model.INFEASIBLE:
            verdict = "proven"
        elif status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            verdict = "refuted"
        return Reproof(verdict, bound, time.perf_counter() - began)
