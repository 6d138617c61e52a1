"""The score of one panel in many scenarios at once; see :mod:`panelopt.scoring` for a single one.

The panel is fixed before the day of the sort. Gates are set on that day with fluorescence-minus-one controls, so every
scenario has its own best gates; thresholds always follow the cells. If gates are given, their slots and sides stay and
only the thresholds follow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import BoolArray, FloatArray, Instance, SlotIndex, View
from panelopt.scenarios.gate_sets import GateQuestions
from panelopt.scenarios.plain_purity import plain_purity
from panelopt.scenarios.scenario_claims import scenario_claims
from panelopt.scenarios.scenario_gating import best_sets, best_worsts
from panelopt.scenarios.scenario_light import ScenarioLight, scenario_light, tellable
from panelopt.scenarios.worlds import Scenarios
from panelopt.scoring.light import SlotLevels, slot_levels
from panelopt.scoring.panel_score import DEFAULT_TOLERANCE
from panelopt.scoring.view_claims import forced_gates, usable_sides

Gates = Sequence[tuple[tuple[int, int], ...]]
"""By view, the (slot, side) pairs."""

CHUNK = 256
"""Scenarios processed at once; memory does not depend on their number."""


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioScores:
    """Values of a panel in n scenarios (log10); minus infinity where it cannot be used.

    Attributes:
        worst, total: (n,) objectives 1 and 2.
        odds: (n, T) odds of each target in its tube, by the claims of its gates.
        purity: (n, T) share of each target in its tube by the plain probabilities, 0 where the panel cannot be used; of
            width 0 where it was not asked for.
    """

    worst: FloatArray
    total: FloatArray
    odds: FloatArray
    purity: FloatArray

    def met(self, purity: float) -> BoolArray:
        """Return (n, T) whether each tube reaches a purity, by the claims."""
        return np.asarray(1 / (1 + 10.0**-self.odds) >= purity)

    def meets(self, purity: float) -> BoolArray:
        """Return (n,) whether every tube reaches a purity, by the claims: whether the goal is met."""
        return np.asarray(self.met(purity).all(axis=1))


def share_value(values: FloatArray, share: float) -> float:
    """Return the largest number reached by at least a share of the values."""
    reached = max(math.ceil(share * len(values) - 1e-9), 1)
    return float(np.sort(values)[::-1][reached - 1])


def score_scenarios(
    instance: Instance,
    scenarios: Scenarios,
    slots: Sequence[SlotIndex],
    tolerance: float = DEFAULT_TOLERANCE,
    gates: Gates | None = None,
    *,
    plain: bool = False,
) -> ScenarioScores:
    """Score a panel in every scenario, exactly as :func:`panelopt.scoring.score_panel` does in one.

    Args:
        instance: The question, with what does not depend on the scenario.
        scenarios: What does.
        slots: The panel.
        tolerance: How much of ``worst`` the gates may give up for the sum (log10).
        gates: Slots and sides of the gates of each target; None = the best in every scenario.
        plain: Whether the plain purities are wanted as well.
    """
    worst, total = np.full((2, len(scenarios)), -np.inf)
    odds = np.full((len(scenarios), len(instance.views)), -np.inf)
    purity = np.zeros((len(scenarios), len(instance.views) if plain else 0))
    if slots:
        for start in range(0, len(scenarios), CHUNK):
            part = scenarios.keep(slice(start, start + CHUNK))
            good = np.flatnonzero(tellable(instance, part, slots))
            if good.size:
                found = _score(instance, part.keep(good), slots, tolerance, gates, plain=plain)
                worst[start + good], total[start + good], odds[start + good] = found.worst, found.total, found.odds
                purity[start + good] = found.purity
    return ScenarioScores(worst, total, odds, purity)


def _score(
    instance: Instance,
    scenarios: Scenarios,
    slots: Sequence[SlotIndex],
    tolerance: float,
    gates: Gates | None,
    *,
    plain: bool,
) -> ScenarioScores:
    light = scenario_light(instance, scenarios, slots)
    nominal = slot_levels(instance, [slot.markers for slot in slots])
    asked = [
        _questions(instance, scenarios, view, slots, nominal, light, number)
        for number, view in enumerate(instance.views)
    ]
    worst = np.full(len(scenarios), instance.rho_cap)
    if gates is not None:
        found = [questions.given(chosen) for questions, chosen in zip(asked, gates, strict=True)]
        for terms in found:
            worst = np.minimum(worst, terms.rho.min(axis=1))
    else:
        for questions in asked:
            worst = np.minimum(worst, best_worsts(questions))
        floor = np.where(np.isfinite(worst), worst - tolerance, np.inf)
        found = [best_sets(questions, floor) for questions in asked]
    total = np.sum([terms.rho.sum(axis=1) for terms in found], axis=0)
    pure = [
        plain_purity(instance, view, questions, terms, light, number)
        for number, (view, questions, terms) in enumerate(zip(instance.views, asked, found, strict=True))
        if plain
    ]
    purity = np.stack(pure, axis=1) if pure else np.zeros((len(scenarios), 0))
    return ScenarioScores(worst, total, np.stack([terms.odds for terms in found], axis=1), purity)


def _questions(
    instance: Instance,
    scenarios: Scenarios,
    view: View,
    slots: Sequence[SlotIndex],
    nominal: SlotLevels,
    light: ScenarioLight,
    number: int,
) -> GateQuestions:
    others = list(view.contaminants)
    # scenarios vary medians of targets, not their spread, so the same sides are usable in all of them
    usable = usable_sides(instance, view, slots, nominal)
    phi = scenarios.phi
    return GateQuestions(
        claims=scenario_claims(instance, view, usable, light, number),
        usable=usable,
        single=np.log10(phi[:, [view.target]] / phi[:, others]),
        doublet=_doublet(instance, scenarios, others),
        step=float(np.log10(1 - instance.eps)),
        most_gates=instance.gate_cap,
        cap=instance.rho_cap,
        max_share=instance.max_share[others],
        purity_min=instance.purity_goal if instance.require_goal else 0.0,
        most=instance.most_rejection,
        forced=forced_gates(instance, view, slots),
    )


def _doublet(instance: Instance, scenarios: Scenarios, others: list[int]) -> FloatArray:
    if instance.delta <= 0 or instance.marker_list:
        return np.full((len(scenarios), len(others)), np.inf)
    return np.asarray(-np.log10(2 * scenarios.delta[:, None] * scenarios.phi[:, others]))
