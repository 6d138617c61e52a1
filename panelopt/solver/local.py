"""Local search on estimated scores: swaps, additions, removals and exchanges, then changes of several slots.

Gives the exact search a strong start. It proves nothing, and is deterministic for a seed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.exclusions import Exclusions, duties, most_slots
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.scoring.rule_checks import panel_complexity
from panelopt.solver.late_random import late_generator
from panelopt.solver.marker_lists.list_builder import ListBuilder, on_ratios
from panelopt.solver.marker_lists.list_search import ListSearch
from panelopt.solver.remembered_estimates import Estimates, RememberedEstimates

Panel = tuple[int, ...]
Merit = Callable[[FloatArray, FloatArray], FloatArray]
"""Combines estimates of `worst` and `total` into one number to maximise."""
Stop = Callable[[], bool]

MERIT_DIGITS = 7
"""Digits of a merit that count."""

_FEW = 512  # with more neighbours a step does not evaluate all
_PART = 128  # of them, a step evaluates at once
_PROMISING = 96  # best additions of one step that the next step tries again
_PATIENCE, _GAIN = 128, 0.01  # neighbours, none of which adds so much to the merit, that end a climb of a sketch
_ABLE = 250  # of more options that do some missing duty, only those for the rarest one are tried
_IDLE = 12  # turns in a row without a new optimum that end exploration
_ROUND = 1000  # estimates of panels in a round of exploration
_RUIN = (2, 3, 4)  # slots removed before rebuilding
_TRIES = 50  # attempts at a random panel


class LocalSearch:
    """Improves panels by small changes that keep the hard rules.

    Args:
        instance: The question.
        options: All slots.
        estimator: Estimates the score.
        seed: Seed of the random choices.
    """

    def __init__(self, instance: Instance, options: CandidateSlots, estimator: Estimates, seed: int) -> None:
        self.instance = instance
        self.options = options
        self.estimator = estimator
        self.random = late_generator(seed)
        self._exclusions = Exclusions(instance, options)
        self._duty = duties(instance, options)
        self._most = most_slots(instance)
        self._estimated = 0
        self._patience: int | None = None
        self._gain = 1e-9
        self._remembered = RememberedEstimates(estimator)
        self._lists: ListSearch | None = None
        if estimator.lists is not None:
            self._lists = ListSearch(
                ListBuilder(options, estimator.lists, self._exclusions, self._keeps_rules, self.random)
            )

    def sketching(self, estimator: Estimates) -> LocalSearch:
        """Return a search by other estimates that takes larger steps and tries fewer neighbours before a climb ends.

        Both draw the same random numbers in turn.
        """
        other = copy.copy(self)
        other._patience, other._gain = _PATIENCE, _GAIN
        other.estimator, other._remembered = estimator, RememberedEstimates(estimator)
        return other

    def start(self) -> Panel | None:
        """Return an allowed panel built from scratch, or None if none was found."""

        def merit(worst: FloatArray, total: FloatArray) -> FloatArray:
            return 1e3 * worst + total

        built = self._lists.builder.build((), on_ratios(merit)) if self._lists is not None else None
        return built or self._recreate((), merit) or self._afresh()

    def climb(
        self, panel: Panel, merit: Merit, stop: Stop, most: int | None = None, least: float = -np.inf
    ) -> tuple[Panel, float]:
        """Return the best panel reached by single changes, with at most ``most`` slots, and its merit.

        Below ``least`` it ends where some of many neighbours, chosen at random, are no better.
        """
        if self._lists is not None:
            return self._lists.climb(panel, on_ratios(merit), stop)
        best = self._merits([panel], merit)[0]
        while not stop():
            found = self._step(self.neighbours(panel, most), merit, float(best), stop, least)
            if found is None:
                break
            panel, best = found
        return panel, float(best)

    def _step(
        self, neighbours: Sequence[Panel], merit: Merit, best: float, stop: Stop, least: float
    ) -> tuple[Panel, float] | None:
        """Return the best of few neighbours, or the best of the first part with a better one of many."""
        count = len(neighbours)
        all_at_once = count <= _FEW and self._patience is None
        order, size = (np.arange(count), _FEW) if all_at_once else (self.random.permutation(count), _PART)
        for start in range(0, min(count, self._patience or count), size):
            part = [neighbours[i] for i in order[start : start + size]]
            merits = self._merits(part, merit)
            better = (int(i) for i in np.argsort(-merits, kind="stable") if merits[i] > best + self._gain)
            top = next((i for i in better if self._keeps_sums(part[i])), None)
            if top is not None or best < least or stop():
                return None if top is None else (part[top], float(merits[top]))
        return None

    def explore(self, start: Panel, merit: Merit, rounds: int, stop: Stop, level: float = -np.inf) -> Iterator[Panel]:
        """Yield local optima: of ``start``, then of changed versions of the best panel and of random panels in turn.

        A sketch yields only those that are better than all before. In marker lists every marker below ``level`` counts.
        """
        if self._lists is not None:
            yield from self._lists.explore(start, on_ratios(merit, level), rounds, stop)
            return
        panel, best = self.climb(start, merit, stop)
        yield panel
        enough = self._estimated + rounds * _ROUND
        turn, idle, seen = 0, 0, {panel}
        while self._estimated < enough and idle < _IDLE and not stop():
            turn, idle = turn + 1, idle + 1
            changed = self._changed(turn, panel, merit)
            if changed is None:
                continue
            candidate, value = self.climb(changed, merit, stop, least=best)
            is_better = value > best + self._gain
            if candidate in seen or not (is_better or self._patience is None):
                continue
            idle = 0
            seen.add(candidate)
            yield candidate
            if is_better:
                panel, best = candidate, value

    def _changed(self, turn: int, panel: Panel, merit: Merit) -> Panel | None:
        """Return a panel to climb from: some slots exchanged at random, all of them, or some rebuilt."""
        if turn % 4 == 2:
            return self._afresh()
        size = min(int(self.random.choice(_RUIN)), len(panel))
        keep = tuple(panel[i] for i in sorted(self.random.permutation(len(panel))[size:]))
        return self._recreate(keep, merit) if turn % 4 == 0 else self._filled(keep, len(panel))

    def _afresh(self) -> Panel | None:
        """Return a random panel that fulfils every duty; None if none was found."""
        return next((panel for _ in range(_TRIES) if (panel := self._filled((), 1)) is not None), None)

    def _filled(self, panel: Panel, least: int) -> Panel | None:
        """Add random slots, those for the hardest duty first, until so many do every duty; None where that fails."""
        while len(panel) < least or not self._complete(panel):
            free = self._joiners(panel, complete=False)
            missing = np.flatnonzero(~self._done(panel))
            if missing.size:
                ways = self._duty[np.ix_(free, missing)]
                rarest = int(np.argmin(ways.sum(axis=0) + self.random.random(missing.size)))
                free = free[ways[:, rarest]]
            if free.size == 0 or len(panel) == self._most:
                return None
            panel = (*panel, int(self.random.choice(free)))
        panel = tuple(sorted(panel))
        return panel if self._keeps_rules(panel) else None

    # ---- moves

    def neighbours(self, panel: Panel, most: int | None = None) -> list[Panel]:
        """Return the panels that differ from an allowed one by one slot, or by an exchange between two slots."""
        most = self._most if most is None else most
        result: list[Panel] = []
        for i in range(len(panel)):
            rest = panel[:i] + panel[i + 1 :]
            result += [tuple(sorted((*rest, o))) for o in self._joiners(rest, complete=True) if o != panel[i]]
            if rest and self._complete(rest):
                result.append(rest)
        if len(panel) < most:
            result += [tuple(sorted((*panel, o))) for o in self._joiners(panel, complete=True)]
        result += self._exchanged(panel)
        placed = self.instance.max_changes is not None or bool(self.instance.apart)
        return [panel for panel in result if self._is_in_place(panel)] if placed else result

    def _exchanged(self, panel: Panel) -> list[Panel]:
        """Return the panels in which two slots exchange dye and detector.

        Where all detectors are taken by markers that must be stained, there is no other way to move a dye.
        """
        slots = self.options.slots
        result: list[Panel] = []
        for a, b in combinations(panel, 2):
            one = self.options.by_slot.get(replace(slots[a], dye=slots[b].dye, detector=slots[b].detector))
            other = self.options.by_slot.get(replace(slots[b], dye=slots[a].dye, detector=slots[a].detector))
            if one is not None and other is not None:
                changed = tuple(sorted((*(o for o in panel if o not in (a, b)), one, other)))
                if self._complete(changed) and self._is_affordable(changed):
                    result.append(changed)
        return result

    def _is_affordable(self, panel: Panel) -> bool:
        most = self.instance.budget
        return most is None or float(self.options.cost[list(panel)].sum()) <= most + 1e-9

    def allows(self, panel: Panel) -> bool:
        """Whether a panel satisfies the hard rules."""
        clashes = int(self._exclusions.rows(panel, panel).sum()) - len(panel)  # but for each option with itself
        return clashes == 0 and self._keeps_rules(panel)

    def _keeps_rules(self, panel: Panel) -> bool:
        """Whether a panel without mutually exclusive slots satisfies the other hard rules."""
        return (
            len(panel) <= self._most
            and self._complete(panel)
            and self._is_affordable(panel)
            and self._is_in_place(panel)
            and self._keeps_sums(panel)
        )

    def _keeps_sums(self, panel: Panel) -> bool:
        """Whether a panel satisfies the rules on sums: complexity, and the budget with deliveries."""
        most, budget = self.instance.max_complexity, self.instance.budget
        slots = [self.options.slots[o] for o in panel]
        if budget is not None and self.instance.delivery is not None:
            reagents = [(m, slot.dye) for slot in slots for m in slot.markers]
            if self.instance.cost(reagents) > budget + 1e-9:
                return False
        return most is None or panel_complexity(self.instance, slots) <= most

    def _is_in_place(self, panel: Panel) -> bool:
        """Whether the panel is near the given one and apart from earlier ones, as demanded."""
        slots = [self.options.slots[o] for o in panel]
        most, nearness = self.instance.max_changes, self.instance.nearness(slots)
        return (most is None or self.instance.changes(slots) <= most) and (
            nearness is None or nearness >= self.instance.differ
        )

    def _joiners(self, panel: Sequence[int], *, complete: bool) -> np.ndarray:
        """Return options that may join; with ``complete`` only those that complete all duties."""
        free = ~self._exclusions.any_of(panel)
        if complete:
            missing = ~self._done(panel)
            free &= self._duty[:, missing].all(axis=1)
        if self.instance.budget is not None:
            spent = float(self.options.cost[list(panel)].sum())
            free &= self.options.cost + spent <= self.instance.budget + 1e-9
        return np.flatnonzero(free)

    def _done(self, panel: Sequence[int]) -> BoolArray:
        return np.asarray(self._duty[list(panel)].any(axis=0)) if panel else np.zeros(self._duty.shape[1], dtype=bool)

    def _complete(self, panel: Sequence[int]) -> bool:
        return bool(self._done(panel).all())

    def _recreate(self, panel: Panel, merit: Merit) -> Panel | None:
        """Add slots one by one, missing duties first and the best option each time, until no addition helps."""
        before: dict[int, float] = {}
        for _ in range(self._most - len(panel)):
            missing = ~self._done(panel)
            joiners = self._joiners(panel, complete=False)
            if missing.any():
                ways = self._duty[np.ix_(joiners, np.flatnonzero(missing))]
                able = ways.any(axis=1)
                joiners = joiners[able if able.sum() <= _ABLE else ways[:, ways.sum(axis=0).argmin()]]
            if joiners.size == 0:
                break
            joiners = self._promising(joiners, before)
            candidates = [tuple(sorted((*panel, int(o)))) for o in joiners]
            merits = self._merits(candidates, merit)
            top = int(np.argmax(merits))
            if not missing.any() and panel and merits[top] <= self._merits([panel], merit)[0] + 1e-9:
                break
            panel = candidates[top]
            before = {} if missing.any() else dict(zip(joiners.tolist(), merits.tolist(), strict=True))
        return panel if panel and self._keeps_rules(panel) else None

    def _promising(self, joiners: np.ndarray, before: dict[int, float]) -> np.ndarray:
        """Return some of the options that may join: the best ones of the step before, or any where there was none."""
        tried = [o for o in joiners.tolist() if o in before]
        if tried:
            return np.sort(np.array(sorted(tried, key=before.__getitem__, reverse=True)[:_PROMISING]))
        return joiners if joiners.size <= _FEW else np.sort(self.random.choice(joiners, _FEW, replace=False))

    def _merits(self, panels: Sequence[Panel], merit: Merit) -> FloatArray:
        # rounded so that ties do not depend on the processor
        return np.asarray(np.round(merit(*self.estimates(panels)), MERIT_DIGITS))

    def estimates(self, panels: Sequence[Panel]) -> tuple[FloatArray, FloatArray]:
        """Return (N,) estimates of `worst` and of `total` of panels of any sizes."""
        self._estimated += len(panels)
        return self._remembered.of(panels)
