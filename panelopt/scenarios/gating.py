"""The best gates of one target in many scenarios at once: values only, found exactly.

The same branch and bound as in :mod:`panelopt.scoring.gating`, with the partial gate sets of all scenarios in one
table. Where the table grows too long for a scenario, or purity or shares are demanded, the single search takes over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.scoring.claims import SIDES
from panelopt.scoring.gating import GateQuestion, best_total, best_worst

MOST_STATES = 4000
"""Partial gate sets of one scenario, above which the single search is faster: it drops those that others dominate."""

Value = Callable[[FloatArray], FloatArray]

_BELOW = SIDES.index("below")
_SLACK = 1e-12
_SHARPNESS = 2.0


@dataclass(frozen=True, slots=True)
class GateQuestions:
    """One target's choice of gates in n scenarios; see :class:`panelopt.scoring.gating.GateQuestion`.

    Attributes:
        claims: (n, S, 3, C); 0 where a side is not usable.
        usable: (S, 3).
        single, doublet: (n, C).
        step, limit, cap, max_share, purity_min: As there.
    """

    claims: FloatArray
    usable: BoolArray
    single: FloatArray
    doublet: FloatArray
    step: float
    limit: int
    cap: float
    max_share: FloatArray
    purity_min: float

    def one(self, number: int) -> GateQuestion:
        """Return the question of one scenario."""
        return GateQuestion(
            claims=self.claims[number],
            usable=self.usable,
            single=self.single[number],
            doublet=self.doublet[number],
            step=self.step,
            limit=self.limit,
            cap=self.cap,
            max_share=self.max_share,
            purity_min=self.purity_min,
        )

    def given(self, gates: tuple[tuple[int, int], ...]) -> FloatArray:
        """Return (n, C) the log ratios of a gate set; minus infinity where it misses the demands."""
        single = self.single + self.step * len(gates)
        doublet = self.doublet.copy()
        for slot, side in gates:
            single = single + self.claims[:, slot, side]
            if side == _BELOW:
                doublet = doublet + self.claims[:, slot, side]
        rho = np.minimum(np.minimum(single, doublet), self.cap)
        one = self.one(0)
        if one.has_demands:
            rho[~one.demands_met(single, doublet)] = -np.inf
        return rho


def best_worsts(questions: GateQuestions) -> FloatArray:
    """Return (n,) the largest smallest ``rho``; minus infinity where no gate set meets the demands."""

    def alone(number: int) -> float | None:
        return best_worst(questions.one(number))

    return _best(questions, np.full(len(questions.single), -np.inf), _smallest, alone)


def best_totals(questions: GateQuestions, floor: FloatArray) -> FloatArray:
    """Return (n,) the largest sum of ``rho`` above (n,) floors of the smallest; minus infinity where there is none."""

    def alone(number: int) -> float | None:
        return best_total(questions.one(number), float(floor[number]))

    return _best(questions, floor, _sum, alone)


def _smallest(rho: FloatArray) -> FloatArray:
    return np.asarray(rho.min(axis=-1))


def _sum(rho: FloatArray) -> FloatArray:
    return np.asarray(rho.sum(axis=-1))


def _best(
    questions: GateQuestions, floor: FloatArray, value: Value, alone: Callable[[int], float | None]
) -> FloatArray:
    if questions.one(0).has_demands:
        hard, best = np.ones(len(floor), dtype=bool), np.full(len(floor), -np.inf)
    else:
        best, hard = _together(questions, floor, value)
    for number in np.flatnonzero(hard):
        found = alone(int(number))
        best[number] = -np.inf if found is None else found
    return best


def _together(questions: GateQuestions, floor: FloatArray, value: Value) -> tuple[FloatArray, BoolArray]:
    """Return (n,) the best values, and (n,) for which scenarios the search was given up."""
    claims, usable = _in_order(questions)
    count, slots = claims.shape[:2]
    gain = claims.max(axis=2)
    rest = _still_to_come(gain)
    rest_below = _still_to_come(claims[:, :, _BELOW])
    best = _greedy(questions, claims, usable, floor, value)
    hard = np.zeros(count, dtype=bool)
    owner = np.arange(count)
    single, doublet = questions.single, questions.doublet
    gates = np.zeros(count, dtype=int)
    for slot in range(slots):
        grown = [(owner, single, doublet, gates)]
        for side in range(len(SIDES)):
            more = claims[owner, slot, side]
            able = np.flatnonzero((more > 0).any(axis=1) & (gates < questions.limit))
            added = more[able]
            grown.append(
                (
                    owner[able],
                    single[able] + added + questions.step,
                    doublet[able] + added if side == _BELOW else doublet[able],
                    gates[able] + 1,
                )
            )
        owner, single, doublet, gates = (np.concatenate(part) for part in zip(*grown, strict=True))
        rho = np.minimum(np.minimum(single, doublet), questions.cap)
        good = rho.min(axis=1) >= floor[owner] - _SLACK
        np.maximum.at(best, owner[good], value(rho[good]))
        ceiling = np.minimum(single + rest[owner, slot + 1], questions.cap)
        ceiling = np.minimum(ceiling, doublet + rest_below[owner, slot + 1])
        alive = (value(ceiling) > best[owner] + _SLACK) & (ceiling.min(axis=1) >= floor[owner] - _SLACK)
        hard |= np.bincount(owner[alive], minlength=count) > MOST_STATES
        alive &= ~hard[owner]
        owner, single, doublet, gates = owner[alive], single[alive], doublet[alive], gates[alive]
        if owner.size == 0:
            break
    return best, hard


def _in_order(questions: GateQuestions) -> tuple[FloatArray, BoolArray]:
    """Return claims with the slots of each scenario in the order of what they claim, and (n, S, 3) usable sides."""
    claims = questions.claims
    order = np.argsort(-claims.max(axis=2).sum(axis=2), axis=1, kind="stable")
    return np.take_along_axis(claims, order[:, :, None, None], axis=1), questions.usable[order]


def _still_to_come(gain: FloatArray) -> FloatArray:
    """Return (n, S + 1, C) what the slots from each one on can still claim."""
    count, slots, contaminants = gain.shape
    rest = np.zeros((count, slots + 1, contaminants))
    rest[:, :slots] = gain[:, ::-1].cumsum(axis=1)[:, ::-1]
    return rest


def _greedy(
    questions: GateQuestions, claims: FloatArray, usable: BoolArray, floor: FloatArray, value: Value
) -> FloatArray:
    """Return (n,) the value of a good gate set, or minus infinity where none was found above the floor."""
    count, slots, sides, contaminants = claims.shape
    single, doublet = questions.single.copy(), questions.doublet.copy()
    open_ = (usable & (claims > 0).any(axis=3)).reshape(count, slots * sides)
    below = np.tile(np.arange(sides) == _BELOW, slots)
    flat = claims.reshape(count, slots * sides, contaminants)
    odds, capped, step = _odds(flat), _odds(np.array(questions.cap)), _odds(np.array(questions.step))
    everyone = np.arange(count)
    best = np.full(count, -np.inf)
    for gate in range(questions.limit + 1):
        rho = np.minimum(np.minimum(single, doublet), questions.cap)
        good = rho.min(axis=1) >= floor
        best = np.where(good, np.maximum(best, value(rho)), best)
        if gate == questions.limit or not open_.any():
            break
        together = _odds(doublet)[:, None]
        after = np.maximum(odds * (_odds(single) * step)[:, None], np.where(below[:, None], odds, 1.0) * together)
        merit = -np.maximum(after, capped).sum(axis=2)
        choice = np.argmax(np.where(open_, merit, -np.inf), axis=1)
        useful = open_[everyone, choice]
        added = flat[everyone, choice] * useful[:, None]
        single = single + added + questions.step * useful[:, None]
        doublet = doublet + added * below[choice][:, None]
        open_ = open_ & (np.repeat(np.arange(slots), sides)[None] != (choice // sides)[:, None])
    return best


def _odds(rho: FloatArray) -> FloatArray:
    """Return what a log ratio weighs when gates are chosen; those of a sum are the product of those of its parts."""
    return np.asarray(np.exp(-_SHARPNESS * np.log(10) * rho))
