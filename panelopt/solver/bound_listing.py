"""Bounds on objectives 1 and 2 without a model: every panel that may exceed a value is listed.

On a conventional sorter with few detectors, panels are few enough. Those whose exact noise leaves hope are for the
caller to score; no other panel exceeds the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from panelopt.bounds.exclusions import most_slots
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring import PanelScore
from panelopt.solver.noise_check import NoiseCheck
from panelopt.solver.panel_growth import PanelGrowth, Work
from panelopt.solver.panel_ratios import LeastRatios
from panelopt.solver.tools import Tools

NOISE_WORK = 8
"""Joins that take as long as the noise of one slot in one panel."""

_BATCH = 8192  # panels whose noise is worked out at once

SCORE_WORK = 400_000
"""Joins that take as long as scoring a panel that exact noise has not ruled out."""

_SAMPLE = 64
"""Panels of one size by which it is foreseen how many will be left to score."""


class BoundListing:
    """Lists panels that may exceed given values of the objectives.

    Args:
        instance: The question, on a conventional cytometer.
        tools: Tables of its options.
        bounds: For each view (O, 3, C) bounds on the claims of each option whatever joins it.
        best: The best panel known.
    """

    def __init__(self, instance: Instance, tools: Tools, bounds: Sequence[FloatArray], best: PanelScore) -> None:
        self.instance = instance
        self.tools = tools
        self.bounds = bounds
        self.best = best

    def above(
        self, worst: float, total: float, given_up: float, work: Work, stop: Callable[[], bool]
    ) -> list[tuple[int, ...]] | None:
        """Return every panel that may reach given ratios, and some more; None if it is too much.

        Args:
            worst: Log ratio that every pair must reach by some gates.
            total: Sum of log ratios that the reported gates must reach; minus infinity = any.
            given_up: How much of the worst ratio the reported gates may give up for the sum.
            work: What may be spent.
            stop: Whether time is up.
        """
        ratios = LeastRatios(self.instance, worst, total, given_up)
        growth = PanelGrowth(self.instance, self.tools, self.bounds, ratios)
        check = NoiseCheck(self.instance, self.tools, ratios, self.best, growth.needed)
        most = most_slots(self.instance)
        check.choose_hardest(growth.sampled(most, Work.unlimited()))
        growth.bound_parts(check.hardest)
        if stop() or not self._is_enough(growth.sampled(most, ahead := Work(work.left // 2)), check, ahead, stop):
            return None
        found: set[tuple[int, ...]] = set()
        for panels in _merged(growth.panels(1, most, (), work, stop)):
            if panels is None or not work.spend(NOISE_WORK * panels.size) or stop():
                return None
            new = set(map(tuple, panels[check.hopeful(panels)[0]].tolist())) - found
            if not work.spend(SCORE_WORK * len(new)):
                return None
            found |= new
        return sorted(found)

    def _is_enough(
        self, sample: Iterator[tuple[np.ndarray, float]], check: NoiseCheck, work: Work, stop: Callable[[], bool]
    ) -> bool:
        """Return whether there is work enough, by a sample of panels, to list all and to score what is left."""
        some: list[tuple[np.ndarray, float]] = []
        for panels, weight in sample:
            work.spend(int(weight * NOISE_WORK * panels.size))
            some.append((panels[:_SAMPLE], weight * max(1.0, len(panels) / _SAMPLE)))
        if work.left < 0:
            return False
        for panels, weight in some:
            hopeful = len(check.hopeful(panels)[0]) if len(panels) else 0
            if not work.spend(int(SCORE_WORK * weight * hopeful)) or stop():
                return False
        return True


def _merged(batches: Iterator[np.ndarray | None]) -> Iterator[np.ndarray | None]:
    """Yield larger batches (N, n) of panels of one size: many small ones take longer."""
    waiting: dict[int, list[np.ndarray]] = {}
    for batch in batches:
        if batch is None:
            yield None
            return
        same = waiting.setdefault(batch.shape[1], [])
        same.append(batch)
        if sum(map(len, same)) >= _BATCH:
            yield np.concatenate(waiting.pop(batch.shape[1]))
    for same in waiting.values():
        yield np.concatenate(same)
