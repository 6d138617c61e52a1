"""Estimates antibodies from recorded light, as the score assumes: compensation or unmixing by least squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.scoring.light import PanelLight, light_variance, noise_of


@dataclass(frozen=True, slots=True, eq=False)
class Estimator:
    """A linear estimate ``W (y - offset)`` of the antibodies in every slot.

    Attributes:
        detectors: Indices of the detectors it reads.
        weight: (S, D) antibodies per photoelectron.
        background: (D,) pe to subtract from every event.
        own: (D,) light to subtract per unit of expected autofluorescence, pe.
    """

    detectors: tuple[int, ...]
    weight: FloatArray
    background: FloatArray
    own: FloatArray

    def offset(self, factor: float) -> FloatArray:
        """Return (S,) the signal of unstained cells with autofluorescence ``factor``, antibodies."""
        return np.asarray(self.weight @ (self.background + factor * self.own))

    def antibodies(self, recorded: FloatArray, factor: float) -> FloatArray:
        """Return (n, S) antibodies from recorded light (n, D), pe.

        Args:
            recorded: Values of :attr:`detectors`.
            factor: Autofluorescence of the target of the gates, relative to a lymphocyte.
        """
        return np.asarray(recorded @ self.weight.T - self.offset(factor))


def panel_detectors(instance: Instance, slots: Sequence[SlotIndex]) -> tuple[int, ...]:
    """Return the detectors from which a panel is read: its own on a conventional cytometer, else all."""
    if instance.conventional:
        return tuple(slot.detector for slot in slots)
    return tuple(range(len(instance.detector)))


def ordinary_estimator(instance: Instance, slots: Sequence[SlotIndex], light: PanelLight) -> Estimator:
    """Return compensation, or unmixing by unweighted least squares, as instruments do."""
    return _estimator(instance, slots, np.asarray(np.linalg.pinv(light.mixing), dtype=float))


def weighted_estimator(instance: Instance, slots: Sequence[SlotIndex], light: PanelLight, population: int) -> Estimator:
    """Return the least squares of the score, weighted by the mean noise of a population.

    On a conventional cytometer this is compensation; a square matrix makes weights irrelevant.
    """
    weighted = light.mixing.T / mean_variance(instance, slots, light)[population]
    return _estimator(instance, slots, np.linalg.solve(weighted @ light.mixing, weighted))


def mean_variance(instance: Instance, slots: Sequence[SlotIndex], light: PanelLight) -> FloatArray:
    """Return (P, D) the noise of the panel's detectors in the score, pe^2."""
    rows = list(panel_detectors(instance, slots))
    signal = instance.signal[np.ix_(rows, [slot.dye for slot in slots])]
    levels = light.levels
    noise, own = noise_of(instance, rows), instance.autofluorescence[rows]
    return light_variance(instance, signal, levels.mean, levels.variance, noise, own)


def _estimator(instance: Instance, slots: Sequence[SlotIndex], inverse: FloatArray) -> Estimator:
    rows = list(panel_detectors(instance, slots))
    weight = inverse[: len(slots)]
    return Estimator(tuple(rows), weight, instance.background[rows], instance.autofluorescence[rows])
