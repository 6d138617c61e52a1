"""All panels that may reach given ratios, listed without a model.

Panels grow slot by slot, many at once. A part of a panel is dropped once its slots, and the best that could still join
it, claim too little or count too much. Claims are those of :mod:`panelopt.bounds`, which no panel exceeds, so nothing
that reaches the ratios is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from panelopt.bounds.exclusions import Exclusions, duties, most_slots
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.solver.option_bits import OptionBits
from panelopt.solver.pair_check import PairCheck
from panelopt.solver.panel_parts import Parts, WaitingParts
from panelopt.solver.panel_ratios import Gains, LeastRatios
from panelopt.solver.panel_shortfall import PanelShortfall
from panelopt.solver.part_bound import PartBound
from panelopt.solver.tools import Tools

MOST_OPTIONS = 20_000
"""Options of which panels are listed; with more, a bit for each pair and each part of a panel takes too much memory."""

_JOINS = 200_000
"""Joins of an option to a part of a panel that are judged at once; they take some 100 MB."""

_PARTS = 4096
"""Parts of panels that grow at once, where options are few."""

_GROWN = 250_000_000
"""Bytes that those may take after one step, so that parts of each size take little more while they wait."""

_PART_BYTES = 500
"""Bytes that a part takes, roughly, besides a bit for every option."""

_BOUND_WORK = 40
"""Joins that take as long as bounding a part by itself."""

_SAMPLE = 512
"""Parts of one size by which the work of a listing is foreseen."""

_PART_WORK = 16
"""Joins that take as long as looking up what may join a part."""


@dataclass(frozen=True, slots=True)
class AdditiveLimit:
    """A number that every pair of slots and every slot adds to, and that panels may not exceed.

    Attributes:
        single: (O,) what each option adds.
        pair: Returns what two options add together, for arrays of both; None = nothing.
        most: Largest sum.
    """

    single: FloatArray
    pair: Callable[[np.ndarray, np.ndarray], FloatArray] | None
    most: float


@dataclass(slots=True)
class Work:
    """What may be spent on listing, in joins of an option to a part of a panel; some 30 million a second."""

    left: int
    spent: int = 0

    @classmethod
    def unlimited(cls) -> Work:
        """Return more than can be spent."""
        return cls(2**62)

    def spend(self, joins: int) -> bool:
        """Spend some of it; return whether there was enough."""
        self.left -= joins
        self.spent += joins
        return self.left >= 0


class PanelGrowth:
    """Lists panels.

    Args:
        instance: The question.
        tools: Tables of its options.
        bounds: For each view (O, 3, C) bounds on the claims of each option whatever joins it.
        ratios: What a panel must reach.

    Attributes:
        needed: (1, Q) what each comparison needs for itself.
    """

    def __init__(
        self,
        instance: Instance,
        tools: Tools,
        bounds: Sequence[FloatArray],
        ratios: LeastRatios,
    ) -> None:
        self.options = options = tools.options
        self.ratios = ratios
        self._gains = Gains.of_claims(bounds)
        self._part_bound: PartBound | None = None
        self._instance, self._tools = instance, tools
        self._bits = OptionBits(options)
        duty = duties(instance, options)
        self._duty = duty[:, np.argsort(duty.sum(axis=0), kind="stable")]  # fewest ways first
        self._several = bool((self._duty.sum(axis=1) > 1).any())
        ways = [np.flatnonzero(column) for column in self._duty.T]
        self._by_duty = Gains.joined([self._gains.nothing(0), *map(self._gains.best, ways)])
        self._optional = self._best_of(np.asarray(~self._duty.any(axis=1)))
        everything = self._best_of(np.ones(len(options.slots), dtype=bool))
        largest = min(most_slots(instance), len(everything.all) - 1)
        self.needed = ratios.gains_needed(everything.take(slice(largest, largest + 1)))
        self._shortfall = PanelShortfall(self._gains, everything, self.needed)

    @cached_property
    def _bars(self) -> np.ndarray:
        """(O, W) bits of the options that each one excludes."""
        return self._bits.excluded(Exclusions(self._instance, self.options))

    @property
    def _has_too_many_options(self) -> bool:
        return len(self.options.slots) > MOST_OPTIONS

    @property
    def _at_once(self) -> int:
        """Parts that grow at once."""
        become = len(self.options.slots) * (_PART_BYTES + self._bits.width)  # bytes, from one part
        return min(_PARTS, 1 + _GROWN // max(become, 1))

    def bound_parts(self, pair: PairCheck | None) -> None:
        """Bound parts of panels by themselves from now on, for a pair of populations that few panels tell apart."""
        if pair is not None and self._part_bound is None:
            self._part_bound = PartBound(self._instance, self._tools, pair.view, pair.against, self._gains)

    def least(self, weights: np.ndarray) -> int:
        """Return a lower bound on the summed weights (O,) of a panel that fulfils every duty."""
        least = [int(weights[column].min(initial=np.iinfo(np.int64).max)) for column in self._duty.T]
        if not least:
            return 0
        return max(least) if self._several else sum(least)

    def panels(
        self, fewest: int, most: int, limits: Sequence[AdditiveLimit], work: Work, stop: Callable[[], bool]
    ) -> Iterator[np.ndarray | None]:
        """Yield batches (N, n) of all panels that may reach the ratios within the limits; None if it is too much.

        Panels satisfy duties and exclusions; other rules are not looked at. A panel may come more than once.

        Args:
            fewest: Slots of the smallest panels.
            most: Slots of the largest panels.
            limits: What else they may not exceed.
            work: What may be spent.
            stop: Whether time is up.
        """
        if self._has_too_many_options:
            yield None
            return
        waiting = WaitingParts(self._nothing(len(limits)), most, self._at_once)
        while (parts := waiting.next()) is not None:
            for grown in self._grown(parts, limits, most - parts.panels.shape[1] - 1, work):
                if grown is None or stop():
                    yield None
                    return
                size = grown.panels.shape[1]
                if size >= fewest and len(panels := self._complete(grown)):
                    yield panels
                if size < most:
                    waiting.add(grown)

    def sampled(self, most: int, work: Work) -> Iterator[tuple[np.ndarray, float]]:
        """Yield panels (N, n) of one size after the other from a sample of the parts, and how many each stands for.

        What listing all panels would take is spent, as far as the sample shows (Knuth 1975, doi:10.2307/2005469).
        Nothing comes where options are too many to be listed.

        Args:
            most: Slots of the largest panels.
            work: What may be spent; may be overdrawn.
        """
        if self._has_too_many_options:
            return
        rng, parts, weight, size = np.random.default_rng(0), self._nothing(0), 1.0, min(_SAMPLE, self._at_once)
        for left in reversed(range(most)):
            here = Work.unlimited()
            grown = [part for part in self._grown(parts, (), left, here) if part is not None]
            if not work.spend(int(weight * here.spent)) or not grown:
                return
            parts = Parts.joined(grown)
            yield self._complete(parts), weight
            if len(parts) > size:
                weight *= len(parts) / size
                parts = parts.take(np.sort(rng.permutation(len(parts))[:size]))

    def _nothing(self, limits: int) -> Parts:
        """Return the part without slots."""
        return Parts(
            panels=np.zeros((1, 0), dtype=np.int32),
            last=np.full(1, -1),
            gains=self._gains.nothing(1),
            sums=np.zeros((1, limits)),
            barred=np.zeros((1, self._bits.width), dtype=np.uint8),
            missing=np.ones((1, self._duty.shape[1]), dtype=bool),
        )

    def _complete(self, parts: Parts) -> np.ndarray:
        """Return (N, n) the parts that are panels."""
        rows = np.flatnonzero(~parts.missing.any(axis=1))
        return np.sort(parts.panels[rows[self.ratios.reached(parts.gains.take(rows))]], axis=1)

    def _grown(self, parts: Parts, limits: Sequence[AdditiveLimit], left: int, work: Work) -> Iterator[Parts | None]:
        """Yield the parts with one more slot each, in all ways that can lead to a panel; None if it is too much."""
        begin = np.where(parts.missing.any(axis=1), 0, parts.last + 1)
        helpful = self._shortfall.helpful(parts.gains, left, begin)
        if not work.spend(_PART_WORK * len(parts) + helpful.joins):
            yield None
            return
        for place, option in helpful.batches(_JOINS):
            grown = self._joined(parts, *self._fitting(parts, place, option), limits, left)
            yield self._hopeful(grown, left, work)

    def _hopeful(self, parts: Parts, left: int, work: Work) -> Parts:
        """Return the parts whose slots may still claim enough, whatever joins them."""
        if self._part_bound is None or not len(parts):
            return parts
        work.spend(_BOUND_WORK * len(parts))
        first = np.where(parts.missing.any(axis=1), 0, parts.last + 1) if left else np.full(len(parts), -1)
        free = self._bits.detectors(self._bits.later[first] & ~parts.barred)
        lowered = self._part_bound.lowered(parts.gains, parts.panels, free)
        return parts.take(np.flatnonzero(self._can_finish(lowered, parts.missing, left)))

    def _fitting(self, parts: Parts, place: np.ndarray, option: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs that fit: the option fulfils the first open duty of the part, else follows its last one."""
        asked = np.asarray(parts.missing.any(axis=1))
        kept = option > parts.last[place]
        if asked.any():
            kept = np.where(asked[place], self._duty[option, np.argmax(parts.missing, axis=1)[place]], kept)
        place, option = place[kept], option[kept]
        free = ~self._bits.contain(parts.barred, place, option)
        return place[free], option[free]

    def _joined(
        self, parts: Parts, place: np.ndarray, option: np.ndarray, limits: Sequence[AdditiveLimit], left: int
    ) -> Parts:
        """Return parts with one more option each, as far as they can lead to a panel."""
        sums = parts.sums[place]
        for number, limit in enumerate(limits):
            sums[:, number] += limit.single[option]
            if limit.pair is not None:
                sums[:, number] += limit.pair(parts.panels[place], option[:, None]).sum(axis=1)
        kept = (sums <= [limit.most for limit in limits]).all(axis=1)
        place, option, sums = place[kept], option[kept], sums[kept]
        gains = parts.gains.take(place).plus(self._gains.take(option))
        missing = parts.missing[place] & ~self._duty[option]
        kept = self._can_finish(gains, missing, left)
        place, option = place[kept], option[kept]
        panels = np.column_stack([parts.panels[place], option]).astype(np.int32)
        last = np.where(np.asarray(parts.missing.any(axis=1))[place], parts.last[place], option)
        barred = parts.barred[place] | self._bars[option]
        return Parts(panels, last, gains.take(kept), sums[kept], barred, missing[kept])

    def _can_finish(self, gains: Gains, missing: BoolArray, left: int) -> BoolArray:
        """Return (N,) whether the ratios are in reach with ``left`` more slots that fulfil the missing duties."""
        count = missing.sum(axis=1)
        if self._several:
            kept = np.flatnonzero((count == 0) | (left > 0))
            others = left - np.minimum(count[kept], 1)
        else:
            kept = np.flatnonzero(count <= left)
            others = left - count[kept]
        most = gains.take(kept).plus(self._by_duty.weighted(missing[kept]))
        most = most.plus(self._optional.take(np.minimum(others, len(self._optional.all) - 1)))
        result = np.zeros(len(missing), dtype=bool)
        result[kept] = self.ratios.reached(most)
        return result

    def _best_of(self, free: BoolArray) -> Gains:
        """Return (N, Q) what 0, 1, 2.. slots of the options (O,) in question could claim at best."""
        keys = np.array([self.options.key(o) for o in range(len(self.options.slots))])
        each = [self._gains.best(np.flatnonzero(free & (keys == key))) for key in np.unique(keys[free]).tolist()]
        return self._gains.tops(each)
