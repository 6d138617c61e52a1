"""Simulates cells, their light, and the recorded signals.

A cell of population ``p`` carries log-normal antibodies ``a_s`` and autofluorescence ``h`` with mean ``g_p``: normal
but non-negative, as in the score, or log-normal. Its light in detector ``d`` and the recorded value, in
photoelectrons, are

    L[d] = B[d] + h AF[d] + sum_s M[d,s] a_s
    y[d] = G(Poisson(L[d])) + sqrt(e[d]^2 + k[d]^2 L[d]^2) normal

``G`` gives each photoelectron a gain of mean 1 and variance ``F - 1`` (gamma distributed), so that the variance of
``y`` given the cell is ``F L + e^2 + k^2 L^2``. Averaged over the cells of a population, this is the variance of
:mod:`panelopt.optics.noise`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panelopt.instance.arrays import FloatArray
from panelopt.optics.noise import MIN_VARIANCE_PE2, DetectorNoise
from panelopt.scoring.tails import log_sd
from panelopt.simulation.event_model import EventModel

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells before they are measured.

    Attributes:
        antibodies: (n, S) bound antibodies by slot.
        factor: (n,) autofluorescence relative to a lymphocyte.
    """

    antibodies: FloatArray
    factor: FloatArray

    def stuck_to(self, other: Cells) -> Cells:
        """Return doublets: each cell together with one of the others."""
        return Cells(self.antibodies + other.antibodies, self.factor + other.factor)


def draw_cells(model: EventModel, population: IntArray, random: np.random.Generator) -> Cells:
    """Draw one cell for each population index in ``population`` (n,)."""
    normal = random.standard_normal((population.size, model.median.shape[1]))
    if model.mix is not None:
        normal = normal @ model.mix.T
    antibodies = model.median[population] * np.exp(model.sigma[population] * normal)
    return Cells(antibodies * model.stained, model.factor[population] * _relative(model, population.size, random))


def _relative(model: EventModel, count: int, random: np.random.Generator) -> FloatArray:
    """Return (count,) autofluorescence of cells relative to the mean of their population."""
    normal = random.standard_normal(count)
    if model.skewed:
        sigma = log_sd(model.cv_autofluorescence)
        return np.asarray(np.exp(sigma * normal - 0.5 * sigma**2))
    return np.maximum(1 + model.cv_autofluorescence * normal, 0.0)


def light_pe(model: EventModel, cells: Cells) -> FloatArray:
    """Return (n, D) the light of cells in the detectors, pe."""
    light = cells.antibodies @ model.signal.T + cells.factor[:, None] * model.own
    return np.asarray(light + model.noise.background_pe)


def record(light: FloatArray, noise: DetectorNoise, random: np.random.Generator) -> FloatArray:
    """Return (n, D) the recorded values for light (n, D), pe."""
    counts = random.poisson(light).astype(float)
    amplified = noise.excess > 1
    if amplified.any():
        spread = noise.excess[amplified] - 1
        shape = counts[:, amplified] / spread
        gained = random.standard_gamma(np.maximum(shape, 1e-300)) * spread
        counts[:, amplified] = np.where(shape > 0, gained, 0.0)
    variance = noise.electronic_pe**2 + (noise.proportional * light) ** 2
    variance = np.maximum(variance, MIN_VARIANCE_PE2 - noise.excess * light)
    return np.asarray(counts + np.sqrt(variance) * random.standard_normal(light.shape))
