"""Checks cuts again from what each names alone, independent of how it was found.

A cut is valid if its bound is not below what the named slots can claim at their least noise. That noise is known in two
ways: by subsets and unused detectors (:mod:`panelopt.bounds.subset_noise`), and by named dyes whatever joins, except
for a few options (:mod:`panelopt.bounds.compensation`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.claim_bounds import ROUND_UP, claim_bounds, gate_bounds, own_bounds
from panelopt.bounds.clauses import Cut, Lowered
from panelopt.bounds.compensation import CompensationBound
from panelopt.bounds.compensation_cases import CaseBound
from panelopt.bounds.cut_form import CutForm
from panelopt.bounds.exclusions import Exclusions
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance.arrays import BoolArray, FloatArray, Instance

SLACK = ROUND_UP
"""How far (log10) a bound may be below the recomputed one: the margin in the latter."""


class CutCheck:
    """Recomputes bounds.

    Args:
        instance: The question.
        options: All slots a panel may hold.
    """

    def __init__(self, instance: Instance, options: CandidateSlots) -> None:
        self.instance = instance
        self.options = options
        self.noise = SubsetNoise(instance, options)
        self.exclusions = Exclusions(instance, options)
        self.form = CutForm(instance, options, self.exclusions)
        self.bound = CompensationBound(instance, options, self.noise) if instance.conventional else None
        self._subset: tuple[object, dict[int, FloatArray]] = (None, {})
        self._least: dict[tuple[object, ...], float] = {}

    # ---- tables

    def wrong_own(self, bounds: Sequence[FloatArray]) -> list[str]:
        """Return which tables of own bounds are too low: (O, 3, C) for each view."""
        right = own_bounds(self.instance, self.noise)
        return [
            f"own bounds of view {view}: {int((given < exact - SLACK).sum())} too low"
            for view, (given, exact) in enumerate(zip(bounds, right, strict=True))
            if (given < exact - SLACK).any()
        ]

    def wrong_lowered(self, lowered: Lowered) -> str | None:
        """Return why lowered bounds of a marker are wrong, or None."""
        members = [o for o in range(len(self.options.slots)) if self.options.key(o) == lowered.key]
        if self.bound is None:
            return "lowered bounds apply only to conventional cytometers"
        if list(lowered.members) != members:
            return "they do not name all slots of the marker"  # the others could claim nothing
        target = self.instance.views[lowered.view]
        populations = [target.target, *target.contaminants]
        sd = np.ones((len(members), len(self.instance.population)))
        for place, option in enumerate(members):
            least = self.bound.least([(option,)], self.bound.joinable([(option,)]), lowered.view, populations)
            sd[place, populations] = np.sqrt([found.variance for found in least])
        right = claim_bounds(self.instance, self.noise, lowered.view, np.array(members), sd)
        cases = CaseBound(self.bound)
        for place in np.flatnonzero((lowered.bounds < right - SLACK).any(axis=(1, 2))).tolist():
            against = np.flatnonzero((lowered.bounds[place] < right[place] - SLACK).any(axis=0))
            for population in (target.target, *(target.contaminants[c] for c in against)):
                sd[place, population] = np.sqrt(cases.variance(members[place], lowered.view, population))
            sharper = claim_bounds(self.instance, self.noise, lowered.view, np.array([members[place]]), sd[[place]])[0]
            right[place][:, against] = np.minimum(right[place], sharper)[:, against]
        low = int((lowered.bounds < right - SLACK).sum())
        return f"{low} bounds are too low" if low else None

    # ---- cuts

    def wrong_row(self, row: Cut) -> str | None:
        """Return why a cut is wrong, or None. All its numbers must name something that exists."""
        fault = self.form.fault(row)
        if fault is not None:
            return fault
        signs = {less > 0 for _, less in row.reduction}
        single = all(len(group) == 1 for group in row.fixed)
        open_ = bool(row.dark) or row.unused is not None
        if single and False not in signs and self._holds_by_subsets(row):
            return None
        if self.bound is not None and not open_ and True not in signs and self._holds_beside(self.bound, row):
            return None
        return "a bound is lower than what the named slots can claim"

    def _holds_by_subsets(self, row: Cut) -> bool:
        fixed = tuple(group[0] for group in row.fixed)
        base = self._subset_claims(row, fixed, row.dark, [-1])[0]
        if row.base < base - SLACK:
            return False
        if row.unused is not None:
            detector, less = row.unused
            dark = self._subset_claims(row, fixed, (*row.dark, detector), [-1])[0]
            if max(row.base - less, 0.0) < min(dark, base) - SLACK:
                return False
        if not row.reduction:
            return True
        joined = self._subset_claims(row, fixed, row.dark, [o for o, _ in row.reduction])
        bounds = np.maximum(row.base - np.array([less for _, less in row.reduction]), 0.0)
        return bool((bounds >= np.minimum(joined, base) - SLACK).all())

    def _subset_claims(
        self, row: Cut, fixed: tuple[int, ...], dark: tuple[int, ...], partners: Sequence[int]
    ) -> FloatArray:
        """Return (B,) claims of the gate with one more option (-1: none)."""
        if self._subset[0] != (fixed, dark):
            self._subset = ((fixed, dark), {})
        known = self._subset[1]
        mask = np.zeros(len(self.instance.detector), dtype=bool)
        mask[list(dark)] = True
        if -1 in partners and -1 not in known:
            known[-1] = self.noise.sd([fixed[0]], fixed[1:], None, mask[None])[0]
        missing = [o for o in partners if o not in known]
        if missing:
            known.update(zip(missing, self.noise.sd([fixed[0]], fixed[1:], missing, mask), strict=True))
        view, _, side = row.gate
        sd = np.stack([known[o] for o in partners])[:, view]
        claims = gate_bounds(self.instance, self.noise, view, fixed[0], side, (row.contaminant,), sd)
        return np.asarray(claims[:, 0])

    def _holds_beside(self, bound: CompensationBound, row: Cut) -> bool:
        """Whether a cut holds whatever joins, by compensation."""
        joinable = bound.joinable(row.fixed) & self.form.joinable(row.fixed)
        more = {o: -less for o, less in row.reduction}
        allowed = joinable.copy()
        allowed[list(more)] = False
        if row.base < self._claim(bound, row, allowed) - SLACK:
            return False
        readings: dict[tuple[int, int], list[int]] = {}
        for o in more:
            readings.setdefault((int(self.options.dye[o]), int(self.options.detector[o])), []).append(o)
        least = sorted(min(more[o] for o in same) for same in readings.values())
        for same in readings.values():
            with_it = allowed.copy()
            with_it[same] = True
            if row.base + min(more[o] for o in same) < self._claim(bound, row, with_it) - SLACK:
                return False
        return len(least) < 2 or row.base + least[0] + least[1] >= self._claim(bound, row, joinable) - SLACK

    def _claim(self, bound: CompensationBound, row: Cut, allowed: BoolArray) -> float:
        """Return the claim of the gate with the named slots and otherwise only allowed options."""
        view, _, side = row.gate
        populations = [
            self.instance.views[view].target,
            self.instance.views[view].contaminants[row.contaminant],
        ]
        sd = np.ones((1, len(self.instance.population)))
        for population in populations:
            sd[0, population] = np.sqrt(self._variance(bound, row.fixed, allowed, view, population))
        first = row.fixed[0][0]
        claims = gate_bounds(self.instance, self.noise, view, first, side, (row.contaminant,), sd)
        return float(claims[0, 0])

    def _variance(
        self,
        bound: CompensationBound,
        part: tuple[tuple[int, ...], ...],
        allowed: BoolArray,
        view: int,
        population: int,
    ) -> float:
        key = (part, allowed.tobytes(), view, population)
        if key not in self._least:
            self._least[key] = bound.least(part, allowed, view, [population])[0].variance
        return self._least[key]
