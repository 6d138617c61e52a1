"""Measures of spectral similarity: reported with a panel, never optimised.

``M`` has one column per dye (and, on a spectral cytometer, one for autofluorescence) and one row per detector.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.frozen import dataclass
from panelopt.optics.rounding import settled
from panelopt.optics.spectra import Array


@dataclass(frozen=True, slots=True)
class Similarity:
    """Measures of some dyes on one instrument.

    Attributes:
        cytometer: Name of the instrument.
        dyes: Names of n dyes.
        peak: Brightest detector of each dye.
        origin: ``computed``, or where the measured signature comes from.
        cosine, hotspot: Shape (n, n).
        complexity_index: Condition number of the peak-normalised signatures.
    """

    cytometer: str
    dyes: tuple[str, ...]
    peak: tuple[str, ...]
    origin: tuple[str, ...]
    cosine: Array
    hotspot: Array
    complexity_index: float

    def pairs(self) -> list[tuple[str, str, float]]:
        """Return all pairs of dyes with their cosine, the most similar first."""
        count = len(self.dyes)
        listed = [(self.dyes[i], self.dyes[j], float(self.cosine[i, j])) for i in range(count) for j in range(i)]
        return sorted(((b, a, value) for a, b, value in listed), key=lambda pair: (-settled(pair[2]), pair[0], pair[1]))


def similarity_of(
    cytometer: str, dyes: Sequence[str], detectors: Sequence[str], signatures: Array, origin: Sequence[str]
) -> Similarity:
    """Compare dyes on an instrument.

    Args:
        cytometer: Name of the instrument.
        dyes: Names of n dyes.
        detectors: Names of D detectors.
        signatures: Shape (D, n).
        origin: Of each signature.
    """
    peak = tuple(detectors[row] for row in signatures.argmax(axis=0))
    measures = cosine_similarity(signatures), hotspot_matrix(signatures), complexity_index(signatures)
    return Similarity(cytometer, tuple(dyes), peak, tuple(origin), *measures)


def cosine_similarity(signatures: Array) -> Array:
    """Cosine of the angle between each two signatures, ``m_i . m_j / (|m_i| |m_j|)``.

    Known as *similarity index*. A column without light has cosine 0 with all others and 1 with itself.

    Args:
        signatures: Shape (D, F).

    Returns:
        Shape (F, F), symmetric, 1 on the diagonal.
    """
    unit = _unit_columns(signatures)
    cosine = np.clip(unit.T @ unit, -1.0, 1.0)
    np.fill_diagonal(cosine, 1.0)
    return np.asarray(cosine)


def complexity_index(signatures: Array) -> float:
    """Condition number (largest over smallest singular value) of the signatures, each divided by its peak.

    This is the condition number that published unmixing software reports under this name; the maker's definition of
    its *complexity index* is not public. Infinite where a signature is zero or repeats a mixture of others.

    Args:
        signatures: Shape (D, F).
    """
    peak = np.abs(signatures).max(axis=0, initial=0.0)
    if signatures.size == 0:
        return 1.0
    if signatures.shape[0] < signatures.shape[1] or not np.all(peak > 0):
        return float("inf")
    return float(np.linalg.cond(signatures / peak))


def hotspot_matrix(signatures: Array) -> Array:
    """Spread that unmixing itself adds, ``sqrt |(M'M)^-1|`` element by element, columns scaled to unit length.

    With unit columns the diagonal is the square root of the variance inflation factor: 1 for a dye that shares no
    detector with the others, more the more it overlaps with them. Off the diagonal it shows which dyes inflate each
    other. P. L. Mage, A. J. Konecny and F. Mair, "Measurement and prediction of unmixing-dependent spreading in
    spectral flow cytometry panels", bioRxiv 2025, doi:10.1101/2025.04.17.649396.

    Args:
        signatures: Shape (D, F), D >= F.

    Returns:
        Shape (F, F), no unit; infinite where the signatures are linearly dependent.
    """
    unit = _unit_columns(signatures)
    count = unit.shape[1]
    if np.linalg.matrix_rank(unit) < count:
        return np.full((count, count), np.inf)
    return np.asarray(np.sqrt(np.abs(np.linalg.inv(unit.T @ unit))))


def _unit_columns(signatures: Array) -> Array:
    length = np.linalg.norm(signatures, axis=0)
    unit: Array = signatures / np.where(length > 0, length, 1.0)
    return unit
