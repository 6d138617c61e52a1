"""The best gates of one target, found exactly by branch and bound over its slots.

A gate set is worth, for each contaminant ``c`` (log10),

    single_c  = base_single_c + gates * log10(1 - eps) + min(sum of the claims of its gates, most)
    doublet_c = base_doublet_c + min(sum of the claims of its gates of kind below, most)
    rho_c     = min(single_c, doublet_c, cap)

Some gates may be forced: every set holds them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.scoring.claims import SIDES

TIE = 1e-9
"""Gate sets whose sums are closer than this are equally good."""

_BELOW = SIDES.index("below")
_DOMINANCE_FROM = 48  # number of states from which comparing all pairs pays off


@dataclass(frozen=True, slots=True)
class GateQuestion:
    """The choice of gates for one target.

    Attributes:
        claims: (S, 3, C) rejection by slot, side (in the order of ``SIDES``) and contaminant.
        usable: (S, 3) sides allowed by the rules.
        single, doublet: (C,) values without any gate; ``doublet`` is infinite where the term does not apply.
        step: log10(1 - eps), the price of a gate in ``single``.
        most_gates: Most gates.
        cap: Value above which more does not count.
        max_share: (C,) largest share of the tube; NaN = no most_gates.
        purity_min: Purity that the claims must reach; 0 = no demand.
        most: Largest joint claim of all gates: ``-log10`` of the total leak.
        forced: (slot, side) gates that every set holds.
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

    def rho(self, gates: tuple[tuple[int, int], ...]) -> FloatArray:
        """Return (C,) the log ratios of a gate set of (slot, side) pairs."""
        single, doublet = self.terms(gates)
        return np.minimum(np.minimum(single, doublet), self.cap)

    def terms(self, gates: tuple[tuple[int, int], ...]) -> tuple[FloatArray, FloatArray]:
        """Return (C,) single and doublet of a gate set."""
        gain, gain_below = self.gains(gates)
        return self.single + self.step * len(gates) + gain, self.doublet + gain_below

    def gains(self, gates: tuple[tuple[int, int], ...]) -> tuple[FloatArray, FloatArray]:
        """Return (C,) joint rejection of the gates, and that of the gates below."""
        gain, gain_below = np.zeros((2, len(self.single)))
        for slot, side in gates:
            gain = gain + self.claims[slot, side]
            if side == _BELOW:
                gain_below = gain_below + self.claims[slot, side]
        return np.minimum(gain, self.most), np.minimum(gain_below, self.most)

    def demands_met(self, single: FloatArray, doublet: FloatArray) -> BoolArray:
        """Return (...) whether purity and shares, by the claims, meet the demands; last axis contaminants."""
        with np.errstate(over="ignore"):
            leaks = 10.0**-single + 10.0**-doublet
        purity = 1.0 / (1.0 + leaks.sum(axis=-1))
        capped = ~np.isnan(self.max_share)
        good = purity >= self.purity_min - 1e-12
        if capped.any():
            share = purity[..., None] * leaks[..., capped]
            good = good & (share <= self.max_share[capped] * (1 + 1e-12)).all(axis=-1)
        return np.asarray(good)

    @property
    def caps_shares(self) -> bool:
        """Whether some contaminant has a largest share."""
        return not bool(np.isnan(self.max_share).all())

    @property
    def has_demands(self) -> bool:
        """Whether purity or shares are demanded."""
        return self.purity_min > 0 or self.caps_shares


def best_worst(question: GateQuestion) -> float | None:
    """Return the largest smallest ``rho`` of a gate set, or None if none meets the demands."""
    return _search(question, floor=-np.inf, value=_smallest, most_gates=question.most_gates)[0]


def best_total(question: GateQuestion, floor: float) -> float | None:
    """Return the largest sum of ``rho`` of gate sets whose smallest is at least ``floor``, or None."""
    return _search(question, floor=floor, value=_sum, most_gates=question.most_gates)[0]


