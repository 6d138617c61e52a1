"""The price of a panel as a constraint model, where deliveries cost something."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ortools.sat.python import cp_model

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.instance.arrays import Instance
from panelopt.instance.delivery import Delivery

CENTS = 100
"""Prices enter the model as whole hundredths, rounded down, so that rounding never excludes a panel."""


def option_cents(options: CandidateSlots) -> list[int]:
    """Return the price of each option in hundredths: its products at the cheapest vendors."""
    return [int(cost) for cost in np.floor(options.cost * CENTS + 1e-6)]


def surcharges(instance: Instance) -> Delivery | None:
    """Return costs in hundredths beyond :func:`option_cents`: dearer vendors and deliveries; None without any.

    Every part is rounded down, so that the model never overprices a panel.
    """
    delivery = instance.delivery
    if delivery is None:
        return None
    more = np.floor((delivery.price - delivery.price.min(axis=0)) * CENTS + 1e-6)
    return Delivery(delivery.vendor, np.floor(delivery.shipping * CENTS + 1e-6), more)


class Purchases:
    """Booleans for which vendor delivers, and for who sells a product that several vendors may sell best.

    A product with a single cheapest source needs no boolean: it demands that delivery.

    Args:
        model: Takes the variables.
        options: All slots.
        used: Booleans of the options.
        surcharge: From :func:`surcharges`.
    """

    def __init__(
        self,
        model: cp_model.CpModel,
        options: CandidateSlots,
        used: Sequence[cp_model.IntVar],
        surcharge: Delivery,
    ) -> None:
        self._model = model
        self._surcharge = surcharge
        self._delivered: dict[int, cp_model.IntVar] = {}
        self._terms: list[cp_model.IntVar] = []
        self._cents: list[int] = []
        members: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        for x, slot in zip(used, options.slots, strict=True):
            for marker in slot.markers:
                members.setdefault((marker, slot.dye), []).append(x)
        for reagent, users in members.items():
            self._add(reagent, users)

    @property
    def surcharge(self) -> cp_model.LinearExpr:
        """Hundredths paid for deliveries and to vendors that are not the cheapest."""
        total: cp_model.LinearExpr = cp_model.LinearExpr.weighted_sum(self._terms, self._cents)
        return total

    def _add(self, reagent: tuple[int, int], users: Sequence[cp_model.IntVar]) -> None:
        price = self._surcharge.worth[:, reagent[0], reagent[1]]
        sources = [int(s) for s in np.flatnonzero(np.isfinite(price))]
        if len(sources) == 1:
            self._ask_for(sources[0], users)
            return
        sold = [self._model.new_bool_var("") for _ in sources]
        self._model.add(cp_model.LinearExpr.sum(sold) == cp_model.LinearExpr.sum(list(users)))
        for source, literal in zip(sources, sold, strict=True):
            self._ask_for(source, [literal])
            self._terms.append(literal)
            self._cents.append(int(price[source]))

    def _ask_for(self, source: int, literals: Sequence[cp_model.IntVar]) -> None:
        if source == 0:
            return
        if source not in self._delivered:
            self._delivered[source] = self._model.new_bool_var(f"delivery{source}")
            self._terms.append(self._delivered[source])
            self._cents.append(int(self._surcharge.shipping[source]))
        for literal in literals:
            self._model.add_implication(literal, self._delivered[source])
