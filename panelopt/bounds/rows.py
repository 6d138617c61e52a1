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

from panelopt.bounds.claims import claim_limits
from panelopt.bounds.noise import SubsetNoise
from panelopt.bounds.options import Options
from panelopt.instance.arrays import BoolArray, FloatArray, Instance

NEAR = 0.15
"""A limit is near enough when it keeps at most this share of what was claimed too much."""

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
        base: (C,) limits with `fixed` alone.
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
        chosen = list(excess.contaminants)
        fixed = [excess.option]
        others = [o for o in panel if o != excess.option]
        dark = np.zeros(len(self.instance.detector), dtype=bool)
        idle = self._idle_detectors(panel)
        value = self._limits(excess, fixed, None, dark[None])[0, chosen]
        aim = excess.exact[chosen] + NEAR * np.maximum(value - excess.exact[chosen], 0)
        result = []
        while True:
            partner, with_partner = self._best_partner(excess, fixed, others, dark, chosen)
            gain = value.sum() - with_partner.sum() if partner is not None else -1.0
            detector, with_dark = self._best_dark(excess, fixed, idle, dark, chosen)
            gain_dark = value.sum() - with_dark.sum() if detector is not None else -1.0
            if max(gain, gain_dark) <= SMALL / 2:
                break
            if gain >= gain_dark and partner is not None:
                done = bool((with_partner <= aim + SMALL).all())
                result.append(self._lift(excess, fixed, dark))
                fixed.append(partner)
                others.remove(partner)
                value = with_partner
            else:
                assert detector is not None
                dark = dark.copy()
                dark[detector] = True
                idle.remove(detector)
                value = with_dark
                done = bool((value <= aim + SMALL).all())
                if done:
                    result.append(self._lift(excess, fixed, dark))
            if done:
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
        """Return (B, C) limits of the gate's claims."""
        sd = self.noise.sd([fixed[0]], fixed[1:], partners, dark)[:, excess.view]
        rows = np.full(len(sd), excess.option)
        return claim_limits(self.instance, self.noise, excess.view, rows, sd)[:, excess.side]

    def _best_partner(
        self, excess: Excess, fixed: Sequence[int], others: Sequence[int], dark: BoolArray, chosen: Sequence[int]
    ) -> tuple[int | None, FloatArray]:
        if not others:
            return None, np.zeros(0)
        values = self._limits(excess, fixed, others, dark)[:, list(chosen)]
        best = int(np.argmin(values.sum(axis=1)))
        return others[best], values[best]

    def _best_dark(
        self, excess: Excess, fixed: Sequence[int], idle: Sequence[int], dark: BoolArray, chosen: Sequence[int]
    ) -> tuple[int | None, FloatArray]:
        if not idle:
            return None, np.zeros(0)
        masks = np.repeat(dark[None], len(idle), axis=0)
        masks[np.arange(len(idle)), list(idle)] = True
        values = self._limits(excess, fixed, None, masks)[:, list(chosen)]
        best = int(np.argmin(values.sum(axis=1)))
        return idle[best], values[best]

    def _lift(self, excess: Excess, fixed: Sequence[int], dark: BoolArray) -> LimitTable:
        """Return the limits with `fixed`, and with each option that may join."""
        taken_dyes = self.options.dye[list(fixed)]
        joinable = ~np.isin(self.options.dye, taken_dyes)
        if self.instance.conventional:
            joinable &= ~np.isin(self.options.detector, self.options.detector[list(fixed)])
            joinable &= ~dark[self.options.detector]
        partners = np.flatnonzero(joinable)
        base = self._limits(excess, fixed, None, dark[None])[0]
        joined = np.minimum(self._limits(excess, fixed, partners, dark), base)
        return LimitTable(tuple(fixed), tuple(int(d) for d in np.flatnonzero(dark)), base, partners, joined)
