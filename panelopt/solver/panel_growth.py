"""All panels of a given number of slots that may reach given ratios, listed without a model.

Panels grow slot by slot, many at once. A part of a panel is dropped once its slots, and the best that could still join
it, claim too little or count too much. Claims are those of :mod:`panelopt.bounds`, which no panel exceeds, so nothing
that reaches the ratios is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.exclusions import conflicts, duties
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.solver.panel_ratios import Gains, LeastRatios

_JOINS = 150_000
"""Joins of an option to a part of a panel that are judged at once; they take some 100 MB."""

MOST_PARTS = 400_000
"""Parts of panels that are kept; more would need too much memory."""


@dataclass(frozen=True, slots=True)
class AdditiveLimit:
    """A number that every pair of slots and every slot adds to, and that panels may not exceed.

    Attributes:
        single: (O,) what each option adds.
        pair: (O, O) what two options add together, symmetric; None = nothing.
        most: Largest sum.
    """

    single: FloatArray
    pair: FloatArray | None
    most: float


@dataclass(slots=True)
class Work:
    """What may be spent on listing, in joins of an option to a part of a panel; about 5 million a second."""

    left: int

    def spend(self, joins: int) -> bool:
        """Spend some of it; return whether there was enough."""
        self.left -= joins
        return self.left >= 0


@dataclass(frozen=True, slots=True)
class _Parts:
    """Parts of panels, all of one size.

    Attributes:
        panels: (N, k) option indices.
        last: (N,) the last option that joined although no duty asked for it, -1 = none: the next ones follow it.
        gains: (N, Q) what the slots claim.
        sums: (N, L) what they add to each limit.
    """

    panels: np.ndarray
    last: np.ndarray
    gains: Gains
    sums: FloatArray

    def __len__(self) -> int:
        return len(self.panels)

    def slice(self, start: int, stop: int) -> _Parts:
        part = slice(start, stop)
        return _Parts(self.panels[part], self.last[part], self.gains.take(part), self.sums[part])

    @staticmethod
    def joined(parts: Sequence[_Parts]) -> _Parts:
        return _Parts(
            np.concatenate([part.panels for part in parts]),
            np.concatenate([part.last for part in parts]),
            Gains.joined([part.gains for part in parts]),
            np.concatenate([part.sums for part in parts]),
        )


class PanelGrowth:
    """Lists panels of a given size.

    Args:
        instance: The question.
        options: All slots.
        bounds: For each view (O, 3, C) bounds on the claims of each option whatever joins it.
        ratios: What a panel must reach.
    """

    def __init__(
        self, instance: Instance, options: CandidateSlots, bounds: Sequence[FloatArray], ratios: LeastRatios
    ) -> None:
        self.options = options
        self.ratios = ratios
        self._gains = Gains.of_claims(bounds)
        self._conflict = conflicts(instance, options)
        duty = duties(instance, options)
        self._duty = duty[:, np.argsort(duty.sum(axis=0), kind="stable")]  # fewest ways first
        self._several = bool((self._duty.sum(axis=1) > 1).any())
        self._by_duty = [self._gains.best(np.flatnonzero(column)) for column in self._duty.T]
        self._optional = self._best_of_optional()

    def least(self, weights: np.ndarray) -> int:
        """Return a lower bound on the summed weights (O,) of a panel that fulfils every duty."""
        least = [int(weights[column].min(initial=np.iinfo(np.int64).max)) for column in self._duty.T]
        if not least:
            return 0
        return max(least) if self._several else sum(least)

    def panels(
        self, size: int, limits: Sequence[AdditiveLimit], work: Work, stop: Callable[[], bool]
    ) -> np.ndarray | None:
        """Return (N, size) all panels that may reach the ratios within the limits, or None if that is too much.

        Panels satisfy duties and exclusions; other rules are not looked at.

        Args:
            size: Slots of each panel.
            limits: What else they may not exceed.
            work: What may be spent.
            stop: Whether time is up.
        """
        count = len(self.options.slots)
        chunk = max(_JOINS // count, 1)
        parts = _Parts(
            np.zeros((1, 0), dtype=np.int32),
            np.full(1, -1),
            self._gains.nothing(1),
            np.zeros((1, len(limits))),
        )
        for left in reversed(range(size)):
            grown: list[_Parts] = []
            for start in range(0, len(parts), chunk):
                some = parts.slice(start, start + chunk)
                if not work.spend(len(some) * count) or stop() or sum(map(len, grown)) > MOST_PARTS:
                    return None
                grown.append(self._grown(some, limits, left))
            parts = _Parts.joined(grown)
            if not len(parts):
                return np.zeros((0, size), dtype=np.int32)
        return np.unique(np.sort(parts.panels, axis=1), axis=0)

    def _grown(self, parts: _Parts, limits: Sequence[AdditiveLimit], left: int) -> _Parts:
        """Return the parts with one more slot each, in all ways that can lead to a panel."""
        place, option = np.nonzero(self._joinable(parts))
        sums = parts.sums[place]
        for number, limit in enumerate(limits):
            sums[:, number] += limit.single[option]
            if limit.pair is not None:
                sums[:, number] += limit.pair[parts.panels[place], option[:, None]].sum(axis=1)
        kept = (sums <= [limit.most for limit in limits]).all(axis=1)
        place, option, sums = place[kept], option[kept], sums[kept]
        panels = np.column_stack([parts.panels[place], option]).astype(np.int32)
        gains = parts.gains.take(place).plus(self._gains.take(option))
        kept = self._can_finish(gains, self._missing(panels), left)
        asked = np.asarray(self._missing(parts.panels).any(axis=1))
        last = np.where(asked[place[kept]], parts.last[place[kept]], option[kept])
        return _Parts(panels[kept], last, gains.take(kept), sums[kept])

    def _missing(self, panels: np.ndarray) -> BoolArray:
        """Return (N, duties) the duties that no slot fulfils."""
        return ~np.asarray(self._duty[panels].any(axis=1))

    def _joinable(self, parts: _Parts) -> BoolArray:
        """Return (N, O) the options that may join: those of the first open duty, else any that follow the last."""
        free = ~self._conflict[parts.panels].any(axis=1)
        missing = self._missing(parts.panels)
        asked = np.asarray(missing.any(axis=1))
        if asked.any():
            free[asked] &= self._duty[:, np.argmax(missing[asked], axis=1)].T
        free[~asked] &= np.arange(free.shape[1]) > parts.last[~asked, None]
        return np.asarray(free)

    def _can_finish(self, gains: Gains, missing: BoolArray, left: int) -> BoolArray:
        """Return (N,) whether the ratios are in reach with ``left`` more slots that fulfil the missing duties."""
        kept = np.zeros(len(missing), dtype=bool)
        codes, inverse = np.unique(missing, axis=0, return_inverse=True)
        for code, open_ in enumerate(codes):
            count = int(open_.sum())
            if count > left and not (self._several and left):
                continue
            rows = np.flatnonzero(inverse.ravel() == code)
            others = left - (min(count, 1) if self._several else count)
            most = gains.take(rows)
            for duty in np.flatnonzero(open_):
                most = most.plus(self._by_duty[duty])
            most = most.plus(self._optional[min(others, len(self._optional) - 1)])
            kept[rows] = self.ratios.reached(most)
        return kept

    def _best_of_optional(self) -> list[Gains]:
        """Return what 0, 1, 2.. slots that no duty asks for could claim at best."""
        keys = np.array([self.options.key(o) for o in range(len(self.options.slots))])
        free = ~self._duty.any(axis=1)
        each = [self._gains.best(np.flatnonzero(free & (keys == key))) for key in np.unique(keys[free]).tolist()]
        return self._gains.tops(each)
