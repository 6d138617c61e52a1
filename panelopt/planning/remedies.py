"""What would fix a missed purity: beads before the sort, or one more marker of the problem.

Beads change the frequencies of cells, not the effect of gates: with the same gates every log ratio moves by the change
of the two frequencies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from panelopt.domain.problem_record import Problem
from panelopt.frozen import dataclass
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.optics.rounding import settled
from panelopt.planning.sample import bead_markers, enriched_frequencies, smallest_fold
from panelopt.scoring import PanelScore, ViewScore, check_panel, score_panel
from panelopt.scoring.light import panel_light

LEAST_GAIN = 0.01
"""Smallest useful gain of the lowest purity by a marker."""


@dataclass(frozen=True, slots=True)
class Beads:
    """Beads that would suffice.

    Attributes:
        marker: What they catch.
        fold: Smallest enrichment at which every tube is pure enough, by the claims.
        stated: Enrichment by the same marker that the problem has already; None = none.
    """

    marker: str
    fold: float
    stated: float | None


@dataclass(frozen=True, slots=True)
class FurtherMarker:
    """A marker outside the panel, on its best free dye.

    Attributes:
        slot: Where it would go.
        score: The panel with it.
        has_too_many_colours: Whether the panel then has more colours than the problem allows.
    """

    slot: SlotIndex
    score: PanelScore
    has_too_many_colours: bool


def purity_at(view: ViewScore, before: FloatArray, after: FloatArray) -> float:
    """Return the claimed purity of a tube with the same gates at other frequencies.

    Args:
        view: The scored target.
        before: (P,) frequencies it was scored with.
        after: (P,) other ones.
    """
    target, others = view.view.target, list(view.view.contaminants)
    gained = np.log10(before[others] / after[others])
    single = view.single + np.log10(after[target] / before[target]) + gained
    return float(1 / (1 + np.sum(10.0**-single + 10.0 ** -(view.doublet + gained))))


def beads_needed(
    problem: Problem, instance: Instance, views: Sequence[ViewScore], preferred: str | None = None
) -> Beads | None:
    """Return the beads with which every tube reaches the goal; None if none suffice.

    Where the problem states an enrichment, its fold is what changes. Else the marker is ``preferred`` if its beads keep
    every target, and of the others the first whose beads would do (:func:`~panelopt.planning.sample.bead_markers`).

    Args:
        problem: The problem that ``instance`` was compiled from.
        instance: The question.
        views: Tubes that must reach the goal, with the gates that stay.
        preferred: A marker for which beads are known.
    """
    stated = problem.sample.enrichment
    if stated is not None:
        markers: tuple[str, ...] = (stated.marker,) if stated.fold >= 1 else ()
    else:
        able = bead_markers(problem, instance)
        markers = tuple(sorted(able, key=lambda name: name != preferred))
    for marker in markers:
        after = enriched_frequencies(problem, marker)

        def reached(fold: float, after: Callable[[float], FloatArray] = after) -> bool:
            return all(purity_at(view, instance.phi, after(fold)) >= instance.purity_goal for view in views)

        fold = smallest_fold(reached)
        if fold is not None:
            return Beads(marker, fold, None if stated is None else stated.fold)
    return None


def further_marker(instance: Instance, score: PanelScore, tolerance: float) -> FurtherMarker | None:
    """Return the marker outside the panel that raises the lowest purity most; None if none helps.

    Each marker is scored on the free dye that leaves the least noise. Products that break a rule which the
    panel keeps are left out, but the cap on colours may be exceeded.

    Args:
        instance: The question.
        score: The scored panel.
        tolerance: How much of ``worst`` the gates may give up for the sum (log10), as for the panel.
    """
    free = replace(instance, max_colours=None)
    broken = Counter(violation.rule for violation in check_panel(free, score.slots))
    stained = {marker for slot in score.slots for marker in slot.markers}
    best, lowest = None, _lowest(score) + LEAST_GAIN
    for marker in range(len(instance.marker)):
        slot = None if marker in stained else _best_slot(free, score.slots, marker)
        if slot is None:
            continue
        slots = tuple(sorted((*score.slots, slot)))
        if not Counter(violation.rule for violation in check_panel(free, slots)) <= broken:
            continue
        found = score_panel(instance, slots, tolerance)
        if found is not None and _lowest(found) > lowest:
            beyond = instance.max_colours is not None and len(slots) > instance.max_colours
            best, lowest = FurtherMarker(slot, found, beyond), _lowest(found)
    return best


def _lowest(score: PanelScore) -> float:
    return min(view.purity_at_least for view in score.views)


def _best_slot(instance: Instance, slots: Sequence[SlotIndex], marker: int) -> SlotIndex | None:
    """Return the slot of a marker on the free dye with least noise; None if no dye is free."""
    scored = []
    for slot in _slots(instance, slots, marker):
        light = panel_light(instance, tuple(sorted((*slots, slot))))
        if light is not None:
            scored.append((settled(float(np.log(light.sd).sum())), slot))
    return min(scored)[1] if scored else None


def _slots(instance: Instance, slots: Sequence[SlotIndex], marker: int) -> Iterator[SlotIndex]:
    dyes, read = {slot.dye for slot in slots}, {slot.detector for slot in slots}
    for dye in np.flatnonzero(instance.available[marker]).tolist():
        free = [d for d in instance.detectors_of(dye) if not instance.conventional or d not in read]
        if dye not in dyes and free:
            yield SlotIndex((marker,), dye, max(free, key=lambda d: (instance.signal[d, dye], -d)))
