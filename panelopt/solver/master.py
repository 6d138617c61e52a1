"""The constraint model of options, gates, claims and log ratios; its optimum is an upper bound on the score.

Claims start at what a slot could claim at its own noise and are lowered cut by cut as panels are scored. All floats are
rounded to integers here, towards the better panel, so that the optimum bounds the score of every allowed panel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from ortools.sat.python import cp_model

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.clauses import Capped, Clause, Cut, Forbidden, GateKey, Lowered
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.scoring.claims import SIDES
from panelopt.scoring.light import slot_levels
from panelopt.scoring.view_claims import base_doublet, base_single, usable_sides
from panelopt.solver.integer_steps import down, up
from panelopt.solver.pair_terms import PairTerms
from panelopt.solver.rule_constraints import RULES, PanelVars

_ABOVE, _BELOW = SIDES.index("above"), SIDES.index("below")


class Master:
    """The model and its variables.

    Args:
        instance: The question.
        options: All slots a panel may hold.
        bounds: For each view (O, 3, C) bounds on the claims of each option at its own noise.
        panel: Panel and rules shared with another model; None = its own.

    Attributes:
        clauses: Clauses that lower the model's optimum.
    """

    def __init__(
        self, instance: Instance, options: CandidateSlots, bounds: Sequence[FloatArray], panel: PanelVars | None = None
    ) -> None:
        self.instance = instance
        self.options = options
        self.model = cp_model.CpModel() if panel is None else panel.model
        self.panel = PanelVars(self.model, instance, options) if panel is None else panel
        if panel is None:
            for rule in RULES:
                rule.build(self.panel)
        self.gate: dict[GateKey, cp_model.IntVar] = {}
        self.claim: dict[tuple[GateKey, int], cp_model.IntVar] = {}
        self.rho: dict[tuple[int, int], cp_model.IntVar] = {}
        self.terms = PairTerms(self.model, instance)
        self._unused: dict[int, cp_model.IntVar] = {}
        self._any: dict[tuple[int, ...], cp_model.IntVar] = {}
        self._lowered: dict[tuple[GateKey, int], list[int]] = {}
        for view in range(len(instance.views)):
            self._add_view(view, bounds[view])
        self.total = cp_model.LinearExpr.sum(list(self.rho.values()))
        self.worst = self.model.new_int_var(min(self.terms.lowest), up(instance.rho_cap), "worst")
        for rho in self.rho.values():
            self.model.add(self.worst <= rho)
        self.rows = 0
        self.clauses: list[Clause] = []

    # ---- construction

    def _add_view(self, view: int, bounds: FloatArray) -> None:
        instance = self.instance
        gates: list[cp_model.IntVar] = []
        for key, members in self._keys(view).items():
            live = key >= 0 and bool(instance.viability[key]) and not instance.marker_list
            sides = [_BELOW] if live else _useful_sides(instance, view, self.options.slots[members[0]], bounds[members])
            literals = [self._add_gate((view, key, side), members, bounds) for side in sides]
            if live:  # the live gate is mandatory
                for option in members:
                    self.model.add_implication(self.panel.used[option], literals[0])
            self.model.add_at_most_one(literals)
            gates += literals
        self.model.add(cp_model.LinearExpr.sum(gates) <= instance.gate_cap)
        self._add_ratios(view, gates)

    def _keys(self, view: int) -> dict[int, list[int]]:
        """Return the options by gate key, for keys that may be gated."""
        keys: dict[int, list[int]] = {}
        only = self.instance.views[view].marker
        for option in range(len(self.options.slots)):
            key = self.options.key(option)
            if only is None or key == only:
                keys.setdefault(key, []).append(option)
        return keys

    def _add_gate(self, gate: GateKey, members: Sequence[int], bounds: FloatArray) -> cp_model.IntVar:
        view, key, side = gate
        literal = self.model.new_bool_var(f"g{view},{key},{SIDES[side]}")
        self.gate[gate] = literal
        self.model.add_bool_or([*(self.panel.used[o] for o in members), literal.negated()])
        for c in range(bounds.shape[2]):
            values = [up(bounds[o, side, c]) if bounds[o, side, c] > 0 else 0 for o in members]
            most = max(values)
            if most == 0:
                continue
            claim = self.model.new_int_var(0, most, f"r{view},{key},{SIDES[side]},{c}")
            self.claim[gate, c] = claim
            self.model.add(claim <= most * literal)
            self.model.add(claim <= cp_model.LinearExpr.weighted_sum([self.panel.used[o] for o in members], values))
        return literal

    def _add_ratios(self, view: int, gates: Sequence[cp_model.IntVar]) -> None:
        instance = self.instance
        single, doublet = base_single(instance, instance.views[view]), base_doublet(instance, instance.views[view])
        step = up(np.log10(1 - instance.eps))
        cost = step * cp_model.LinearExpr.sum(list(gates))
        for c in range(len(single)):
            self.terms.lowest.append(down(min(single[c], doublet[c], 0.0)) + len(gates) * step)
            rho = self.model.new_int_var(min(self.terms.lowest), up(instance.rho_cap), f"rho{view},{c}")
            self.rho[view, c] = rho
            every = [v for (gate, d), v in self.claim.items() if gate[0] == view and d == c]
            below = [v for (gate, d), v in self.claim.items() if gate[0] == view and d == c and gate[2] == _BELOW]
            # the cap on the joint claim of all gates bounds both terms
            singles: list[cp_model.LinearExprT] = [up(single[c]) + cp_model.LinearExpr.sum(every) + cost]
            doublets: list[cp_model.LinearExprT] = []
            if np.isfinite(instance.most_rejection):
                singles.append(up(single[c] + instance.most_rejection) + cost)
            if np.isfinite(doublet[c]):
                doublets.append(up(doublet[c]) + cp_model.LinearExpr.sum(below))
            if np.isfinite(doublet[c] + instance.most_rejection):
                doublets.append(cp_model.LinearExpr.sum([]) + up(doublet[c] + instance.most_rejection))
            self.terms.of[view, c] = singles, doublets
            for term in (*singles, *doublets):
                self.model.add(rho <= term)

    # ---- cuts and no-goods

    def add_row(self, row: Cut) -> None:
        """Lower the bound on a claim."""
        claim = self.claim.get((row.gate, row.contaminant))
        if claim is None:
            return
        guards = [self.has_any(group) for group in row.fixed] + [self.is_unused(d) for d in row.dark]
        base = up(row.base) if row.base > 0 else 0
        literals = [self.panel.used[o] for o, _ in row.reduction]
        less = [base - (up(row.base - r) if row.base - r > 0 else 0) for _, r in row.reduction]
        if row.unused is not None:
            detector, reduction = row.unused
            literals.append(self.is_unused(detector))
            less.append(base - (up(row.base - reduction) if row.base - reduction > 0 else 0))
        self.model.add(cp_model.LinearExpr.weighted_sum([claim, *literals], [1, *less]) <= base).only_enforce_if(guards)
        self.clauses.append(row)
        self.rows += 1

    def lower_own(self, lowered: Lowered) -> None:
        """Lower the bounds on the claims of each slot of a marker."""
        self.clauses.append(lowered)
        used = [self.panel.used[o] for o in lowered.members]
        for (gate, c), claim in self.claim.items():
            if gate[:2] == (lowered.view, lowered.key):
                values = [up(value) if value > 0 else 0 for value in lowered.bounds[:, gate[2], c]]
                if values == self._lowered.get((gate, c)):
                    continue
                self._lowered[gate, c] = values
                self.model.add(claim <= cp_model.LinearExpr.weighted_sum(used, values))
                self.rows += 1

    def has_any(self, group: tuple[int, ...]) -> cp_model.IntVar:
        """Return a literal that is true where one of the options is used."""
        if len(group) == 1:
            return self.panel.used[group[0]]
        if group not in self._any:
            literal = self.model.new_bool_var("")
            for option in group:
                self.model.add_implication(self.panel.used[option], literal)
            self.model.add_bool_or([*(self.panel.used[o] for o in group), literal.negated()])
            self._any[group] = literal
        return self._any[group]

    def is_unused(self, detector: int) -> cp_model.IntVar:
        """Return a literal that is true where no option is read on a detector."""
        if detector not in self._unused:
            literal = self.model.new_bool_var(f"unused{detector}")
            on = self.panel.on_detector(detector)
            self.model.add_bool_or([*on, literal])
            for option in on:
                self.model.add_implication(option, literal.negated())
            self._unused[detector] = literal
        return self._unused[detector]

    def forbid_exactly(self, slots: Iterable[int]) -> None:
        """Exclude one panel and no other."""
        inside = set(slots)
        self.clauses.append(Forbidden(tuple(sorted(inside))))
        self.model.add_bool_or(self.panel.differs(inside))
        self.rows += 1

    def cap_exactly(self, slots: Iterable[int], worst: float, total: float) -> None:
        """Bound the objectives of one panel by its exact score."""
        inside = set(slots)
        self.clauses.append(Capped(tuple(sorted(inside)), worst, total))
        same = self.panel.is_exactly(inside)
        self.model.add(self.worst <= up(worst)).only_enforce_if(same)
        self.model.add(self.total <= up(total)).only_enforce_if(same)
        self.rows += 1

    def hint(self, slots: Iterable[int], gates: Iterable[GateKey]) -> None:
        """Suggest a panel and its gates as the start of the next run."""
        inside, chosen = set(slots), set(gates)
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for o, x in enumerate(self.panel.used):
            self.model.add_hint(x, o in inside)
        for gate, literal in self.gate.items():
            self.model.add_hint(literal, gate in chosen)

    # ---- objectives

    def maximise_worst(self) -> None:
        """Maximise objective 1."""
        self.model.maximize(self.worst)

    def maximise_total(self) -> None:
        """Maximise objective 2."""
        self.model.maximize(self.total)

    def minimise(self, expression: cp_model.LinearExprT) -> None:
        """Minimise an expression."""
        self.model.minimize(expression)

    def demand_ratios(self) -> None:
        """Demand of every pair what purity and largest shares require."""
        self.terms.demand(self.worst)

    def require_worst(self, floor: float) -> None:
        """Demand a value of objective 1."""
        self.model.add(self.worst >= down(floor))


def _useful_sides(instance: Instance, view: int, slot: SlotIndex, bounds: FloatArray) -> list[int]:
    """Return the sides worth gating on for slots that share a key.

    ``between`` claims the larger of a stricter ``above`` and a stricter ``below``; where one of them may be chosen and
    claims nothing at the best noise, the other alone is at least as good.
    """
    levels = slot_levels(instance, [slot.markers])
    usable = usable_sides(instance, instance.views[view], [slot], levels)[0]
    useful = [s for s in range(len(SIDES)) if usable[s] and bounds[:, s].max(initial=0.0) > 0]
    if usable[_ABOVE] and not {_ABOVE, _BELOW} <= set(useful):
        useful = [s for s in useful if SIDES[s] != "between"]
    return useful
