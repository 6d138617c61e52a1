"""Single-cell and doublet terms of each pair of target and contaminant, and the demands on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from ortools.sat.python import cp_model

from panelopt.bounds.demand_terms import least_terms
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.solver.integer_steps import SCALE, down, up

MOST_TERM = 400
"""Above any log ratio that the score can give."""

DEMAND_STEP = 0.25
"""Steps of objective 1 (log10) at which demands on shares are recomputed."""

Pair = tuple[int, int]
"""View and position of the contaminant in it."""


class PairTerms:
    """Terms of the pairs of one model.

    Args:
        model: The model.
        instance: The question.

    Attributes:
        of: By pair, expressions whose smallest is the single-cell term, and those of the doublet term.
        lowest: Integer values below which no log ratio falls; the smallest applies.
    """

    def __init__(self, model: cp_model.CpModel, instance: Instance) -> None:
        self.model = model
        self.instance = instance
        self.of: dict[Pair, tuple[list[cp_model.LinearExprT], list[cp_model.LinearExprT]]] = {}
        self.lowest = [-100 * SCALE]
        self._variables: dict[Pair, tuple[cp_model.IntVar, cp_model.IntVar | None]] = {}

    def demand(self, worst: cp_model.IntVar) -> None:
        """Demand what purity and largest shares require of each pair; the demands rise with objective 1, ``worst``."""
        before = [least_terms(self.instance, view) for view in self.instance.views]
        for view, least in enumerate(before):
            self._require(view, least)
        if np.isnan(self.instance.max_share).all():
            return
        for value in np.arange(down(-self.instance.rho_cap) / SCALE, self.instance.rho_cap, DEMAND_STEP):
            now = [least_terms(self.instance, view, float(value)) for view in self.instance.views]
            if all(np.array_equal(*pair) for pair in zip(before, now, strict=True)):
                continue
            before, reached = now, self.model.new_bool_var("")
            self.model.add(worst <= up(float(value))).only_enforce_if(reached.negated())
            for view, least in enumerate(now):
                self._require(view, least, reached)

    def _require(self, view: int, least: FloatArray, where: cp_model.IntVar | None = None) -> None:
        for c in np.flatnonzero(np.isfinite(least)).tolist():
            for term in (*self.of[view, c][0], *self.of[view, c][1]):
                demand = self.model.add(term >= down(float(least[c])))
                if where is not None:
                    demand.only_enforce_if(where)

    def variables(self, view: int, c: int) -> tuple[cp_model.IntVar, cp_model.IntVar | None]:
        """Return variables for the single-cell term and the doublet term of a pair; None without doublet term."""
        if (view, c) not in self._variables:
            single, doublet = (self._smallest_of(terms) for terms in self.of[view, c])
            if single is None:
                raise ValueError("a pair has no single-cell term")
            self._variables[view, c] = single, doublet
        return self._variables[view, c]

    def _smallest_of(self, terms: Sequence[cp_model.LinearExprT]) -> cp_model.IntVar | None:
        if not terms:
            return None
        variable = self.model.new_int_var(min(self.lowest), MOST_TERM * SCALE, "")
        for term in terms:
            self.model.add(variable <= term)
        return variable

    def values(self, value: Callable[[cp_model.IntVar], int]) -> dict[Pair, tuple[float, float]]:
        """Return the values (log10) of the variables created by :meth:`variables` in a solution."""
        return {
            pair: tuple(-np.inf if x is None else value(x) / SCALE for x in variables)  # type: ignore[misc]
            for pair, variables in self._variables.items()
        }
