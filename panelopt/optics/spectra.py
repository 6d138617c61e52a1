"""Spectra of dyes and light detectors: emission as asymmetric Gaussians, excitation by line, quantum efficiency.

All functions are closed form and vectorised over dyes; nothing is tabulated by nanometre.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from panelopt.domain.reagents import DONOR, EmissionPeak, Fluorochrome
from panelopt.optics.normal import erf

Array = npt.NDArray[np.float64]

EXCITATION_FADE_NM = 50.0
"""Model value: beyond the outermost listed line, excitation falls linearly to zero within this distance (nm)."""

QUANTUM_EFFICIENCY: dict[str, tuple[tuple[float, float], ...]] = {
    # Model values (nm, photoelectrons per photon): typical shapes of the three detector kinds, not of one product.
    # The photomultipliers are a mixture: multialkali cathodes, and red-sensitive ones (gallium arsenide) where the
    # filters lie beyond 750 nm. A multialkali curve alone makes far-red light on a Symphony A5 half of what it is.
    "pmt": (
        (300, 0.14), (350, 0.16), (400, 0.17), (450, 0.17), (500, 0.165), (550, 0.16), (600, 0.155),
        (650, 0.145), (700, 0.14), (750, 0.13), (800, 0.12), (850, 0.08), (900, 0.03),
    ),
    "apd": (
        (300, 0.15), (350, 0.30), (400, 0.45), (450, 0.56), (500, 0.64), (550, 0.70), (600, 0.75),
        (650, 0.78), (700, 0.80), (750, 0.81), (800, 0.80), (850, 0.76), (900, 0.68),
    ),
    "sipm": (
        (300, 0.20), (350, 0.33), (400, 0.45), (450, 0.48), (500, 0.45), (550, 0.39), (600, 0.33),
        (650, 0.27), (700, 0.21), (750, 0.16), (800, 0.12), (850, 0.08), (900, 0.05),
    ),
}  # fmt: skip
"""Quantum efficiency by kind of detector (model values)."""

NO_LIGHT = 1e-12
"""Share of the emission below which a band collects nothing: the difference of two sums near 1 is good to 1e-16 only,
so that what lies below differs between processors, and no measured tail reaches so far (model value)."""

PIECES_NM = np.arange(300.0, 901.0, 25.0)
"""Within each piece, nm, the quantum efficiency of its middle stands for all of it: the curves are straight between
nodes 50 nm apart."""

DEFAULT_PHOTODETECTOR = {"compensation": "pmt", "spectral": "apd"}
"""Kind assumed where a cytometer does not state its own, by the way it unmixes: most conventional instruments carry
photomultipliers, most spectral ones semiconductors (model value)."""


def excitation_at(dyes: Sequence[Fluorochrome], line_nm: npt.ArrayLike) -> Array:
    """Relative excitation of each dye at each laser line.

    Between listed lines the value is interpolated linearly; outside the listed range it falls from the outermost
    value to zero within :data:`EXCITATION_FADE_NM`.

    Args:
        dyes: Dyes, F of them.
        line_nm: Laser lines, nm, shape (L,).

    Returns:
        Shape (L, F), 1 at the excitation maximum; 0 for dyes without optics.
    """
    lines = np.asarray(line_nm, dtype=float)
    result = np.zeros((lines.size, len(dyes)))
    for column, dye in enumerate(dyes):
        if not dye.excitation:
            continue
        # the record keeps its lines sorted
        known = np.fromiter(dye.excitation, dtype=float)
        value = np.fromiter(dye.excitation.values(), dtype=float)
        known = np.concatenate(([known[0] - EXCITATION_FADE_NM], known, [known[-1] + EXCITATION_FADE_NM]))
        result[:, column] = np.interp(lines, known, np.concatenate(([0.0], value, [0.0])))
    return result


def donor_leak_at(dye: Fluorochrome, line_nm: float) -> float:
    """Light of a tandem's donor at one exciting line, relative to the weights of its peaks.

    A tandem leaks less donor light where its acceptor absorbs the laser itself. Between listed lines the value is
    interpolated linearly, outside them the nearest one holds.
    """
    if not dye.donor_leak:
        return 1.0
    return float(np.interp(line_nm, list(dye.donor_leak), list(dye.donor_leak.values())))


def emission_density(dye: Fluorochrome, wavelength_nm: npt.ArrayLike, line_nm: float | None = None) -> Array:
    """Share of the emitted photons per nm at each wavelength; integrates to 1.

    Each peak is ``exp(-(x - peak)^2 / (2 s^2))``, with its own ``s`` below and above the peak, of area ``weight``.

    Args:
        dye: The dye.
        wavelength_nm: Wavelengths, nm, any shape.
        line_nm: Exciting line, which decides how much light the donor of a tandem keeps; then the other peaks stay as
            they are, and the integral may differ from 1.
    """
    wavelength = np.asarray(wavelength_nm, dtype=float)
    leak = 1.0 if line_nm is None else donor_leak_at(dye, line_nm)
    total = sum(peak.weight for peak in dye.emission)
    density = np.zeros_like(wavelength)
    for peak in dye.emission:
        sigma = np.where(wavelength < peak.peak_nm, peak.left_nm, peak.right_nm)
        kept = leak if peak.origin == DONOR else 1.0
        height = kept * peak.weight / total / (math.sqrt(math.pi / 2) * (peak.left_nm + peak.right_nm))
        density += height * np.exp(-0.5 * ((wavelength - peak.peak_nm) / sigma) ** 2)
    return density


def emission_in_bands(dyes: Sequence[Fluorochrome], low_nm: npt.ArrayLike, high_nm: npt.ArrayLike) -> Array:
    """Share of the emitted photons of each dye that falls into each band.

    Args:
        dyes: Dyes, F of them, at least one.
        low_nm: Lower edges of the bands, nm, shape (D,).
        high_nm: Upper edges, nm, shape (D,); a band with ``high <= low`` collects nothing.

    Returns:
        Shape (D, F), each entry between 0 and 1; less than :data:`NO_LIGHT` is 0.
    """
    low, high = np.asarray(low_nm, dtype=float), np.asarray(high_nm, dtype=float)
    edges, position = np.unique(np.concatenate((low, high)), return_inverse=True)
    cumulative = _cumulative_emission(dyes, edges)[position.ravel()]
    share = np.minimum(cumulative[low.size :] - cumulative[: low.size], 1.0)
    return np.where(share < NO_LIGHT, 0.0, share)


def _cumulative_emission(dyes: Sequence[Fluorochrome], edge_nm: Array, line_nm: float | None = None) -> Array:
    """Share of the photons below each edge, shape (E, F): the two half Gaussians integrated by the error function.

    With an exciting line the peaks of donors are scaled; what they gain or lose the other peaks keep as it is.
    """
    peaks: list[EmissionPeak] = [peak for dye in dyes for peak in dye.emission]
    first = np.cumsum([0, *(len(dye.emission) for dye in dyes[:-1])])
    centre = np.array([peak.peak_nm for peak in peaks])
    left, right = np.array([peak.left_nm for peak in peaks]), np.array([peak.right_nm for peak in peaks])
    weight = np.array([peak.weight for peak in peaks])
    offset = edge_nm[:, None] - centre
    below = offset < 0
    bell = erf(offset / (math.sqrt(2.0) * np.where(below, left, right)))
    # area left of the peak is left/(left+right) of the whole; either half follows its own error function
    share = (left + np.where(below, left, right) * bell) / (left + right)
    # sums in the order of the peaks, and no matrix product: the same bits on every processor
    light = weight if line_nm is None else weight * _leaks(dyes, line_nm)
    return np.asarray(np.add.reduceat(light * share, first, axis=1) / np.add.reduceat(weight, first))


def _leaks(dyes: Sequence[Fluorochrome], line_nm: float) -> Array:
    """Factor of each peak at an exciting line: that of the donor, or 1."""
    return np.array(
        [
            donor_leak_at(dye, line_nm) if dye.donor_leak and peak.origin == DONOR else 1.0
            for dye in dyes
            for peak in dye.emission
        ]
    )


def quantum_efficiency(kind: str, wavelength_nm: npt.ArrayLike) -> Array:
    """Model quantum efficiency, photoelectrons per photon, at each wavelength in nm.

    Args:
        kind: Key of :data:`QUANTUM_EFFICIENCY`.
        wavelength_nm: Wavelengths, nm, any shape; the outermost values hold beyond the curve.
    """
    curve = np.array(QUANTUM_EFFICIENCY[kind])
    return np.asarray(np.interp(np.asarray(wavelength_nm, dtype=float), curve[:, 0], curve[:, 1]))


def detected_in_bands(
    dyes: Sequence[Fluorochrome], low_nm: npt.ArrayLike, high_nm: npt.ArrayLike, kind: str, line_nm: float | None = None
) -> Array:
    """Photoelectrons per emitted photon of each dye in each band: emission times quantum efficiency, integrated.

    Wide bands in the red need the integral: a photomultiplier sees a tenth as much at 900 nm as at 790 nm.

    Args:
        dyes: Dyes, F of them, at least one.
        low_nm: Lower edges of the bands, nm, shape (D,).
        high_nm: Upper edges, nm, shape (D,); a band with ``high <= low`` collects nothing.
        kind: Kind of photodetector.
        line_nm: Exciting line, which decides how much light the donors of tandems keep; without it, each peak has
            its weight.

    Returns:
        Shape (D, F), photoelectrons per photon of the emission of weight 1; less than :data:`NO_LIGHT` is 0.
    """
    low, high = np.asarray(low_nm, dtype=float), np.asarray(high_nm, dtype=float)
    edges = np.array(sorted({*low.tolist(), *high.tolist(), *PIECES_NM}))  # numpy.unique would load numpy.ma
    efficiency = quantum_efficiency(kind, (edges[1:] + edges[:-1]) / 2)
    emitted = np.diff(_cumulative_emission(dyes, edges, line_nm), axis=0)
    # a running sum, and no matrix product: the same bits on every processor
    detected = np.vstack((np.zeros(len(dyes)), np.cumsum(emitted * efficiency[:, None], axis=0)))
    share = detected[np.searchsorted(edges, high)] - detected[np.searchsorted(edges, low)]
    return np.where(share < NO_LIGHT, 0.0, share)
