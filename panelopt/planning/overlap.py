"""Gates of two tubes that one cell could pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from panelopt.instance.arrays import Instance
from panelopt.planning.tube import Tube, TubeGate, moved
from panelopt.scoring import PanelScore


def interval(gate: TubeGate) -> tuple[float, float]:
    """Return the thresholds of a gate, antibodies; infinite on an open side."""
    return -math.inf if gate.low is None else gate.low, math.inf if gate.high is None else gate.high


def shared(first: Tube, second: Tube) -> dict[int, tuple[float, float]]:
    """Return by slot the interval that both tubes gate; it is empty where its upper end is not above the lower."""
    one = {gate.slot: interval(gate) for gate in first.gates}
    other = {gate.slot: interval(gate) for gate in second.gates}
    return {
        slot: (max(one[slot][0], other[slot][0]), min(one[slot][1], other[slot][1]))
        for slot in sorted(one.keys() & other.keys())
    }


def overlap(first: Tube, second: Tube) -> bool:
    """Whether a cell can fall into the gates of both targets: their intervals meet in every slot that both gate."""
    return all(low < high for low, high in shared(first, second).values())


def split(instance: Instance, score: PanelScore, tubes: Sequence[Tube]) -> tuple[Tube, ...]:
    """Return the tubes with one border where gates overlap: the middle of the narrowest interval that both gate.

    Only a slot in which one target lies above the other can be split; tubes without one stay as they are.

    Args:
        instance: The question.
        score: The judged panel.
        tubes: All targets, in the order of the views of the instance.
    """
    found = list(tubes)
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
            border = sum(finite[slot]) / 2
            found[i] = _cut(instance, score, i, found[i], slot, border)
            found[j] = _cut(instance, score, j, found[j], slot, border)
    return tuple(found)


def kept_apart(loose: Sequence[Tube], tight: Sequence[Tube]) -> tuple[Tube, ...]:
    """Return loose tubes with the tight gates in the slots that keep two targets apart, where the loose ones do not.

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
    """Return a tube whose gate on a slot ends at the border, on the side where it goes beyond."""
    gate = _gate_on(tube, slot)
    low, high = interval(gate)
    above = high - border > border - low  # the longer part of the gate stays
    narrow = moved(instance, score, number, gate, border if above else gate.low, gate.high if above else border)
    return replace(tube, gates=tuple(narrow if other is gate else other for other in tube.gates))
