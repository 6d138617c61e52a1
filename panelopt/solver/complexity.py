"""Among panels almost as good as the best one, a panel of small complexity index.

The complexity index (condition number of the signatures) is neither a sum nor a matter of pairs, so that the search
cannot prove its optimum. This step follows the search: single changes of slots from the best panel and from all other
judged panels in range, as long as the index falls. Where all allowed panels are few, they are enumerated instead, and
the answer is proven.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from panelopt.bounds.exclusions import conflicts, duties
from panelopt.bounds.options import list_options
from panelopt.domain.result import ComplexityStep
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.scoring import PanelScore, check_panel, score_panel
from panelopt.scoring.rules import panel_complexity
from panelopt.solver.judge import Judge, PanelKey, Verdict, ordered_slots
from panelopt.solver.local import LocalSearch, most_slots
from panelopt.solver.outcome import Outcome
from panelopt.solver.search import Search

WITHIN = 0.05
"""Model value: how much of the best sum of log ratios (log10) may be given up; the tolerance of the sum itself."""

MOST_LOOKED = 20_000
"""Model value: panels, and parts of them, that are looked at in the enumeration at most."""

STARTS = 5
"""Panels from which single changes are tried."""

JUDGED = 400
"""Panels that are judged at most while changes are tried."""

SECONDS = 20.0
"""Model value: most time of this step where the search has no limit, s."""

LEAST_SECONDS = 2.0
"""Model value: time of this step where the search has used up its limit, s."""

_WORST_ERROR, _TOTAL_ERROR = 0.1, 0.5  # what the estimate may be off (log10)
_LESS = 1 - 1e-9  # a smaller index is smaller by more than rounding


class _TooManyError(Exception):
    """There are more panels than can be enumerated."""


class ComplexityPolish:
    """Looks for a panel of smaller complexity index within reach of a finished search.

    Args:
        instance: The question.
        judge, local: Of the search.
        outcome: What it found; there must be a panel and a floor.
        within: How much of the best sum may be given up, log10.
        seconds: Most time.
    """

    def __init__(
        self,
        instance: Instance,
        judge: Judge,
        local: LocalSearch,
        outcome: Outcome,
        within: float = WITHIN,
        seconds: float = SECONDS,
    ) -> None:
        if outcome.score is None or outcome.floor is None or outcome.best_total is None:
            raise ValueError("the search has not come to its second objective")
        self.instance = instance
        self.judge = judge
        self.local = local
        self.within = within
        self._start = outcome.score
        self._least_worst = outcome.floor
        # the reported panel may lie below the best sum, as far as the third objective allows: it stays in range
        self._least_total = min(outcome.best_total - within, outcome.score.total)
        self._left = JUDGED
        self._until = time.perf_counter() + seconds

    def run(self) -> tuple[PanelScore, ComplexityStep]:
        """Return the panel of the smallest index that was found, and what is known of it."""
        before = self.index(self._start.slots)
        proven = self._enumerated()
        best = proven if proven is not None else self._climbed()
        step = ComplexityStep(
            status="proven" if proven is not None else "best found, not proven",
            within=self.within,
            before=_finite(before),
            after=_finite(self.index(best.slots)),
            worst_given_up=self._start.worst - best.worst,
            sum_given_up=self._start.total - best.total,
        )
        return best, step

    def index(self, slots: tuple[SlotIndex, ...]) -> float:
        """Complexity index of a panel."""
        return panel_complexity(self.instance, slots)

    def _is_good(self, score: PanelScore | None) -> bool:
        return score is not None and score.worst >= self._least_worst - 1e-9 and score.total >= self._least_total - 1e-9

    # ---- proof

    def _enumerated(self) -> PanelScore | None:
        """Return the best of all allowed panels; None where they are too many."""
        try:
            panels = list(self._all_panels())
        except _TooManyError:
            return None
        if self._is_over():
            return None
        best, least = self._start, self.index(self._start.slots)
        for value, slots in sorted((self.index(slots), slots) for slots in panels):
            if self._is_over():
                return None
            if value >= least * _LESS:
                break
            score = score_panel(self.instance, slots, self.judge.tolerance)
            if score is not None and self._is_good(score):
                return score
        return best

    def _all_panels(self) -> Iterator[tuple[SlotIndex, ...]]:
        """Yield every panel that the hard rules allow; all options, also those that the search could leave out."""
        options = list_options(self.instance)
        conflict, duty = conflicts(self.instance, options), duties(self.instance, options)
        most = most_slots(self.instance)

        def grow(panel: PanelKey, free: np.ndarray) -> Iterator[PanelKey]:
            yield panel
            if len(panel) < most:
                for o in np.flatnonzero(free):
                    if not self._is_over():
                        yield from grow((*panel, int(o)), free & ~conflict[o] & (np.arange(len(free)) > o))

        for looked, panel in enumerate(grow((), np.ones(len(options.slots), dtype=bool))):
            if looked > MOST_LOOKED:
                raise _TooManyError
            if panel and duty[list(panel)].any(axis=0).all():
                slots = ordered_slots([options.slots[o] for o in panel])
                if not check_panel(self.instance, slots):
                    yield slots

    # ---- search

    def _climbed(self) -> PanelScore:
        known = [verdict for verdict in self.judge.known.values() if self._is_good(verdict.score)]
        ranked = sorted((self.index(v.score.slots), v.key, v) for v in known if v.score is not None)
        best, least = self._start, self.index(self._start.slots)
        for _, _, verdict in ranked[:STARTS]:
            found = self._descend(verdict)
            if found.score is not None and self.index(found.score.slots) < least * _LESS:
                best, least = found.score, self.index(found.score.slots)
        return best

    def _descend(self, verdict: Verdict) -> Verdict:
        """Take the change after which the index is smallest, as long as it falls and the panel stays in range."""
        while verdict.score is not None:
            better = self._smaller(verdict.key, self.index(verdict.score.slots))
            if better is None:
                break
            verdict = better
        return verdict

    def _smaller(self, key: PanelKey, least: float) -> Verdict | None:
        neighbours = self.local.neighbours(key)
        slots = [ordered_slots([self.local.options.slots[o] for o in panel]) for panel in neighbours]
        ranked = sorted((self.index(s), panel) for s, panel in zip(slots, neighbours, strict=True))
        smaller = [panel for value, panel in ranked if value < least * _LESS]
        estimates = self.local.estimates(smaller)
        for panel, worst, total in zip(smaller, *estimates, strict=True):
            if self._left <= 0 or self._is_over():
                return None
            if worst > self._least_worst - _WORST_ERROR and total > self._least_total - _TOTAL_ERROR:
                self._left -= 1
                verdict = self.judge.verdict(panel)
                if self._is_good(verdict.score):
                    return verdict
        return None

    def _is_over(self) -> bool:
        return time.perf_counter() > self._until


def polish_complexity(search: Search, within: float) -> None:
    """Replace the panel of a finished search by one of small complexity index, if the search came far enough.

    The time that the search left of its limit is used, at most :data:`SECONDS`.
    """
    outcome, limit = search.outcome, search.limits.time_limit_s
    if outcome.score is None or outcome.floor is None or outcome.best_total is None or outcome.interrupted:
        return
    seconds = SECONDS if limit is None else min(SECONDS, max(limit - outcome.wall_s, LEAST_SECONDS))
    began = time.perf_counter()
    polish = ComplexityPolish(search.instance, search.judge, search.local, outcome, within, seconds)
    outcome.score, outcome.complexity = polish.run()
    outcome.wall_s += time.perf_counter() - began


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
