"""Spectra as few numbers: asymmetric Gaussians fitted to emission, one strength per laser line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.reagents import EmissionPeak, Fluorochrome
from panelopt.optics.bands import collected_bands, photodetector
from panelopt.optics.normal import erf
from panelopt.optics.signatures import LASER_MARGIN_NM, REFERENCE_POWER_MW, laser_power_mw
from panelopt.optics.spectra import PIECES_NM, Array, detected_in_bands, emission_in_bands, quantum_efficiency

GRID_NM = np.arange(300.0, 901.0)
"""Wavelengths of spectra in the fit, nm."""

LINES_NM = (320, 349, 355, 375, 405, 445, 488, 505, 532, 552, 561, 594, 633, 637, 640, 685, 785, 808)
SPECTRUM_WEIGHT = 0.8  # weight of the emission spectrum against the signature
FLOOR = 0.03  # signature values are weighted by 1 / sqrt(value + floor)
PEAKS_NM = (340.0, 870.0)  # where peaks may lie
TAIL_NM = 42.0  # model value: the light of dyes beyond 815 nm falls by 1/e in this distance
TAIL_FROM_NM, TAIL_STEP_NM = np.array([815.0, 830.0, 845.0]), 30.0  # where the tail is compared
TAIL_WEIGHT = 0.04  # weight of the tail against the signature
TAIL_FLOOR = 0.002  # of the density at the peaks; dyes that give less beyond 815 nm have no tail
RED_FALL_NM = 15.0  # model value: absorption beyond the red end of a measured curve falls by 1/e in this distance
BLIND = 0.02  # a laser whose detectors catch less than this share of the emission says nothing about excitation


@dataclass(frozen=True)
class InstrumentOptics:
    """An instrument as arrays: bands by detector, pieces of the spectrum, and the rows and power of each laser."""

    cytometer: Cytometer
    low: Array
    high: Array
    edges: Array
    detected: Array
    kind: str
    blocks: dict[int, npt.NDArray[np.intp]]
    power: dict[int, float]

    @classmethod
    def of(cls, cytometer: Cytometer) -> InstrumentOptics:
        """Arrays of a cytometer whose lasers all have a path of their own."""
        laser = np.array([detector.laser_nm for detector in cytometer.detector])
        low, high = collected_bands(cytometer)
        low = np.maximum(low, laser + LASER_MARGIN_NM)
        edges = np.unique(np.concatenate((low, high, PIECES_NM)))
        middle = (edges[1:] + edges[:-1]) / 2
        inside = (middle > low[:, None]) & (middle < high[:, None])
        kind = photodetector(cytometer)
        return cls(
            cytometer, low, high, edges, inside * quantum_efficiency(kind, middle), kind,
            {int(line.nm): np.flatnonzero(laser == line.nm) for line in cytometer.laser},
            {int(line.nm): laser_power_mw(line) / REFERENCE_POWER_MW for line in cytometer.laser},
        )  # fmt: skip

    def light(self, below: Array) -> Array:
        """Photoelectrons by detector of an emission, given its light below each of :attr:`edges`."""
        return np.asarray(self.detected @ np.diff(below))


@dataclass
class Peaks:
    """Peaks of one emission as the parameters of the fit."""

    centre: Array
    left: Array
    right: Array
    weight: Array

    @classmethod
    def unpack(cls, theta: Array) -> Peaks:
        """Peaks from the flat vector of the fit: positions, then logarithms of widths and weights."""
        centre, left, right, weight = theta.reshape(4, -1)
        return cls(centre, np.exp(left), np.exp(right), np.exp(weight))

    def pack(self) -> Array:
        """The flat vector of the fit."""
        return np.concatenate((self.centre, np.log(self.left), np.log(self.right), np.log(self.weight)))

    def below(self, edge: Array) -> Array:
        """Light below each edge, in units of the weights."""
        offset = edge[:, None] - self.centre
        side = np.where(offset < 0, self.left, self.right)
        share = (self.left + side * erf(offset / side / np.sqrt(2))) / (self.left + self.right)
        return np.asarray(share @ self.weight)

    def density(self, wavelength: Array) -> Array:
        """Light per nm at each wavelength."""
        offset = wavelength[:, None] - self.centre
        side = np.where(offset < 0, self.left, self.right)
        height = self.weight / (self.left + self.right) * np.sqrt(2 / np.pi)
        return np.asarray(np.exp(-0.5 * (offset / side) ** 2) @ height)


def block_strength(model: Array, data: Array) -> float:
    """Least-squares factor of a model on data, not negative."""
    square = float(model @ model)
    return max(float(model @ data), 0.0) / square if square > 0 else 0.0


def two_strengths(own: Array, donor: Array, data: Array) -> tuple[float, float]:
    """Least-squares factors, not negative, of the light of a dye and of its donor on data."""
    alone = block_strength(own, data), block_strength(donor, data)
    cross, one, two = float(own @ donor), float(own @ own), float(donor @ donor)
    determinant = one * two - cross**2
    if determinant > 1e-9 * one * two:
        first = (two * float(own @ data) - cross * float(donor @ data)) / determinant
        second = (one * float(donor @ data) - cross * float(own @ data)) / determinant
        if first >= 0 and second >= 0:
            return first, second
    costs = [float(np.sum((factor * curve - data) ** 2)) for factor, curve in zip(alone, (own, donor), strict=True)]
    return (alone[0], 0.0) if costs[0] <= costs[1] else (0.0, alone[1])


def residuals(
    theta: Array,
    optics: InstrumentOptics | None,
    signature: Array | None,
    spectrum: Array | None,
    donor: Peaks | None = None,
) -> Array:
    """Misfit of signature (each laser scaled by itself) and emission spectrum, with weak priors on widths and tail.

    With a donor, each laser and the spectrum take as much of its light as fits best.
    """
    peaks = Peaks.unpack(theta)
    parts = [0.02 * (np.log(peaks.left / 14)), 0.02 * np.log(peaks.right / 20)]
    if signature is not None and optics is not None:
        parts.append(TAIL_WEIGHT * tail_misfit(peaks))
        light = optics.light(peaks.below(optics.edges))
        weight = 1 / np.sqrt(signature + FLOOR)
        scale = np.sqrt(np.sum((weight * signature) ** 2))
        leak = None if donor is None else optics.light(donor.below(optics.edges)) * weight
        for rows in optics.blocks.values():
            model = fitted(light[rows] * weight[rows], None if leak is None else leak[rows], (signature * weight)[rows])
            parts.append((model - (signature * weight)[rows]) / scale)
    if spectrum is not None:
        known = np.isfinite(spectrum)
        nm, data = GRID_NM[known][::3], spectrum[known][::3]
        model = fitted(peaks.density(nm), None if donor is None else donor.density(nm), data)
        factor = SPECTRUM_WEIGHT if signature is not None else 1.0
        parts.append(factor * (model - data) / np.linalg.norm(data))
    return np.concatenate(parts)


def tail_misfit(peaks: Peaks) -> Array:
    """Misfit, -1 to 1, of the infrared tail with an exponential one.

    The detectors of an Aurora end at 829 nm, and Gaussians fitted to them fall too soon beyond: on a FACSDiscover S8,
    dyes of all kinds give 0.3 to 0.5 of the light at 844 nm that they give at 812 nm, and an Attune Xenith and a
    Symphony A5 agree (DrCytometer/AutoSpectral).
    """
    near, far = peaks.density(TAIL_FROM_NM), peaks.density(TAIL_FROM_NM + TAIL_STEP_NM)
    expected = near * np.exp(-TAIL_STEP_NM / TAIL_NM)
    floor = TAIL_FLOOR * peaks.density(peaks.centre).max()
    return np.asarray((far - expected) / (far + expected + floor))


def fitted(own: Array, donor: Array | None, data: Array) -> Array:
    """Light of a dye, and of its donor if there is one, scaled to fit data."""
    if donor is None:
        return block_strength(own, data) * own
    return np.array(two_strengths(own, donor, data)) @ np.vstack((own, donor))


def rough_spectrum(optics: InstrumentOptics, signature: Array) -> Array:
    """Emission on the grid as the brightest laser's detectors show it, to start the fit from."""
    curve = np.zeros_like(GRID_NM)
    centre, width = (optics.low + optics.high) / 2, np.maximum(optics.high - optics.low, 1)
    for rows in optics.blocks.values():
        level = signature[rows] / optics.detected[rows].max(axis=1) / width[rows]
        curve = np.maximum(curve, np.interp(GRID_NM, centre[rows], level, left=0, right=0))
    return np.asarray(curve / curve.max())


