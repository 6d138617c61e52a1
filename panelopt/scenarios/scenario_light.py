"""Noise of one panel in many scenarios at once; the formulas are those of :mod:`panelopt.scoring.light`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import SINGULAR_CONDITION, BoolArray, FloatArray, Instance, SlotIndex
from panelopt.optics.unmixing import compensation_variance, unmixing_variance
from panelopt.scenarios.worlds import Scenarios
from panelopt.scoring.light import SlotLevels, levels_of, light_variance_of, noise_of, rank_one_of


@dataclass(frozen=True, slots=True)
class ScenarioLight:
    """Levels and noise of a panel in n scenarios.

    Attributes:
        levels: Levels of the slots, of shape (n, P, S).
        sd: (n, T, P, S) standard deviation of the unmixed signal, antibodies.
    """

    levels: SlotLevels
    sd: FloatArray


def tellable(instance: Instance, scenarios: Scenarios, slots: Sequence[SlotIndex]) -> BoolArray:
    """Return (n,) scenarios in which the dyes of a panel can be told apart."""
    mixing = _mixing(instance, scenarios, slots)[0]
    if mixing.shape[-1] > mixing.shape[-2]:
        return np.zeros(len(scenarios), dtype=bool)
    peak = mixing.max(axis=1, keepdims=True)
    lit = (peak > 0).all(axis=(1, 2))
    condition = np.linalg.cond(mixing / np.where(peak > 0, peak, 1.0))
    return np.asarray(lit & (condition <= SINGULAR_CONDITION))


def scenario_light(instance: Instance, scenarios: Scenarios, slots: Sequence[SlotIndex]) -> ScenarioLight:
    """Return the noise of a panel whose dyes can be told apart in all scenarios."""
    levels = levels_of(instance, scenarios.abc, scenarios.cv, [slot.markers for slot in slots])
    mixing, rows = _mixing(instance, scenarios, slots)
    targets = [view.target for view in instance.views]
    count = len(slots)
    signal, own = mixing[..., :count], scenarios.own[:, rows]
    variance = light_variance_of(scenarios.factor, signal, levels.mean, levels.variance, noise_of(instance, rows), own)
    if instance.conventional:
        spread = rank_one_of(scenarios.factor, instance.cv_autofluorescence, targets)
        squared = compensation_variance(mixing, variance, spread, own)
    else:
        unmixed = unmixing_variance(mixing, variance)[..., :count]
        squared = np.broadcast_to(unmixed[:, None], (len(scenarios), len(targets), *unmixed.shape[1:]))
    return ScenarioLight(levels, np.sqrt(squared))


def _mixing(instance: Instance, scenarios: Scenarios, slots: Sequence[SlotIndex]) -> tuple[FloatArray, list[int]]:
    """Return (n, D, columns) mixing matrices, and the detectors read."""
    rows = [slot.detector for slot in slots] if instance.conventional else list(range(len(instance.detector)))
    dyes = [slot.dye for slot in slots]
    mixing = scenarios.signal[:, rows][:, :, dyes]
    if instance.has_autofluorescence_column:
        mixing = np.concatenate([mixing, scenarios.own[:, rows, None]], axis=2)
    return mixing, rows
