"""Which gates need a tube with all reagents but their own (fluorescence minus one, FMO).

The threshold of a gate is a quantile of the target with the noise of the panel. The light of the other dyes is a part
of that noise: the spread that unstained cells and single stains do not show. Left out of the threshold, the gate lies
elsewhere. What it would then let pass in the stained sample, compared with the planned gate, says whether the spread
has to be seen before the gate is set (Roederer 2001, doi:10.1002/1097-0320(20011101)45:3<194::AID-CYTO1163>3.0.CO;2-C,
for the control itself).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from panelopt.domain.controls import FmoDecision
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.optics.rounding import settled
from panelopt.optics.unmixing import compensation_variance, unmixing_variance
from panelopt.planning.tube import Tube, TubeGate, amounts, moved
from panelopt.scoring import PanelScore
from panelopt.scoring.claims import SIDES, WINDOW, thresholds
from panelopt.scoring.light import light_variance, noise_of, rank_one_factor

CUT_OFF = 0.01
"""Relative change of purity or yield from which a gate needs its FMO tube (model value)."""

NAMED = 3
"""Dyes that are named as the cause of a spread."""

_NOTHING = 1e-9  # share of a variance below which it counts as none


def fmo_decisions(
    instance: Instance, score: PanelScore, tubes: Sequence[Tube], phi: FloatArray
) -> tuple[FmoDecision, ...]:
    """Return for every gate of every target whether it needs an FMO tube.

    Args:
        instance: The question.
        score: The judged panel.
        tubes: Targets with their gates, in the order of the score's views.
        phi: (P,) share of each population among all events.
    """
    return tuple(
        _decision(instance, score, number, tube, place, phi)
        for number, tube in enumerate(tubes)
        for place in range(len(tube.gates))
    )


def lit_variance(instance: Instance, score: PanelScore, number: int, lit: Collection[int]) -> FloatArray:
    """Return the noise of a panel where only some of its dyes give light, unmixed as the whole panel is.

    Args:
        instance: The question.
        score: The judged panel.
        number: Which target the cells are seen from: index of its view.
        lit: Slots whose dyes give light.

    Returns:
        (P, S) antibodies squared; with all slots the square of ``score.light.sd[number]``.
    """
    light, slots = score.light, score.slots
    rows = [slot.detector for slot in slots] if instance.conventional else list(range(len(instance.detector)))
    on = np.isin(np.arange(len(slots)), list(lit))
    own = instance.autofluorescence[rows]
    signal = instance.signal[np.ix_(rows, [slot.dye for slot in slots])]
    variance = light_variance(
        instance, signal, light.levels.mean * on, light.levels.variance * on, noise_of(instance, rows), own
    )
    if not instance.conventional:
        return unmixing_variance(light.mixing, variance)[:, : len(slots)]
    factor = rank_one_factor(instance, [instance.views[number].target])
    return np.asarray(compensation_variance(light.mixing, variance, factor, own)[0])


def _decision(
    instance: Instance, score: PanelScore, number: int, tube: Tube, place: int, phi: FloatArray
) -> FmoDecision:
    gate = tube.gates[place]
    shifts = _shifts(instance, score, number, tube, gate)
    low, high = (None if x is None else x + shift for x, shift in zip((gate.low, gate.high), shifts, strict=True))
    other = moved(instance, score, number, gate, low, high)
    without = replace(tube, gates=(*tube.gates[:place], other, *tube.gates[place + 1 :]))
    planned, left = amounts(tube, phi).purity, amounts(without, phi).purity
    yield_change, purity_change = without.gate_yield / tube.gate_yield - 1, left / planned - 1
    slot = score.slots[gate.slot]
    needed = max(abs(yield_change), abs(purity_change)) > CUT_OFF
    return FmoDecision(
        target=tube.name,
        slot=gate.slot,
        markers=tuple(instance.marker[m] for m in slot.markers),
        fluorochrome=instance.dye[slot.dye],
        side=SIDES[gate.side],
        needed=needed,
        low=gate.low,
        high=gate.high,
        shift=max(map(abs, shifts)),
        yield_without=without.gate_yield,
        purity_without=left,
        yield_change=yield_change,
        purity_change=purity_change,
        spread_from=_spread_from(instance, score, number, tube, gate),
        reason=f"set without the spread of the other dyes, purity changes by {100 * purity_change:+.2g} % and yield by "
        f"{100 * yield_change:+.2g} %: {'more' if needed else 'not more'} than {100 * CUT_OFF:g} %",
    )


def _shifts(instance: Instance, score: PanelScore, number: int, tube: Tube, gate: TubeGate) -> tuple[float, float]:
    """Return by how far the lower and the upper threshold lie from the planned ones without the other dyes' spread."""
    levels, s, t = score.light.levels, gate.slot, tube.target
    alone = np.sqrt(lit_variance(instance, score, number, [s])[t, s])
    full = score.light.sd[number, t, s]
    at_alone, at_full = (thresholds(instance.eps, levels.abc[t, s], levels.cv[t, s], sd) for sd in (alone, full))
    low, high = (0.0 if i is None else float(at_alone[i] - at_full[i]) for i in WINDOW[SIDES[gate.side]])
    return low, high


def _spread_from(instance: Instance, score: PanelScore, number: int, tube: Tube, gate: TubeGate) -> tuple[str, ...]:
    """Return the dyes whose light on the target widens a slot most, the largest first."""
    s, t = gate.slot, tube.target
    alone = lit_variance(instance, score, number, [s])[t, s]
    added = {
        other: float(lit_variance(instance, score, number, [s, other])[t, s] - alone)
        for other in range(len(score.slots))
        if other != s
    }
    most = sorted((o for o in added if added[o] > _NOTHING * alone), key=lambda o: (-settled(added[o]), o))[:NAMED]
    return tuple(instance.dye[score.slots[other].dye] for other in most)