def fit_emission(
    optics: InstrumentOptics | None,
    signature: Array | None,
    spectrum: Array | None,
    most: int,
    narrowest_nm: float = 5.0,
    donor: Peaks | None = None,
    within_nm: tuple[float, float] = PEAKS_NM,
    patient: bool = False,
) -> Peaks:
    """Add peaks where the misfit is largest, as long as each one lowers the squared misfit by a twentieth.

    Each new peak is tried where the misfit is largest relative to the light, which finds faint peaks, and where it is
    largest as such, which finds shoulders; the better one stays. A patient fit goes on to the last peak, as the next
    one may help where this one did not.
    """
    inside = (within_nm[0] <= GRID_NM) & (within_nm[1] >= GRID_NM)
    start = np.zeros_like(GRID_NM) if spectrum is None else np.nan_to_num(spectrum)
    if signature is not None and optics is not None:
        start = np.maximum(start, rough_spectrum(optics, signature))
    kept = None if donor is None else donor.density(GRID_NM)
    rest = start.copy()
    if kept is not None:
        top = int(np.argmax(kept))
        rest = np.maximum(start - kept * (start[top] / kept[top]), 0.0)
    data = optics, signature, spectrum, donor
    peaks = best = Peaks(*np.zeros((4, 0)))
    best_cost = np.inf
    tops = {_largest(rest, inside)}
    for _ in range(most):
        trials = [_grown(peaks, top, start, data, narrowest_nm, within_nm) for top in sorted(tops)]
        cost, peaks = min(trials, key=lambda trial: trial[0])
        if cost <= 0.95 * best_cost:
            best, best_cost = peaks, cost
        elif not patient:
            break
        rest = start - fitted(peaks.density(GRID_NM), kept, start)
        tops = {_largest(rest / np.sqrt(start + FLOOR), inside), _largest(rest, inside)}
    return best


