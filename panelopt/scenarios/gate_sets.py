"""The choice of gates in many scenarios, with the gate sets of all scenarios in one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import numpy.typing as npt

from panelopt.frozen import dataclass
from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.scoring.claims import SIDES
from panelopt.scoring.gating import GateQuestion

IntArray = npt.NDArray[np.int64]
SideArray = npt.NDArray[np.int8]

_BELOW = SIDES.index("below")
NO_GATE = len(SIDES)
"""Side of a slot without a gate; sorts after every side, as the list of gates then starts with a later slot."""


@dataclass(frozen=True, slots=True)
class GateQuestions:
    """The choice of gates for one target in n scenarios; see :class:`panelopt.scoring.gating.GateQuestion`.

    Attributes:
        claims: (n, S, 3, C); 0 where a side is not usable.
        usable: (S, 3).
        single, doublet: (n, C).
        step, most_gates, cap, max_share, purity_min, most, forced: As there.
    """

    claims: FloatArray
    usable: BoolArray
    single: FloatArray
    doublet: FloatArray
    step: float
    most_gates: int
    cap: float
    max_share: FloatArray
    purity_min: float = 0.0
    most: float = np.inf
    forced: tuple[tuple[int, int], ...] = ()

    def one(self, number: int) -> GateQuestion:
        """Return the question of one scenario."""
        return GateQuestion(
            claims=self.claims[number],
            usable=self.usable,
            single=self.single[number],
            doublet=self.doublet[number],
            step=self.step,
            most_gates=self.most_gates,
            cap=self.cap,
            max_share=self.max_share,
            purity_min=self.purity_min,
            most=self.most,
            forced=self.forced,
        )

    def given(self, gates: tuple[tuple[int, int], ...]) -> GateTerms:
        """Return the terms of a gate set; minus infinity where it misses the demands."""
        gain, gain_below = self.gains(gates)
        single, doublet = self.single + self.step * len(gates) + gain, self.doublet + gain_below
        one = self.one(0)
        if one.has_demands:
            missed = ~one.demands_met(single, doublet)
            single[missed], doublet[missed] = -np.inf, -np.inf
        side = np.broadcast_to(sides_of(gates, len(self.usable)), (len(single), len(self.usable)))
        return GateTerms(single, doublet, self.cap, side)

    def gains(self, gates: tuple[tuple[int, int], ...]) -> tuple[FloatArray, FloatArray]:
        """Return (n, C) joint rejection of the gates, and that of the gates below."""
        gain, gain_below = np.zeros((2, *self.single.shape))
        for slot, side in gates:
            gain = gain + self.claims[:, slot, side]
            if side == _BELOW:
                gain_below = gain_below + self.claims[:, slot, side]
        return np.minimum(gain, self.most), np.minimum(gain_below, self.most)

    def ratios(self, single: FloatArray, doublet: FloatArray) -> FloatArray:
        """Return the log ratios of two terms."""
        return np.minimum(np.minimum(single, doublet), self.cap)


@dataclass(frozen=True, slots=True, eq=False)
class GateTerms:
    """Value of a gate set in each of n scenarios (log10); minus infinity where there is none.

    Attributes:
        single, doublet: (n, C) terms.
        cap: Value beyond which more is not counted.
        side: (n, S) side of the gate on each slot, or :data:`NO_GATE`.
    """

    single: FloatArray
    doublet: FloatArray
    cap: float
    side: SideArray

    @property
    def rho(self) -> FloatArray:
        """(n, C) log ratios."""
        return np.minimum(np.minimum(self.single, self.doublet), self.cap)

    @property
    def odds(self) -> FloatArray:
        """(n,) odds of the target in its tube, by the claims."""
        return np.asarray(-np.log10(np.sum(10.0**-self.single + 10.0**-self.doublet, axis=1)))


@dataclass(slots=True, eq=False)
class GateSets:
    """N gate sets.

    Attributes:
        owner: (N,) scenario that a set belongs to.
        gain, gain_below: (N, C) what its gates reject together, and those of kind below among them.
        count: (N,) gates.
        side: (N, S) side of the gate on each slot, or :data:`NO_GATE`; of width 0 where only the values are wanted.
    """

    owner: IntArray
    gain: FloatArray
    gain_below: FloatArray
    count: IntArray
    side: SideArray

    @classmethod
    def start(cls, gain: FloatArray, gain_below: FloatArray, forced: Sequence[tuple[int, int]], slots: int) -> GateSets:
        """Return for each scenario the set of forced gates alone."""
        count = len(gain)
        side = np.tile(sides_of(forced, slots), (count, 1))
        return cls(np.arange(count), gain, gain_below, np.full(count, len(forced)), side)

    @classmethod
    def joined(cls, parts: Sequence[GateSets]) -> GateSets:
        """Return the sets of several tables as one."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def keep(self, chosen: IntArray) -> GateSets:
        """Return some of the sets."""
        return GateSets(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def add(self, claims: FloatArray, slot: IntArray, side: int, most: float) -> None:
        """Add a gate to each set.

        Args:
            claims: (N, C) what it rejects.
            slot: (N,) the slot that it is on.
            side: Its side.
            most: What all gates may reject together.
        """
        self.gain = np.minimum(self.gain + claims, most)
        if side == _BELOW:
            self.gain_below = np.minimum(self.gain_below + claims, most)
        self.count = self.count + 1
        if self.side.shape[1]:
            self.side[np.arange(len(slot)), slot] = side

    def terms(
        self, questions: GateQuestions, more: FloatArray | float = 0.0, more_below: FloatArray | float = 0.0
    ) -> tuple[FloatArray, FloatArray]:
        """Return (N, C) single and doublet, with the rejection still possible besides the gates."""
        gain = np.minimum(self.gain + more, questions.most)
        gain_below = np.minimum(self.gain_below + more_below, questions.most)
        single = questions.single[self.owner] + questions.step * self.count[:, None] + gain
        return single, questions.doublet[self.owner] + gain_below


def first_of_each(sets: GateSets) -> GateSets:
    """Return for each scenario the set with the fewest gates; ties go to the smallest (slot, side)."""
    order = np.lexsort((*sets.side.T[::-1], sets.count, sets.owner))
    owner = sets.owner[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = owner[1:] != owner[:-1]
    return sets.keep(order[first])


def sides_of(gates: Sequence[tuple[int, int]], slots: int) -> SideArray:
    """Return (S,) side of the gate on each slot, or :data:`NO_GATE`; gates on later slots are left out."""
    side = np.full(slots, NO_GATE, dtype=np.int8)
    for slot, k in gates:
        side[slot : slot + 1] = k
    return side
