"""Search for dyes of low complexity index: exchanged dyes, and several replaced at once.

The complexity index is neither linear nor pairwise, so this proves nothing. The work is counted, not timed, and every
comparison is of rounded numbers with ties to the first dye: equal inputs give one answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.optics.joined_complexity import joined_complexity, peak_products

IntArray = npt.NDArray[np.intp]

DIGITS = 6
"""Decimals of a complexity index that count."""

WORK = 1600
"""Seats for which all other dyes are looked at; some 4 s for 30 seats and 340 dyes."""

_LEAST_KICK, _MOST_KICK = 2, 6  # dyes replaced at once
_WIDTH = 12  # a kick takes one of so many dyes of low index
_IDLE = 25  # kicks without gain before a restart
_RESTARTS = 3  # restarts without gain that end the search
_LOOSE = 1.5  # most that a replaced dye may raise the index of a kicked seating
_JUDGED = 16  # most dyes whose seatings are judged at a time
_WAYS = 3  # ways to seat a dye that are judged
_GAIN = 10.0**-DIGITS


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats, each of which takes one dye.

    Attributes:
        allowed: (n, F) which dyes a seat may take; a seat with one dye keeps it.
        apart: (F, F) which dyes exclude each other.
    """

    allowed: BoolArray
    apart: BoolArray


Judge = Callable[[IntArray], BoolArray]
"""Returns (B,) which seatings (B, n) of dyes may be used."""


def every_seating(seatings: IntArray) -> BoolArray:
    """Judge every seating as usable."""
    return np.ones(len(seatings), dtype=bool)


