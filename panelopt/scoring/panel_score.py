"""The value of a panel, computed without any solver.

For target t and contaminant c, with the claims of the chosen gates (log10),

    R_tc       = min(sum of the claims, -log10 leak_total), Rneg_tc the same of the gates of kind below
    single_tc  = log10(y_t phi_t / phi_c) + R_tc         target : contaminant, single cells
    doublet_tc = -log10(2 delta phi_c) + Rneg_tc         a doublet passes every gate but those of kind below
    rho_tc     = min(single_tc, doublet_tc, cap)

A viability dye in the panel is gated below for every target.

``worst`` is the largest smallest ``rho`` over gate sets; ``total`` the largest sum of ``rho`` over gate sets whose
smallest ``rho`` gives up at most the tolerance. Both are exact: gates are found by branch and bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray, Instance, SlotIndex, View
from panelopt.scoring.claims import (
    LEVELS,
    SIDES,
    claimed_rejection,
    monotone_sides,
    pass_probabilities,
    plain_rejection,
    thresholds,
)
from panelopt.scoring.gating import GateQuestion, best_gates, best_worst
from panelopt.scoring.light import PanelLight, SlotLevels, panel_light

DEFAULT_TOLERANCE = 0.02
"""How much of the worst log ratio may be given up for the sum (log10)."""

_BELOW = SIDES.index("below")


@dataclass(frozen=True, slots=True)
class ViewScore:
    """One target with its best gates.

    Attributes:
        view: Target and contaminants.
        gates: (slot, side index) pairs; sides in the order of ``SIDES``.
        thresholds: (4, S) thresholds of the target by slot, antibodies: quantiles eps, 1-eps, eps/2, 1-eps/2.
        single, doublet, rho, rejection: (C,) log10 values by the claims.
        gate_yield: Share of the target that passes all gates.
        purity: Predicted share of the target in the tube, by the plain probabilities.
        purity_at_least: The same, guaranteed by the claims.
        odds_at_least: log10 of the odds of ``purity_at_least``.
    """

    view: View
    gates: tuple[tuple[int, int], ...]
    thresholds: FloatArray
    single: FloatArray
    doublet: FloatArray
    rho: FloatArray
    rejection: FloatArray
    gate_yield: float
    purity: float
    purity_at_least: float
    odds_at_least: float


@dataclass(frozen=True, slots=True)
class PanelScore:
    """Value of a panel; ``worst`` and ``total`` are objectives 1 and 2."""

    slots: tuple[SlotIndex, ...]
    worst: float
    total: float
    views: tuple[ViewScore, ...]
    light: PanelLight

    @property
    def gate_count(self) -> int:
        """Number of gates of all targets."""
        return sum(len(view.gates) for view in self.views)


@dataclass(frozen=True, slots=True)
class ViewClaims:
    """Claims and expected rejections of every possible gate of one target: the input of the choice of gates."""

    question: GateQuestion
    plain: FloatArray
    thresholds: FloatArray


def score_panel(
    instance: Instance, slots: Sequence[SlotIndex], tolerance: float = DEFAULT_TOLERANCE
) -> PanelScore | None:
    """Score a panel exactly.

    Args:
        instance: The question.
        slots: The panel; their order breaks ties between gates.
        tolerance: How much of ``worst`` the gates may give up for the sum (log10).

    Returns:
        The score, or None if the panel cannot be unmixed or no gate set meets the demands on purity and shares.
    """
    claims = panel_claims(instance, slots)
    if claims is None:
        return None
    light, views = claims
    bests = [best_worst(view.question) for view in views]
    if any(best is None for best in bests):
        return None
    worst = min((best for best in bests if best is not None), default=instance.rho_cap)
    scored = []
    for view, view_claims in zip(instance.views, views, strict=True):
        gates = best_gates(view_claims.question, worst - tolerance)
        if gates is None:
            return None
        scored.append(evaluate_gates(instance, view, view_claims, gates))
    total = float(sum(view.rho.sum() for view in scored))
    return PanelScore(tuple(slots), float(worst), total, tuple(scored), light)


def panel_claims(instance: Instance, slots: Sequence[SlotIndex]) -> tuple[PanelLight, tuple[ViewClaims, ...]] | None:
    """Return noise and claims of a panel, or None if its dyes cannot be told apart."""
    if not slots:
        return None
    light = panel_light(instance, slots)
    if light is None:
        return None
    return light, tuple(
        view_claims(instance, view, slots, light.levels, light.sd[number]) for number, view in enumerate(instance.views)
    )


def view_claims(
    instance: Instance, view: View, slots: Sequence[SlotIndex], levels: SlotLevels, sd: FloatArray
) -> ViewClaims:
    """Return the claims of every gate of one target.

    Args:
        instance: The question.
        view: Target and contaminants.
        slots: The panel.
        levels: Levels of the slots.
        sd: (P, S) noise seen from this target, antibodies.
    """
    t, others = view.target, list(view.contaminants)
    usable = usable_sides(instance, view, slots, levels)
    gated = np.flatnonzero(usable.any(axis=1))  # in a marker list only one slot has a gate
    cutoffs = np.full((LEVELS, len(slots)), np.nan)
    claim, expected = np.zeros((2, len(SIDES), len(others), len(slots)))
    if gated.size:
        cells = np.ix_(np.array(others), gated)
        cutoffs[:, gated] = thresholds(instance.eps, levels.abc[t, gated], levels.cv[t, gated], sd[t, gated])
        claimed, plain = pass_probabilities(cutoffs[:, None, gated], levels.abc[cells], levels.cv[cells], sd[cells])
        known = levels.known[t, gated] & levels.known[cells]  # (C, gated slots)
        claim[..., gated] = np.where(known, claimed_rejection(claimed, instance.leak), 0.0)
        expected[..., gated] = np.where(known, plain_rejection(plain, instance.leak), 0.0)
    question = GateQuestion(
        claims=np.ascontiguousarray(claim.transpose(2, 0, 1)),
        usable=usable,
        single=base_single(instance, view),
        doublet=base_doublet(instance, view),
        step=float(np.log10(1 - instance.eps)),
        most_gates=instance.gate_cap,
        cap=instance.rho_cap,
        max_share=instance.max_share[others],
        purity_min=instance.purity_goal if instance.require_goal else 0.0,
        most=instance.most_rejection,
        forced=forced_gates(instance, view, slots),
    )
    return ViewClaims(question, np.ascontiguousarray(expected.transpose(2, 0, 1)), cutoffs)


def usable_sides(instance: Instance, view: View, slots: Sequence[SlotIndex], levels: SlotLevels) -> BoolArray:
    """Return (S, 3) the sides on which a target may be gated in each slot.

    A side must also make claims that never improve with noise (:func:`panelopt.scoring.claims.monotone_sides`).
    """
    target = view.target
    usable = monotone_sides(instance.eps, np.where(levels.abc[target] > 0, levels.cv[target], 0.0))
    for s, slot in enumerate(slots):
        if view.marker is not None:
            usable[s] &= [slot.markers == (view.marker,) and not instance.no_above[view.marker], False, False]
        elif slot.is_dump or instance.viability[slot.markers[0]] or instance.no_above[slot.markers[0]]:
            usable[s] &= [False, True, False]
    return usable


def forced_gates(instance: Instance, view: View, slots: Sequence[SlotIndex]) -> tuple[tuple[int, int], ...]:
    """Return the (slot, side) gates that a target always has: the live gate.

    In a marker list the only gate is that of the marker.
    """
    if view.marker is not None:
        return ()
    return tuple((s, _BELOW) for s, slot in enumerate(slots) if instance.viability[list(slot.markers)].any())


def base_single(instance: Instance, view: View) -> FloatArray:
    """Return (C,) log10(phi_t / phi_c)."""
    return np.asarray(np.log10(instance.phi[view.target] / instance.phi[list(view.contaminants)]))


def base_doublet(instance: Instance, view: View) -> FloatArray:
    """Return (C,) -log10(2 delta phi_c); infinite if no doublets are left or only markers are listed.

    ``delta`` of the events are doublets. Pairs form at random, so target and contaminant pair in two orders.
    """
    others = list(view.contaminants)
    if instance.delta <= 0 or instance.marker_list:
        return np.full(len(others), np.inf)
    return np.asarray(-np.log10(2 * instance.delta * instance.phi[others]))


def evaluate_gates(instance: Instance, view: View, claims: ViewClaims, gates: tuple[tuple[int, int], ...]) -> ViewScore:
    """Return all reported values of one target for a given gate set."""
    question = claims.question
    single, doublet = question.terms(gates)
    plain_single, plain_doublet = replace(question, claims=claims.plain).terms(gates)
    return ViewScore(
        view=view,
        gates=gates,
        thresholds=claims.thresholds,
        single=single,
        doublet=doublet,
        rho=question.rho(gates),
        rejection=single - question.single - question.step * len(gates),
        gate_yield=float((1 - instance.eps) ** len(gates)),
        purity=_purity(plain_single, plain_doublet),
        purity_at_least=_purity(single, doublet),
        odds_at_least=-float(np.log10(_contamination(single, doublet))),
    )


def _purity(single: FloatArray, doublet: FloatArray) -> float:
    return float(1.0 / (1.0 + _contamination(single, doublet)))


def _contamination(single: FloatArray, doublet: FloatArray) -> float:
    """Return the contaminants per target cell."""
    return float(np.sum(10.0**-single + 10.0**-doublet))
