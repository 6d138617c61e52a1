"""One target with the gates chosen by the score: the cells of each kind left after some of them.

For target t and contaminant c, after the gates G (plain probabilities ``pass``, delta doublets per event, ``leak`` the
share that all gates together let pass at least),

    target  = phi_t (1 - eps)^|G|
    single  = phi_c max(prod_G pass(t, c), leak)
    doublet = 2 delta target phi_c max(prod_(G below) pass(t, c), leak)
    purity  = target / (target + sum_c (single + doublet))

After all gates this is the purity of :mod:`panelopt.scoring`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from panelopt.domain.reagents import VIABILITY_MARKER
from panelopt.frozen import dataclass
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.scoring import PanelScore
from panelopt.scoring.claims import SIDES, WINDOW, thresholds
from panelopt.scoring.tails import cdf

if TYPE_CHECKING:
    from panelopt.domain.sort_plan_record import StepKind


@dataclass(frozen=True, slots=True)
class TubeGate:
    """One gate of a target.

    Attributes:
        slot: Index into the panel.
        side: Index into :data:`~panelopt.scoring.claims.SIDES`.
        kind: What the gate is for.
        low, high: Thresholds, antibodies; None on the open side.
        kept: Share of the target that passes.
        passing: (C,) share of each contaminant that passes.
    """

    slot: int
    side: int
    kind: StepKind
    low: float | None
    high: float | None
    kept: float
    passing: FloatArray


@dataclass(frozen=True, slots=True)
class Tube:
    """A target, its contaminants and its gates.

    Attributes:
        name: Name of the target.
        target: Index of the target population.
        contaminants: Indices of the C populations that must stay out.
        gates: In the order of the panel, or of the gating tree.
        delta: Doublets left after scatter gating, per event.
        leak_total: Least share of a contaminant that all gates together let pass.
    """

    name: str
    target: int
    contaminants: tuple[int, ...]
    gates: tuple[TubeGate, ...]
    delta: float
    leak_total: float

    @property
    def gate_yield(self) -> float:
        """Share of the target that passes all gates."""
        return math.prod(gate.kept for gate in self.gates)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Cells left, per event of the sample: the target, and (C,) contaminants as single cells and in doublets."""

    target: float
    single: FloatArray
    doublet: FloatArray

    @property
    def unwanted(self) -> float:
        """All contaminants."""
        return float(self.single.sum() + self.doublet.sum())

    @property
    def total(self) -> float:
        """All remaining cells."""
        return self.target + self.unwanted

    @property
    def purity(self) -> float:
        """Share of the target."""
        return self.target / self.total


def tubes_of(instance: Instance, score: PanelScore) -> tuple[Tube, ...]:
    """Return the tubes of a scored panel, with the gates chosen by the score."""
    return tuple(
        _tube(instance, score, number, [(slot, side) for slot, side in view.gates], instance.eps)
        for number, view in enumerate(score.views)
    )


def loosened(instance: Instance, score: PanelScore, factor: float) -> tuple[Tube, ...]:
    """Return the tubes with the same gates, each costing the target only ``factor`` of its loss."""
    return tuple(
        _tube(instance, score, number, view.gates, factor * instance.eps) for number, view in enumerate(score.views)
    )


def amounts(tube: Tube, phi: FloatArray, gates: int | None = None, delta: float | None = None) -> Amounts:
    """Return what is left after the first ``gates`` gates.

    Args:
        tube: Target and gates.
        phi: (P,) share of each population among all events.
        gates: How many gates; None = all.
        delta: Doublets per event; None = those left after scatter gating.
    """
    applied = tube.gates[:gates]
    others = phi[list(tube.contaminants)]
    target = float(phi[tube.target]) * math.prod(gate.kept for gate in applied)
    passing, passing_stuck = np.ones((2, others.size))
    for gate in applied:
        passing = passing * gate.passing
        if SIDES[gate.side] == "below":
            passing_stuck = passing_stuck * gate.passing
    single = others * np.maximum(passing, tube.leak_total)
    clinging = 2 * (tube.delta if delta is None else delta) * others * np.maximum(passing_stuck, tube.leak_total)
    return Amounts(target, single, target * clinging)


def in_order(tube: Tube, order: Sequence[int]) -> Tube:
    """Return the tube with its gates in another order."""
    return replace(tube, gates=tuple(tube.gates[index] for index in order))


def moved(
    instance: Instance, score: PanelScore, number: int, gate: TubeGate, low: float | None, high: float | None
) -> TubeGate:
    """Return a gate with other thresholds.

    Args:
        instance: The question.
        score: The scored panel.
        number: Which target: index of its view.
        gate: The gate.
        low: Lower threshold, antibodies; None = open.
        high: Upper threshold, antibodies; None = open.
    """
    view = instance.views[number]
    (kept,) = _between(score, number, gate.slot, [view.target], low, high)
    return replace(
        gate, low=low, high=high, kept=float(kept), passing=_passing(instance, score, number, gate, low, high)
    )


def _tube(instance: Instance, score: PanelScore, number: int, gates: Sequence[tuple[int, int]], eps: float) -> Tube:
    view, levels = score.views[number].view, score.light.levels
    slots = [slot for slot, _ in gates]
    cutoffs = score.views[number].thresholds[:, slots]
    if eps != instance.eps:
        place = (view.target, slots)
        cutoffs = thresholds(eps, levels.abc[place], levels.cv[place], score.light.sd[number][place])
    return Tube(
        name=instance.population[view.target],
        target=view.target,
        contaminants=view.contaminants,
        gates=tuple(_gate(instance, score, number, gate, cutoffs[:, place], eps) for place, gate in enumerate(gates)),
        delta=instance.delta,
        leak_total=instance.leak_total,
    )


def _gate(
    instance: Instance, score: PanelScore, number: int, gate: tuple[int, int], cutoffs: FloatArray, eps: float
) -> TubeGate:
    """Return a gate; ``cutoffs`` are the (4,) thresholds of its slot."""
    slot, side = gate
    low, high = (None if index is None else float(cutoffs[index]) for index in WINDOW[SIDES[side]])
    bare = TubeGate(slot, side, _kind(instance, score.slots[slot]), low, high, 1 - eps, np.empty(0))
    return replace(bare, passing=_passing(instance, score, number, bare, low, high))


def _passing(
    instance: Instance, score: PanelScore, number: int, gate: TubeGate, low: float | None, high: float | None
) -> FloatArray:
    """Return (C,) plain pass probabilities, at least ``leak``; 1 where a level is unknown."""
    view, known = instance.views[number], score.light.levels.known
    others = list(view.contaminants)
    plain = _between(score, number, gate.slot, others, low, high)
    scored = known[view.target, gate.slot] & known[others, gate.slot]
    return np.where(scored, np.clip(plain, instance.leak, 1.0), 1.0)


def _between(
    score: PanelScore, number: int, slot: int, populations: list[int], low: float | None, high: float | None
) -> FloatArray:
    """Return the share of each population between two thresholds."""
    levels, sd = score.light.levels, score.light.sd[number, populations, slot]
    abc, cv = levels.abc[populations, slot], levels.cv[populations, slot]
    under_high = np.ones(len(populations)) if high is None else cdf(high, abc, cv, sd)
    under_low = np.zeros(len(populations)) if low is None else cdf(low, abc, cv, sd)
    return under_high - under_low


def _kind(instance: Instance, slot: SlotIndex) -> StepKind:
    if slot.is_dump:
        return "dump"
    return "viability" if instance.marker[slot.markers[0]] == VIABILITY_MARKER else "marker"
