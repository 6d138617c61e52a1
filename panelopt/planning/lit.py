"""Noise of the controls of a panel: tubes in which only some of its dyes give light.

Every tube is unmixed like the whole panel, so the signal of a slot whose dye gives no light is noise around 0.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from panelopt.instance.arrays import FloatArray, Instance
from panelopt.optics.normal import ndtr, ndtri
from panelopt.optics.unmixing import compensation_variance, unmixing_variance
from panelopt.planning.narrowing import crossing
from panelopt.scoring import PanelScore
from panelopt.scoring.light import SlotLevels, light_variance, noise_of, rank_one_factor, slot_levels

_SAME = 1e-12  # relative distance of equal thresholds
_ROOM = 1e-6  # relative distance beyond the ends of an interval


def lit_variance(instance: Instance, score: PanelScore, number: int, lit: Collection[int]) -> FloatArray:
    """Return the noise of a panel when only some of its dyes give light, unmixed like the whole panel.

    Args:
        instance: The question.
        score: The scored panel.
        number: Which target the cells are seen from: index of its view.
        lit: Slots whose dyes give light.

    Returns:
        (P, S) antibodies squared; with all slots the square of ``score.light.sd[number]``.
    """
    levels = score.light.levels
    on = np.isin(np.arange(len(score.slots)), list(lit))
    return _variance(instance, score, number, levels.mean * on, levels.variance * on)


def single_stain(
    instance: Instance, score: PanelScore, number: int, slot: int, marker: int
) -> tuple[SlotLevels, FloatArray]:
    """Return the signal of one reagent alone in its slot.

    Args:
        instance: The question.
        score: The scored panel.
        number: Which target the cells are seen from: index of its view.
        slot: Index into the panel.
        marker: The marker of the slot that is stained.

    Returns:
        Its levels (P, 1), and (P,) the noise of the slot in antibodies squared.
    """
    levels = slot_levels(instance, [(marker,)])
    on = np.arange(len(score.slots)) == slot
    return levels, _variance(instance, score, number, levels.mean * on, levels.variance * on)[:, slot]


def _variance(instance: Instance, score: PanelScore, number: int, mean: FloatArray, spread: FloatArray) -> FloatArray:
    """Return (P, S) noise for (P, S) antibodies and antibodies squared that give light."""
    light, slots = score.light, score.slots
    rows = [slot.detector for slot in slots] if instance.conventional else list(range(len(instance.detector)))
    own = instance.autofluorescence[rows]
    signal = instance.signal[np.ix_(rows, [slot.dye for slot in slots])]
    variance = light_variance(instance, signal, mean, spread, noise_of(instance, rows), own)
    if not instance.conventional:
        return unmixing_variance(light.mixing, variance)[:, : len(slots)]
    factor = rank_one_factor(instance, [instance.views[number].target])
    return np.asarray(compensation_variance(light.mixing, variance, factor, own)[0])


# ---- slots without light


def dark_share(x: float, weight: FloatArray, sd: FloatArray) -> float:
    """Return the share of a mixture of cells below ``x`` in a slot whose dye gives no light.

    Args:
        x: Threshold, antibodies.
        weight: (N,) cells of each kind, in any unit, some above 0.
        sd: (N,) their noise, antibodies.
    """
    return float(_dark_shares(np.array([x]), weight, sd)[0])


def dark_quantile(share: float, weight: FloatArray, sd: FloatArray) -> float:
    """Return the signal below which ``share`` of such a mixture lies; arguments as for :func:`dark_share`."""
    ends = sd[weight > 0] * ndtri(share)  # the quantile of a mixture lies between those of its parts
    low, high = float(ends.min()), float(ends.max())
    if high - low <= _SAME * abs(high):
        return high
    room = _ROOM * max(abs(low), abs(high))  # at the ends rounding decides the sign
    exact = _SAME * float(np.abs(ends[ends != 0]).min())
    return crossing(lambda x: _dark_shares(x, weight, sd) - share, low - room, high + room, exact)


def _dark_shares(x: FloatArray, weight: FloatArray, sd: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        z = x[:, None] / sd
    return np.asarray(ndtr(np.where(np.isnan(z), -np.inf, z)) @ weight / weight.sum())  # no cell is below itself
