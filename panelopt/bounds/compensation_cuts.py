"""Cuts by compensation: parts of a panel that bound a claim whatever else joins, except for a few options."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.claim_bounds import claim_bounds, gate_bounds
from panelopt.bounds.compensation import CompensationBound, LeastNoise
from panelopt.bounds.compensation_cases import CaseBound
from panelopt.bounds.subset_cuts import ClaimViolation
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.frozen import dataclass
from panelopt.instance.arrays import BoolArray, FloatArray, Instance

STEPS = 60
"""Most steps of narrowing a bound, by naming a slot or excluding options."""

ALIKE = 0.6
"""Options that leak at least this share of the strongest on their detector are excluded with it."""

STRONGER = 1.02
"""Options that help more than this times as much as the panel's own are excluded before that one is named."""

NO_HELP = 1e-6
"""Cancelled autofluorescence (pe) below this is no help."""


@dataclass(frozen=True, slots=True)
class CompensationCutBound:
    """Bounds on the claims of one gate with `fixed` in the panel and none of `blockers`.

    Attributes:
        fixed: Groups of options, gated slot first; the panel holds one of each.
        blockers: Options that must be absent.
        bound: (C,) the bounds, for the contaminants in question.
        more: (B, C) how much each blocker raises the bounds; additive.
    """

    fixed: tuple[tuple[int, ...], ...]
    blockers: tuple[int, ...]
    bound: FloatArray
    more: FloatArray


class CompensationCutFinder:
    """Finds cuts by compensation that a relaxed solution violates.

    Args:
        instance: The question, on a conventional cytometer.
        options: All slots.
        noise: Levels of the options.
    """

    def __init__(self, instance: Instance, options: CandidateSlots, noise: SubsetNoise) -> None:
        self.instance = instance
        self.options = options
        self.noise = noise
        self.bound = CompensationBound(instance, options, noise)
        self.cases = CaseBound(self.bound)

    def find(self, panel: Sequence[int], violation: ClaimViolation) -> CompensationCutBound | None:
        """Return a bound that reduces the claims of a panel enough, with few names and few blockers, or None.

        Slots are named by dye or, if that is not enough, by dye and markers.

        Args:
            panel: Options of the relaxed solution.
            violation: The gate and contaminants in question.
        """
        return self._find(panel, violation, any_marker=True) or self._find(panel, violation, any_marker=False)

    def own_bounds(self, view: int, key: int) -> tuple[list[int], FloatArray]:
        """Return the options of a marker, and (B, 3, C) what each can claim whatever joins it."""
        members = [o for o in range(len(self.options.slots)) if self.options.key(o) == key]
        target = self.instance.views[view]
        populations = [target.target, *target.contaminants]
        sd = np.ones((len(members), len(self.instance.population)))
        for place, option in enumerate(members):
            joinable = self.bound.joinable([(option,)])
            least = self.bound.least([(option,)], joinable, view, populations)
            sd[place, populations] = np.sqrt([found.variance for found in least])
        return members, claim_bounds(self.instance, self.noise, view, np.array(members), sd)

    def case_bounds(
        self, view: int, option: int, contaminants: Sequence[int], cases: int, stop: Callable[[], bool]
    ) -> FloatArray:
        """Return (3, C) what a slot can claim against some contaminants whatever joins it, by cases: sharper."""
        target = self.instance.views[view]
        others = [target.contaminants[c] for c in contaminants]
        sd = np.ones((1, len(self.instance.population)))
        for population in (target.target, *others):
            sd[0, population] = np.sqrt(self.cases.variance(option, view, population, cases, stop))
        bounds = claim_bounds(self.instance, self.noise, view, np.array([option]), sd)
        return np.asarray(bounds[0][:, list(contaminants)])

    def _find(
        self, panel: Sequence[int], violation: ClaimViolation, *, any_marker: bool
    ) -> CompensationCutBound | None:
        part = _Part(self, violation, any_marker=any_marker)
        others = {int(self.options.detector[o]): o for o in panel if o != violation.option}
        for _ in range(STEPS):
            least = part.least(part.allowed)
            bound = part.claims([least])[0]
            if (bound <= violation.enough).all():
                return part.finish(bound)
            helps = np.sum([found.helps for found in least], axis=0)
            if helps.max(initial=0.0) <= NO_HELP:
                break
            for detector in np.flatnonzero(helps >= ALIKE * helps.max()):
                self._narrow(part, int(detector), others, least)
        return None

    @staticmethod
    def _narrow(part: _Part, detector: int, others: dict[int, int], least: Sequence[LeastNoise]) -> None:
        """Exclude help through one detector; the panel's own option there is named last."""
        own = others.get(detector)
        if own is None:
            part.set_aside(detector, least)
        elif not part.set_aside_stronger(own, detector, least):
            part.name(others.pop(detector))


