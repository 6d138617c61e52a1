"""Objective 3 in the words of the constraint solver: panels as good as the best one, and what the bench counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from panelopt.bounds.options import Options
from panelopt.bounds.practical import practical_counts
from panelopt.instance.arrays import Instance
from panelopt.instance.delivery import Delivery
from panelopt.scoring import PanelScore
from panelopt.scoring.practical import ROUNDING, STEP
from panelopt.solver.master import SCALE, Master
from panelopt.solver.purchases import option_cents, surcharges

SHARE = 1_000_000
"""Integer steps of the contaminants that a tube may hold."""

TANGENTS = (0.0, 0.15, 0.3, 0.5, 0.8, 1.2, 1.8, 2.6)
"""Where the share of a contaminant is touched by a line: log10 of its distance below what the tube may hold."""

_SLOPE = 10_000
"""Integer steps of a slope."""

UNIT = 1e-6
"""Spillover enters the model in whole units of this size, rounded down."""


def demand_as_good(master: Master, best: PanelScore, slack: float, tolerance: float) -> None:
    """Demand what every panel as good as the best one keeps.

    Its reported gates give up at most ``tolerance`` of its own worst ratio, and reach the odds of every tube. The odds
    are convex in the log ratios: lines that touch them from below stay on the safe side.
    """
    master.require_worst(best.worst - slack - tolerance - ROUNDING)
    for number, view in enumerate(best.views):
        allowed = slack - view.odds_at_least + ROUNDING  # log10 of the contaminants for one target cell
        terms = [term for c in range(len(view.rho)) for term in master.term_variables(number, c)]
        shares = [_share(master.model, term, allowed) for term in terms if term is not None]
        master.model.add(cp_model.LinearExpr.sum(shares) <= SHARE + len(shares))


def _share(model: cp_model.CpModel, term: cp_model.IntVar, allowed: float) -> cp_model.IntVar:
    """Return a variable at least as large as ``10^-term`` over what the tube may hold, in steps of :data:`SHARE`."""
    share = model.new_int_var(0, SHARE + 1, "")
    for distance in TANGENTS:
        slope = max(round(_SLOPE * SHARE * 10.0**-distance * np.log(10) / SCALE), 1)
        touch = slope * SCALE / (_SLOPE * SHARE * np.log(10))  # 10^-z where the line with the rounded slope touches
        place = (-np.log10(touch) - allowed) * SCALE
        height = int(np.floor(_SLOPE * SHARE * touch + slope * place)) - 1
        model.add(_SLOPE * share + slope * term >= height)
    return share


@dataclass(frozen=True, slots=True)
class Count:
    """Something that objective 3 counts, as a linear expression of the model.

    Attributes:
        weights: (O,) what every option adds.
        surcharge: What deliveries add, in the same units; None = nothing.
    """

    weights: tuple[int, ...]
    surcharge: Delivery | None = None

    def value(self, options: Options, panel: Sequence[int]) -> int:
        """Return the count of one panel."""
        more = 0.0
        if self.surcharge is not None:
            reagents = [(m, options.slots[o].dye) for o in panel for m in options.slots[o].markers]
            more = self.surcharge.cheapest(reagents).total
        return sum(self.weights[o] for o in panel) + round(more)

    def expression(self, master: Master) -> cp_model.LinearExprT:
        """Return the count of the panel of a model."""
        packs = cp_model.LinearExpr.weighted_sum(master.panel.used, list(self.weights))
        return packs if self.surcharge is None else packs + master.panel.surcharge


def count_of(instance: Instance, options: Options, words: Sequence[str]) -> Count:
    """Return several words of objective 3 as one count whose order is that of the words, the first one first.

    Args:
        instance: The question.
        options: All slots.
        words: Any of sourced, to_buy, colours, fragile, price; price only at the end.
    """
    unsourced, to_buy, fragile = practical_counts(instance, options)
    ones = np.ones(len(options.slots), dtype=np.int64)
    parts = {"sourced": unsourced, "to_buy": to_buy, "colours": ones, "fragile": fragile}
    surcharge = surcharges(instance) if "price" in words else None
    weights = np.zeros(len(options.slots), dtype=object)
    scale = 1
    for word in reversed(words):
        if word == "price":
            cents = option_cents(options)
            # no panel stains more markers than there are
            per_unknown = len(instance.marker) * (max(cents, default=0) + 1) + _most(surcharge) + 1
            weights = weights + np.array(cents, dtype=object) + per_unknown * options.unknown_prices.astype(object)
            scale = per_unknown * (len(instance.marker) + 1)
        else:
            weights = weights + scale * parts[word].astype(object)
            scale *= len(instance.marker) + 1
    return Count(tuple(int(w) for w in weights), surcharge)


def _most(surcharge: Delivery | None) -> int:
    """Return hundredths that the surcharges of no panel exceed."""
    if surcharge is None:
        return 0
    more = np.where(np.isfinite(surcharge.price), surcharge.price, 0.0)
    return int(more.max(axis=(0, 2), initial=0.0).sum() + surcharge.shipping.sum())


class SpilloverCount:
    """The spillover burden of a panel: a sum over ordered pairs of slots, on a conventional instrument.

    Args:
        instance: The question.
        options: All slots.
    """

    def __init__(self, instance: Instance, options: Options) -> None:
        self.options = options
        self.readings = sorted({(int(d), int(f)) for d, f in zip(options.detector, options.dye, strict=True)})
        self.detectors = sorted({detector for detector, _ in self.readings})
        self._units: dict[tuple[int, int], list[int]] = {}
        for detector, dye in self.readings:
            light = instance.signal[self.detectors, dye] / instance.signal[detector, dye]
            units = np.floor(np.minimum(light, 1e6) / UNIT)
            units[self.detectors.index(detector)] = 0
            self._units[detector, dye] = [int(u) for u in units]

    def value(self, panel: Sequence[int]) -> int:
        """Return the units of one panel."""
        read = [(int(self.options.detector[o]), int(self.options.dye[o])) for o in panel]
        places = [self.detectors.index(detector) for detector, _ in read]
        return sum(self._units[reading][place] for reading in read for place in places)

    def expression(self, master: Master) -> cp_model.LinearExprT:
        """Return the units of the panel of a model; the variables are made here."""
        model = master.model
        busy = [1 - master.is_unused(detector) for detector in self.detectors]
        parts: dict[int, cp_model.IntVar] = {}
        for (detector, dye), units in self._units.items():
            most = sum(units)
            part = parts.setdefault(detector, model.new_int_var(0, 2**40, ""))
            on = [
                master.panel.used[o]
                for o in np.flatnonzero((self.options.detector == detector) & (self.options.dye == dye))
            ]
            spill = cp_model.LinearExpr.weighted_sum(busy, units)
            model.add(part >= spill - most + most * cp_model.LinearExpr.sum(on))
        return cp_model.LinearExpr.sum(list(parts.values()))


def steps_of(units: float) -> int:
    """Return the whole steps of the objective that some units of spillover make, never too many."""
    return int(np.floor(units * UNIT / STEP + ROUNDING))


def most_units(steps: int) -> int:
    """Return units that no panel of so many whole steps exceeds."""
    return int(np.ceil((steps + 1) * STEP / UNIT))
