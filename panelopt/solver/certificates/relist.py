"""Proves bounds again by listing every panel that may exceed them, with the tables of a proof and no model."""

from __future__ import annotations

import time

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.proof_arrays import Proof
from panelopt.instance.arrays import Instance
from panelopt.solver.bound_listing import BoundListing
from panelopt.solver.panel_growth import Work
from panelopt.solver.panel_scorer import PanelScorer
from panelopt.solver.tools import Tools

WORK = 10_000_000_000
"""Joins that a check may spend: twice what a search spends."""

SAME = 1e-6
"""Values closer than this (log10) are equal: rounding differs between machines."""


class Relister:
    """Lists the panels that may exceed a bound, and scores them.

    Args:
        instance: The question, on a conventional cytometer.
        options: All slots a panel may hold.
        proof: Tables of claims, recomputed before.
        tolerance: How much of the worst ratio gates may give up for the sum, log10.
    """

    def __init__(self, instance: Instance, options: CandidateSlots, proof: Proof, tolerance: float) -> None:
        self.instance = instance
        self.tools = Tools(instance, options)
        self.scorer = PanelScorer(instance, options, tolerance)
        self.tolerance = tolerance
        self._bounds = [view.copy() for view in proof.own_limits]
        for table in proof.lowered:
            rows = list(table.members)
            self._bounds[table.view][rows] = np.minimum(self._bounds[table.view][rows], table.bounds)

    def none_above(self, worst: float, total: float, best: tuple[int, ...], seconds: float | None) -> bool | None:
        """Return whether no allowed panel exceeds a bound; None if that is too much work or time.

        Args:
            worst: The bound on objective 1; or, with a bound on objective 2, the floor to which that refers.
            total: The bound on objective 2; minus infinity = that on objective 1 is in question.
            best: A panel that is allowed; its contaminants are looked at first.
            seconds: Time limit; None = none.
        """
        score = self.scorer.evaluate(best).score
        if score is None:
            return None
        first = total == -np.inf
        end = np.inf if seconds is None else time.perf_counter() + seconds
        listing = BoundListing(self.instance, self.tools, self._bounds, score)
        given_up = 0.0 if first else self.tolerance
        panels = listing.above(worst - SAME, total, given_up, Work(WORK), lambda: time.perf_counter() > end)
        if panels is None:
            return None
        scores = [one.score for one in self.scorer.evaluate_all(panels) if one.score is not None]
        if first:
            return all(score.worst <= worst + SAME for score in scores)
        return all(score.total <= total + SAME for score in scores if score.worst >= worst - SAME)
