"""Sharper bounds on the noise of a slot on a conventional cytometer, by cases.

:mod:`panelopt.bounds.compensation` lets each detector help as if one dye had the largest leaks of all that may be read
on it. Branch and bound removes much of that freedom: either the panel holds the reading that helps most at the minimum,
or it does not. In the first case its weight is fixed by an equation and whatever it excludes drops out; in the second
it no longer helps. Every panel belongs to one of the cases, so the smallest of their bounds holds for all.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from panelopt.bounds.compensation import CompensationBound, LeastNoise, Part
from panelopt.instance.arrays import BoolArray

CASES = (127, 1023)
"""Cases at which branching stops, and those for bounds that turn out to decide."""

NO_HELP_PE = 1e-6
"""Cancelled autofluorescence (pe) below this is no help."""


@dataclass(order=True, slots=True)
class _Case:
    """Panels that hold one option of each group of `part` and otherwise only options of `allowed`."""

    variance: float
    number: int
    part: list[Sequence[int]] = field(compare=False)
    allowed: BoolArray = field(compare=False)
    least: LeastNoise = field(compare=False)


class CaseBound:
    """Lower bounds on the variance of slots in panels that contain given parts, whatever joins them.

    Args:
        bound: Bounds on the variance in one case.
    """

    def __init__(self, bound: CompensationBound) -> None:
        self.bound = bound
        self._open: dict[tuple[object, ...], list[_Case]] = {}
        self._count: dict[tuple[object, ...], int] = {}

    def variance(self, part: Part, view: int, population: int, cases: int = CASES[0]) -> float:
        """Return a lower bound on the variance of the first slot of a part, antibodies squared.

        Args:
            part: Groups of options on one dye and detector; a panel holds one of each.
            view: Index of the view.
            population: Index of the population.
            cases: Cases at which branching stops; more of them never lower the bound.
        """
        name = (tuple(tuple(group) for group in part), view, population)

        def case(part: list[Sequence[int]], allowed: BoolArray, above: float) -> _Case:
            self._count[name] = self._count.get(name, 0) + 1
            least = self.bound.least(part, allowed, view, [population])[0]
            return _Case(max(least.variance, above), self._count[name], part, allowed, least)

        if name not in self._open:
            self._open[name] = [case(list(part), self.bound.joinable(part), 0.0)]
        open_ = self._open[name]
        while self._count[name] < cases and open_[0].least.helps.max(initial=0.0) > NO_HELP_PE:
            worst = heapq.heappop(open_)
            reading = self._most_helpful(worst)
            without = worst.allowed.copy()
            without[list(reading)] = False
            heapq.heappush(open_, case(worst.part, without, worst.variance))
            longer = [*worst.part, reading]
            heapq.heappush(open_, case(longer, without & self.bound.joinable(longer), worst.variance))
        return open_[0].variance

    def _most_helpful(self, case: _Case) -> tuple[int, ...]:
        """Return the allowed options of the reading that could help most on the detector that helps most."""
        options, least = self.bound.options, case.least
        detector = int(np.argmax(least.helps))
        members = np.flatnonzero(case.allowed & (options.detector == detector))
        weight = np.abs(least.weight)
        weight[detector] = 0.0
        top = members[np.argmax(weight @ self.bound.ratio[:, members])]
        return tuple(int(o) for o in members[options.dye[members] == options.dye[top]])
