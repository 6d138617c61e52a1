"""Panels at random, and random changes of them that keep the hard rules; used by the searches without a solver.

Panels are ascending tuples of option indices. The estimates are panelopt's own fast ones, so that all searches are led
by the same numbers at the same cost, and a race between them is about the search.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance.arrays import SPECTRAL_MAX_COSINE, BoolArray, FloatArray, Instance, SlotIndex
from panelopt.optics.spectral_similarity import cosine_similarity
from panelopt.solver.local import most_slots
from panelopt.solver.panel_estimate import PanelEstimator

Panel = tuple[int, ...]

_TRIES = 200
"""Random panels begun before a random start is given up."""

_BATCH = 384

_SWAP, _ADD, _REMOVE, _EXCHANGE = range(4)
_CHANCES = (0.4, 0.2, 0.2, 0.2)
"""Chances that a random change swaps, adds or removes a slot, or exchanges the dyes of two slots."""


class Moves:
    """Allowed panels of an instance and their estimates.

    Args:
        instance: The question.
        random: Random numbers.
    """

    def __init__(self, instance: Instance, random: np.random.Generator) -> None:
        self.instance = instance
        self.random = random
        self.options = list_options(instance)
        self.most = most_slots(instance)
        self.conflict = conflicts(instance, self.options.slots)
        self.duty = duties(instance, self.options.slots)
        self._estimator = PanelEstimator(instance, self.options, SubsetNoise(instance, self.options))

    def slots(self, panel: Panel) -> tuple[SlotIndex, ...]:
        """Return the slots of a panel."""
        return tuple(self.options.slots[option] for option in panel)

    def estimates(self, panels: Sequence[Panel]) -> tuple[FloatArray, FloatArray]:
        """Return (N,) estimates of objectives 1 and 2."""
        worst, total = np.empty(len(panels)), np.empty(len(panels))
        sizes = np.array([len(panel) for panel in panels], dtype=int)
        for size in np.unique(sizes):
            places = np.flatnonzero(sizes == size)
            for start in range(0, places.size, _BATCH):
                part = places[start : start + _BATCH]
                worst[part], total[part] = self._estimator.estimate(np.array([panels[i] for i in part]))
        return worst, total

    def random_panel(self) -> Panel | None:
        """Return a random panel of random size, or None where none was found; required parts come first."""
        for _ in range(_TRIES):
            panel = self._with_duties()
            if panel is None:
                continue
            for _ in range(int(self.random.integers(0, self.most - len(panel) + 1)) if len(panel) < self.most else 0):
                free = self.joiners(panel)
                if free.size:
                    panel.append(int(self.random.choice(free)))
            if panel:
                return tuple(sorted(panel))
        return None

    def _with_duties(self) -> list[int] | None:
        """Do one missing duty after the other, that with the fewest ways first; None where one cannot be done."""
        panel: list[int] = []
        while True:
            missing = np.flatnonzero(~self.duty[panel].any(axis=0))
            if missing.size == 0:
                return panel
            free = self.joiners(panel)
            ways = self.duty[np.ix_(free, missing)].sum(axis=0)
            place = int(np.argmin(ways + self.random.random(ways.size)))
            if ways[place] == 0 or len(panel) == self.most:
                return None
            panel.append(int(self.random.choice(free[self.duty[free, missing[place]]])))

    def random_change(self, panel: Panel) -> Panel | None:
        """Return a panel with one random change; None where the change is not allowed."""
        kind = self.random.choice(len(_CHANCES), p=_CHANCES)
        if kind == _EXCHANGE:
            return self._exchanged(panel)
        rest = list(panel)
        if kind != _ADD:
            rest.pop(int(self.random.integers(len(rest))))
        if kind != _REMOVE:
            free = self.joiners(rest)
            free = free[self.duty[free][:, ~self.duty[rest].any(axis=0)].all(axis=1)]
            if free.size == 0:
                return None
            rest.append(int(self.random.choice(free)))
        new = tuple(sorted(rest))
        done = bool(self.duty[rest].any(axis=0).all()) if rest else False
        return new if done and len(new) <= self.most and new != panel else None

    def mixed(self, one: Panel, other: Panel) -> Panel | None:
        """Return a random allowed panel of slots of two panels, of a size between theirs; None where none was found."""
        wanted = int(self.random.integers(min(len(one), len(other)), max(len(one), len(other)) + 1))
        panel: list[int] = []
        for option in self.random.permutation(np.unique([*one, *other])):
            if len(panel) < wanted and not self.conflict[option, panel].any():
                panel.append(int(option))
        return tuple(sorted(panel)) if self.duty[panel].any(axis=0).all() else None

    def _exchanged(self, panel: Panel) -> Panel | None:
        """Return a panel in which two slots at random have each other's dye and detector."""
        if len(panel) < 2:
            return None
        first, second = (self.options.slots[panel[i]] for i in self.random.choice(len(panel), 2, replace=False))
        new = [
            self.options.by_slot.get(SlotIndex(a.markers, b.dye, b.detector))
            for a, b in ((first, second), (second, first))
        ]
        if new[0] is None or new[1] is None:
            return None
        gone = {self.options.by_slot[first], self.options.by_slot[second]}
        result = [*(option for option in panel if option not in gone), new[0], new[1]]
        return tuple(sorted(result)) if self.duty[result].any(axis=0).all() else None

    def neighbours(self, panel: Panel) -> list[Panel]:
        """Return all panels with one slot swapped, added or removed."""
        result: list[Panel] = []
        for place in (*range(len(panel)), None):
            rest = [option for i, option in enumerate(panel) if i != place]
            done = self.duty[rest].any(axis=0)
            if place is not None and rest and done.all():
                result.append(tuple(rest))
            if len(rest) < self.most:
                free = self.joiners(rest)
                joiners = free[self.duty[free][:, ~done].all(axis=1)]
                result += [tuple(sorted((*rest, int(o)))) for o in joiners if place is None or o != panel[place]]
        return result

    def joiners(self, panel: Sequence[int]) -> np.ndarray:
        """Return the options that can join a panel."""
        return np.flatnonzero(~self.conflict[list(panel)].any(axis=0))


