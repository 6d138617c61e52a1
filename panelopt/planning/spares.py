"""Substitutes for one dye of a panel, and their cost in score.

Candidates are scored exactly. Claims never improve with noise, so a candidate that is noisier everywhere than ``most``
scored ones has no better worst ratio than these and is left out. (Its sum could be better only by what the tolerance of
the score lets gates trade.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.optics.rounding import settled
from panelopt.scoring import PanelScore, check_panel, score_panel
from panelopt.scoring.light import panel_light


@dataclass(frozen=True, slots=True)
class DyeSpare:
    """Another dye for a slot.

    Attributes:
        dye, detector: Indices.
        worst_change, sum_change: Change of objective 1 and 2.
    """

    dye: int
    detector: int
    worst_change: float
    sum_change: float


def dye_spares(instance: Instance, score: PanelScore, index: int, tolerance: float, most: int) -> tuple[DyeSpare, ...]:
    """Return the best other dyes for one slot for which all its markers are sold, best first.

    The other slots stay. On a conventional instrument the dye is read on the free detector where it gives most light.
    Dyes that break a rule that the panel keeps are left out.

    Args:
        instance: The question.
        score: The scored panel.
        index: The slot.
        tolerance: How much of ``worst`` the gates may give up for the sum (log10), as for the panel.
        most: How many at most.
    """
    scored: list[tuple[FloatArray, DyeSpare]] = []
    for noise, slot, slots in _candidates(instance, score, index):
        if sum(bool((known <= noise).all()) for known, _ in scored) >= most:
            continue
        found = score_panel(instance, slots, tolerance)
        if found is not None:
            spare = DyeSpare(slot.dye, slot.detector, found.worst - score.worst, found.total - score.total)
            scored.append((noise, spare))
    # as in the search, the sum decides between worst ratios within the tolerance
    best = sorted(
        (spare for _, spare in scored),
        key=lambda s: (*_lost(s, tolerance), instance.dye[s.dye]),
    )
    return tuple(best[:most])


def _lost(spare: DyeSpare, tolerance: float) -> tuple[float, ...]:
    """Return the loss of a spare, in the order of the search, rounded so that last digits decide nothing."""
    lost = (max(0.0, -spare.worst_change - tolerance), -spare.sum_change, -spare.worst_change)
    return tuple(round(value, 9) for value in lost)


def _candidates(
    instance: Instance, score: PanelScore, index: int
) -> list[tuple[FloatArray, SlotIndex, tuple[SlotIndex, ...]]]:
    """Return noise, new slot and panel of each usable dye, least noisy first."""
    broken = Counter(violation.rule for violation in check_panel(instance, score.slots))
    found = []
    for slot in _slots(instance, score.slots, index):
        slots = (*score.slots[:index], slot, *score.slots[index + 1 :])
        if Counter(violation.rule for violation in check_panel(instance, slots)) <= broken:
            light = panel_light(instance, slots)
            if light is not None:
                found.append((light.sd, slot, slots))
    return sorted(found, key=lambda candidate: (settled(float(np.log(candidate[0]).sum())), candidate[1]))


def _slots(instance: Instance, slots: tuple[SlotIndex, ...], index: int) -> Iterator[SlotIndex]:
    old = slots[index]
    others = [slot for slot in slots if slot is not old]
    taken, read = {slot.dye for slot in slots}, {slot.detector for slot in others}
    for dye in np.flatnonzero(instance.available[list(old.markers)].all(axis=0)).tolist():
        if dye in taken:
            continue
        free = [d for d in instance.detectors_of(dye) if not instance.conventional or d not in read]
        if free:
            yield replace(old, dye=dye, detector=max(free, key=lambda d: (instance.signal[d, dye], -d)))
