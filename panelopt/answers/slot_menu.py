"""Ranks what could stand in one place of a panel, by its effect on the tubes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.scoring import PanelScore, check_panel, score_panel
from panelopt.scoring.practicality import burden
from panelopt.scoring.rule_checks import CHECKS
from panelopt.solver.panel_estimate import PanelEstimator

EXACT = 8
"""Candidates that are scored exactly: those with the best estimates."""

_BATCH = 128  # panels estimated at once


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate for one place of a panel.

    Attributes:
        slot: The candidate.
        worst, total: Objective 1 and 2 of the panel with it (log10); None if it breaks a rule or cannot be unmixed.
        score: Exact score of the panel; None: ``worst`` and ``total`` are estimates.
        broken: Rules that the panel breaks with it, and did not break before.
        burden: Spillover burden or complexity index of the panel with it, which decides between equal ones of a marker
            list; None for other questions, and with a broken rule.
    """

    slot: SlotIndex
    worst: float | None
    total: float | None
    score: PanelScore | None = None
    broken: tuple[str, ...] = ()
    burden: float | None = None


def ranked(
    instance: Instance,
    present: Sequence[SlotIndex],
    rest: Sequence[SlotIndex],
    candidates: Sequence[SlotIndex],
    tolerance: float,
) -> list[Ranked]:
    """Return the candidates, best first: exactly scored, then estimated, then those that break a rule.

    All are estimated as the local search does it; the `EXACT` best ones are then scored.

    Args:
        instance: The question.
        present: The panel as it is; a rule that it breaks is not held against a candidate.
        rest: The panel without the place in question.
        candidates: Slots that could be added to ``rest``.
        tolerance: How much of the worst ratio gates may give up for the sum (log10).
    """
    excused = _broken_now(instance, present)
    fit: list[SlotIndex] = []
    unfit: list[Ranked] = []
    for slot in candidates:
        broken = _messages(instance, [*rest, slot], excused)
        if broken:
            unfit.append(Ranked(slot, None, None, None, broken))
        else:
            fit.append(slot)
    burdens = {slot: burden(instance, [*rest, slot]) for slot in fit} if instance.marker_list else {}
    found = (replace(one, burden=burdens.get(one.slot)) for one in _estimates(instance, rest, fit))
    guessed = sorted(found, key=_merit)
    judged = [_exact(instance, rest, one, tolerance) for one in guessed[:EXACT]]
    return [*sorted(judged, key=_merit), *guessed[EXACT:], *sorted(unfit, key=lambda one: one.slot)]


def _broken_now(instance: Instance, present: Sequence[SlotIndex]) -> set[str]:
    """Return the rules that a panel breaks as it is; an empty one lacks all that must be in it."""
    if present:
        return {broken.message for broken in check_panel(instance, present)}
    return {message for rule in ("required-marker", "lock") for message in CHECKS[rule](instance, ())}


def _messages(instance: Instance, slots: Sequence[SlotIndex], excused: set[str]) -> tuple[str, ...]:
    found = (broken.message for broken in check_panel(instance, sorted(slots)))
    return tuple(message for message in found if message not in excused)


def _merit(one: Ranked) -> tuple[float, float, float, SlotIndex]:
    """Return the sorting key: the better worst ratio, then the better sum, then the lesser burden."""
    worst, total = (-math.inf if value is None else value for value in (one.worst, one.total))
    return -worst, -total, one.burden or 0.0, one.slot


def _exact(instance: Instance, rest: Sequence[SlotIndex], one: Ranked, tolerance: float) -> Ranked:
    score = score_panel(instance, tuple(sorted([*rest, one.slot])), tolerance)
    if score is None:
        return replace(one, worst=None, total=None)
    return replace(one, worst=score.worst, total=score.total, score=score)


def _estimates(instance: Instance, rest: Sequence[SlotIndex], fit: Sequence[SlotIndex]) -> Iterable[Ranked]:
    if not fit:
        return
    if len(fit) <= EXACT:  # all will be scored
        yield from (Ranked(slot, None, None) for slot in fit)
        return
    used = tuple(dict.fromkeys([*rest, *fit]))
    options = CandidateSlots(used, np.zeros(len(used)), np.zeros(len(used), dtype=int))
    estimator = PanelEstimator(instance, options, SubsetNoise(instance, options))
    kept = [options.by_slot[slot] for slot in rest]
    for start in range(0, len(fit), _BATCH):
        some = fit[start : start + _BATCH]
        panels = np.array([[*kept, options.by_slot[slot]] for slot in some], dtype=int)
        worst, total = estimator.estimate(panels)
        for slot, one, other in zip(some, worst, total, strict=True):
            known = bool(np.isfinite(one))
            yield Ranked(slot, float(one) if known else None, float(other) if known else None)