class _Part:
    """Named slots and the options that may join them, narrowed step by step."""

    def __init__(self, finder: CompensationCutFinder, violation: ClaimViolation, *, any_marker: bool) -> None:
        self.finder = finder
        self.violation = violation
        self.any_marker = any_marker
        view = finder.instance.views[violation.view]
        self.populations = [view.target, *(view.contaminants[c] for c in violation.contaminants)]
        self.named: list[tuple[int, ...]] = [(violation.option,)]
        self.allowed = finder.bound.joinable(self.named)
        self.joinable = self.allowed

    def name(self, option: int) -> None:
        """Name one more slot, or any that may stand for it."""
        self.named.append(self.finder.bound.alike(option, any_marker=self.any_marker))
        self.joinable = self.finder.bound.joinable(self.named)
        self.allowed = self.allowed & self.joinable

    def set_aside(self, detector: int, least: Sequence[LeastNoise]) -> None:
        """Exclude the options on a detector that could help most."""
        members, reach = self._reach(detector, least)
        self.allowed = self.allowed.copy()
        self.allowed[members[reach >= ALIKE * reach.max(initial=0.0)]] = False

    def set_aside_stronger(self, own: int, detector: int, least: Sequence[LeastNoise]) -> bool:
        """Exclude the options that could help more than the panel's own; return whether there are any."""
        members, reach = self._reach(detector, least)
        stronger = members[reach > STRONGER * reach[members == own].max(initial=0.0)]
        self.allowed = self.allowed.copy()
        self.allowed[stronger] = False
        return bool(stronger.size)

    def _reach(self, detector: int, least: Sequence[LeastNoise]) -> tuple[np.ndarray, FloatArray]:
        """Return the options on a detector, and how much each could help."""
        members = np.flatnonzero(self.allowed & (self.finder.options.detector == detector))
        weight = np.max([np.abs(found.weight) for found in least], axis=0)
        weight[detector] = 0.0
        return members, weight @ self.finder.bound.ratio[:, members]

    def least(self, allowed: BoolArray) -> list[LeastNoise]:
        """Return the least noise for each population in question."""
        return self.finder.bound.least(self.named, allowed, self.violation.view, self.populations)

    def claims(self, leasts: Sequence[Sequence[LeastNoise]]) -> FloatArray:
        """Return (B, C) bounds on the claims at each of B least noises; one call for all is much the fastest."""
        instance, violation = self.finder.instance, self.violation
        sd = np.ones((len(leasts), len(instance.population)))
        sd[:, self.populations] = np.sqrt([[found.variance for found in least] for least in leasts])
        return gate_bounds(
            instance, self.finder.noise, violation.view, violation.option, violation.side, violation.contaminants, sd
        )

    def finish(self, bound: FloatArray) -> CompensationCutBound:
        """Return the result."""
        blockers = np.flatnonzero(self.joinable & ~self.allowed)
        more = np.zeros((blockers.size, bound.size))
        if blockers.size:
            readings = self._by_dye(blockers)
            joining = [self.joinable, *(self._allowed_with(blockers[same]) for same in readings)]
            together, *alone = np.maximum(self.claims([self.least(allowed) for allowed in joining]) - bound, 0.0)
            for same, raised in zip(readings, alone, strict=True):
                # any two of them together may add what all of them could
                more[same] = np.maximum(raised, together / 2)
        return CompensationCutBound(tuple(self.named), tuple(blockers.tolist()), bound, more)

    def _allowed_with(self, blockers: np.ndarray) -> BoolArray:
        allowed = self.allowed.copy()
        allowed[blockers] = True
        return allowed

    def _by_dye(self, blockers: np.ndarray) -> list[np.ndarray]:
        """Return the positions of blockers that share dye and detector."""
        options = self.finder.options
        reading = options.dye[blockers] * len(self.finder.instance.detector) + options.detector[blockers]
        return [np.flatnonzero(reading == one) for one in np.unique(reading)]
