"""What enumeration says of an instance: every allowed panel with its score, and which panel comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from panelopt.instance import Instance, SlotIndex
from panelopt.io.instance_npz import arrays
from panelopt.scoring import PanelScore, score_panel
from tests.oracle.enumeration import all_panels, purchase_cost

Panel = tuple[SlotIndex, ...]
Scores = Mapping[Panel, PanelScore]


@dataclass(frozen=True)
class Answers:
    """Best values, and what objective 3 says of the panel that comes first; None where no panel is allowed."""

    worst: float
    total: float
    first: tuple[object, ...]


def panels_of(instance: Instance) -> Iterator[Panel]:
    """Every panel that the hard rules allow, slots ascending."""
    changes = None if instance.max_changes is None else (instance.reference, instance.max_changes)
    for panel in all_panels(arrays(instance), changes=changes, allow_unknown_price=instance.allow_unknown_price):
        slots = tuple(SlotIndex(*slot) for slot in panel)
        if all(sum(slot.stain not in other for slot in slots) >= instance.differ for other in instance.apart):
            yield slots


def scores_of(instance: Instance, tolerance: float) -> dict[Panel, PanelScore]:
    """The score of every allowed panel."""
    judged = {panel: score_panel(instance, panel, tolerance) for panel in panels_of(instance)}
    return {panel: score for panel, score in judged.items() if score is not None}


def tidiness(instance: Instance, panel: Panel, score: PanelScore) -> tuple[object, ...]:
    """What objective 3 puts in order: colours, unknown prices, price with deliveries, gates, products."""
    return *_cost(instance, panel), score.gate_count, _ranks(instance, panel)


def shelf_order(instance: Instance, panel: Panel) -> tuple[object, ...]:
    """What comes first where the inventory is preferred: products to buy, unknown prices, price, colours."""
    reagents = [(m, slot.dye) for slot in panel for m in slot.markers]
    to_buy = sum(instance.owned is None or not instance.owned[r] for r in reagents)
    colours, unknown, price = _cost(instance, panel)
    return to_buy, unknown, price, colours


def _ranks(instance: Instance, panel: Panel) -> tuple[int, ...]:
    return tuple(sorted(int(instance.product_rank[m, slot.dye]) for slot in panel for m in slot.markers))


def _cost(instance: Instance, panel: Panel) -> tuple[int, int, float]:
    reagents = [(m, slot.dye) for slot in panel for m in slot.markers]
    unknown = sum(bool(np.isnan(instance.price[r])) for r in reagents)
    return len(panel), unknown, round(purchase_cost(arrays(instance), reagents), 6)


def answers(instance: Instance, scores: Scores, tolerance: float, floor: float | None = None) -> Answers | None:
    """The answers to an instance, from the scores of its panels (or of some of them).

    Args:
        instance: The question.
        scores: Panels with their scores.
        tolerance: How much of objective 1 may be given up.
        floor: Floor on objective 1; None = by the best of the given panels.
    """
    if not scores:
        return None
    worst = max(score.worst for score in scores.values())
    floor = worst - tolerance if floor is None else floor
    good = {panel: score for panel, score in scores.items() if score.worst >= floor}
    if not good:
        return Answers(worst, -np.inf, ())
    total = max(score.total for score in good.values())
    near = [p for p, score in good.items() if score.total >= total - 2.5 * tolerance - 1e-9]
    return Answers(worst, total, min(tidiness(instance, panel, good[panel]) for panel in near))