def best_gates(question: GateQuestion, floor: float) -> tuple[tuple[int, int], ...] | None:
    """Return the gates with the largest sum of ``rho`` whose smallest ``rho`` is at least ``floor``.

    Ties within 1e-9 go to the fewest gates, then to the smallest (slot, side).
    """
    most = question.most_gates
    total, fewest = _search(question, floor=floor, value=_sum, most_gates=most, slack=TIE)
    if total is None:
        return None
    while fewest:
        most = len(fewest) - 1
        found, fewer = _search(question, floor=floor, value=_sum, most_gates=most, at_least=total - TIE)
        if found is None:
            break
        fewest = fewer
    return fewest


def _smallest(rho: FloatArray) -> FloatArray:
    return np.asarray(rho.min(axis=-1))


def _sum(rho: FloatArray) -> FloatArray:
    return np.asarray(rho.sum(axis=-1))


@dataclass(slots=True)
class _States:
    """Partial gate sets after some slots: (N, C) rejections, (N,) counts, (N, S) chosen side or -1."""

    gain: FloatArray
    gain_below: FloatArray
    count: np.ndarray
    side: np.ndarray

    def keep(self, chosen: np.ndarray) -> _States:
        return _States(self.gain[chosen], self.gain_below[chosen], self.count[chosen], self.side[chosen])

    def terms(self, question: GateQuestion) -> tuple[FloatArray, FloatArray]:
        """Return (N, C) single and doublet."""
        cost = question.step * self.count[:, None]
        return question.single + cost + self.gain, question.doublet + self.gain_below


def _search(
    question: GateQuestion,
    *,
    floor: float,
    value: Callable[[FloatArray], FloatArray],
    most_gates: int,
    slack: float = 0.0,
    at_least: float = -np.inf,
) -> tuple[float | None, tuple[tuple[int, int], ...]]:
    """Return the best value over gate sets, and the smallest gate set that reaches ``at_least``.

    Without ``at_least`` the set must reach the best value, within ``slack``.
    """
    if len(question.forced) > most_gates:
        return None, ()
    contaminants = question.claims.shape[2]
    usable = question.claims * question.usable[:, :, None]
    taken = [slot for slot, _ in question.forced]
    usable[taken] = 0.0
    gain = usable.max(axis=1, initial=0.0)
    gain_below = usable[:, _BELOW, :]
    rest = np.vstack([gain[::-1].cumsum(axis=0)[::-1], np.zeros((1, contaminants))])
    rest_below = np.vstack([gain_below[::-1].cumsum(axis=0)[::-1], np.zeros((1, contaminants))])
    guess = np.isinf(at_least) and not question.has_demands
    least = (_greedy(question, floor, value, most_gates) - slack) if guess else at_least
    states = _start(question)
    for slot in np.flatnonzero(gain.any(axis=1)).tolist():  # other slots change no state
        states = _extend(states, question, slot, most_gates)
        cost = question.step * states.count[:, None]
        single = question.single + cost + np.minimum(states.gain + rest[slot + 1], question.most)
        doublet = question.doublet + np.minimum(states.gain_below + rest_below[slot + 1], question.most)
        ceiling = np.minimum(np.minimum(single, question.cap), doublet)
        alive = (value(ceiling) >= least - 1e-12) & (ceiling.min(axis=1) >= floor - 1e-12)
        states = states.keep(np.flatnonzero(alive))
        if states.count.size > _DOMINANCE_FROM and not question.caps_shares:
            states = _undominated(states, question, slot)
    single, doublet = states.terms(question)
    rho = np.minimum(np.minimum(single, doublet), question.cap)
    good = rho.min(axis=1) >= floor - 1e-12 if states.count.size else np.zeros(0, dtype=bool)
    if question.has_demands and states.count.size:
        good &= question.demands_met(single, doublet)
    places = np.flatnonzero(good)
    if places.size == 0:
        return None, ()
    values = value(rho[places])
    best = float(values.max())
    if best < at_least - 1e-12:
        return None, ()
    tied = places[values >= (best - slack if np.isinf(at_least) else at_least) - 1e-12]
    gates = [tuple((s, int(k)) for s, k in enumerate(states.side[i]) if k >= 0) for i in tied]
    return best, min(gates, key=lambda g: (len(g), g))


