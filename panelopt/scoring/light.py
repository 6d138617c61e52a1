"""Levels of slots, light in detectors, and the noise of unmixed signals for one panel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import SINGULAR_CONDITION, BoolArray, FloatArray, Instance, SlotIndex
from panelopt.optics.noise import DetectorNoise, detector_variance
from panelopt.optics.spectral_similarity import complexity_index
from panelopt.optics.unmixing import compensation_variance, ordinary_variance, unmixing_variance


@dataclass(frozen=True, slots=True)
class SlotLevels:
    """Antibody level of each slot in each population: log-normal, matching mean and variance of the sum.

    Attributes:
        abc, cv: (P, S) median and coefficient of variation; unknown levels count as `mid`.
        mean, variance: (P, S) antibodies and antibodies squared.
        known: (P, S) False where the level of a marker of the slot is unknown.
    """

    abc: FloatArray
    cv: FloatArray
    mean: FloatArray
    variance: FloatArray
    known: BoolArray


def slot_levels(instance: Instance, marker_sets: Sequence[Sequence[int]]) -> SlotLevels:
    """Return the levels of slots that carry the given sets of markers."""
    return levels_of(instance, instance.abc, instance.cv, marker_sets)


def levels_of(
    instance: Instance, median: FloatArray, spread: FloatArray, marker_sets: Sequence[Sequence[int]]
) -> SlotLevels:
    """Return the levels of slots for other levels of markers than those of the instance.

    Args:
        instance: The question.
        median: (..., P, M) median antibodies per cell; NaN = unknown.
        spread: (..., P, M) coefficient of variation.
        marker_sets: Markers of each slot.

    Returns:
        Levels of shape (..., P, S).
    """
    unknown = np.isnan(median)
    abc = np.where(unknown, instance.unknown_abc, median)
    cv = np.where(unknown, instance.unknown_cv, spread)
    mean = abc * np.sqrt(1 + cv**2)  # E = a exp(sigma^2 / 2)
    variance = (cv * mean) ** 2
    member = members(marker_sets, len(instance.marker)).T.astype(float, order="C")
    total, around = mean @ member, variance @ member
    slot_cv = np.sqrt(np.divide(around, total**2, out=np.zeros_like(total), where=total > 0))
    known = (unknown.astype(float) @ member) == 0
    single = np.array([len(markers) == 1 for markers in marker_sets], dtype=bool)
    first = np.array([markers[0] for markers in marker_sets], dtype=int)
    middle = np.where(single, abc[..., first], total / np.sqrt(1 + slot_cv**2))
    return SlotLevels(middle, np.where(single, cv[..., first], slot_cv), total, around, known)


def members(marker_sets: Sequence[Sequence[int]], count: int) -> BoolArray:
    """Return (S, count) which markers are in each of S sets."""
    result = np.zeros((len(marker_sets), count), dtype=bool)
    rows = np.repeat(np.arange(len(marker_sets)), [len(markers) for markers in marker_sets])
    result[rows, [marker for markers in marker_sets for marker in markers]] = True
    return result


def noise_of(instance: Instance, detectors: Sequence[int] | slice = slice(None)) -> DetectorNoise:
    """Return the noise terms of some detectors."""
    return DetectorNoise(
        background_pe=instance.background[detectors],
        excess=instance.excess[detectors],
        electronic_pe=instance.electronic[detectors],
        proportional=instance.proportional[detectors],
    )


def light_variance(
    instance: Instance,
    signal: FloatArray,
    mean: FloatArray,
    variance: FloatArray,
    noise: DetectorNoise,
    own: FloatArray,
) -> FloatArray:
    """Return the uncorrelated detector variance of each population, pe^2.

    Args:
        instance: The question.
        signal: (..., D, S) pe per antibody.
        mean: (..., P, S) antibodies.
        variance: (..., P, S) antibodies squared.
        noise: Noise of the D detectors.
        own: (..., D) lymphocyte autofluorescence, pe.

    Returns:
        (..., P, D)
    """
    return light_variance_of(instance.autofluorescence_factor, signal, mean, variance, noise, own)


def light_variance_of(
    factor: FloatArray,
    signal: FloatArray,
    mean: FloatArray,
    variance: FloatArray,
    noise: DetectorNoise,
    own: FloatArray,
) -> FloatArray:
    """Return what :func:`light_variance` does, for (..., P) other autofluorescence relative to a lymphocyte."""
    cells = factor[..., None] * own[..., None, :]
    light = noise.background_pe + cells + np.einsum("...ps,...ds->...pd", mean, signal)
    spread = np.einsum("...ps,...ds->...pd", variance, signal**2)
    return detector_variance(light, spread, noise)


def rank_one_factor(instance: Instance, targets: Sequence[int]) -> FloatArray:
    """Return (T, P): spread of autofluorescence within a population and its distance from the target's."""
    return rank_one_of(instance.autofluorescence_factor, instance.cv_autofluorescence, targets)


def rank_one_of(factor: FloatArray, cv: float, targets: Sequence[int]) -> FloatArray:
    """Return (..., T, P) the same for (..., P) autofluorescence relative to a lymphocyte that varies by ``cv``."""
    g = factor[..., None, :]
    return np.asarray((cv * g) ** 2 + (g - factor[..., list(targets)][..., None]) ** 2)


@dataclass(frozen=True, slots=True)
class PanelLight:
    """Noise of a panel.

    Attributes:
        levels: Levels of the slots.
        sd: (T, P, S) standard deviation of the unmixed signal, antibodies, by view of the instance.
        ols_sd: (P, S) the same for unweighted least squares, seen from the first target.
        mixing: (D, n) the matrix that is inverted, with the autofluorescence column if there is one.
    """

    levels: SlotLevels
    sd: FloatArray
    ols_sd: FloatArray
    mixing: FloatArray


def panel_light(instance: Instance, slots: Sequence[SlotIndex]) -> PanelLight | None:
    """Return the noise of a panel, or None where its dyes cannot be told apart (singular or condition above 1e8)."""
    levels = slot_levels(instance, [slot.markers for slot in slots])
    dyes = [slot.dye for slot in slots]
    targets = [view.target for view in instance.views]
    factor = rank_one_factor(instance, targets)
    rows = [slot.detector for slot in slots] if instance.conventional else list(range(len(instance.detector)))
    signal = instance.signal[np.ix_(rows, dyes)]
    own = instance.autofluorescence[rows]
    mixing = np.column_stack([signal, own]) if instance.has_autofluorescence_column else signal
    if mixing.shape[1] > mixing.shape[0] or complexity_index(mixing) > SINGULAR_CONDITION:
        return None
    variance = light_variance(instance, signal, levels.mean, levels.variance, noise_of(instance, rows), own)
    count = len(slots)
    if instance.conventional:
        squared = compensation_variance(mixing, variance, factor, own)
        ordinary = squared[0]
    else:
        unmixed = unmixing_variance(mixing, variance)[:, :count]
        squared = np.broadcast_to(unmixed, (len(targets), *unmixed.shape))
        ordinary = ordinary_variance(mixing, variance)[:, :count]
    return PanelLight(levels, np.sqrt(squared), np.sqrt(ordinary), mixing)
