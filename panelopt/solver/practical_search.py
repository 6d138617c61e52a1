"""Objective 3: of the panels as good as the best one, the one preferred at the bench.

A local search follows single changes of slots; :mod:`panelopt.solver.practical_proof` goes on from its panel. The
complexity index of spectral instruments is neither linear nor pairwise and has a search of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring import PanelScore
from panelopt.scoring.practicality import as_good, practical_key
from panelopt.solver.local import LocalSearch, Panel
from panelopt.solver.panel_scorer import Evaluation, PanelScorer
from panelopt.solver.practical_complexity import LowerComplexity, Margin
from panelopt.solver.practical_keys import PracticalKeys
from panelopt.solver.tools import Tools

EVALUATIONS = 400
"""Panels that the local search may score."""

_WORST_ERROR = 0.1  # error of the estimate (log10)
_SHORTENED = 4  # panels with one slot fewer to start local search from

Key = tuple[object, ...]


class PracticalSearch:
    """Finds the panel that objective 3 puts first.

    Args:
        instance, tools, scorer, local: The search's own.
        best: The best panel of objectives 1 and 2, or the one to compare with.
        slack: How much worse a panel may be, log10.
        stop: Whether time is up.
    """

    def __init__(
        self,
        instance: Instance,
        tools: Tools,
        scorer: PanelScorer,
        local: LocalSearch,
        best: PanelScore,
        slack: float,
        stop: Callable[[], bool],
    ) -> None:
        self.instance = instance
        self.options = tools.options
        self.scorer = scorer
        self.local = local
        self.best = best
        self.slack = slack
        self.stop = stop
        self.keys = PracticalKeys(instance, tools.options)
        self._margin = Margin(instance, tools.estimator, best, slack)
        self._left = EVALUATIONS
        self._is_spectral = not instance.conventional

    def key(self, evaluation: Evaluation) -> Key | None:
        """Return the key of objective 3, smaller is better; None if a panel is not as good as the best one."""
        if evaluation.score is None or not as_good(self.best, evaluation.score, self.slack):
            return None
        return practical_key(self.instance, evaluation.score)

    def first(self, evaluations: Sequence[Evaluation]) -> Evaluation | None:
        """Return the evaluation that objective 3 puts first; None if none is as good as the best one."""
        keyed = [(key, one.key, one) for one in evaluations if (key := self.key(one)) is not None]
        return min(keyed, key=lambda item: item[:2])[2] if keyed else None

    # ---- local search

    def improve(self, start: Evaluation) -> Evaluation:
        """Return a panel of fewer slots, if local search finds one, improved by single changes."""
        best = start
        while not self.stop() and (smaller := self._smaller(best)) is not None:
            best = smaller
        return self._descend(best, self.keys.fewer if self._is_spectral else self.keys.before)

    def complete(self, start: Evaluation) -> Evaluation:
        """Return a panel improved in what the model does not know, if local search finds one."""
        if not self._is_spectral:
            return start
        parts = (self.instance, self.options, self.local, self.keys)
        LowerComplexity(*parts, self._margin, self._as_good).run(start, self.stop)
        return self._descend(self.first(list(self.scorer.known.values())) or start, self.keys.before)

    def _as_good(self, panel: Panel) -> Evaluation | None:
        evaluation = self.scorer.evaluate(panel)
        return None if self.key(evaluation) is None else evaluation

    def _smaller(self, best: Evaluation) -> Evaluation | None:
        """Return a panel with one slot fewer that comes before, or None."""
        most = len(best.key) - 1
        shorter = [panel for panel in self.local.neighbours(best.key) if len(panel) == most]
        merits = np.round(self._merit(*self.local.estimates(shorter)), 7)
        for i in np.argsort(-merits, kind="stable")[:_SHORTENED]:
            panel, _ = self.local.climb(shorter[i], self._merit, self.stop, most)
            found = self.first([best, self.scorer.evaluate(panel)])
            if found is not None and found is not best:
                return found
        return None

    def _merit(self, worst: FloatArray, total: FloatArray) -> FloatArray:
        return total - 1e3 * np.maximum(self.best.worst - self.slack - worst, 0.0)

    def _descend(self, best: Evaluation, before: Callable[[Sequence[Panel], Panel], list[Panel]]) -> Evaluation:
        """Take the first improvement in the order of objective 3 until none is left or the evaluations are spent.

        Args:
            best: Where to begin.
            before: Returns which neighbours of a panel may come before it, in order.
        """
        improved = True
        while improved:
            improved = False
            for panel in self._promising(before, best):
                if self._left <= 0 or self.stop():
                    return best
                self._left -= 1
                evaluation = self.scorer.evaluate(panel)
                if self.first([best, evaluation]) is evaluation:
                    best, improved = evaluation, True
                    break
        return best

    def _promising(self, before: Callable[[Sequence[Panel], Panel], list[Panel]], best: Evaluation) -> list[Panel]:
        """Return neighbours that, by the estimate, may come before the best one and be about as good."""
        unjudged = [panel for panel in self.local.neighbours(best.key) if panel not in self.scorer.known]
        panels = before(unjudged, best.key)
        worst, _ = self.local.estimates(panels)
        least = self.best.worst - self.slack - _WORST_ERROR
        return [panel for panel, estimate in zip(panels, worst, strict=True) if estimate > least]