def conflicts(instance: Instance, slots: Sequence[SlotIndex]) -> BoolArray:
    """Return (O, O) which options cannot meet: same dye, marker or detector, two dumps, spillover, similar spectra."""
    count = len(slots)
    stains = np.zeros((count, len(instance.marker)), dtype=np.int32)
    for o, slot in enumerate(slots):
        stains[o, list(slot.markers)] = 1
    dye = np.array([slot.dye for slot in slots], dtype=int)
    dump = np.array([slot.is_dump for slot in slots], dtype=bool)
    clash = (stains @ stains.T > 0) | (dye[:, None] == dye) | (dump[:, None] & dump)
    if instance.conventional:
        detector = np.array([slot.detector for slot in slots], dtype=int)
        clash |= detector[:, None] == detector
        brighter = np.array([instance.outshines(slot.dye, slot.detector)[detector] for slot in slots], dtype=bool)
        clash |= brighter | brighter.T
    return np.asarray(clash | too_similar(instance)[np.ix_(dye, dye)])


def too_similar(instance: Instance) -> BoolArray:
    """Return (F, F) which two dyes may not meet."""
    cosine = cosine_similarity(instance.signal)
    np.fill_diagonal(cosine, 0.0)
    similar = np.zeros_like(cosine, dtype=bool) if instance.conventional else cosine >= SPECTRAL_MAX_COSINE
    return similar if instance.max_similarity is None else similar | (cosine > instance.max_similarity)


def duties(instance: Instance, slots: Sequence[SlotIndex]) -> BoolArray:
    """Return (O, duties) which option does which duty: a required marker, or a locked reagent."""
    columns = [[int(m) in slot.markers for slot in slots] for m in np.flatnonzero(instance.required)]
    columns += [
        [
            lock.marker in slot.markers and slot.dye == lock.dye and lock.detector in (None, slot.detector)
            for slot in slots
        ]
        for lock in instance.locks
    ]
    return np.array(columns, dtype=bool).reshape(len(columns), len(slots)).T
