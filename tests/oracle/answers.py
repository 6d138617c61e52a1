"""What enumeration says of an instance: every allowed panel with its score, and which panel comes first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from panelopt.instance import Instance, SlotIndex
from panelopt.io.instance_npz import arrays
from panelopt.scoring import PanelScore, score_panel
from tests.oracle import practical
from tests.oracle.enumeration import all_panels
from tests.oracle.practical import Judged
from tests.oracle.score import Slot, score

Panel = tuple[SlotIndex, ...]
Scores = Mapping[Panel, PanelScore]


@dataclass(frozen=True)
class Answers:
    """Best values, and the place of the panel that comes first in objective 3."""

    worst: float
    total: float
    first: tuple[Any, ...]


def numbers_of(instance: Instance) -> dict[str, Any]:
    """The named arrays of an instance, and the order of its products."""
    return {**arrays(instance), "product_rank": instance.product_rank}


def panels_of(instance: Instance) -> Iterator[Panel]:
    """Every panel that the hard rules allow, slots ascending."""
    changes = None if instance.max_changes is None else (instance.reference, instance.max_changes)
    for panel in all_panels(arrays(instance), changes=changes, allow_unknown_price=instance.allow_unknown_price):
        slots = tuple(SlotIndex(*slot) for slot in panel)
        if all(sum(slot.stain not in other for slot in slots) >= instance.differ for other in instance.apart):
            yield slots


def scores_of(instance: Instance, tolerance: float) -> dict[Panel, PanelScore]:
    """The score of every allowed panel, by the package."""
    judged = {panel: score_panel(instance, panel, tolerance) for panel in panels_of(instance)}
    return {panel: score for panel, score in judged.items() if score is not None}


def tuples(panel: Panel) -> tuple[Slot, ...]:
    """A panel as the oracle writes it."""
    return tuple((slot.markers, slot.dye, slot.detector) for slot in panel)


def judged_by_package(scores: Scores) -> dict[Panel, Judged]:
    """What the objectives need of the package's scores."""
    return {
        panel: Judged(
            tuples(panel), one.worst, one.total, tuple(view.odds_at_least for view in one.views), one.gate_count
        )
        for panel, one in scores.items()
    }


def judged_by_oracle(instance: Instance, tolerance: float) -> dict[Panel, Judged]:
    """Every allowed panel, enumerated and judged without the package."""
    a, goal = arrays(instance), instance.purity_goal if instance.require_goal else 0.0
    every = {panel: score(a, tuples(panel), tolerance, goal) for panel in panels_of(instance)}
    return {
        panel: Judged(tuples(panel), one.worst, one.total, tuple(one.odds), one.gate_count)
        for panel, one in every.items()
        if one is not None
    }


def answers(instance: Instance, scores: Scores, tolerance: float, floor: float | None = None) -> Answers | None:
    """The answers to an instance, from the scores of its panels (or of some of them).

    Where several panels are the best of step 2, they are taken for alike: the first of all that they lead to counts.

    Args:
        instance: The question.
        scores: Panels with their scores.
        tolerance: How much of objective 1 may be given up.
        floor: Floor on objective 1; None = by the best of the given panels.
    """
    a, panels = numbers_of(instance), list(judged_by_package(scores).values())
    if not panels:
        return None
    worst = max(one.worst for one in panels)
    best = practical.best_of(panels, tolerance, floor)
    if not best:
        return Answers(worst, -math.inf, ())
    first = min(practical.place(a, one) for b in best for one in practical.chosen(a, panels, b))
    return Answers(worst, max(one.total for one in best), first)
