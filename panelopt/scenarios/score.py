"""What one panel is worth in many scenarios: the score of :mod:`panelopt.scoring`, for all of them at once.

The panel is fixed before the day of the sort. The gates are set on that day with fluorescence-minus-one controls, so
that every scenario has its own best gates; thresholds always follow the cells. Gates may be given instead: then their
slots and sides stay, and only the thresholds follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panelopt.instance.arrays import FloatArray, Instance, SlotIndex, View
from panelopt.scenarios.claims import scenario_claims
from panelopt.scenarios.gating import GateQuestions, best_totals, best_worsts
from panelopt.scenarios.light import ScenarioLight, scenario_light, tellable
from panelopt.scenarios.worlds import Scenarios
from panelopt.scoring.claims import SIDES
from panelopt.scoring.light import slot_levels
from panelopt.scoring.score import DEFAULT_TOLERANCE, usable_sides

Gates = Sequence[tuple[tuple[int, int], ...]]
"""By view, the (slot, side) pairs."""

CHUNK = 64
"""Scenarios that are worked on at once; what is needed of memory does not depend on their number."""


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioScores:
    """Objective 1 and 2 of a panel in n scenarios; minus infinity where it cannot be used.

    Attributes:
        worst, total: (n,) log10.
    """

    worst: FloatArray
    total: FloatArray


def score_scenarios(
    instance: Instance,
    scenarios: Scenarios,
    slots: Sequence[SlotIndex],
    tolerance: float = DEFAULT_TOLERANCE,
    gates: Gates | None = None,
) -> ScenarioScores:
    """Judge a panel in every scenario, exactly as :func:`panelopt.scoring.score_panel` does in one.

    Args:
        instance: The question, with what does not depend on the scenario.
        scenarios: What does.
        slots: The panel.
        tolerance: How much of ``worst`` the gates may give up for the sum (log10).
        gates: Slots and sides of the gates of each target; None = the best in every scenario.
    """
    worst, total = np.full((2, len(scenarios)), -np.inf)
    if slots:
        for start in range(0, len(scenarios), CHUNK):
            part = scenarios.keep(slice(start, start + CHUNK))
            good = np.flatnonzero(tellable(instance, part, slots))
            if good.size:
                found = _score(instance, part.keep(good), slots, tolerance, gates)
                worst[start + good], total[start + good] = found.worst, found.total
    return ScenarioScores(worst, total)


def _score(
    instance: Instance,
    scenarios: Scenarios,
    slots: Sequence[SlotIndex],
    tolerance: float,
    gates: Gates | None,
) -> ScenarioScores:
    light = scenario_light(instance, scenarios, slots)
    asked = [_questions(instance, scenarios, view, slots, light, number) for number, view in enumerate(instance.views)]
    if gates is not None:
        ratios = [questions.given(chosen) for questions, chosen in zip(asked, gates, strict=True)]
        smallest = np.min([rho.min(axis=1) for rho in ratios], axis=0, initial=instance.rho_cap)
        return ScenarioScores(smallest, np.sum([rho.sum(axis=1) for rho in ratios], axis=0))
    worst = np.full(len(scenarios), instance.rho_cap)
    for questions in asked:
        worst = np.minimum(worst, best_worsts(questions))
    usable = np.isfinite(worst)
    total = np.where(usable, 0.0, -np.inf)
    for questions in asked:
        total = total + best_totals(questions, np.where(usable, worst - tolerance, np.inf))
    return ScenarioScores(worst, total)


def _questions(
    instance: Instance,
    scenarios: Scenarios,
    view: View,
    slots: Sequence[SlotIndex],
    light: ScenarioLight,
    number: int,
) -> GateQuestions:
    others = list(view.contaminants)
    usable = usable_sides(instance, view, slots, slot_levels(instance, [slot.markers for slot in slots]))
    claims = np.zeros((len(scenarios), len(slots), len(SIDES), len(others)))
    gated = np.flatnonzero(usable.any(axis=1))
    if gated.size:
        claims[:, gated] = scenario_claims(instance, view, gated, light, number)
    phi = scenarios.phi
    return GateQuestions(
        claims=claims * usable[:, :, None],
        usable=usable,
        single=np.log10(phi[:, [view.target]] / phi[:, others]),
        doublet=_doublet(instance, scenarios, others),
        step=float(np.log10(1 - instance.eps)),
        limit=instance.gate_limit,
        cap=instance.rho_cap,
        max_share=instance.max_share[others],
        purity_min=instance.purity_goal if instance.require_goal else 0.0,
    )


def _doublet(instance: Instance, scenarios: Scenarios, others: list[int]) -> FloatArray:
    if instance.delta <= 0 or instance.marker_list:
        return np.full((len(scenarios), len(others)), np.inf)
    return np.asarray(-np.log10(scenarios.delta[:, None] * scenarios.phi[:, others]))
