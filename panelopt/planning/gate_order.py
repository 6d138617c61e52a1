"""The gating tree: viability and dump first, then always the gate that removes most of the remaining contaminants."""

from __future__ import annotations

from itertools import pairwise

from panelopt.instance.arrays import FloatArray
from panelopt.planning.tube import Tube, amounts, in_order

_FIRST = {"viability": 0, "dump": 1}
TIE = 1e-12
"""Removed shares closer than this are equal; the earlier slot of the panel goes first."""


def gate_order(tube: Tube, phi: FloatArray) -> tuple[int, ...]:
    """Return the order of a target's gates (indices into ``tube.gates``).

    Viability comes first and the dump second, as on the sorter; then at each step the gate that removes the largest
    share of the contaminants still there, each weighted by what is left of it.

    Args:
        tube: Target and gates.
        phi: (P,) share of each population among all events.
    """
    places = sorted(range(len(tube.gates)), key=lambda index: (tube.gates[index].slot, tube.gates[index].side))
    order = sorted((i for i in places if tube.gates[i].kind in _FIRST), key=lambda i: _FIRST[tube.gates[i].kind])
    rest = [index for index in places if tube.gates[index].kind not in _FIRST]
    while rest:
        removed = [_removed_by(tube, phi, order, index) for index in rest]
        best = next(index for index, share in zip(rest, removed, strict=True) if share >= max(removed) - TIE)
        order.append(best)
        rest.remove(best)
    return tuple(order)


def removed_shares(tube: Tube, phi: FloatArray) -> tuple[float, ...]:
    """Return for each gate, in the order of ``tube.gates``, the share of the contaminants before it that it removes."""
    left = [amounts(tube, phi, count).unwanted for count in range(len(tube.gates) + 1)]
    return tuple(1 - after / before if before > 0 else 0.0 for before, after in pairwise(left))


def _removed_by(tube: Tube, phi: FloatArray, order: list[int], index: int) -> float:
    return removed_shares(in_order(tube, [*order, index]), phi)[-1]
