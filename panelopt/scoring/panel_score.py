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
from dataclasses import replace

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex, View
from panelopt.scoring.gating import best_gates, best_worst
from panelopt.scoring.light import PanelLight, panel_light
from panelopt.scoring.view_claims import SeenPanel, ViewClaims, claims_of

DEFAULT_TOLERANCE = 0.02
"""How much of the worst log ratio may be given up for the sum (log10)."""


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
    return score_panels(instance, [slots], tolerance)[0]


def score_panels(
    instance: Instance, panels: Sequence[Sequence[SlotIndex]], tolerance: float = DEFAULT_TOLERANCE
) -> list[PanelScore | None]:
    """Score several panels exactly, in less time than one by one; arguments and results as in :func:`score_panel`."""
    lights = [panel_light(instance, slots) if slots else None for slots in panels]
    seen = [
        SeenPanel(view, slots, light.levels, light.sd[number])
        for slots, light in zip(panels, lights, strict=True)
        if light is not None
        for number, view in enumerate(instance.views)
    ]
    claims = iter(claims_of(instance, seen))
    return [
        None if light is None else _score(instance, slots, light, [next(claims) for _ in instance.views], tolerance)
        for slots, light in zip(panels, lights, strict=True)
    ]


def panel_claims(instance: Instance, slots: Sequence[SlotIndex]) -> tuple[PanelLight, tuple[ViewClaims, ...]] | None:
    """Return noise and claims of a panel, or None if its dyes cannot be told apart."""
    light = panel_light(instance, slots) if slots else None
    if light is None:
        return None
    seen = [SeenPanel(view, slots, light.levels, light.sd[number]) for number, view in enumerate(instance.views)]
    return light, tuple(claims_of(instance, seen))


def _score(
    instance: Instance, slots: Sequence[SlotIndex], light: PanelLight, views: Sequence[ViewClaims], tolerance: float
) -> PanelScore | None:
    """Return the score of a panel by its claims; None if no gate set meets the demands."""
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
