"""The best gates of one target, found exactly by branch and bound over its slots.

A gate set is worth, for each contaminant ``c`` (log10),

    single_c  = base_single_c + gates * log10(1 - eps) + sum of the claims of its gates
    doublet_c = base_doublet_c + sum of the claims of its gates of kind below
    rho_c     = min(single_c, doublet_c, cap)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.scoring.claims import SIDES

TIE = 1e-9
"""Gate sets whose sums differ by less are equally good."""

_BELOW = SIDES.index("below")
_DOMINANCE_FROM = 48  # states from which comparing all pairs pays


@dataclass(frozen=True, slots=True)
class GateQuestion:
    """One target's choice of gates.

    Attributes:
        claims: (S, 3, C) rejection by slot, side (in the order of ``SIDES``) and contaminant.
        usable: (S, 3) sides that the rules allow.
        single, doublet: (C,) values without any gate; ``doublet`` is infinite where the term does not apply.
        step: log10(1 - eps), the price of a gate in ``single``.
        limit: Most gates.
        cap: Value beyond which more is not counted.
        max_share: (C,) largest share of the tube; NaN = no limit.
        purity_min: Purity that the claims must reach; 0 = no demand.
    """

    claims: FloatArray
    usable: BoolArray
    single: FloatArray
    doublet: FloatArray
    step: float
    limit: int
    cap: float
    max_share: FloatArray
    purity_min: float = 0.0

    def rho(self, gates: tuple[tuple[int, int], ...]) -> FloatArray:
        """Return (C,) the log ratios of a gate set of (slot, side) pairs."""
        single, doublet = self.terms(gates)
        return np.minimum(np.minimum(single, doublet), self.cap)

    def terms(self, gates: tuple[tuple[int, int], ...]) -> tuple[FloatArray, FloatArray]:
        """Return (C,) single and doublet of a gate set."""
        single = self.single + self.step * len(gates)
        doublet = self.doublet.copy()
        for slot, side in gates:
            single = single + self.claims[slot, side]
            if side == _BELOW:
                doublet = doublet + self.claims[slot, side]
        return single, doublet

    def demands_met(self, single: FloatArray, doublet: FloatArray) -> BoolArray:
        """Return (...) whether purity and shares, by the claims, are as demanded; last axis contaminants."""
        with np.errstate(over="ignore"):
            leaks = 10.0**-single + 10.0**-doublet
        purity = 1.0 / (1.0 + leaks.sum(axis=-1))
        limited = ~np.isnan(self.max_share)
        good = purity >= self.purity_min - 1e-12
        if limited.any():
            share = purity[..., None] * leaks[..., limited]
            good = good & (share <= self.max_share[limited] * (1 + 1e-12)).all(axis=-1)
        return np.asarray(good)

    @property
    def limits_shares(self) -> bool:
        """Whether some contaminant has a largest share."""
        return not bool(np.isnan(self.max_share).all())

    @property
    def has_demands(self) -> bool:
        """Whether purity or shares are limited."""
        return self.purity_min > 0 or self.limits_shares


def best_worst(question: GateQuestion) -> float | None:
    """Return the largest smallest ``rho`` that a gate set reaches, or None where no gate set meets the demands."""
    return _search(question, floor=-np.inf, value=_smallest, slack=0.0, limit=question.limit)[0]


def best_total(question: GateQuestion, floor: float) -> float | None:
    """Return the largest sum of ``rho`` of gate sets whose smallest is at least ``floor``, or None without any."""
    return _search(question, floor=floor, value=_sum, slack=0.0, limit=question.limit)[0]


def best_gates(question: GateQuestion, floor: float) -> tuple[tuple[int, int], ...] | None:
    """Return the gates with the largest sum of ``rho`` whose smallest ``rho`` is at least ``floor``.

    Among gate sets within 1e-9 of that sum: the fewest gates, then the smallest (slot, side).
    """
    total = best_total(question, floor)
    if total is None:
        return None
    for limit in range(question.limit + 1):
        found, gates = _search(question, floor=floor, value=_sum, slack=TIE, limit=limit, at_least=total - TIE)
        if found is not None:
            return gates
    return None


def _smallest(rho: FloatArray) -> FloatArray:
    return np.asarray(rho.min(axis=-1))


def _sum(rho: FloatArray) -> FloatArray:
    return np.asarray(rho.sum(axis=-1))


@dataclass(slots=True)
class _States:
    """Partial gate sets after some slots: (N, C) sums, (N,) counts, (N, S) chosen side or -1."""

    single: FloatArray
    doublet: FloatArray
    count: np.ndarray
    side: np.ndarray

    def keep(self, chosen: np.ndarray) -> _States:
        return _States(self.single[chosen], self.doublet[chosen], self.count[chosen], self.side[chosen])


def _search(
    question: GateQuestion,
    *,
    floor: float,
    value: Callable[[FloatArray], FloatArray],
    slack: float,
    limit: int,
    at_least: float = -np.inf,
) -> tuple[float | None, tuple[tuple[int, int], ...]]:
    """Return the best value over gate sets and the smallest of the gate sets that reach it (within ``slack``)."""
    slots, _, contaminants = question.claims.shape
    usable = question.claims * question.usable[:, :, None]
    gain = usable.max(axis=1, initial=0.0)
    gain_below = usable[:, _BELOW, :]
    rest = np.vstack([gain[::-1].cumsum(axis=0)[::-1], np.zeros((1, contaminants))])
    rest_below = np.vstack([gain_below[::-1].cumsum(axis=0)[::-1], np.zeros((1, contaminants))])
    start = _States(
        question.single[None, :].copy(),
        question.doublet[None, :].copy(),
        np.zeros(1, dtype=int),
        np.full((1, slots), -1),
    )
    incumbent = max(at_least, _greedy(question, floor, value, limit)) if not question.has_demands else at_least
    states = start
    for slot in range(slots):
        states = _extend(states, question, slot, limit)
        best_single = np.minimum(states.single + rest[slot + 1], question.cap)
        ceiling = np.minimum(best_single, states.doublet + rest_below[slot + 1])
        alive = (value(ceiling) >= incumbent - 1e-12) & (ceiling.min(axis=1) >= floor - 1e-12)
        states = states.keep(np.flatnonzero(alive))
        if states.count.size > _DOMINANCE_FROM and not question.limits_shares:
            states = _undominated(states, question, slot)
    rho = np.minimum(np.minimum(states.single, states.doublet), question.cap)
    good = rho.min(axis=1) >= floor - 1e-12 if states.count.size else np.zeros(0, dtype=bool)
    if question.has_demands and states.count.size:
        good &= question.demands_met(states.single, states.doublet)
    places = np.flatnonzero(good)
    if places.size == 0:
        return None, ()
    values = value(rho[places])
    best = float(values.max())
    if best < at_least - 1e-12:
        return None, ()
    tied = places[values >= (at_least if slack else best) - 1e-12]
    gates = [tuple((s, int(k)) for s, k in enumerate(states.side[i]) if k >= 0) for i in tied]
    return best, min(gates, key=lambda g: (len(g), g))


def _extend(states: _States, question: GateQuestion, slot: int, limit: int) -> _States:
    parts = [states]
    open_ = np.flatnonzero(states.count < limit)
    for k in range(len(SIDES)):
        claims = question.claims[slot, k]
        if not question.usable[slot, k] or not np.any(claims > 0):
            continue
        more = states.keep(open_)
        more.single = more.single + claims + question.step
        if k == _BELOW:
            more.doublet = more.doublet + claims
        more.count = more.count + 1
        more.side = more.side.copy()
        more.side[:, slot] = k
        parts.append(more)
    return _States(
        np.concatenate([part.single for part in parts]),
        np.concatenate([part.doublet for part in parts]),
        np.concatenate([part.count for part in parts]),
        np.concatenate([part.side for part in parts]),
    )


def _undominated(states: _States, question: GateQuestion, slot: int) -> _States:
    """Drop states that another state matches in every value with fewer or lexicographically smaller gates.

    Sums that reach the cap whatever follows are equal; with a demand on purity nothing saturates. Limits on shares
    forbid the rule: less of one contaminant raises the share of the others.
    """
    single, doublet = states.single, states.doublet
    if not question.has_demands:
        enough = question.cap - question.step * question.limit
        single, doublet = np.minimum(single, enough), np.minimum(doublet, question.cap)
    # a missing gate sorts after every side, because the list of gates then starts with a later slot
    sides = np.where(states.side[:, : slot + 1] < 0, len(SIDES), states.side[:, : slot + 1])
    order = np.lexsort((*sides.T[::-1], states.count))
    single, doublet = single[order], doublet[order]
    alive = np.ones(order.size, dtype=bool)
    for i in range(order.size):
        if not alive[i]:
            continue
        later = np.flatnonzero(alive[i + 1 :]) + i + 1
        beaten = (single[later] <= single[i]).all(axis=1) & (doublet[later] <= doublet[i]).all(axis=1)
        alive[later[beaten]] = False
    return states.keep(order[alive])


def _greedy(question: GateQuestion, floor: float, value: Callable[[FloatArray], FloatArray], limit: int) -> float:
    """Return the value of a good gate set, or minus infinity where none was found above ``floor``."""
    chosen: tuple[tuple[int, int], ...] = ()
    single, doublet = question.single.copy(), question.doublet.copy()
    best = -np.inf
    for _ in range(limit + 1):
        rho = np.minimum(np.minimum(single, doublet), question.cap)
        if rho.min() >= floor:
            best = max(best, float(value(rho)))
        if len(chosen) == limit:
            break
        used = {slot for slot, _ in chosen}
        top: tuple[float, int, int] | None = None
        for slot, k in np.argwhere(question.usable):
            if slot in used:
                continue
            s = single + question.claims[slot, k] + question.step
            d = doublet + question.claims[slot, k] if k == _BELOW else doublet
            softened = -float(np.sum(10.0 ** (-2.0 * np.minimum(np.minimum(s, d), question.cap))))
            if top is None or softened > top[0]:
                top = (softened, int(slot), int(k))
        if top is None:
            break
        _, slot, k = top
        chosen = (*chosen, (slot, k))
        single = single + question.claims[slot, k] + question.step
        if k == _BELOW:
            doublet = doublet + question.claims[slot, k]
    return best
