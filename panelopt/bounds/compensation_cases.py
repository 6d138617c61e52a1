"""Sharper bounds on the noise of a slot on a conventional cytometer, by cases.

:mod:`panelopt.bounds.compensation` lets each detector help as if one dye had the largest leaks of all that may be read
on it. Branch and bound removes much of that freedom: either the panel holds the reading that helps most at the minimum,
or it does not. In the first case its weight is fixed by an equation and whatever it excludes drops out; in the second
it no longer helps. Every panel belongs to one of the cases, so the smallest of their bounds holds for all.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from panelopt.bounds.compensation import CompensationBound, LeastNoise
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
    part: list[tuple[int, ...]] = field(compare=False)
    allowed: BoolArray = field(compare=False)
    least: LeastNoise = field(compare=False)


class CaseBound:
    """Lower bounds on the variance of slots, whatever joins them.

    Args:
        bound: Bounds on the variance in one case.
    """

    def __init__(self, bound: CompensationBound) -> None:
        self.bound = bound
        self._open: dict[tuple[int, int, int], list[_Case]] = {}
        self._count: dict[tuple[int, int, int], int] = {}

    def variance(
        self, option: int, view: int, population: int, cases: int = CASES[-1], stop: Callable[[], bool] = lambda: False
    ) -> float:
        """Return a lower bound on the variance of a slot in every panel that holds it, antibodies squared.

        Args:
            option: The slot.
            view: Index of the view.
            population: Index of the population.
            cases: Cases at which branching stops; more of them never lower the bound.
            stop: Whether time is up.
        """
        name = option, view, population

        def case(part: list[tuple[int, ...]], allowed: BoolArray, above: float) -> _Case:
            self._count[name] = self._count.get(name, 0) + 1
            least = self.bound.least(part, allowed, view, [population])[0]
            return _Case(max(least.variance, above), self._count[name], part, allowed, least)

        if name not in self._open:
            alone: list[tuple[int, ...]] = [(option,)]
            self._open[name] = [case(alone, self.bound.joinable(alone), 0.0)]
        open_ = self._open[name]
        while self._count[name] < cases and not stop() and open_[0].least.helps.max(initial=0.0) > NO_HELP_PE:
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
