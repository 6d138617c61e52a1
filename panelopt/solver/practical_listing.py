"""Objective 3 on a conventional instrument by listing: every panel of the fewest colours, in the order of preference.

Panels of few slots are few enough to be listed (:mod:`panelopt.solver.panel_growth`). Their noise is worked out exactly
in batches; those that it does not rule out are scored, first come first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from panelopt.instance.arrays import FloatArray
from panelopt.scoring.practicality import STEP, spillover_burden, whole_steps, word_order
from panelopt.solver.local import Panel
from panelopt.solver.noise_check import NoiseCheck
from panelopt.solver.panel_growth import AdditiveLimit, PanelGrowth, Work
from panelopt.solver.panel_ratios import LeastRatios
from panelopt.solver.panel_scorer import Evaluation
from panelopt.solver.practical_model import count_of
from panelopt.solver.practical_search import Key, PracticalSearch
from panelopt.solver.tools import Tools

LADDER = (2, 8, 32, None)
"""Whole steps of spillover up to which panels are listed in turn, until one is as good; None = any."""

WORK = 60_000_000
"""Joins of an option to a part of a panel that listing may try."""

MOST_LISTED = 400_000
"""Panels that may be listed."""

MOST_SCORED = 1_000
"""Panels that may be scored."""

_BATCH = 8  # panels scored at once
_EXTRA = 1e-6  # spillover burdens are compared in steps, with a margin for rounding


class Incomplete(Exception):
    """Listing would take too long."""


class PracticalListing:
    """Finds the panel that objective 3 puts first among all of one size.

    Args:
        search: The question, and what is as good as the best panel.
        tools: Tables of the search.
        bounds: For each view (O, 3, C) bounds on the claims of each option whatever joins it.

    Attributes:
        count: What is compared before spillover, as one number.
        least: The smallest such number of a panel that does its duties.

    Raises:
        Incomplete: if spillover is not counted, or not after colours.
    """

    def __init__(self, search: PracticalSearch, tools: Tools, bounds: Sequence[FloatArray]) -> None:
        instance, options = search.instance, search.options
        words = word_order(instance.prefer)
        self._words = words[: words.index("spillover")]
        if not instance.conventional or "colours" not in self._words or "price" in self._words:
            raise Incomplete
        self.search = search
        self.count = count_of(instance, options, self._words)
        self._weights = np.array(self.count.weights, dtype=np.int64)
        ratios = LeastRatios.as_good(instance, search.best, search.slack)
        self._growth = PanelGrowth(instance, tools, bounds, ratios)
        self._check = NoiseCheck(instance, tools, ratios, search.best, self._growth.needed)
        self.least = self._growth.least(self._weights)

    def number(self, panel: Sequence[int]) -> int:
        """Return the number of a panel that is compared before spillover."""
        return self.count.value(self.search.options, panel)

    def first(self, number: int, known: Evaluation | None) -> Evaluation | None:
        """Return the panel that comes first of those with this number; None if none is as good as the best one.

        No panel that is as good as the best one may have a smaller number.

        Args:
            number: What is compared before spillover.
            known: A panel with this number that is as good as the best one; None where none is known.

        Raises:
            Incomplete: if that takes too much work or time.
        """
        own = None if known is None else self._steps(known)
        for steps in LADDER:
            most = steps if own is None or (steps is not None and steps < own) else own
            first = self._first_of(self._listed(number, most), known)
            if first is not known or most == own:
                break
        return first

    def _steps(self, evaluation: Evaluation) -> int:
        """Return the whole steps of spillover of a panel."""
        slots = [self.search.options.slots[o] for o in evaluation.key]
        return whole_steps(spillover_burden(self.search.instance, slots))

    def _first_of(self, panels: np.ndarray, known: Evaluation | None) -> Evaluation | None:
        """Return the panel (N, n) that comes first, or the known one if none comes before it."""
        first, left = known, MOST_SCORED
        waiting = self._candidates(panels)
        while batch := self._next(waiting, first):
            left -= len(batch)
            if left < 0 or self.search.stop():
                raise Incomplete
            scored = self.search.scorer.evaluate_all(batch)
            first = self.search.first(scored if first is None else [first, *scored])
        return first

    def _next(self, waiting: Iterator[tuple[Panel, Key]], first: Evaluation | None) -> list[Panel]:
        """Return the next panels that may come before the first one known."""
        last = None if first is None else (self._key(first), first.key)
        ahead = (panel for panel, before in waiting if last is None or (before, panel) < last)
        return list(islice(ahead, _BATCH))

    def _key(self, evaluation: Evaluation) -> Key:
        key = self.search.key(evaluation)
        if key is None:
            raise ValueError("the panel is not as good as the best one")
        return key

    def _candidates(self, panels: np.ndarray) -> Iterator[tuple[Panel, Key]]:
        """Return the panels (N, n) that may be as good, each with a key that it does not come before, in that order."""
        if not panels.size:
            return iter(())
        sifted = self._check.sift(panels, self.search.stop)
        if sifted is None:
            raise Incomplete
        rows, gates = sifted
        some = [tuple(panel) for panel in panels[rows].tolist()]
        table = zip(some, self.search.keys.table(panels[rows]).tolist(), gates.tolist(), strict=True)
        keyed = sorted(((*row, count, *self.search.keys.late(panel)), panel) for panel, row, count in table)
        return iter([(panel, key) for key, panel in keyed])

    def _listed(self, number: int, steps: int | None) -> np.ndarray:
        """Return (N, n) the panels that may be as good and spill at most some whole steps; None = any."""
        limits = [AdditiveLimit(self._weights.astype(float), None, number)]
        if steps is not None:
            nothing = np.zeros(len(self._weights))
            limits.append(AdditiveLimit(nothing, self.search.keys.spill_of_both, (steps + 1) * STEP + _EXTRA))
        self._growth.bound_parts(self._check.hardest)
        size, parts, count = self._colours(number), [], 0
        for batch in self._growth.panels(size, size, limits, Work(WORK), self.search.stop):
            count += 0 if batch is None else len(batch)
            if batch is None or count > MOST_LISTED:
                raise Incomplete
            parts.append(batch)
        return np.unique(np.concatenate([np.zeros((0, size), np.int32), *parts]), axis=0)

    def _colours(self, number: int) -> int:
        """Return the colours in a number."""
        base = len(self.search.instance.marker) + 1
        digit = len(self._words) - 1 - self._words.index("colours")
        return int(number // base**digit % base)
