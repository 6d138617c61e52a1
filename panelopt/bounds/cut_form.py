"""The canonical form of a cut: no duplicates, nothing that can never apply, sorted where order has no meaning.

A cut describes panels with one option from each of its groups. The bounds assume that the groups are different slots,
so a cut that names a slot twice, or slots that exclude each other, means nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.claim_bounds import ROUND_UP
from panelopt.bounds.clauses import Cut
from panelopt.bounds.exclusions import Exclusions
from panelopt.instance.arrays import BoolArray, Instance

Groups = tuple[tuple[int, ...], ...]


class CutForm:
    """Brings cuts into canonical form and rejects others.

    Args:
        instance: The question.
        options: All slots a panel may hold.
        exclusions: Which options cannot meet.
    """

    def __init__(self, instance: Instance, options: CandidateSlots, exclusions: Exclusions) -> None:
        self.instance = instance
        self.options = options
        self.exclusions = exclusions
        self._read = {int(d) for d in options.detector} if instance.conventional else set()

    def canonical(self, row: Cut) -> Cut | None:
        """Return a cut sorted and without what can never apply; None if it describes no panel."""
        groups = self._meeting([tuple(sorted(set(group))) for group in row.fixed])
        if groups is None:
            return None
        used = {int(self.options.detector[group[0]]) for group in groups}
        dark = tuple(sorted(set(row.dark) & self._read))
        if used & set(row.dark) or (row.unused is not None and row.unused[0] in used | set(dark)):
            return None
        may_join = self.joinable(groups) & ~np.isin(self.options.detector, dark)
        pairs = (pair for pair in row.reduction if pair[1] != 0 and may_join[pair[0]])
        first, *others = groups
        return replace(row, fixed=(first, *sorted(others)), dark=dark, reduction=tuple(sorted(pairs)))

    def joinable(self, groups: Groups) -> BoolArray:
        """Return (O,) the options outside the groups that can join one of each."""
        return np.asarray(~np.any([self.exclusions.all_of(group) for group in groups], axis=0))

    def fault(self, row: Cut) -> str | None:
        """Return why a cut, whose numbers all name something that exists, is not canonical; None if it is."""
        options, (_, key, _) = self.options, row.gate
        if len(row.fixed[0]) != 1 or options.key(row.fixed[0][0]) != key:
            return "its first slot is not the gated one"
        if any(np.ptp(options.dye[list(g)]) or np.ptp(options.detector[list(g)]) for g in row.fixed):
            return "options of a group differ in dye or detector"
        if (row.dark or row.unused is not None) and not self.instance.conventional:
            return "it names unused detectors, which a spectral cytometer does not have"
        found = self.canonical(row)
        if found is None:
            return "it names slots or detectors that exclude each other"
        if found != row:
            return "its names are duplicated, out of order, or cannot join"
        return self._wrong_reduction(row)

    def _wrong_reduction(self, row: Cut) -> str | None:
        named = [o for o, _ in row.reduction]
        lowers = [o for o, less in row.reduction if less > 0]
        if any(a == b for a, b in pairwise(named)):
            return "an option lowers it twice"
        if lowers and len(lowers) < len(named):
            return "some options lower it and others raise it"
        if not self.exclusions.rows(lowers, lowers).all():
            return "two options that lower it can meet"
        most = most_claim(self.instance)
        if not 0 <= row.base <= most or not all(-most <= less <= row.base for _, less in row.reduction):
            return "it allows a claim that no gate can make"
        if row.unused is None:
            return None
        detector, less = row.unused
        if detector not in self._read or (self.options.detector[named] != detector).any():
            return "an option that lowers it does not use the open detector"
        return None if 0 <= less <= row.base else "it allows a claim that no gate can make"

    def _meeting(self, groups: Sequence[tuple[int, ...]]) -> Groups | None:
        """Return groups without options that exclude all options of another group; None if one becomes empty."""
        before: Groups = ()
        now = tuple(groups)
        while now != before:
            before = now
            now = tuple(self._that_meet(group, (*before[:g], *before[g + 1 :])) for g, group in enumerate(before))
        return now if all(now) else None

    def _that_meet(self, group: tuple[int, ...], others: Groups) -> tuple[int, ...]:
        """Return the options of a group that can be in a panel with some option of every other group."""
        meets = np.ones(len(group), dtype=bool)
        for other in others:
            meets &= ~self.exclusions.rows(group, other).all(axis=1)
        return tuple(o for o, stays in zip(group, meets, strict=True) if stays)


def most_claim(instance: Instance) -> float:
    """Return the largest claim of a gate (log10)."""
    return float(-np.log10(instance.leak)) + 2 * ROUND_UP


def cut_order(row: Cut) -> tuple[object, ...]:
    """Return the sort key of a cut."""
    return row.gate, row.contaminant, row.fixed, row.dark, row.unused or (), row.base, row.reduction
