"""Options that a search may leave out: each rule with the proof that it changes no answer.

Unchanged are the best value of objective 1, the best value of objective 2 above the same floor, the panel that
objective 3 puts first, and whether there is an allowed panel at all.

Most rules remove only options that are in *no* allowed panel, so that every question keeps all its panels. The proofs
consider panels of the remaining options: a rule may build on what another has removed, and rules are applied until none
removes anything.

Two tempting rules are missing because they are false. A slot that claims nothing by itself may still help: on a
conventional cytometer it brings its detector, and the noise of the others may fall; on a spectral one it can only add
noise, but a panel whose own worst ratio is lower leaves its gates more room for the sum (see ``docs/method.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, Protocol

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.exclusions import Exclusions, duties, stains, twin_classes
from panelopt.bounds.practical_counts import Counts, practical_counts
from panelopt.instance.arrays import BoolArray, FloatArray, Instance

PRICE_ERROR = 1e-5
"""Prices closer than this are treated as neither equal nor different: sums are compared after rounding."""


class Table:
    """Facts about the options that rules need, computed once.

    Args:
        instance: The question.
        options: All slots a panel may hold.
    """

    def __init__(self, instance: Instance, options: CandidateSlots) -> None:
        self.instance = instance
        self.options = options
        self.dump: BoolArray = np.array([slot.is_dump for slot in options.slots], dtype=bool)

    @cached_property
    def stains(self) -> BoolArray:
        """(O, M) markers of each option."""
        return stains(self.instance, self.options)

    @cached_property
    def exclusions(self) -> Exclusions:
        """Which options exclude each other."""
        return Exclusions(self.instance, self.options)

    @cached_property
    def duty(self) -> BoolArray:
        """(O, duties) which required marker or lock each option fulfils."""
        return duties(self.instance, self.options)

    @cached_property
    def alone(self) -> FloatArray:
        """(O,) cost of each option if nothing else is bought, with deliveries; unknown prices count as 0."""
        if self.instance.delivery is None:
            return self.options.cost
        reagents = ([(m, slot.dye) for m in slot.markers] for slot in self.options.slots)
        return np.array([self.instance.cost(some) for some in reagents])

    @cached_property
    def counts(self) -> tuple[Counts, Counts, Counts]:
        """Products without a source, products to buy, and fragile dyes of each option."""
        return practical_counts(self.instance, self.options)

    @cached_property
    def wanted(self) -> BoolArray:
        """(M,) markers that every allowed panel stains."""
        wanted = self.instance.required.copy()
        wanted[[lock.marker for lock in self.instance.locks]] = True
        return wanted

    @cached_property
    def changed(self) -> np.ndarray:
        """(O,) reagents of each option that are not in the given panel."""
        reference = self.instance.reference
        return np.array([sum((m, slot.dye) not in reference for m in slot.markers) for slot in self.options.slots])


class ReductionRule(Protocol):
    """A reason to leave options out."""

    name: ClassVar[str]

    def removable(self, table: Table, alive: BoolArray) -> BoolArray:
        """Return (O,) which remaining options can be left out."""


class NoWayLeft:
    """An option that conflicts with every way to fulfil a duty is in no allowed panel.

    Proof: a duty is a required marker or a locked reagent, and an allowed panel holds at least one option that fulfils
        it.
    If the option in question does not, and excludes all options that do, no allowed panel holds it. This covers marker,
    dye and detector of a lock, and dyes too similar to a locked one.
    """

    name: ClassVar[str] = "no-way-left"

    def removable(self, table: Table, alive: BoolArray) -> BoolArray:
        """Return which remaining options can be left out."""
        removable = np.zeros_like(alive)
        for does in table.duty.T:
            removable |= ~does & table.exclusions.all_of(np.flatnonzero(alive & does))
        return removable & alive


class TooDear:
    """An option is in no allowed panel if it and the cheapest way to stain other required markers exceed the budget.

    Proof: a panel pays the price of the reagent for every marker that it stains, alone or in a dump. A required marker
        that
    the option does not stain is stained by another option and costs at least its lowest price. Where deliveries cost
    something, the panel also pays for those that bring the option's reagents, so packs and deliveries of these cost at
    least as much as when bought alone. Unknown prices count as 0, as in the budget; if they are not admitted, no
    allowed panel has one.
    """

    name: ClassVar[str] = "too-dear"

    def removable(self, table: Table, alive: BoolArray) -> BoolArray:
        """Return which remaining options can be left out."""
        instance, options = table.instance, table.options
        if instance.budget is None:
            return np.zeros_like(alive)
        price = np.nan_to_num(instance.price)[:, options.dye].T  # (O, M)
        cheapest = np.where(table.stains & alive[:, None], price, np.inf).min(axis=0)
        others = np.where(table.wanted & ~table.stains, cheapest, 0.0).sum(axis=1)
        unknown = (options.unknown_prices > 0) & (not instance.allow_unknown_price)
        return np.asarray(alive & (unknown | (table.alone + others > instance.budget + PRICE_ERROR)))


class TooManyColours:
    """An option is in no allowed panel if the other required markers need more slots than are left beside it.

    Proof: two required markers share a slot only in the dump, and there is at most one dump. So beside the option every
    required marker that may not be dumped needs a slot of its own; those that may be dumped need one each if the option
    is itself a dump, and otherwise one in all. A panel has at most as many slots as colours are allowed, as there are
    dyes, as there are detectors (less one for the autofluorescence column), and on a conventional cytometer as there
    are detectors with an option.
    """

    name: ClassVar[str] = "too-many-colours"

    def removable(self, table: Table, alive: BoolArray) -> BoolArray:
        """Return which remaining options can be left out."""
        instance = table.instance
        missing = table.wanted & ~table.stains
        alone = (missing & ~instance.dumpable).sum(axis=1)
        dumpable = (missing & instance.dumpable).sum(axis=1)
        needed = 1 + alone + np.where(table.dump, dumpable, np.minimum(dumpable, 1))
        return np.asarray(alive & (needed > self._most_slots(table, alive)))

    @staticmethod
    def _most_slots(table: Table, alive: BoolArray) -> int:
        instance = table.instance
        most = len(instance.detector) - int(instance.has_autofluorescence_column)
        caps = [most, len(set(table.options.dye[alive].tolist()))]
        if instance.conventional:
            caps.append(len(set(table.options.detector[alive].tolist())))
        if instance.max_colours is not None:
            caps.append(instance.max_colours)
        return min(caps)


class TooManyChanges:
    """An option that changes more of a given panel than allowed is in no allowed panel.

    Proof: a panel changes one reagent for each marker of the given panel that it does not stain with the same dye, and
        one
    for each further marker that it stains. An option keeps a given reagent out if it does not hold it and excludes
    every option that does. So every panel with the option has at least as many changes as given reagents that the
    option keeps out and markers that it adds.
    """

    name: ClassVar[str] = "too-many-changes"

    def removable(self, table: Table, alive: BoolArray) -> BoolArray:
        """Return which remaining options can be left out."""
        instance, options = table.instance, table.options
        if instance.max_changes is None:
            return np.zeros_like(alive)
        given = np.zeros(len(instance.marker), dtype=bool)
        given[[marker for marker, _ in instance.reference]] = True
        changes = (table.stains & ~given).sum(axis=1)
        for marker, dye in sorted(instance.reference):
            holds = table.stains[:, marker] & (options.dye == dye)
            changes += ~holds & table.exclusions.all_of(np.flatnonzero(alive & holds))
        return np.asarray(alive & (changes > instance.max_changes))


class DearerTwin:
    """Of options that differ only in dyes that cannot be told apart, the dearer one is left out.

    Let o be the option and k the one that stays, with the same markers and the same detector, and dyes f and g of
    equal signatures. Proof: take an allowed panel S with o. It does not hold g, as equal columns make the mixing
    matrix singular. So S with k in the place of o uses g once. Its markers, its detectors and its matrix are those of
    S, bit by bit, so all rules about them hold as for S, and so do its claims, gates and objectives 1 and 2. The rules
    that count names hold because k is as good in each of them: it does every duty that o does, it needs no more changes
    of the given panel, no earlier panel has k that has not o as well, and with a budget it costs no more. Objective 3
    does not get worse, in whatever order it counts: k has no more products without a source, to be bought or on fragile
    dyes, the same spillover, and fewer unknown prices, or as many and a lower price, or the same prices and smaller
    product ranks; in each case the panel with k comes first. The last step needs that replacing numbers by smaller ones
    never makes a sorted list larger.

    Where deliveries cost something, a lower price of the packs is not enough, because the dearer twin may come with a
    delivery that is paid anyway. Then every source must sell the reagents of k for no more than those of o: the
    deliveries of the panel with o bring k for no more. Totals may be equal then, so that k needs the smaller ranks as
    well unless it has fewer unknown prices.

    The order of twins is strict, so one of them always stays.
    """

    name: ClassVar[str] = "dearer-twin"

    def removable(self, table: Table, alive: BoolArray) -> BoolArray:
        """Return which remaining options can be left out."""
        removable = np.zeros_like(alive)
        twins = twin_classes(table.instance)
        has_twin = (np.bincount(twins)[twins] > 1)[table.options.dye]
        groups: dict[tuple[object, ...], list[int]] = {}
        for o in np.flatnonzero(alive & has_twin).tolist():
            slot = table.options.slots[o]
            groups.setdefault((slot.markers, slot.detector, int(twins[slot.dye])), []).append(o)
        for members in groups.values():
            for o in members:
                removable[o] = any(_is_better_twin(table, k, o) for k in members if k != o)
        return removable


def _is_better_twin(table: Table, k: int, o: int) -> bool:
    """Whether twin `k` can replace `o` in every panel, and comes first."""
    instance, options = table.instance, table.options
    one, other = options.slots[k], options.slots[o]
    counts = (
        bool((table.duty[k] >= table.duty[o]).all())
        and (instance.max_changes is None or table.changed[k] <= table.changed[o])
        and all(one.stain not in earlier or other.stain in earlier for earlier in instance.apart)
    )
    unknown = int(options.unknown_prices[k] - options.unknown_prices[o])
    price = float(options.cost[k] - options.cost[o])
    if not counts or unknown > 0 or (0 < abs(price) < PRICE_ERROR) or not _is_as_practical(table, k, o):
        return False
    if instance.delivery is not None:
        offers = instance.delivery.price[:, one.markers, one.dye], instance.delivery.price[:, other.markers, other.dye]
        return bool((offers[0] <= offers[1]).all()) and (unknown < 0 or _ranks_lower(table, k, o))
    if price > 0:
        return unknown < 0 and instance.budget is None
    return unknown < 0 or price < 0 or _ranks_lower(table, k, o)


def _is_as_practical(table: Table, k: int, o: int) -> bool:
    """Whether `k` has no more products without a source, to be bought, or on fragile dyes."""
    return all(number[k] <= number[o] for number in table.counts)


def _ranks_lower(table: Table, k: int, o: int) -> bool:
    """Whether no product rank of `k` is above that of `o`; ties are decided by position."""
    rank, slots = table.instance.product_rank, table.options.slots
    mine = sorted(int(rank[m, slots[k].dye]) for m in slots[k].markers)
    other = sorted(int(rank[m, slots[o].dye]) for m in slots[o].markers)
    return k < o if mine == other else all(a <= b for a, b in zip(mine, other, strict=True))


RULES: tuple[ReductionRule, ...] = (NoWayLeft(), TooDear(), TooManyColours(), TooManyChanges(), DearerTwin())
"""All rules, in order of application."""


def reduce(instance: Instance, options: CandidateSlots, rules: Sequence[ReductionRule] = RULES) -> CandidateSlots:
    """Return the options that a search has to consider.

    Args:
        instance: The question.
        options: All slots that the hard rules allow on their own.
        rules: Reasons to leave options out.

    Returns:
        Some of the options, in the same order; none if no panel is allowed.
    """
    table = Table(instance, options)
    alive = np.ones(len(options.slots), dtype=bool)
    before = -1
    while alive.any() and int(alive.sum()) != before:
        before = int(alive.sum())
        for rule in rules:
            alive &= ~rule.removable(table, alive)
    return options if alive.all() else _some(options, alive)


def _some(options: CandidateSlots, alive: BoolArray) -> CandidateSlots:
    cost: FloatArray = options.cost[alive]
    slots = tuple(slot for slot, stays in zip(options.slots, alive, strict=True) if stays)
    return CandidateSlots(slots, cost, options.unknown_prices[alive])