class ComplexitySearch:
    """Moves between seatings of dyes.

    Args:
        signatures: (D, F) of all dyes, none without light.
        seats: What may sit where.
        judge: Which seatings may be used.
        confirm: Whether a seating of lower index than all before is really usable; asked only of those.
        seed: Of the random choices.
    """

    def __init__(
        self,
        signatures: FloatArray,
        seats: Seats,
        judge: Judge = every_seating,
        confirm: Callable[[IntArray], bool] = lambda _: True,
        seed: int = 0,
    ) -> None:
        self.products = peak_products(signatures)
        self.seats = seats
        self._judge = judge
        self._confirm = confirm
        self._random = np.random.default_rng(seed)
        self._free = np.flatnonzero(seats.allowed.sum(axis=1) > 1)
        self._left = 0
        self._known: dict[tuple[bytes, bytes, float], FloatArray] = {}

    def run(self, start: IntArray, work: int = WORK, stop: Callable[[], bool] = lambda: False) -> Iterator[IntArray]:
        """Yield seatings of ever lower index, lower than that of the start.

        Args:
            start: (n,) a seating that may be used.
            work: Seats for which all other dyes are looked at.
            stop: Whether time is up.
        """
        self._left = work
        current = start
        value = best = self.index(start)
        idle, restarts, first = 0, 0, True
        while self._left > 0 and restarts <= _RESTARTS and self._free.size and not stop():
            anew = idle == _IDLE
            restarts += anew
            kicked = start if first else self._kicked(current, everything=anew)
            found, reached = self._descended(kicked, stop)
            first = False
            if reached < best:
                if not self._confirm(found):
                    idle = min(idle + 1, _IDLE)
                    continue
                best, restarts = reached, 0
                yield found
            idle = 0 if anew or reached < value else idle + 1
            if anew or reached <= value:
                current, value = found, reached

    def index(self, seating: IntArray) -> float:
        """Return the complexity index of a seating, rounded."""
        return float(self._joined(seating[:-1], seating[-1:], np.inf)[0])

    def _joined(self, kept: IntArray, joiners: IntArray, most: float) -> FloatArray:
        """Return rounded complexity indices; with few dyes, the search comes back to the same ones all the time."""
        key = kept.tobytes(), joiners.tobytes(), most
        if key not in self._known:
            self._known[key] = np.round(joined_complexity(self.products, kept, joiners, most), DIGITS)
        return self._known[key]

    def _descended(self, seating: IntArray, stop: Callable[[], bool]) -> tuple[IntArray, float]:
        """Exchange dyes as long as one exchange lowers the index; return the seating and its index."""
        value, quiet = self.index(seating), 0
        turns = deque(self._random.permutation(self._free).tolist())
        while quiet < len(turns) and self._left > 0 and not stop():
            found = next(self._exchanges(seating, turns[0], value - _GAIN), None)
            turns.rotate(-1)
            quiet += 1
            if found is not None:
                (seating, value), quiet = found, 0
        return seating, value

    def _kicked(self, seating: IntArray, *, everything: bool) -> IntArray:
        """Replace the dyes of some seats, or of all, each by one of those that raise the index least."""
        most = _LOOSE * self.index(seating)
        size = self._free.size if everything else int(self._random.integers(_LEAST_KICK, _MOST_KICK + 1))
        for seat in self._random.permutation(self._free)[:size].tolist():
            offers = list(islice(self._exchanges(seating, seat, most), _WIDTH))
            if offers:
                seating = offers[int(self._random.integers(len(offers)))][0]
        return seating

    def _exchanges(self, seating: IntArray, seat: int, most: float) -> Iterator[tuple[IntArray, float]]:
        """Yield usable seatings without the dye of one seat but with a new one, by their index, at most ``most``."""
        self._left -= 1
        rest = np.delete(seating, seat)
        before = self._reached(seating, seat)
        fits = self.seats.allowed[list(before)].any(axis=0) & ~self.seats.apart[rest].any(axis=0)
        dyes = np.setdiff1d(np.flatnonzero(fits), seating)
        index = self._joined(rest, dyes, most)
        ranked = np.argsort(index, kind="stable")[: np.isfinite(index).sum()]
        start, size = 0, 1
        while start < ranked.size:
            offers = [
                (offer, float(index[i]))
                for i in ranked[start : start + size].tolist()
                for offer in islice(self._seatings(seating, seat, int(dyes[i]), before), _WAYS)
            ]
            usable = self._judge(np.array([offer for offer, _ in offers]))
            yield from (pair for pair, good in zip(offers, usable.tolist(), strict=True) if good)
            start, size = start + size, min(2 * size, _JUDGED)

    def _reached(self, seating: IntArray, seat: int) -> dict[int, int]:
        """Return the seats that may become free if one does, each with the seat that takes its dye, the nearest first.

        The seat itself comes first; its own entry means nothing.
        """
        before = {seat: seat}
        if self.seats.allowed[seat].all():
            return before
        takes = self.seats.allowed[:, seating]
        queue = deque([seat])
        while queue:
            taker = queue.popleft()
            for giver in np.flatnonzero(takes[taker]).tolist():
                if giver not in before:
                    before[giver] = taker
                    queue.append(giver)
        return before

    def _seatings(self, seating: IntArray, seat: int, dye: int, before: Mapping[int, int]) -> Iterator[IntArray]:
        """Yield seatings in which a seat has lost its dye and another dye has joined; few change seats."""
        for last in before:
            if self.seats.allowed[last, dye]:
                changed = seating.copy()
                changed[last] = dye
                giver = last
                while giver != seat:
                    taker = before[giver]
                    changed[taker] = seating[giver]
                    giver = taker
                yield changed


def lowest_first(signatures: FloatArray, seats: Seats) -> IntArray:
    """Return a seating built seat by seat, those with a single dye first, each time with the dye of lowest index.

    For seats that take any dye; others may be left with none, which gives -1.
    """
    products = peak_products(signatures)
    seating = np.full(len(seats.allowed), -1)
    for seat in np.argsort(seats.allowed.sum(axis=1) > 1, kind="stable").tolist():
        taken = seating[seating >= 0]
        fits = seats.allowed[seat] & ~seats.apart[taken].any(axis=0)
        dyes = np.setdiff1d(np.flatnonzero(fits), taken)
        if dyes.size:
            index = np.round(joined_complexity(products, taken, dyes), DIGITS)
            seating[seat] = dyes[int(np.argmin(index))]
    return seating