def _largest(values: Array, inside: npt.NDArray[np.bool_]) -> int:
    return int(np.argmax(np.where(inside, values, -np.inf)))


def misfit(
    peaks: Peaks, optics: InstrumentOptics | None, signature: Array | None, spectrum: Array | None, donor: Peaks | None
) -> float:
    """Squared misfit of an emission, as :func:`fit_emission` minimises it."""
    return float(np.sum(residuals(peaks.pack(), optics, signature, spectrum, donor) ** 2))


def _grown(
    peaks: Peaks,
    top: int,
    start: Array,
    data: tuple[InstrumentOptics | None, Array | None, Array | None, Peaks | None],
    narrowest_nm: float,
    within_nm: tuple[float, float],
) -> tuple[float, Peaks]:
    """Cost and peaks after one more peak, at an index of the grid, and a fit of all of them."""
    share = max(float(start[top]) / 2, 0.01) if peaks.centre.size else 1.0
    new = (GRID_NM[top], narrowest_nm + 7, narrowest_nm + 13, share)
    old = (peaks.centre, peaks.left, peaks.right, peaks.weight)
    grown = Peaks(*(np.append(values, value) for values, value in zip(old, new, strict=True)))
    lowest = [within_nm[0], *np.log([narrowest_nm, narrowest_nm, 1e-3])]
    highest = [within_nm[1], *np.log([max(45, 2 * narrowest_nm), max(70, 3 * narrowest_nm), 30])]
    count = grown.centre.size
    bounds = np.repeat([lowest, highest], count, 1)
    theta = np.clip(grown.pack(), bounds[0] + 1e-6, bounds[1] - 1e-6)
    found = least_squares(
        residuals, theta, bounds=(bounds[0], bounds[1]), x_scale=np.repeat([5.0, 0.2, 0.2, 0.3], count), args=data,
        max_nfev=60,
    )  # fmt: skip
    return float(found.cost), Peaks.unpack(found.x)


def rounded_peaks(peaks: Peaks) -> tuple[EmissionPeak, ...]:
    """Rounded parameters of the fit: nm to 1, weights to 0.01; heaviest peak first, tiny ones dropped."""
    weight = peaks.weight / peaks.weight.sum()
    kept = [i for i in np.argsort(-weight, kind="stable") if weight[i] >= 0.005]
    return tuple(
        EmissionPeak(
            peak_nm=round(float(peaks.centre[i])), left_nm=round(float(peaks.left[i])),
            right_nm=round(float(peaks.right[i])), weight=round(float(weight[i]), 2),
        )
        for i in kept
    )  # fmt: skip


def laser_strengths(dye: Fluorochrome, optics: InstrumentOptics, signature: Array) -> dict[int, float]:
    """Relative excitation at the instrument's lasers, arbitrary scale; lasers that cannot see the dye are left out."""
    caught = emission_in_bands([dye], optics.low, optics.high)[:, 0]
    result = {}
    for line, rows in optics.blocks.items():
        if caught[rows].sum() >= BLIND:
            model = detected_in_bands([dye], optics.low[rows], optics.high[rows], optics.kind, line)[:, 0]
            result[line] = block_strength(model, signature[rows]) / optics.power[line]
    return result


def filled(curve: Array) -> Array:
    """Excitation curve without gaps: the first value towards the ultraviolet, :data:`RED_FALL_NM` towards the red."""
    known = np.flatnonzero(np.isfinite(curve))
    whole = np.interp(GRID_NM, GRID_NM[known], curve[known], left=curve[known[0]])
    return np.asarray(whole * np.exp(-np.maximum(GRID_NM - GRID_NM[known[-1]], 0.0) / RED_FALL_NM))


def excitation_table(curve: Array, strength: dict[int, float]) -> dict[int, float]:
    """Excitation by line: the curve, scaled to pass through the measured laser strengths; maximum 1."""
    base = np.maximum(curve, 2e-4)
    if strength:
        lines = np.array(sorted(strength))
        bend = np.log(np.maximum([strength[i] for i in lines], 1e-4) / np.interp(lines, GRID_NM, base))
        base = base * np.exp(np.interp(GRID_NM, lines, bend))
    shown = GRID_NM >= 340
    base = base / base[shown].max()
    table = {line: float(np.interp(line, GRID_NM, base)) for line in LINES_NM}
    return {line: min(round(value, 2 if value >= 0.1 else 3), 1.0) for line, value in table.items()}
