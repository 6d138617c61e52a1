"""Objective 3 as a constraint model: panels as good as the best one, and counts of what they ask of the bench."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ortools.sat.python import cp_model

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.practical_counts import practical_counts
from panelopt.frozen import dataclass
from panelopt.instance.arrays import Instance
from panelopt.instance.delivery import Delivery
from panelopt.scoring import PanelScore
from panelopt.scoring.practicality import ROUNDING, STEP, whole_steps
from panelopt.solver.integer_steps import SCALE, down
from panelopt.solver.master import Master
from panelopt.solver.panel_scorer import Evaluation
from panelopt.solver.price_model import option_cents, surcharges

SHARE = 1_000_000
"""Integer steps of the contaminants allowed in a tube."""

TANGENTS = (0.0, 0.15, 0.3, 0.5, 0.8, 1.2, 1.8, 2.6)
"""Tangent points of the contaminant share: log10 of its distance below what the tube may hold."""

_SLOPE = 10_000
"""Integer steps of a slope."""

UNIT = 1e-6
"""Spillover enters the model in units of this size, rounded down."""

MOST_STEPS = 100_000
"""Above the whole steps of spillover of any panel."""


def demand_as_good(master: Master, best: PanelScore, slack: float, tolerance: float) -> None:
    """Demand what every panel as good as the best one satisfies.

    Its reported gates give up at most ``tolerance`` of its own worst ratio and reach the odds of every tube; without
    slack they reach the sum too. The odds are convex in the log ratios, so tangents from below stay on the safe side.
    """
    master.require_worst(best.worst - slack - tolerance - ROUNDING)
    if slack == 0:
        master.model.add(master.total >= down(best.total - ROUNDING))
    for number, view in enumerate(best.views):
        allowed = slack - view.odds_at_least + ROUNDING  # log10 of contaminants per target cell
        terms = [term for c in range(len(view.rho)) for term in master.terms.variables(number, c)]
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
    """A count of objective 3 as a linear expression of the model.

    Attributes:
        weights: (O,) what every option adds.
        surcharge: What deliveries add, in the same units; None = nothing.
    """

    weights: tuple[int, ...]
    surcharge: Delivery | None = None

    def value(self, options: CandidateSlots, panel: Sequence[int]) -> int:
        """Return the count of one panel."""
        more = 0.0
        if self.surcharge is not None:
            reagents = [(m, options.slots[o].dye) for o in panel for m in options.slots[o].markers]
            more = self.surcharge.cheapest(reagents).total
        return sum(self.weights[o] for o in panel) + round(more)

    def expression(self, master: Master) -> cp_model.LinearExprT:
        """Return the count as an expression of a model."""
        packs = cp_model.LinearExpr.weighted_sum(master.panel.used, list(self.weights))
        return packs if self.surcharge is None else packs + master.panel.surcharge


def count_of(instance: Instance, options: CandidateSlots, words: Sequence[str]) -> Count:
    """Return several words of objective 3 as one count in lexicographic order, first word first.

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
    """Return an upper bound (hundredths) on the surcharges of any panel."""
    if surcharge is None:
        return 0
    more = np.where(np.isfinite(surcharge.price), surcharge.price, 0.0)
    return int(more.max(axis=(0, 2), initial=0.0).sum() + surcharge.shipping.sum())


class LessSpillover:
    """The spillover burden of a panel on a conventional instrument: a sum over ordered pairs of slots.

    The model is asked whether a panel with fewer whole steps exists at all. A dye that alone spills too much into a
    detector then keeps it unused, which is far stronger than the sum.

    Args:
        instance: The question.
        options: All slots.
        master: The model.

    Attributes:
        patience: Answers that may fail; the bound says yes or no, and does not rise.
    """

    patience = 40

    def __init__(self, instance: Instance, options: CandidateSlots, master: Master) -> None:
        self.options = options
        self.master = master
        self._detectors = sorted(set(options.detector.tolist()))
        readings = sorted(set(zip(options.detector.tolist(), options.dye.tolist(), strict=True)))
        self._light = {
            (detector, dye): instance.signal[self._detectors, dye] / instance.signal[detector, dye]
            for detector, dye in readings
        }
        for (detector, _), light in self._light.items():
            light[self._detectors.index(detector)] = 0.0
        self._asked = -1
        self._less: cp_model.IntVar | None = None

    def steps(self, panel: Sequence[int]) -> int:
        """Return the whole steps of a panel."""
        read = [(int(self.options.detector[o]), int(self.options.dye[o])) for o in panel]
        places = [self._detectors.index(detector) for detector, _ in read]
        return whole_steps(sum(float(self._light[reading][places].sum()) for reading in read))

    def ask(self, best: Evaluation | None) -> None:
        """Set the objective: a panel with fewer steps than the best one."""
        steps = MOST_STEPS if best is None else self.steps(best.key)
        if steps != self._asked:
            self._asked, self._less = steps, self._below(steps)
        if self._less is not None:
            self.master.minimise(1 - self._less)

    def is_least(self, bound: float, best: Evaluation) -> bool:
        """Whether no panel has fewer steps than the best one, as the objective cannot be met."""
        return bound > 0.5 or self.steps(best.key) == 0

    def keep(self, best: Evaluation) -> None:
        """Allow later panels no more steps than the best one."""
        self.master.model.add(self._below(self.steps(best.key) + 1) == 1)

    def _below(self, steps: int) -> cp_model.IntVar:
        """Return a literal that demands fewer steps."""
        model, literal = self.master.model, self.master.model.new_bool_var("")
        most = round(steps * STEP / UNIT)
        unused = [self.master.is_unused(detector) for detector in self._detectors]
        busy = [1 - x for x in unused]
        parts: dict[int, cp_model.IntVar] = {}
        for (detector, dye), light in self._light.items():
            # rounded down so that no panel with fewer steps is lost
            units = [int(min(np.floor(share / UNIT), most)) for share in light]
            members = np.flatnonzero((self.options.detector == detector) & (self.options.dye == dye))
            on = self.master.has_any(tuple(int(o) for o in members))
            part = parts.setdefault(detector, model.new_int_var(0, most, ""))
            model.add(part >= cp_model.LinearExpr.weighted_sum(busy, units)).only_enforce_if(on, literal)
            for place, amount in enumerate(units):
                if amount >= most:
                    model.add_bool_or([on.negated(), unused[place], literal.negated()])
        model.add(cp_model.LinearExpr.sum(list(parts.values())) <= most).only_enforce_if(literal)
        return literal
