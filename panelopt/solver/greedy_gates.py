"""Gates of many panels at once, chosen greedily: the one that leaves the fewest weighted contaminants, again and again.

Arrays have the panels last, so that sums and minima over contaminants run along memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray, Instance, View
from panelopt.scoring.claims import SIDES
from panelopt.scoring.view_claims import base_doublet, base_single

_BELOW = SIDES.index("below")
_SHARPNESS = 2.0  # weight of the weakest pair in the choice of gates
_RATE = -_SHARPNESS * np.log(10)
_NEAR = 0.02  # how far below the best smallest ratio (log10) a sum counts
_WORTH_COPYING = 0.8  # share of panels still growing below which the others are left out of the arrays


class GreedyGates:
    """Chooses gates for one population to sort.

    Args:
        instance: The question.
        view: The population.
    """

    def __init__(self, instance: Instance, view: View) -> None:
        self._cap, self._most = instance.rho_cap, instance.most_rejection
        self._step = float(np.log10(1 - instance.eps))
        self._gate_cap = instance.gate_cap
        self._single = base_single(instance, view)[:, None]
        self._doublet = base_doublet(instance, view)[:, None]
        self._capped, self._least = float(_odds(self._cap)), float(_odds(self._most))
        self._least_doublet = self._least * _odds(self._doublet)

    def best(self, claims: FloatArray, usable: BoolArray, mandatory: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Return (B,) the best smallest ratio met while adding gates, and the best sum near it.

        Args:
            claims: (C, 3, n, B) against each contaminant by kind of gate and slot.
            usable: (3, n, B) gates that may be chosen.
            mandatory: (n, B) slots that have a gate below anyway.
        """
        worst, total = np.full((2, claims.shape[-1]), -np.inf)
        for places, rho, smallest in self._turns(claims, usable, mandatory, self._cap):
            before, near = worst[places], smallest > worst[places] - _NEAR
            total[places] = np.where(near, np.maximum(total[places], rho.sum(axis=0)), total[places])
            worst[places] = np.maximum(before, smallest)
        return worst, total

    def reach(self, claims: FloatArray, usable: BoolArray, mandatory: BoolArray, least: float) -> BoolArray:
        """Return (B,) whether the best smallest ratio of :meth:`best` is at least so high, in fewer turns."""
        reached = np.zeros(claims.shape[-1], dtype=bool)
        for places, _, smallest in self._turns(claims, usable, mandatory, min(least, self._cap)):
            reached[places] |= smallest >= least
        return reached

    def _turns(
        self, claims: FloatArray, usable: BoolArray, mandatory: BoolArray, enough: float
    ) -> Iterator[tuple[np.ndarray, FloatArray, FloatArray]]:
        """Add gates one by one as long as ratios are below what is enough.

        Yields:
            Each time the numbers of N panels, their (C, N) ratios, and the (N,) smallest; minus infinity where they
            have too many gates.
        """
        gates = _Gates.mandatory(claims, usable, mandatory, self._most)
        places = np.arange(claims.shape[-1])
        rounds = min(self._gate_cap, claims.shape[2])
        for turn in range(rounds + 1):
            single = self._single + gates.gain + self._step * gates.count
            doublet = self._doublet + gates.gain_below
            rho = np.minimum(np.minimum(single, doublet), self._cap)
            smallest = np.where(gates.count <= self._gate_cap, rho.min(axis=0), -np.inf)
            yield places, rho, smallest
            growing = (smallest < enough) & gates.open.any(axis=(0, 1)) & (gates.count < self._gate_cap)
            left = np.count_nonzero(growing)
            if turn == rounds or not left:
                break
            if left < _WORTH_COPYING * len(growing):
                gates, places, doublet = gates.take(growing), places[growing], doublet[:, growing]
            gates.add(self._leaks(gates, doublet), self._gate_cap)

    def _leaks(self, gates: _Gates, doublet: FloatArray) -> FloatArray:
        """Return (3, n, B) weighted contaminants that are left with one more gate, whatever is better than needed."""
        base = _odds(self._single + self._step * (gates.count + 1))
        now, together = _odds(gates.gain) * base, _odds(doublet)
        floor = np.maximum(self._least * base, self._capped)
        left = np.empty(gates.open.shape)
        for side in range(len(SIDES)):
            below = side == _BELOW  # such gates reject doublets too
            weight = np.maximum(now, together) if below else now
            least_left = np.maximum(floor, self._least_doublet if below else together)
            after = gates.odds[:, side] * weight[:, None]
            np.maximum(after, least_left[:, None], out=after)
            after.sum(axis=0, out=left[side])
        return left


@dataclass(slots=True)
class _Gates:
    """The gates of B panels while they are chosen.

    Attributes:
        most: Most that gates can claim together.
        claims: (C, 3, n, B) against each contaminant by kind of gate and slot.
        odds: The same as weights.
        open: (3, n, B) gates that may still be chosen.
        count: (B,) number of gates.
        gain: (C, B) claims of the chosen gates.
        gain_below: (C, B) claims of those of kind below.
    """

    most: float
    claims: FloatArray
    odds: FloatArray
    open: BoolArray
    count: np.ndarray
    gain: FloatArray
    gain_below: FloatArray

    @classmethod
    def mandatory(cls, claims: FloatArray, usable: BoolArray, mandatory: BoolArray, most: float) -> _Gates:
        """Return the gates that panels have anyway."""
        gain = np.minimum((claims[:, _BELOW] * mandatory).sum(axis=1), most)
        return cls(most, claims, _odds(claims), usable & ~mandatory, mandatory.sum(axis=0), gain, gain)

    def take(self, some: BoolArray) -> _Gates:
        """Return the gates of some of the panels."""
        claims, odds, open_ = (self.claims[..., some], self.odds[..., some], self.open[..., some])
        return _Gates(self.most, claims, odds, open_, self.count[some], self.gain[:, some], self.gain_below[:, some])

    def add(self, left: FloatArray, gate_cap: int) -> None:
        """Add the open gate that leaves least; a slot has one."""
        sides, slots, batch = left.shape
        open_left = np.where(self.open, left, np.inf).transpose(1, 0, 2).reshape(slots * sides, batch)
        slot, side = np.divmod(open_left.argmin(axis=0), sides)
        everyone = np.arange(batch)
        useful = self.open[side, slot, everyone] & (self.count < gate_cap)
        picked = self.claims[:, side, slot, everyone] * useful
        self.gain = np.minimum(self.gain + picked, self.most)
        self.gain_below = np.minimum(self.gain_below + picked * (side == _BELOW), self.most)
        self.count = self.count + useful
        self.open[:, slot, everyone] = False


def _odds(rho: FloatArray | float) -> FloatArray:
    """Return the weight of log ratios in the choice of gates, multiplicative in their sum."""
    return np.asarray(np.exp(_RATE * np.asarray(rho)))
