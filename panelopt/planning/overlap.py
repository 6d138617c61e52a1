"""Gates of two tubes that one cell could pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from panelopt.instance.arrays import FloatArray, Instance
from panelopt.optics.rounding import settled
from panelopt.planning.tube import Tube, TubeGate, moved
from panelopt.scoring import PanelScore
from panelopt.scoring.tails import cdf

PLACES = 401
"""Positions tried for a border."""


def interval(gate: TubeGate) -> tuple[float, float]:
    """Return the thresholds of a gate, antibodies; infinite on an open side."""
    return -math.inf if gate.low is None else gate.low, math.inf if gate.high is None else gate.high


def shared(first: Tube, second: Tube) -> dict[int, tuple[float, float]]:
    """Return by slot the interval that both tubes gate; empty if its upper end is not above the lower."""
    one = {gate.slot: interval(gate) for gate in first.gates}
    other = {gate.slot: interval(gate) for gate in second.gates}
    return {
        slot: (max(one[slot][0], other[slot][0]), min(one[slot][1], other[slot][1]))
        for slot in sorted(one.keys() & other.keys())
    }


def overlap(first: Tube, second: Tube) -> bool:
    """Whether a cell can fall into the gates of both targets: their intervals meet in every slot gated by both."""
    return all(low < high for low, high in shared(first, second).values())


@dataclass(frozen=True, slots=True)
class Border:
    """The common border of two tubes whose gates overlap.

    Attributes:
        upper, lower: The targets above and below it: indices of the tubes.
        slot: Index into the panel.
        value: Where it lies, antibodies, at three digits.
        low, high: The interval that both gates reach, antibodies.
        upper_share, lower_share: Share of each target that lies in this interval.
    """

    upper: int
    lower: int
    slot: int
    value: float
    low: float
    high: float
    upper_share: float
    lower_share: float


def split(
    instance: Instance, score: PanelScore, tubes: Sequence[Tube], phi: FloatArray
) -> tuple[tuple[Tube, ...], tuple[Border, ...]]:
    """Return the tubes with a border where gates overlap, and the borders.

    The border lies where the two predicted distributions cross: there the fewest cells end on the wrong side. Of
    several slots in which one target lies above the other it is the one with the narrowest common interval; tubes
    without any stay as they are.

    Args:
        instance: The question.
        score: The scored panel.
        tubes: All targets, in the order of the views of the instance.
        phi: (P,) share of each population among all events.
    """
    found, borders = list(tubes), []
    for i, j in combinations(range(len(found)), 2):
        if not overlap(found[i], found[j]):
            continue
        finite = {
            slot: (low, high)
            for slot, (low, high) in shared(found[i], found[j]).items()
            if math.isfinite(low) and math.isfinite(high) and _is_ordered(found[i], found[j], slot)
        }
        if finite:
            slot = min(finite, key=lambda slot: (finite[slot][1] - finite[slot][0], slot))
            border = _border(score, found, (i, j), slot, finite[slot], phi)
            borders.append(border)
            found[i] = _cut(instance, score, i, found[i], slot, border.value)
            found[j] = _cut(instance, score, j, found[j], slot, border.value)
    return tuple(found), tuple(borders)


def _border(
    score: PanelScore,
    tubes: Sequence[Tube],
    pair: tuple[int, int],
    slot: int,
    common: tuple[float, float],
    phi: FloatArray,
) -> Border:
    first, second = (interval(_gate_on(tubes[k], slot)) for k in pair)
    upper, lower = pair if first > second else pair[::-1]
    cells = [float(phi[tubes[k].target]) * _kept_elsewhere(tubes[k], slot) for k in (upper, lower)]
    places = _places(*common, float(score.light.sd[lower, tubes[lower].target, slot]) or 1.0)
    above, below = (_share_below(score, k, tubes[k], slot, places) for k in (upper, lower))
    wrong = cells[0] * above + cells[1] * (1 - below)
    within = [float(share[-1] - share[0]) for share in (above, below)]
    value = _three_digits(float(places[int(np.argmin([settled(float(x)) for x in wrong]))]))
    return Border(upper, lower, slot, min(max(value, common[0]), common[1]), *common, *within)


def _places(low: float, high: float, sd: float) -> FloatArray:
    """Return positions to try between two thresholds, antibodies: evenly spaced within the noise, by ratio beyond."""
    return np.asarray(sd * np.sinh(np.linspace(np.arcsinh(low / sd), np.arcsinh(high / sd), PLACES)))


def _share_below(score: PanelScore, number: int, tube: Tube, slot: int, places: FloatArray) -> FloatArray:
    levels, t = score.light.levels, tube.target
    return cdf(places, levels.abc[t, slot], levels.cv[t, slot], score.light.sd[number, t, slot])


def _kept_elsewhere(tube: Tube, slot: int) -> float:
    return math.prod(gate.kept for gate in tube.gates if gate.slot != slot)


def _three_digits(value: float) -> float:
    return float(f"{value:.3g}")


def kept_apart(loose: Sequence[Tube], tight: Sequence[Tube]) -> tuple[Tube, ...]:
    """Return loose tubes with the tight gates in slots that keep two targets apart only when tight.

    Args:
        loose: Targets with loose gates.
        tight: The same targets with the same slots, in the same order.
    """
    found = list(loose)
    for i, j in combinations(range(len(found)), 2):
        if overlap(found[i], found[j]):
            apart = {slot for slot, (low, high) in shared(tight[i], tight[j]).items() if low >= high}
            for k in (i, j):
                gates = tuple(_gate_on(tight[k], g.slot) if g.slot in apart else g for g in found[k].gates)
                found[k] = replace(found[k], gates=gates)
    return tuple(found)


def _gate_on(tube: Tube, slot: int) -> TubeGate:
    return next(gate for gate in tube.gates if gate.slot == slot)


def _is_ordered(first: Tube, second: Tube, slot: int) -> bool:
    """Whether both ends of one gate lie on the same side of the other's."""
    one, other = interval(_gate_on(first, slot)), interval(_gate_on(second, slot))
    return (one[0] < other[0] and one[1] < other[1]) or (one[0] > other[0] and one[1] > other[1])


def _cut(instance: Instance, score: PanelScore, number: int, tube: Tube, slot: int, border: float) -> Tube:
    """Return a tube whose gate on a slot ends at the border, on the side that crosses it."""
    gate = _gate_on(tube, slot)
    low, high = interval(gate)
    above = high - border > border - low  # keep the longer part of the gate
    narrow = moved(instance, score, number, gate, border if above else gate.low, gate.high if above else border)
    return replace(tube, gates=tuple(narrow if other is gate else other for other in tube.gates))
