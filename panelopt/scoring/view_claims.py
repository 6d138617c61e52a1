"""What every possible gate of a panel claims, for many panels at once: one call for all is much the fastest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.frozen import dataclass
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
from panelopt.scoring.gating import GateQuestion
from panelopt.scoring.light import SlotLevels

_BELOW = SIDES.index("below")
_ONLY_ABOVE = np.array([side == "above" for side in SIDES])
_ONLY_BELOW = np.array([side == "below" for side in SIDES])


@dataclass(frozen=True, slots=True)
class ViewClaims:
    """Claims and expected rejections of every possible gate of one target: the input of the choice of gates."""

    question: GateQuestion
    plain: FloatArray
    thresholds: FloatArray


@dataclass(frozen=True, slots=True)
class SeenPanel:
    """A panel as seen from one target.

    Attributes:
        view: Target and contaminants.
        slots: The panel.
        levels: Levels of the slots.
        sd: (P, S) noise seen from this target, antibodies.
    """

    view: View
    slots: Sequence[SlotIndex]
    levels: SlotLevels
    sd: FloatArray


def claims_of(instance: Instance, seen: Sequence[SeenPanel]) -> list[ViewClaims]:
    """Return the claims of every gate, for each panel and target asked for.

    Args:
        instance: The question.
        seen: The panels and targets.
    """
    if not seen:
        return []
    usable = [usable_sides(instance, one.view, one.slots, one.levels) for one in seen]
    gated = [np.flatnonzero(sides.any(axis=1)) for sides in usable]  # in a marker list only one slot has a gate
    cutoffs = _thresholds(instance, seen, gated)
    claims = _rejections(instance, seen, gated, cutoffs)
    return [
        _with_question(instance, one, sides, slots, own, pair)
        for one, sides, slots, own, pair in zip(seen, usable, gated, cutoffs, claims, strict=True)
    ]


def _thresholds(instance: Instance, seen: Sequence[SeenPanel], gated: Sequence[np.ndarray]) -> list[FloatArray]:
    """Return (4, G) thresholds of the target in the G gated slots, for each panel and target."""
    parts = [
        np.stack([array[one.view.target, slots] for array in (one.levels.abc, one.levels.cv, one.sd)])
        for one, slots in zip(seen, gated, strict=True)
    ]
    every = np.concatenate(parts, axis=1)
    found = thresholds(instance.eps, *every) if every.size else np.zeros((LEVELS, 0))
    return np.split(found, np.cumsum([part.shape[1] for part in parts])[:-1], axis=1)


def _rejections(
    instance: Instance, seen: Sequence[SeenPanel], gated: Sequence[np.ndarray], cutoffs: Sequence[FloatArray]
) -> list[tuple[FloatArray, FloatArray]]:
    """Return (3, C, G) what gates claim to reject and what they are expected to, for each panel and target."""
    cells = [np.ix_(np.array(one.view.contaminants), slots) for one, slots in zip(seen, gated, strict=True)]
    shapes = [(len(one.view.contaminants), slots.size) for one, slots in zip(seen, gated, strict=True)]
    levels = [
        np.stack([array[cell].ravel() for array in (one.levels.abc, one.levels.cv, one.sd)])
        for one, cell in zip(seen, cells, strict=True)
    ]
    own = [
        np.broadcast_to(cutoff[:, None], (LEVELS, *shape)).reshape(LEVELS, -1)
        for cutoff, shape in zip(cutoffs, shapes, strict=True)
    ]
    every = np.concatenate(levels, axis=1)
    if not every.size:
        return [(np.zeros((len(SIDES), *shape)), np.zeros((len(SIDES), *shape))) for shape in shapes]
    claimed, plain = pass_probabilities(np.concatenate(own, axis=1), *every)
    ends = np.cumsum([part.shape[1] for part in levels])[:-1]
    claims, expected = (
        np.split(values, ends, axis=1)
        for values in (claimed_rejection(claimed, instance.leak), plain_rejection(plain, instance.leak))
    )
    found = []
    for one, slots, cell, shape, first, second in zip(seen, gated, cells, shapes, claims, expected, strict=True):
        known = one.levels.known[one.view.target, slots] & one.levels.known[cell]  # (C, G)
        whole = (len(SIDES), *shape)
        found.append((np.where(known, first.reshape(whole), 0.0), np.where(known, second.reshape(whole), 0.0)))
    return found


def _with_question(
    instance: Instance,
    seen: SeenPanel,
    usable: BoolArray,
    gated: np.ndarray,
    cutoffs: FloatArray,
    rejections: tuple[FloatArray, FloatArray],
) -> ViewClaims:
    """Return the claims of all slots, and what they are chosen for."""
    view, count = seen.view, len(seen.slots)
    others = list(view.contaminants)
    thresholds_of = np.full((LEVELS, count), np.nan)
    thresholds_of[:, gated] = cutoffs
    claims, expected = np.zeros((2, count, len(SIDES), len(others)))
    claims[gated], expected[gated] = (values.transpose(2, 0, 1) for values in rejections)
    question = GateQuestion(
        claims=claims,
        usable=usable,
        single=base_single(instance, view),
        doublet=base_doublet(instance, view),
        step=float(np.log10(1 - instance.eps)),
        most_gates=instance.gate_cap,
        cap=instance.rho_cap,
        max_share=instance.max_share[others],
        purity_min=instance.purity_goal if instance.require_goal else 0.0,
        most=instance.most_rejection,
        forced=forced_gates(instance, view, seen.slots),
    )
    return ViewClaims(question, expected, thresholds_of)


def usable_sides(instance: Instance, view: View, slots: Sequence[SlotIndex], levels: SlotLevels) -> BoolArray:
    """Return (S, 3) the sides on which a target may be gated in each slot.

    A side must also make claims that never improve with noise (:func:`panelopt.scoring.claims.monotone_sides`).
    """
    target = view.target
    usable = monotone_sides(instance.eps, np.where(levels.abc[target] > 0, levels.cv[target], 0.0))
    if view.marker is not None:
        gated = [slot.markers == (view.marker,) and not instance.no_above[view.marker] for slot in slots]
        usable &= np.array(gated, dtype=bool)[:, None] & _ONLY_ABOVE
    else:
        bound = instance.viability | instance.no_above
        only_below = np.array([slot.is_dump or bound[slot.markers[0]] for slot in slots], dtype=bool)
        usable &= ~only_below[:, None] | _ONLY_BELOW
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
