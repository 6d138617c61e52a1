"""The hard rules as checks on a finished panel; the solver states the same rules as constraints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import SPECTRAL_MAX_COSINE, Instance, SlotIndex
from panelopt.instance.readable import OWN_LIGHT
from panelopt.optics.spectral_similarity import complexity_index, cosine_similarity


@dataclass(frozen=True, slots=True)
class RuleViolation:
    """A violated rule and how it is violated."""

    rule: str
    message: str


Check = Callable[[Instance, Sequence[SlotIndex]], Iterator[str]]


def _one_slot_per_dye(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    for dye, count in Counter(slot.dye for slot in slots).items():
        if count > 1:
            yield f"{instance.dye[dye]} is used in {count} slots"


def _one_product_per_marker(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    for marker, count in Counter(m for slot in slots for m in slot.markers).items():
        if count > 1:
            yield f"{instance.marker[marker]} is stained {count} times"


def _products_exist(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    for slot in slots:
        for marker in slot.markers:
            if not instance.available[marker, slot.dye]:
                yield f"no eligible product for {instance.marker[marker]} {instance.dye[slot.dye]}"


def _detectors_fit(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    if instance.conventional:
        for detector, count in Counter(slot.detector for slot in slots).items():
            if count > 1:
                yield f"{count} dyes on detector {instance.detector[detector]}"
    for slot in slots:
        if not instance.allowed[slot.detector, slot.dye]:
            light = instance.signal[:, slot.dye]
            dye, place = instance.dye[slot.dye], instance.detector[slot.detector]
            if instance.conventional and light[slot.detector] < OWN_LIGHT * light.max():
                yield f"{dye} gives less than a quarter of its best signal in {place}"
            else:
                yield f"{dye} is not visible in {place}: unstained cells are brighter"


def _brightest_at_home(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    for slot in slots:
        brighter = instance.outshines(slot.dye, slot.detector)
        for other in slots:
            if brighter[other.detector]:
                dye, place, home = (
                    instance.dye[slot.dye],
                    instance.detector[other.detector],
                    instance.detector[slot.detector],
                )
                share = instance.signal[other.detector, slot.dye] / instance.signal[slot.detector, slot.dye]
                most = f"at most {instance.max_spillover:.0%} is allowed"
                yield f"{dye} gives {share:.0%} of its light in {home} to {place}, where another dye is read; {most}"


def _spectra_differ(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    dyes = [slot.dye for slot in slots]
    cosine = cosine_similarity(instance.signal[:, dyes])
    for i in range(len(dyes)):
        for j in range(i):
            pair = f"{instance.dye[dyes[j]]} and {instance.dye[dyes[i]]} have a cosine similarity of {cosine[i, j]:.3f}"
            if not instance.conventional and cosine[i, j] >= SPECTRAL_MAX_COSINE:
                yield f"{pair}, not below {SPECTRAL_MAX_COSINE}"
            elif instance.max_similarity is not None and cosine[i, j] > instance.max_similarity:
                yield f"{pair}, above the maximum {instance.max_similarity}"


def _fits_detectors(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    columns = len(slots) + int(instance.has_autofluorescence_column)
    if columns > len(instance.detector):
        unmixed = " and autofluorescence" if instance.has_autofluorescence_column else ""
        yield f"{len(slots)} colours{unmixed}, {len(instance.detector)} detectors"


def _complexity(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    if instance.max_complexity is not None:
        index = panel_complexity(instance, slots)
        if index > instance.max_complexity:
            yield f"complexity index {index:.3g} above the maximum {instance.max_complexity:g}"


def _required_markers(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    present = {m for slot in slots for m in slot.markers}
    for marker in np.flatnonzero(instance.required):
        if int(marker) not in present:
            yield f"required marker {instance.marker[marker]} is missing"


def _locks(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    for lock in instance.locks:
        if not any(
            lock.marker in slot.markers and slot.dye == lock.dye and lock.detector in (None, slot.detector)
            for slot in slots
        ):
            place = "" if lock.detector is None else f" on {instance.detector[lock.detector]}"
            yield f"locked reagent {instance.marker[lock.marker]} {instance.dye[lock.dye]}{place} is missing"


def _dump(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    dumps = [slot for slot in slots if slot.is_dump]
    if len(dumps) > 1:
        yield f"{len(dumps)} dump slots"
    for slot in dumps:
        if others := [instance.marker[marker] for marker in slot.markers if not instance.dump[marker]]:
            together = " and ".join(instance.marker[marker] for marker in slot.markers)
            have = "has" if len(others) == 1 else "have"
            yield (
                f"{instance.dye[slot.dye]} is on {together}; only markers of the role dump may share a dye, and "
                f"{' and '.join(others)} {have} another role"
            )
        for marker in slot.markers:
            if instance.dump[marker] and not instance.dumpable[marker]:
                why = "a target expresses it, or its level there is unknown"
                yield f"{instance.marker[marker]} may not be dumped: {why}"


def _colours(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    if instance.max_colours is not None and len(slots) > instance.max_colours:
        yield f"{len(slots)} colours, more than {instance.max_colours}"


def _budget(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    if instance.budget is None:
        return
    reagents = [(m, slot.dye) for slot in slots for m in slot.markers]
    if not instance.allow_unknown_price and any(np.isnan(instance.price[reagent]) for reagent in reagents):
        yield "a price is unknown while a budget is set"
    total = instance.cost(reagents)
    if total > instance.budget + 1e-9:
        what = "price" if instance.delivery is None else "price with shipping"
        yield f"{what} {total:.2f} above the budget {instance.budget:.2f}"


def _sort_ways(instance: Instance, _slots: Sequence[SlotIndex]) -> Iterator[str]:
    targets = 1 if instance.marker_list else len(instance.views)
    if instance.sort_ways is not None and targets > instance.sort_ways:
        yield f"{targets} targets but {instance.sort_ways} sort ways"


def _changes(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    if instance.max_changes is not None and instance.changes(slots) > instance.max_changes:
        yield f"{instance.changes(slots)} reagents changed, more than {instance.max_changes}"


def _apart(instance: Instance, slots: Sequence[SlotIndex]) -> Iterator[str]:
    nearness = instance.nearness(slots)
    if nearness is not None and nearness < instance.differ:
        yield f"{nearness} slots differ from an earlier panel, fewer than {instance.differ}"


CHECKS: dict[str, Check] = {
    "one-slot-per-dye": _one_slot_per_dye,
    "one-product-per-marker": _one_product_per_marker,
    "product-exists": _products_exist,
    "detector": _detectors_fit,
    "spillover": _brightest_at_home,
    "similarity": _spectra_differ,
    "detector-count": _fits_detectors,
    "complexity": _complexity,
    "required-marker": _required_markers,
    "lock": _locks,
    "dump": _dump,
    "max-colours": _colours,
    "budget": _budget,
    "sort-ways": _sort_ways,
    "max-changes": _changes,
    "apart": _apart,
}
"""All hard rules that depend on the slots alone, by name."""


def check_panel(instance: Instance, slots: Sequence[SlotIndex]) -> tuple[RuleViolation, ...]:
    """Return every violated rule of a panel; empty if it is allowed."""
    if not slots:
        return (RuleViolation("empty-panel", "the panel has no slot"),)
    return tuple(RuleViolation(rule, message) for rule, check in CHECKS.items() for message in check(instance, slots))


def panel_complexity(instance: Instance, slots: Sequence[SlotIndex]) -> float:
    """Return the complexity index of a panel on the detectors that it records."""
    signal = instance.signal[:, [slot.dye for slot in slots]]
    return complexity_index(signal[[slot.detector for slot in slots]] if instance.conventional else signal)