def _start(question: GateQuestion) -> _States:
    """Return the gate set of forced gates alone."""
    gain, gain_below = question.gains(question.forced)
    side = np.full((1, len(question.claims)), -1)
    for slot, k in question.forced:
        side[0, slot] = k
    return _States(gain[None, :], gain_below[None, :], np.array([len(question.forced)]), side)


def _extend(states: _States, question: GateQuestion, slot: int, most_gates: int) -> _States:
    parts = [states]
    open_ = np.flatnonzero(states.count < most_gates)
    for k in range(len(SIDES)):
        claims = question.claims[slot, k]
        if not question.usable[slot, k] or not np.any(claims > 0):
            continue
        more = states.keep(open_)
        more.gain = np.minimum(more.gain + claims, question.most)
        if k == _BELOW:
            more.gain_below = np.minimum(more.gain_below + claims, question.most)
        more.count = more.count + 1
        more.side = more.side.copy()
        more.side[:, slot] = k
        parts.append(more)
    return _States(
        np.concatenate([part.gain for part in parts]),
        np.concatenate([part.gain_below for part in parts]),
        np.concatenate([part.count for part in parts]),
        np.concatenate([part.side for part in parts]),
    )


def _undominated(states: _States, question: GateQuestion, slot: int) -> _States:
    """Drop states that another state matches in every value with fewer or lexicographically smaller gates.

    What follows adds the same to both, and the total leak cuts off no more than the state behind has ahead. Sums that
    reach the cap whatever follows are equal; with a demand on purity nothing saturates. Largest shares rule this out:
    less of one contaminant raises the share of the others.
    """
    single, doublet = states.terms(question)
    if not question.has_demands:
        enough = question.cap - question.step * question.most_gates
        single, doublet = np.minimum(single, enough), np.minimum(doublet, question.cap)
    # a missing gate sorts after every side: the list of gates then starts with a later slot
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


def _greedy(question: GateQuestion, floor: float, value: Callable[[FloatArray], FloatArray], most_gates: int) -> float:
    """Return the value of a good gate set, or minus infinity if none was found above ``floor``."""
    gain, gain_below = question.gains(question.forced)
    open_ = question.usable.copy()
    open_[[slot for slot, _ in question.forced]] = False
    best = -np.inf
    for count in range(len(question.forced), most_gates + 1):
        rho = _ratios(question, count, gain, gain_below)
        if rho.min() >= floor:
            best = max(best, float(value(rho)))
        if count == most_gates or not open_.any():
            break
        more = np.minimum(gain + question.claims, question.most)
        more_below = np.broadcast_to(gain_below, more.shape).copy()
        more_below[:, _BELOW] = np.minimum(gain_below + question.claims[:, _BELOW], question.most)
        after = _ratios(question, count + 1, more, more_below)
        merit = np.where(open_, -np.sum(10.0 ** (-2.0 * after), axis=-1), -np.inf)
        slot, side = np.unravel_index(int(np.argmax(merit)), merit.shape)
        gain, gain_below = more[slot, side], more_below[slot, side]
        open_[slot] = False
    return best


def _ratios(question: GateQuestion, count: int, gain: FloatArray, gain_below: FloatArray) -> FloatArray:
    """Return (..., C) the log ratios of gate sets of ``count`` gates with (..., C) rejections."""
    single = question.single + question.step * count + gain
    return np.minimum(np.minimum(single, question.doublet + gain_below), question.cap)
