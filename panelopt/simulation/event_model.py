"""The event model: populations, antigens, light and noise of one stained sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from panelopt.errors import PaneloptError
from panelopt.instance.arrays import BoolArray, FloatArray, Instance, SlotIndex
from panelopt.instance.populations import is_dead
from panelopt.optics.noise import DetectorNoise
from panelopt.scoring.light import noise_of, slot_levels
from panelopt.scoring.tails import log_sd

_ROUNDING = 1e-9
"""Tolerance for the properties of a correlation matrix."""


@dataclass(frozen=True, slots=True, eq=False)
class EventModel:
    """The inputs of the events of one tube.

    Attributes:
        population: Names of the P populations.
        is_dead: (P,) which of them are dead cells.
        share: (P,) share of each among the cells; they sum to 1.
        median, sigma: (P, S) log-normal level of each slot: median in antibodies, s.d. of the logarithm.
        factor: (P,) mean autofluorescence relative to a lymphocyte.
        cv_autofluorescence: Its coefficient of variation within a population.
        signal: (D, S) photoelectrons per bound antibody.
        own: (D,) autofluorescence of a lymphocyte, pe.
        noise: Noise of the D detectors.
        stained: (S,) slots whose reagent is in the tube.
        skewed: Whether autofluorescence is log-normal within a population instead of normal as in the score.
        doublets: Share of doublets among the events.
        hidden: Share of doublets that look like single cells in scatter among the events.
        mix: (S, S) matrix whose product with its transpose is the correlation of the logarithms; None if slots are
            independent.
    """

    population: tuple[str, ...]
    is_dead: BoolArray
    share: FloatArray
    median: FloatArray
    sigma: FloatArray
    factor: FloatArray
    cv_autofluorescence: float
    signal: FloatArray
    own: FloatArray
    noise: DetectorNoise
    stained: BoolArray
    skewed: bool = False
    doublets: float = 0.0
    hidden: float = 0.0
    mix: FloatArray | None = None

    def with_stain(self, slots: Sequence[int]) -> EventModel:
        """Return the same cells stained with the reagents of some slots only."""
        stained = np.zeros(self.signal.shape[1], dtype=bool)
        stained[list(slots)] = True
        return replace(self, stained=stained)


def event_model(
    instance: Instance,
    slots: Sequence[SlotIndex],
    *,
    detectors: Sequence[int] | None = None,
    doublet_fraction: float = 0.0,
    correlation: npt.ArrayLike | None = None,
    skewed: bool = False,
) -> EventModel:
    """Return the event model of a panel, with the levels, light and noise that the score uses.

    Unknown levels count as `mid`, as in the score. Events of unlisted populations (frequencies that sum to less than
    one) are left out.

    Args:
        instance: The question.
        slots: The panel.
        detectors: Indices of the recorded detectors; default: all.
        doublet_fraction: Doublets among the events before scatter gating; those invisible in scatter
            (``instance.delta``) are always included.
        correlation: (S, S) correlation of the logarithms of the antigen levels of the slots within a population;
            default: none, as in the score.
        skewed: Draw autofluorescence from a log-normal distribution instead of the score's normal one.

    Raises:
        PaneloptError: if ``correlation`` is not a correlation matrix of the panel's slots.
    """
    levels = slot_levels(instance, [slot.markers for slot in slots])
    rows = list(range(len(instance.detector)) if detectors is None else detectors)
    return EventModel(
        population=instance.population,
        is_dead=is_dead(instance),
        share=instance.phi / instance.phi.sum(),
        median=levels.abc,
        sigma=log_sd(levels.cv),
        factor=instance.autofluorescence_factor,
        cv_autofluorescence=instance.cv_autofluorescence,
        signal=instance.signal[np.ix_(rows, [slot.dye for slot in slots])],
        own=instance.autofluorescence[rows],
        noise=noise_of(instance, rows),
        stained=np.ones(len(slots), dtype=bool),
        skewed=skewed,
        doublets=max(doublet_fraction, instance.delta),
        hidden=instance.delta,
        mix=None if correlation is None else _root(correlation, len(slots)),
    )


def _root(correlation: npt.ArrayLike, count: int) -> FloatArray:
    matrix = np.asarray(correlation, dtype=float)
    if matrix.shape != (count, count):
        raise PaneloptError(f"the correlation has the shape {matrix.shape}, but the panel has {count} slots")
    fits = np.allclose(matrix, matrix.T, atol=_ROUNDING) and np.allclose(np.diagonal(matrix), 1.0, atol=_ROUNDING)
    values, vectors = np.linalg.eigh(matrix) if fits else (np.array([-1.0]), matrix)
    if values.min() < -_ROUNDING:
        raise PaneloptError("not a correlation matrix", hint="It must be symmetric, with 1 on the diagonal.")
    root: FloatArray = vectors * np.sqrt(np.maximum(values, 0.0))  # unlike Cholesky, this allows singular matrices
    return root
