"""Limits on claims that rule out what a relaxed solution claims too much.

For a gated slot ``j`` of a panel the limit with ``j`` alone is lowered by naming slots that are also in the panel, or
detectors that stay unused, one at a time, each time the one that lowers it most, until it is near the exact claim.
The last slot named is replaced by all options at once: whichever joins, the claim falls by what that option takes away.
So one row speaks of every panel that holds the named slots, whatever else is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panelopt.bounds.claims import gate_limits
from panelopt.bounds.noise import SubsetNoise
from panelopt.bounds.options import Options
from panelopt.instance.arrays import BoolArray, FloatArray, Instance

NEAR = 0.15
"""A limit is near enough when it keeps at most this share of what was claimed too much."""

NOISE_STEP = 1e-3
"""Options that raise the noise by a smaller share than this are left out of a row."""

SMALL = 1e-3
"""Reductions below this (log10) are left out of a row."""


@dataclass(frozen=True, slots=True)
class Excess:
    """A claim of a relaxed solution that its panel does not keep.

    Attributes:
        view, option, side: The gate.
        contaminants: Positions of the contaminants whose claims are too high.
        exact: (C,) claims of the panel itself.
    """

    view: int
    option: int
    side: int
    contaminants: tuple[int, ...]
    exact: FloatArray


@dataclass(frozen=True, slots=True)
class LimitTable:
    """Limits on the claims of one gate: with `fixed` (slot in question first) in the panel and `dark` unused.

    Attributes:
        fixed, dark: When the limits hold.
        base: (C,) limits with `fixed` alone, for the contaminants in question.
        partners: (B,) options that may join.
        joined: (B, C) limits with one of them.
    """

    fixed: tuple[int, ...]
    dark: tuple[int, ...]
    base: FloatArray
    partners: np.ndarray
    joined: FloatArray


class RowFinder:
    """Finds limits that a relaxed solution violates."""

    def __init__(self, instance: Instance, options: Options, noise: SubsetNoise) -> None:
        self.instance = instance
        self.options = options
        self.noise = noise

    def tables(self, panel: Sequence[int], excess: Excess) -> list[LimitTable]:
        """Return limits that together bring the claims of a panel near to the exact ones.

        Args:
            panel: Options of the relaxed solution.
            excess: The gate and contaminants in question.
        """
        exact = excess.exact[list(excess.contaminants)]
        fixed = [excess.option]
        others = [o for o in panel if o != excess.option]
        dark = np.zeros(len(self.instance.detector), dtype=bool)
        idle = self._idle_detectors(panel)
        value = self._limits(excess, fixed, None, dark[None])[0]
        aim = exact + NEAR * np.maximum(value - exact, 0)
        result: list[LimitTable] = []
        while True:
            partner, with_partner = self._best_partner(excess, fixed, others, dark)
            gain = value.sum() - with_partner.sum() if partner is not None else -1.0
            detector, with_dark = self._best_dark(excess, fixed, idle, dark)
            gain_dark = value.sum() - with_dark.sum() if detector is not None else -1.0
            if max(gain, gain_dark) <= SMALL / 2:
                break
            if gain >= gain_dark and partner is not None:
                result.append(self._lift(excess, fixed, dark))
                fixed.append(partner)
                others.remove(partner)
                value = with_partner
                lifted = True
            elif detector is not None:
                dark = dark.copy()
                dark[detector] = True
                idle.remove(detector)
                value = with_dark
                lifted = False
            if (value <= aim + SMALL).all():
                if not lifted:
                    result.append(self._lift(excess, fixed, dark))
                break
        if not result or (value > aim + SMALL).any():
            result.append(self._lift(excess, fixed, dark))
        return result[-2:]

    def _idle_detectors(self, panel: Sequence[int]) -> list[int]:
        if not self.instance.conventional:
            return []
        busy = {int(self.options.detector[o]) for o in panel}
        return [int(d) for d in np.flatnonzero(self.noise.readable) if int(d) not in busy]

    def _limits(
        self, excess: Excess, fixed: Sequence[int], partners: Sequence[int] | np.ndarray | None, dark: BoolArray
    ) -> FloatArray:
        """Return (B, C) limits of the gate's claims against the contaminants in question."""
        sd = self.noise.sd([fixed[0]], fixed[1:], partners, dark)[:, excess.view]
        return self._claims(excess, sd)

    def _claims(self, excess: Excess, sd: FloatArray) -> FloatArray:
        return gate_limits(self.instance, self.noise, excess.view, excess.option, excess.side, excess.contaminants, sd)

    def _best_partner(
        self, excess: Excess, fixed: Sequence[int], others: Sequence[int], dark: BoolArray
    ) -> tuple[int | None, FloatArray]:
        if not others:
            return None, np.zeros(0)
        values = self._limits(excess, fixed, others, dark)
        best = int(np.argmin(values.sum(axis=1)))
        return others[best], values[best]

    def _best_dark(
        self, excess: Excess, fixed: Sequence[int], idle: Sequence[int], dark: BoolArray
    ) -> tuple[int | None, FloatArray]:
        if not idle:
            return None, np.zeros(0)
        masks = np.repeat(dark[None], len(idle), axis=0)
        masks[np.arange(len(idle)), list(idle)] = True
        values = self._limits(excess, fixed, None, masks)
        best = int(np.argmin(values.sum(axis=1)))
        return idle[best], values[best]

    def _lift(self, excess: Excess, fixed: Sequence[int], dark: BoolArray) -> LimitTable:
        """Return the limits with `fixed`, and with each option that may join."""
        joinable = ~np.isin(self.options.dye, self.options.dye[list(fixed)])
        if self.instance.conventional:
            joinable &= ~np.isin(self.options.detector, self.options.detector[list(fixed)])
            joinable &= ~dark[self.options.detector]
        partners = np.flatnonzero(joinable)
        alone = self.noise.sd([fixed[0]], fixed[1:], None, dark[None])[:, excess.view]
        joined_sd = self.noise.sd([fixed[0]], fixed[1:], partners, dark)[:, excess.view]
        matters = (joined_sd > alone * (1 + NOISE_STEP)).any(axis=1)  # the others change nothing worth a term
        partners = partners[matters]
        base = self._claims(excess, alone)[0]
        joined = np.minimum(self._claims(excess, joined_sd[matters]), base)
        return LimitTable(tuple(fixed), tuple(int(d) for d in np.flatnonzero(dark)), base, partners, joined)
