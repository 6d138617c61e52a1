"""Seats that each take one dye, and how dyes change seats when one leaves and another joins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.solver.assignment import least_assignment

IntArray = npt.NDArray[np.intp]

_FINITE = np.finfo(float).max


@dataclass(frozen=True)
class Seats:
    """Seats, each of which takes one dye.

    Attributes:
        allowed: (n, F) which dyes a seat may take; a seat with one dye keeps it.
        apart: (F, F) which dyes exclude each other.
        count: (n, F) whole numbers that a seat adds with a dye; None = nothing is counted.
    """

    allowed: BoolArray
    apart: BoolArray
    count: FloatArray | None = None

    @cached_property
    def adds(self) -> FloatArray:
        """(n, F) what a seat adds with a dye; infinite where it may not take it."""
        return np.where(self.allowed, 0.0 if self.count is None else self.count, np.inf)

    @cached_property
    def is_free(self) -> bool:
        """Whether every seat may take every dye and nothing is counted."""
        return self.count is None and bool(self.allowed.all())

    def sum(self, seating: IntArray) -> float:
        """Return what a seating counts."""
        return float(self.adds[np.arange(len(seating)), seating].sum())

    def least_sum(self) -> float:
        """Return what no seating counts less than; dyes that exclude each other are not seen."""
        return 0.0 if self.count is None else self.sum(least_assignment(self._finite()))

    def _finite(self) -> FloatArray:
        """Return what seats add, with so much for dyes that they may not take that no sum of others comes near."""
        most = float(np.where(self.allowed, self.adds, 0.0).max(initial=0.0))
        return np.where(self.allowed, self.adds, (most + 1) * (len(self.allowed) + 1))


class Chains:
    """How the seats that keep their dyes may close up, one of which has lost its own, so that another is free.

    A seat takes the dye of the next one, which takes that of the next, and so on. Of the chains that free a seat, the
    one that counts least is taken, then the shortest.

    Args:
        seats: What may sit where.
        seating: (n,) dyes.
        seat: The seat that loses its dye.
    """

    def __init__(self, seats: Seats, seating: IntArray, seat: int) -> None:
        self._seats = seats
        self._seating = seating
        self._seat = seat
        self._taker = np.full(len(seating), -1)
        if seats.is_free:
            self._lasts, self._sums = np.array([seat]), np.zeros(1)
            return
        each = np.arange(len(seating))
        adds = seats.adds[:, seating]
        own = adds[each, each]
        moves = adds - own  # by taker, then giver
        moves[:, seat] = np.inf
        sums, length = np.full(len(seating), np.inf), np.zeros(len(seating), dtype=int)
        sums[seat] = own.sum() - own[seat]
        for moved in range(1, len(seating)):
            offers = sums[:, None] + moves
            taker = offers.argmin(axis=0)
            lower = offers[taker, each] < sums
            if not lower.any():
                break
            sums[lower], self._taker[lower], length[lower] = offers[taker, each][lower], taker[lower], moved
        order = np.lexsort((length, sums))
        self._lasts = order[np.isfinite(sums[order])]
        self._sums = sums[self._lasts]

    def sums(self) -> FloatArray:
        """Return (F,) the least that is counted after a dye has joined; infinite where it may not."""
        return np.asarray((self._sums[:, None] + self._seats.adds[self._lasts]).min(axis=0))

    def seatings(self, dye: int, most: float) -> Iterator[IntArray]:
        """Yield seatings in which a dye has joined, those that count less first; few change seats."""
        sums = self._sums + self._seats.adds[self._lasts, dye]
        for place in np.argsort(sums, kind="stable")[: np.count_nonzero(sums <= min(most, _FINITE))].tolist():
            changed = self._closed_up(int(self._lasts[place]))
            if changed is not None:
                changed[self._lasts[place]] = dye
                yield changed

    def _closed_up(self, last: int) -> IntArray | None:
        """Return the seating after a chain; None for a chain in circles, which counts ever less."""
        changed, giver, met = self._seating.copy(), last, {last}
        while giver != self._seat:
            taker = int(self._taker[giver])
            if taker in met:
                return None
            met.add(taker)
            changed[taker] = self._seating[giver]
            giver = taker
        return changed
