"""Cuts by subsets, which exclude excess claims of a relaxed solution.

The claim of a gated slot ``j`` is bounded exactly by naming the whole panel and every detector that it leaves unused.
Names are then removed one by one while the bound stays near the exact claim. (Adding names one by one does not work:
while a few unused detectors are free to cancel autofluorescence, naming any single one changes nothing.) The rest
applies to every panel that holds the named slots and leaves the named detectors unused.

It yields two kinds of cut. In the first the last slot is open: whichever option joins, the claim falls by what that
option takes away. In the others one detector is open: unused, or used by any option.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.claim_bounds import gate_bounds
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.frozen import dataclass
from panelopt.instance.arrays import BoolArray, FloatArray, Instance

NOISE_STEP = 1e-3
"""Options that raise the noise by a smaller share are left out of a cut."""


@dataclass(frozen=True, slots=True)
class ClaimViolation:
    """A claim of a relaxed solution that its panel does not keep.

    Attributes:
        view, option, side: The gate.
        contaminants: Positions of the contaminants whose claims are too high.
        exact: (C,) exact claims of the panel.
        claimed: (C,) claims of the solution.
        enough: (C,) claims low enough to remove the excess.
    """

    view: int
    option: int
    side: int
    contaminants: tuple[int, ...]
    exact: FloatArray
    claimed: FloatArray
    enough: FloatArray

    @property
    def overshoot(self) -> float:
        """Total excess claim."""
        return float((self.claimed - self.exact).sum())


@dataclass(frozen=True, slots=True)
class ClaimBoundTable:
    """Bounds on the claims of one gate, with `fixed` (slot in question first) in the panel and `dark` unused.

    Attributes:
        fixed, dark: Condition of the bounds.
        base: (C,) bounds on that condition alone, for the contaminants in question.
        partners: (B,) options that may join.
        joined: (B, C) bounds with one of them.
        open_detector: A further detector that may be unused, or None.
        darkened: (C,) bounds if it is unused.
    """

    fixed: tuple[int, ...]
    dark: tuple[int, ...]
    base: FloatArray
    partners: np.ndarray
    joined: FloatArray
    open_detector: int | None = None
    darkened: FloatArray | None = None


class SubsetCutFinder:
    """Finds cuts by subsets that a relaxed solution violates."""

    def __init__(self, instance: Instance, options: CandidateSlots, noise: SubsetNoise) -> None:
        self.instance = instance
        self.options = options
        self.noise = noise

    def tables(self, panel: Sequence[int], violation: ClaimViolation) -> list[ClaimBoundTable]:
        """Return bounds near the exact claims of a panel.

        Args:
            panel: Options of the relaxed solution.
            violation: The gate and contaminants in question.
        """
        partners = [o for o in panel if o != violation.option]
        dark = self._idle_detectors(panel)

        def near(kept: Sequence[int], unused: Sequence[int]) -> bool:
            return bool(
                (self._bounds(violation, [violation.option, *kept], self._mask(unused)) <= violation.enough).all()
            )

        kept = _without_needless(partners, lambda some: near(some, dark))
        unused = _without_needless(dark, lambda some: near(kept, some))
        fixed = [violation.option, *kept]
        return [self._open_slot(violation, fixed, unused), *self._open_detectors(violation, fixed, unused)]

    def _mask(self, detectors: Sequence[int]) -> BoolArray:
        mask = np.zeros(len(self.instance.detector), dtype=bool)
        mask[list(detectors)] = True
        return mask

    def _idle_detectors(self, panel: Sequence[int]) -> list[int]:
        if not self.instance.conventional:
            return []
        busy = {int(self.options.detector[o]) for o in panel}
        return [int(d) for d in np.flatnonzero(self.noise.readable) if int(d) not in busy]

    def _bounds(self, violation: ClaimViolation, fixed: Sequence[int], dark: BoolArray) -> FloatArray:
        """Return (C,) bounds on the gate's claims against the contaminants in question."""
        bounds: FloatArray = self._claims(violation, self._sd(violation, fixed, None, dark[None]))[0]
        return bounds

    def _sd(
        self, violation: ClaimViolation, fixed: Sequence[int], partners: np.ndarray | None, dark: BoolArray
    ) -> FloatArray:
        sd: FloatArray = self.noise.sd([fixed[0]], fixed[1:], partners, dark)[:, violation.view]
        return sd

    def _claims(self, violation: ClaimViolation, sd: FloatArray) -> FloatArray:
        return gate_bounds(
            self.instance, self.noise, violation.view, violation.option, violation.side, violation.contaminants, sd
        )

    def _open_slot(self, violation: ClaimViolation, fixed: list[int], unused: Sequence[int]) -> ClaimBoundTable:
        """Return the bounds with the last of `fixed` replaced by any joining option."""
        kept = fixed[:-1] if len(fixed) > 1 else fixed
        dark = self._mask(unused)
        partners = self._joinable(kept, ~dark)
        (base, partners, joined), *_ = self._join(violation, kept, [partners], dark[None])
        return ClaimBoundTable(tuple(kept), tuple(unused), base, partners, joined)

    def _open_detectors(
        self, violation: ClaimViolation, fixed: list[int], unused: Sequence[int]
    ) -> list[ClaimBoundTable]:
        """Return the bounds with one of the unused detectors open: unused, or used by any option."""
        if not unused:
            return []
        rest = [[d for d in unused if d != open_] for open_ in unused]
        partners = [self._joinable(fixed, self._mask([open_])) for open_ in unused]
        masks = np.stack([self._mask(some) for some in rest])
        joined = self._join(violation, fixed, partners, masks)
        darkened = self._bounds(violation, fixed, self._mask(unused))
        return [
            ClaimBoundTable(tuple(fixed), tuple(dark), base, some, bounds, int(open_), np.minimum(darkened, base))
            for open_, dark, (base, some, bounds) in zip(unused, rest, joined, strict=True)
        ]

    def _joinable(self, fixed: Sequence[int], detectors: BoolArray) -> np.ndarray:
        """Return the options that may join the fixed ones on some detectors."""
        free = ~np.isin(self.options.dye, self.options.dye[list(fixed)]) & detectors[self.options.detector]
        if self.instance.conventional:
            free &= ~np.isin(self.options.detector, self.options.detector[list(fixed)])
        return np.flatnonzero(free)

    def _join(
        self, violation: ClaimViolation, fixed: Sequence[int], partners: Sequence[np.ndarray], dark: BoolArray
    ) -> list[tuple[FloatArray, np.ndarray, FloatArray]]:
        """Return for each mask the bounds without a further option, the options that lower them, and theirs.

        Args:
            violation: The gate and contaminants in question.
            fixed: Options in the panel, gated slot first.
            partners: For each mask the options that may join.
            dark: (B, D) detectors that are unused, by mask.
        """
        alone = self._sd(violation, fixed, None, dark)
        base = self._claims(violation, alone)
        number = np.repeat(np.arange(len(partners)), [some.size for some in partners])
        joiners = np.concatenate(partners)
        if joiners.size == 0:
            return [(here, joiners, np.zeros((0, here.size))) for here in base]
        joined_sd = self._sd(violation, fixed, joiners, dark[number])
        matters = (joined_sd > alone[number] * (1 + NOISE_STEP)).any(axis=1)  # the others change too little
        number, joiners = number[matters], joiners[matters]
        joined = np.minimum(self._claims(violation, joined_sd[matters]), base[number])
        return [(here, joiners[number == i], joined[number == i]) for i, here in enumerate(base)]


def _without_needless(names: Sequence[int], good: Callable[[Sequence[int]], bool]) -> list[int]:
    """Return a part of `names` that is still good, from which no single one could be removed when tried."""
    kept = list(names)
    for name in names:
        fewer = [other for other in kept if other != name]
        if good(fewer):
            kept = fewer
    return kept
