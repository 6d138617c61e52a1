"""Differences between a given panel and an improved one, and the effect of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from panelopt.domain.panel_records import PanelChange
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.scoring import PanelScore, check_panel, score_panel

Reading = tuple[int, int]
"""Dye and detector of a marker."""


def changes(
    instance: Instance, given: Sequence[SlotIndex], score: PanelScore, tolerance: float
) -> tuple[PanelChange, ...]:
    """Return every marker that is stained or read differently, and the effect.

    The effect is that of the change alone on the given panel; if the rules forbid that, the loss when the new panel
    undoes it.

    Args:
        instance: The question, with the bound on changes.
        given: The given panel.
        score: The new panel.
        tolerance: How much of the worst ratio the gates may give up for the sum (log10).
    """
    before, after = _readings(given), _readings(score.slots)
    start = None if check_panel(instance, tuple(given)) else score_panel(instance, tuple(sorted(given)), tolerance)
    return tuple(
        _change(instance, marker, (before, after), (start, score), tolerance)
        for marker in sorted({*before, *after})
        if before.get(marker) != after.get(marker)
    )


def _change(
    instance: Instance,
    marker: int,
    readings: tuple[Mapping[int, Reading], Mapping[int, Reading]],
    scores: tuple[PanelScore | None, PanelScore],
    tolerance: float,
) -> PanelChange:
    before, after = readings
    start, end = scores
    names = {
        "marker": instance.marker[marker],
        "before": _name(instance, before.get(marker)),
        "after": _name(instance, after.get(marker)),
    }
    if start is not None:
        alone = _judged(instance, {**_without(before, marker), **_only(after, marker)}, tolerance)
        if alone is not None:
            return _effect(names, "made alone", start, alone)
    undone = _judged(instance, {**_without(after, marker), **_only(before, marker)}, tolerance)
    if undone is not None:
        return _effect(names, "undone alone", undone, end)
    return PanelChange.model_validate({**names, "basis": "only with others"})


def _effect(names: Mapping[str, str | None], basis: str, before: PanelScore, after: PanelScore) -> PanelChange:
    gains = {"worst_log_ratio": after.worst - before.worst, "sum_log_ratio": after.total - before.total}
    return PanelChange.model_validate({**names, "basis": basis, **gains})


def _judged(instance: Instance, readings: Mapping[int, Reading], tolerance: float) -> PanelScore | None:
    slots = tuple(sorted(_slots(readings)))
    return None if check_panel(instance, slots) else score_panel(instance, slots, tolerance)


def _slots(readings: Mapping[int, Reading]) -> Iterator[SlotIndex]:
    markers: dict[Reading, list[int]] = {}
    for marker, reading in sorted(readings.items()):
        markers.setdefault(reading, []).append(marker)
    for (dye, detector), some in markers.items():
        yield SlotIndex(tuple(some), dye, detector)


def _readings(slots: Sequence[SlotIndex]) -> dict[int, Reading]:
    return {marker: (slot.dye, slot.detector) for slot in slots for marker in slot.markers}


def _without(readings: Mapping[int, Reading], marker: int) -> dict[int, Reading]:
    return {m: reading for m, reading in readings.items() if m != marker}


def _only(readings: Mapping[int, Reading], marker: int) -> dict[int, Reading]:
    return {marker: readings[marker]} if marker in readings else {}


def _name(instance: Instance, reading: Reading | None) -> str | None:
    return None if reading is None else f"{instance.dye[reading[0]]} on {instance.detector[reading[1]]}"
