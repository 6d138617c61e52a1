"""Objective 3: among panels that are good enough, the smallest, cheapest and simplest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from panelopt.bounds.options import Options
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.solver.judge import Judge, Verdict
from panelopt.solver.local import LocalSearch
from panelopt.solver.tidy_cost import TidyCost, TidyCostKey

TidyKey = tuple[TidyCostKey, int, tuple[int, ...]]
"""Colours, unknown prices and price (or as the cost says), gates, and the ranks of the products."""

_WORST_ERROR, _TOTAL_ERROR = 0.1, 0.5  # what the estimate may be off (log10)

_SHORTENED = 4  # panels with one slot less from which a local search starts

_LAST: TidyKey = ((10**9, 0, 0.0, 0), 0, ())


class Tidy:
    """Improves a panel in objective 3 without leaving the range that objectives 1 and 2 allow.

    Args:
        instance, options, judge, local: The search's own.
        cost: What is counted first.
        least_worst: Smallest allowed value of objective 1.
        least_total: Smallest allowed value of objective 2.
        evaluations: Most panels judged.
    """

    def __init__(
        self,
        instance: Instance,
        options: Options,
        judge: Judge,
        local: LocalSearch,
        cost: TidyCost,
        least_worst: float,
        least_total: float,
        evaluations: int = 200,
    ) -> None:
        self.instance = instance
        self.options = options
        self.judge = judge
        self.local = local
        self.cost = cost
        self.least_worst = least_worst
        self.least_total = least_total
        self._left = evaluations

    def key(self, verdict: Verdict) -> TidyKey | None:
        """Return what decides between good panels, smaller is better; None where the panel is not good enough."""
        score = verdict.score
        if score is None or score.worst < self.least_worst - 1e-9 or score.total < self.least_total - 1e-9:
            return None
        return self.cost.key(verdict.key), score.gate_count, self._products(verdict.key)

    def key_or_last(self, verdict: Verdict) -> TidyKey:
        """Return the key, or one behind all others."""
        return self.key(verdict) or _LAST

    def improve(self, best: Verdict, time_left: Callable[[], float | None]) -> Verdict:
        """Return a panel of fewer slots if local search finds one, then the best that single changes lead to."""

        def stop() -> bool:
            left = time_left()
            return left is not None and left <= 0

        best = min((best, *self.judge.known.values()), key=self.key_or_last)
        while (smaller := self._smaller(best, stop)) is not None:
            best = smaller
        return self._descend(best, stop)

    def _smaller(self, best: Verdict, stop: Callable[[], bool]) -> Verdict | None:
        """Return a good panel with one slot less, or None where none was found."""
        most = len(best.key) - 1
        shorter = [panel for panel in self.local.neighbours(best.key) if len(panel) == most]
        merits = self._merit(*self.local.estimates(shorter))
        for i in np.argsort(-merits, kind="stable")[:_SHORTENED]:
            panel, _ = self.local.climb(shorter[i], self._merit, stop, most)
            verdict = self.judge.verdict(panel)
            if self.key_or_last(verdict) < self.key_or_last(best):
                return verdict
        return None

    def _merit(self, worst: FloatArray, total: FloatArray) -> FloatArray:
        return total - 1e3 * np.maximum(self.least_worst - worst, 0.0)

    def _descend(self, best: Verdict, stop: Callable[[], bool]) -> Verdict:
        """Take the first improvement, in the order of cost, until there is none or the evaluations are spent."""
        improved = True
        while improved:
            improved = False
            for panel in self._promising(best):
                if self._left <= 0 or stop():
                    return best
                self._left -= 1
                verdict = self.judge.verdict(panel)
                if self.key_or_last(verdict) < self.key_or_last(best):
                    best, improved = verdict, True
                    break
        return best

    def _promising(self, best: Verdict) -> list[tuple[int, ...]]:
        """Return unjudged neighbours that may come before the best one."""
        limit = self._cost_and_products(best.key)
        neighbours = [panel for panel in self.local.neighbours(best.key) if panel not in self.judge.known]
        ranked = sorted((cost, panel) for panel in neighbours if (cost := self._cost_and_products(panel)) < limit)
        return self._likely([panel for _, panel in ranked])

    def _likely(self, panels: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """Leave out panels whose estimate is far from good enough."""
        estimates = self.local.estimates(panels)
        return [
            panel
            for panel, worst, total in zip(panels, *estimates, strict=True)
            if worst > self.least_worst - _WORST_ERROR and total > self.least_total - _TOTAL_ERROR
        ]

    def _cost_and_products(self, panel: Sequence[int]) -> tuple[TidyCostKey, tuple[int, ...]]:
        return self.cost.key(panel), self._products(panel)

    def _products(self, panel: Sequence[int]) -> tuple[int, ...]:
        slots = [self.options.slots[o] for o in panel]
        return tuple(sorted(int(self.instance.product_rank[m, slot.dye]) for slot in slots for m in slot.markers))
