"""The best gates of one target in many scenarios at once, found exactly.

The same branch and bound as in :mod:`panelopt.scoring.gating`, with the partial gate sets of all scenarios in one
table. If the table grows too long for a scenario, the single search takes over.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from panelopt.instance.arrays import FloatArray
from panelopt.scenarios.gate_sets import (
    NO_GATE,
    GateQuestions,
    GateSets,
    GateTerms,
    IntArray,
    first_of_each,
    sides_of,
)
from panelopt.scoring.claims import SIDES
from panelopt.scoring.gating import TIE, best_gates, best_worst

MOST_STATES = 4000
"""Partial gate sets of one scenario above which the single search, which drops dominated ones, is faster."""

Value = Callable[[FloatArray], FloatArray]

_BELOW = SIDES.index("below")
_SLACK = 1e-12
_SHARPNESS = 2.0


def best_worsts(questions: GateQuestions) -> FloatArray:
    """Return (n,) largest smallest ``rho``; minus infinity where no gate set meets the demands."""
    search = _Search(questions, np.full(len(questions.single), -np.inf), _smallest, ties=False)
    best = search.best
    for number in np.flatnonzero(search.hard):
        found = best_worst(questions.one(int(number)))
        best[number] = -np.inf if found is None else found
    return best


def best_sets(questions: GateQuestions, floor: FloatArray) -> GateTerms:
    """Return the value of the reported gates: largest sum of ``rho``, then fewest, then smallest.

    Args:
        questions: The choice of gates.
        floor: (n,) floors of the smallest ``rho``.
    """
    single, doublet = np.full((2, *questions.single.shape), -np.inf)
    search = _Search(questions, floor, _sum, ties=True)
    sets = search.reported()
    side = np.full((len(single), len(questions.usable)), NO_GATE, dtype=np.int8)
    single[sets.owner], doublet[sets.owner] = sets.terms(questions)
    side[sets.owner] = sets.side
    for number in np.flatnonzero(search.hard):
        single[number], doublet[number], side[number] = -np.inf, -np.inf, NO_GATE
        one = questions.one(int(number))
        gates = best_gates(one, float(floor[number]))
        if gates is not None:
            single[number], doublet[number] = one.terms(gates)
            side[number] = sides_of(gates, len(questions.usable))
    return GateTerms(single, doublet, questions.cap, side)


def _smallest(rho: FloatArray) -> FloatArray:
    return np.asarray(rho.min(axis=-1))


def _sum(rho: FloatArray) -> FloatArray:
    return np.asarray(rho.sum(axis=-1))


class _Search:
    """Branch and bound over the slots, largest claims first.

    Args:
        questions: The choice of gates.
        floor: (n,) floors of the smallest ``rho``.
        value: What is maximised.
        ties: Whether to keep the sets that are as good as the best, for :meth:`reported`.

    Attributes:
        best: (n,) the best values; minus infinity where no set reaches the floor.
        hard: (n,) scenarios for which the search was given up.
    """

    def __init__(self, questions: GateQuestions, floor: FloatArray, value: Value, *, ties: bool) -> None:
        self.questions, self.floor, self.value, self.ties = questions, floor, value, ties
        count, slots = questions.claims.shape[:2]
        self.hard = np.zeros(count, dtype=bool)
        self.best = np.full(count, -np.inf)
        self.fewest = np.full(count, slots)
        """(n,) upper bound on the gates of a reported set."""
        self._found: list[GateSets] = []
        self._values: list[FloatArray] = []
        claims = questions.claims.copy()
        claims[:, [slot for slot, _ in questions.forced]] = 0.0
        self._order = np.argsort(-claims.max(axis=2).sum(axis=2), axis=1, kind="stable")
        self._claims = np.take_along_axis(claims, self._order[:, :, None, None], axis=1)
        sets = GateSets.start(
            *questions.gains(questions.forced), questions.forced, questions.claims.shape[1] if ties else 0
        )
        if len(questions.forced) > questions.most_gates:
            sets = sets.keep(np.zeros(0, dtype=np.int64))
        self._run(sets)

    def reported(self) -> GateSets:
        """Return one set for each scenario that has one: the best, then the fewest gates, then the smallest."""
        sets, values = GateSets.joined(self._found), np.concatenate(self._values)
        return first_of_each(sets.keep(np.flatnonzero(values >= self.best[sets.owner] - TIE)))

    def _run(self, sets: GateSets) -> None:
        questions, floor = self.questions, self.floor
        self._greedy()
        self._note(sets)
        rest = _still_to_come(self._claims.max(axis=2))
        rest_below = _still_to_come(self._claims[:, :, _BELOW])
        for slot in range(self._claims.shape[1]):
            sets = self._grown(sets, slot)
            owner = sets.owner
            single, doublet = sets.terms(questions, rest[owner, slot + 1], rest_below[owner, slot + 1])
            ceiling = questions.ratios(single, doublet)
            most_gates, least = self.value(ceiling), self.best[owner]
            alive = most_gates > least + _SLACK
            if self.ties:
                alive |= (most_gates >= least - TIE) & (sets.count < self.fewest[owner])
            alive &= ceiling.min(axis=1) >= floor[owner] - _SLACK
            self.hard |= np.bincount(owner[alive], minlength=len(floor)) > MOST_STATES
            sets = sets.keep(np.flatnonzero(alive & ~self.hard[owner]))
            if sets.owner.size == 0:
                break

    def _grown(self, sets: GateSets, slot: int) -> GateSets:
        """Return the sets without and with each gate on a slot, and record the values of the latter."""
        parts = [sets]
        for side in range(len(SIDES)):
            claims = self._claims[sets.owner, slot, side]
            able = np.flatnonzero((claims > 0).any(axis=1) & (sets.count < self.questions.most_gates))
            more = sets.keep(able)
            more.add(claims[able], self._order[more.owner, slot], side, self.questions.most)
            self._note(more)
            parts.append(more)
        return GateSets.joined(parts)

    def _note(self, sets: GateSets) -> None:
        worth, good = self._scored(*sets.terms(self.questions), self.floor[sets.owner] - _SLACK)
        before = self.best.copy()
        np.maximum.at(self.best, sets.owner[good], worth[good])
        if self.ties:
            self.fewest[self.best > before + _SLACK] = self._claims.shape[1]
            short_of = self.best[sets.owner[good]] - worth[good]
            equal, tied = good[short_of <= _SLACK], good[short_of <= TIE]
            np.minimum.at(self.fewest, sets.owner[equal], sets.count[equal])
            self._found.append(sets.keep(tied))
            self._values.append(worth[tied])

    def _scored(self, single: FloatArray, doublet: FloatArray, floor: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return (N,) values of gate sets with (N, C) terms, and which reach (N,) floors and meet the demands."""
        rho = self.questions.ratios(single, doublet)
        good = rho.min(axis=1) >= floor
        one = self.questions.one(0)
        if one.has_demands:
            good &= one.demands_met(single, doublet)
        return self.value(rho), np.flatnonzero(good)

    def _greedy(self) -> None:
        """Raise the best values to those of good gate sets, to shorten the search."""
        questions, claims = self.questions, self._claims
        count, slots, sides, contaminants = claims.shape
        base = questions.single + questions.step * len(questions.forced)
        gain, gain_below = questions.gains(questions.forced)
        open_ = (claims > 0).any(axis=3).reshape(count, slots * sides)
        below = np.tile(np.arange(sides) == _BELOW, slots)
        flat = claims.reshape(count, slots * sides, contaminants)
        odds, capped, least = _odds(flat), _odds(np.array(questions.cap)), _odds(np.array(questions.most))
        everyone = np.arange(count)
        for gate in range(len(questions.forced), questions.most_gates + 1):
            worth, good = self._scored(base + gain, questions.doublet + gain_below, self.floor)
            better = good[worth[good] > self.best[good] + _SLACK]
            self.fewest[better] = gate
            self.best[good] = np.maximum(self.best[good], worth[good])
            if gate == questions.most_gates or not open_.any():
                break
            after = np.maximum(odds * _odds(gain)[:, None], least) * _odds(base + questions.step)[:, None]
            together = np.maximum(np.where(below[:, None], odds, 1.0) * _odds(gain_below)[:, None], least)
            after = np.maximum(after, together * _odds(questions.doublet)[:, None])
            merit = -np.maximum(after, capped).sum(axis=2)
            choice = np.argmax(np.where(open_, merit, -np.inf), axis=1)
            useful = open_[everyone, choice]
            added = flat[everyone, choice] * useful[:, None]
            base = base + questions.step * useful[:, None]
            gain = np.minimum(gain + added, questions.most)
            gain_below = np.minimum(gain_below + added * below[choice][:, None], questions.most)
            open_ = open_ & (np.repeat(np.arange(slots), sides)[None] != (choice // sides)[:, None])


def _still_to_come(gain: FloatArray) -> FloatArray:
    """Return (n, S + 1, C) claims still possible from each slot on."""
    count, slots, contaminants = gain.shape
    rest = np.zeros((count, slots + 1, contaminants))
    rest[:, :slots] = gain[:, ::-1].cumsum(axis=1)[:, ::-1]
    return rest


def _odds(rho: FloatArray) -> FloatArray:
    """Return the weight of log ratios in the choice of gates, multiplicative in their sum."""
    return np.asarray(np.exp(-_SHARPNESS * np.log(10) * rho))
