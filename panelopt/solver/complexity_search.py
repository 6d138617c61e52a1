"""Search for dyes of low complexity index: exchanged dyes, and several replaced at once.

Where seats count their dyes, less of that comes first. Dyes of low index leave more room for it, so the count is
lowered only where no exchange lowers the index.

The complexity index is neither linear nor pairwise, so this proves nothing. The work is counted, not timed, and every
comparison is of rounded numbers with ties to the first dye: equal inputs give one answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.optics.joined_complexity import joined_complexity, peak_products
from panelopt.solver.seats import Chains, IntArray, Seats

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
_MORE = 0.5  # share of kicks that may count more, so that two seats can trade
_GAIN = 10.0**-DIGITS
_FINITE = np.finfo(float).max

Rank = tuple[float, float]
"""What a seating counts, and its complexity index."""


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
        confirm: Whether a seating that comes before all others is really usable; asked only of those.
        seed: Of the random choices.
        at_once: Dyes whose seatings are judged at first, where judging many takes hardly longer than one.
    """

    def __init__(
        self,
        signatures: FloatArray,
        seats: Seats,
        judge: Judge = every_seating,
        confirm: Callable[[IntArray], bool] = lambda _: True,
        seed: int = 0,
        at_once: int = 1,
    ) -> None:
        self.products = peak_products(signatures)
        self.seats = seats
        self._judge = judge
        self._confirm = confirm
        self._at_once = at_once
        self._random = np.random.default_rng(seed)
        self._free = np.flatnonzero(seats.allowed.sum(axis=1) > 1)
        self._least = seats.least_sum()
        self._left = 0
        self._known: dict[tuple[bytes, bytes, float], FloatArray] = {}

    def run(self, start: IntArray, work: int = WORK, stop: Callable[[], bool] = lambda: False) -> Iterator[IntArray]:
        """Yield seatings that count ever less or, counting the same, are of ever lower index than the start.

        Args:
            start: (n,) a seating that may be used.
            work: Seats for which all other dyes are looked at.
            stop: Whether time is up.
        """
        self._left = work
        current = start
        value = best = self.rank(start)
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
                best, restarts, start = reached, 0, found
                yield found
            idle = 0 if anew or reached < value else idle + 1
            if anew or reached <= value:
                current, value = found, reached

    def rank(self, seating: IntArray) -> Rank:
        """Return what a seating counts, and its complexity index, rounded."""
        return self.seats.sum(seating), self.index(seating)

    def index(self, seating: IntArray) -> float:
        """Return the complexity index of a seating, rounded."""
        return float(self._joined(seating[:-1], seating[-1:], np.inf)[0])

    def _joined(self, kept: IntArray, joiners: IntArray, most: float) -> FloatArray:
        """Return rounded complexity indices; with few dyes, the search comes back to the same ones all the time."""
        key = kept.tobytes(), joiners.tobytes(), most
        if key not in self._known:
            self._known[key] = np.round(joined_complexity(self.products, kept, joiners, most), DIGITS)
        return self._known[key]

    def _descended(self, seating: IntArray, stop: Callable[[], bool]) -> tuple[IntArray, Rank]:
        """Exchange dyes as long as one exchange lowers the index or, that done, what is counted."""
        (count, index), quiet = self.rank(seating), 0
        turns = deque(self._random.permutation(self._free).tolist())
        rounds = 2 if count > self._least else 1
        while quiet < rounds * len(turns) and self._left > 0 and not stop():
            if quiet < len(turns):
                offers = self._exchanges(seating, turns[0], count, index - _GAIN)
            else:
                offers = self._exchanges(seating, turns[0], count - 1, np.inf)
            found = next(offers, None)
            turns.rotate(-1)
            quiet += 1
            if found is not None:
                (seating, index), quiet = found, 0
                count = self.seats.sum(seating)
                rounds = 2 if count > self._least else 1
        return seating, (count, index)

    def _kicked(self, seating: IntArray, *, everything: bool) -> IntArray:
        """Replace the dyes of some seats, or of all, each by one of those that raise the index least."""
        count, index = self.rank(seating)
        size = self._free.size if everything else int(self._random.integers(_LEAST_KICK, _MOST_KICK + 1))
        if self.seats.count is not None and (everything or self._random.random() < _MORE):
            count = np.inf
        for seat in self._random.permutation(self._free)[:size].tolist():
            offers = list(islice(self._exchanges(seating, seat, count, _LOOSE * index), _WIDTH))
            if offers:
                seating = offers[int(self._random.integers(len(offers)))][0]
        return seating

    def _exchanges(self, seating: IntArray, seat: int, count: float, most: float) -> Iterator[tuple[IntArray, float]]:
        """Yield usable seatings without the dye of one seat but with a new one, by their index.

        Args:
            seating: Where to begin.
            seat: The seat.
            count: Most that they may count.
            most: Largest index.
        """
        self._left -= 1
        rest = np.delete(seating, seat)
        chains = Chains(self.seats, seating, seat)
        fits = (chains.sums() <= min(count, _FINITE)) & ~self.seats.apart[rest].any(axis=0)
        fits[seating] = False
        dyes = np.flatnonzero(fits)
        index = self._joined(rest, dyes, most)
        ranked = np.argsort(index, kind="stable")[: np.isfinite(index).sum()]
        start, size = 0, self._at_once
        while start < ranked.size:
            offers = [
                (offer, float(index[i]))
                for i in ranked[start : start + size].tolist()
                for offer in islice(chains.seatings(int(dyes[i]), count), _WAYS)
            ]
            start, size = start + size, min(2 * size, _JUDGED)
            if offers:
                usable = self._judge(np.array([offer for offer, _ in offers]))
                yield from (pair for pair, good in zip(offers, usable.tolist(), strict=True) if good)


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
