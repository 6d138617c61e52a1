"""Where a relaxed solution claims more than its panel keeps, and the cuts that correct it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field, replace

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.clauses import Cut, GateKey, Lowered
from panelopt.bounds.compensation_cases import CASES
from panelopt.bounds.compensation_cuts import CompensationCutBound, CompensationCutFinder
from panelopt.bounds.demand_terms import least_terms
from panelopt.bounds.subset_cuts import ClaimBoundTable, ClaimViolation, SubsetCutFinder
from panelopt.frozen import dataclass
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring.claims import SIDES
from panelopt.scoring.gating import GateQuestion
from panelopt.scoring.panel_score import panel_claims
from panelopt.solver.master import Master
from panelopt.solver.panel_scorer import PanelKey, ordered_slots

NEAR = 0.2
"""A bound is tight enough if it keeps at most this share of the excess claim."""

SMALL = 1e-4
"""Bounds closer than this are equal (log10)."""

WORTH = 1e-3
"""Smaller differences (log10) are not worth a cut."""

MATTERS = 0.5
"""Excess claims below this share of the largest one wait for a later round."""


MOST_BY_CASES = 2
"""Contaminants of a gate whose claims are bounded by cases at once; each costs as much as a few cuts."""


@dataclass(frozen=True, slots=True)
class RelaxedSolution:
    """A solution of the model.

    Attributes:
        panel: Options used.
        gates: Gates chosen.
        worst: Value of objective 1.
        claims: Claims by gate and contaminant.
        rho: Log ratios by view and contaminant.
        terms: Single-cell and doublet terms of the pairs for which the model has variables.
    """

    panel: PanelKey
    gates: frozenset[GateKey]
    worst: float
    claims: dict[tuple[GateKey, int], float]
    rho: dict[tuple[int, int], float]
    terms: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)


class Separator:
    """Adds cuts that a relaxed solution violates.

    Args:
        instance, options: The question.
        finder: Finds bounds by subsets.
        compensation: Finds bounds by compensation; None on a spectral cytometer, where subsets are enough.
        master: Takes the cuts.

    Attributes:
        rows, lowered: Cuts found here, not taken over.
    """

    def __init__(
        self,
        instance: Instance,
        options: CandidateSlots,
        finder: SubsetCutFinder,
        compensation: CompensationCutFinder | None,
        master: Master,
    ) -> None:
        self.instance = instance
        self.options = options
        self.finder = finder
        self.compensation = compensation
        self.master = master
        self.rows: list[Cut] = []
        self.lowered: list[Lowered] = []
        self._tables: dict[tuple[int, int], Lowered] = {}
        self._stage: dict[tuple[int, int, int, int], int] = {}

    def reuse(self, rows: Sequence[Cut], lowered: Sequence[Lowered]) -> None:
        """Take over cuts found by an earlier search for these options or for a superset of them."""
        for bounds in lowered:
            self._take(bounds)
        for row in rows:
            self.master.add_row(row)

    def bounds(self, own: Sequence[FloatArray]) -> list[FloatArray]:
        """Return for each view (O, 3, C) the bounds on claims at each option's own noise, lowered as far as known."""
        lowest = [view.copy() for view in own]
        for (view, _), table in self._tables.items():
            members = list(table.members)
            lowest[view][members] = np.minimum(lowest[view][members], table.bounds)
        return lowest

    def refine(
        self,
        relaxed: RelaxedSolution,
        *,
        only_worst: bool,
        surplus: float,
        stop: Callable[[], bool],
        lasting: bool = True,
    ) -> None:
        """Add cuts that a solution violates.

        Args:
            relaxed: The solution.
            only_worst: Whether only pairs that hold objective 1 down matter.
            surplus: Excess of the present objective that need not be corrected.
            stop: Whether time is up.
            lasting: Whether the cuts serve more than the next few models: then the claims of every slot of a gated
                marker are bounded too, which takes some time, and later searches get the cuts.
        """
        violations = self._violations(relaxed, only_worst, surplus)
        largest = max((violation.overshoot for violation in violations), default=0.0)
        for violation in violations:
            if violation.overshoot < MATTERS * largest:
                continue
            if stop():
                return
            if self._lower(violation, lasting, stop):
                continue
            for row in [*self._by_subsets(relaxed, violation), *self._by_compensation(relaxed, violation)]:
                self.master.add_row(row)
                if lasting:
                    self.rows.append(row)

    def _by_subsets(self, relaxed: RelaxedSolution, violation: ClaimViolation) -> list[Cut]:
        return [row for table in self.finder.tables(relaxed.panel, violation) for row in self._rows(violation, table)]

    def _by_compensation(self, relaxed: RelaxedSolution, violation: ClaimViolation) -> list[Cut]:
        if self.compensation is None:
            return []
        found = self.compensation.find(relaxed.panel, violation)
        return self._compensated(violation, found) if found is not None else []

    def _lower(self, violation: ClaimViolation, lasting: bool, stop: Callable[[], bool]) -> bool:
        """Bound the claims of the violating slot whatever joins it; return whether that is enough.

        At the first violation of a marker all of its slots are bounded; later the violating ones, by more and more
        cases.
        """
        if self.compensation is None:
            return False
        name = violation.view, self.options.key(violation.option)
        table = self._tables.get(name)
        if table is None:
            if not lasting:
                return False
            members, bounds = self.compensation.own_bounds(*name)
            lowered = Lowered(*name, tuple(members), bounds)
        else:
            excess = violation.claimed - violation.enough
            against = [violation.contaminants[c] for c in np.argsort(-excess, kind="stable")[:MOST_BY_CASES]]
            stage = min(self._stage.get((*name, violation.option, c), 0) for c in against)
            if stage == len(CASES):
                return False
            self._stage.update({(*name, violation.option, c): stage + 1 for c in against})
            place = table.members.index(violation.option)
            bounds = table.bounds.copy()
            found = self.compensation.case_bounds(violation.view, violation.option, against, CASES[stage], stop)
            bounds[place][:, against] = np.minimum(bounds[place][:, against], found)
            lowered = replace(table, bounds=bounds)
        self._take(lowered)
        if lasting:
            self.lowered.append(lowered)
        place = lowered.members.index(violation.option)
        return bool((lowered.bounds[place, violation.side, list(violation.contaminants)] <= violation.enough).all())

    def _take(self, lowered: Lowered) -> None:
        name = lowered.view, lowered.key
        known = self._tables.get(name)
        if known is not None and known.members == lowered.members:
            lowered = replace(lowered, bounds=np.minimum(known.bounds, lowered.bounds))
        self._tables[name] = lowered
        self.master.lower_own(lowered)

    def _compensated(self, violation: ClaimViolation, bound: CompensationCutBound) -> list[Cut]:
        gate = (violation.view, self.options.key(violation.option), violation.side)
        rows = []
        for place, c in enumerate(violation.contaminants):
            blocked = tuple((o, -float(bound.more[b, place])) for b, o in enumerate(bound.blockers))
            rows.append(Cut(gate, c, bound.fixed, (), float(bound.bound[place]), blocked))
        return rows

    def _violations(self, relaxed: RelaxedSolution, only_worst: bool, surplus: float) -> list[ClaimViolation]:
        slots = ordered_slots([self.options.slots[o] for o in relaxed.panel])
        scored = panel_claims(self.instance, slots)
        if scored is None:
            return []
        members = [self.options.by_slot[slot] for slot in slots]
        found: list[ClaimViolation] = []
        for view, claims in enumerate(scored[1]):
            chosen = [
                (s, side)
                for s, option in enumerate(members)
                for side in range(len(SIDES))
                if (view, self.options.key(option), side) in relaxed.gates
            ]
            spare = self._spare(relaxed, view, claims.question, chosen, only_worst, surplus)
            for s, side in chosen:
                violation = self._violation(relaxed, view, members[s], side, claims.question.claims[s, side], spare)
                if violation is not None:
                    found.append(violation)
        return found

    def _spare(
        self,
        relaxed: RelaxedSolution,
        view: int,
        question: GateQuestion,
        chosen: Sequence[tuple[int, int]],
        only_worst: bool,
        surplus: float,
    ) -> dict[int, float]:
        """Return the contaminants whose pairs fall short of the relaxed solution or of a demand.

        Each with the part of the excess claim against it that the solution or the demand does not use.
        """
        exact, both = question.rho(tuple(chosen)), question.terms(tuple(chosen))
        terms = np.minimum(*both)
        least = least_terms(self.instance, self.instance.views[view], relaxed.worst)
        single, doublet = self._claimed_terms(relaxed, view, question)
        spare: dict[int, float] = {}
        for c in range(len(exact)):
            rho = relaxed.rho[view, c]
            if terms[c] < least[c] - WORTH:
                spare[c] = max(float(min(single[c], doublet[c]) - least[c]), 0.0) + WORTH
            elif exact[c] < (relaxed.worst if only_worst else rho) - WORTH:
                spare[c] = max(float(single[c]) - rho, 0.0) + surplus
            elif (view, c) in relaxed.terms:
                asked = relaxed.terms[view, c]
                if any(term[c] < least_term - WORTH for term, least_term in zip(both, asked, strict=True)):
                    left = (float(term[c]) - least for term, least in zip((single, doublet), asked, strict=True))
                    spare[c] = max(min(left), 0.0)
        return spare

    def _violation(
        self, relaxed: RelaxedSolution, view: int, option: int, side: int, exact: FloatArray, spare: dict[int, float]
    ) -> ClaimViolation | None:
        gate = (view, self.options.key(option), side)
        over = tuple(c for c in spare if relaxed.claims.get((gate, c), 0.0) > exact[c] + WORTH)
        if not over:
            return None
        claimed = np.array([relaxed.claims.get((gate, c), 0.0) for c in over])
        true = exact[list(over)]
        near = true + NEAR * (claimed - true) + SMALL
        return ClaimViolation(
            view, option, side, over, true, claimed, np.maximum(near, claimed - [spare[c] for c in over])
        )

    def _claimed_terms(
        self, relaxed: RelaxedSolution, view: int, question: GateQuestion
    ) -> tuple[FloatArray, FloatArray]:
        """Return (C,) the single-cell and doublet terms of a relaxed solution."""
        single = question.single + question.step * sum(gate[0] == view for gate in relaxed.gates)
        doublet = question.doublet.copy()
        for (gate, c), claim in relaxed.claims.items():
            if gate[0] == view:
                single[c] += claim
                doublet[c] += claim if SIDES[gate[2]] == "below" else 0.0
        return single, doublet

    def _rows(self, violation: ClaimViolation, table: ClaimBoundTable) -> list[Cut]:
        """Return one cut per contaminant and group of options of which a panel holds at most one."""
        gate = (violation.view, self.options.key(violation.option), violation.side)
        keys = np.array([self.options.key(int(o)) for o in table.partners])
        rows = []
        for place, c in enumerate(violation.contaminants):
            reduction = table.base[place] - table.joined[:, place]
            worth = reduction > WORTH
            if table.open_detector is not None and table.darkened is not None:
                less = float(table.base[place] - table.darkened[place])
                pairs = tuple((int(table.partners[i]), float(reduction[i])) for i in np.flatnonzero(worth))
                unused = (table.open_detector, less)
                rows.append(Cut(gate, c, _one_each(table.fixed), table.dark, float(table.base[place]), pairs, unused))
                continue
            groups = [np.flatnonzero(worth & (keys == key)) for key in np.unique(keys[worth])] or [np.zeros(0, int)]
            for members in groups:
                pairs = tuple((int(table.partners[i]), float(reduction[i])) for i in members)
                rows.append(Cut(gate, c, _one_each(table.fixed), table.dark, float(table.base[place]), pairs))
        return rows


def _one_each(options: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    return tuple((o,) for o in options)
