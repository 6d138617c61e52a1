"""Fit the parameters of the shipped fluorochrome files from reference data: python tools/fit_fluorochromes.py FOLDER.

Names, families, kinds and aliases in ``catalogs/fluorochromes`` are kept; excitation, emission and brightness of every
dye that the folder has data for are fitted anew and written back, rounded (nm to 1, weights to 0.01). The model is that
of :mod:`panelopt.optics.signatures`: a few asymmetric Gaussians, one strength per laser. Where a dye has both, its
emission spectrum and its signature on an Aurora 5L are fitted together; laser strengths come from the signature.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from optics_reference import (
    GRID_NM,
    REPOSITORY,
    Array,
    Library,
    Spectrum,
    folded,
    read_libraries,
    read_spectra,
    read_table,
    shipped_cytometer,
    spellings,
)
from scipy.optimize import least_squares
from scipy.special import erf

from panelopt.domain.cytometer import Cytometer
from panelopt.domain.reagents import Brightness, EmissionPeak, Fluorochrome
from panelopt.io.documents import read_toml
from panelopt.io.fluorochrome_files import fluorochromes_toml, read_fluorochromes
from panelopt.optics.signatures import LASER_MARGIN_NM, REFERENCE_POWER_MW, signature_matrix
from panelopt.optics.spectra import emission_in_bands, quantum_efficiency

LINES_NM = (320, 349, 355, 375, 405, 445, 488, 505, 532, 552, 561, 594, 633, 637, 640, 685, 785, 808)
FIT_LIBRARY, SPARE_LIBRARY = "Luciernaga_CytekReferenceLibrary5L", "AutoSpectral_Aurora"
SPECTRUM_WEIGHT = 0.35  # weight of the emission spectrum against the signature
FLOOR = 0.03  # signature values are weighted by 1 / sqrt(value + floor)
BLIND = 0.02  # a laser whose detectors catch less than this share of the emission says nothing about excitation
UNRELIABLE = {"BV480", "BV605", "cFluorV610", "LDBlue_LD"}  # calibration at or near its floor, or no antibody
ABBREVIATIONS = {"NFB": "NovaFluor Blue ", "NFY": "NovaFluor Yellow ", "NFR": "NovaFluor Red "}


@dataclass(frozen=True)
class Optics:
    """An instrument as arrays by detector, and the rows and power of each laser."""

    cytometer: Cytometer
    low: Array
    high: Array
    efficiency: Array
    blocks: dict[int, Array]
    power: dict[int, float]

    @classmethod
    def of(cls, cytometer: Cytometer) -> Optics:
        laser = np.array([detector.laser_nm for detector in cytometer.detector])
        low = np.array([detector.low_nm for detector in cytometer.detector])
        return cls(
            cytometer,
            np.maximum(low, laser + LASER_MARGIN_NM),
            np.array([detector.high_nm for detector in cytometer.detector]),
            quantum_efficiency(cytometer),
            {int(line.nm): np.flatnonzero(laser == line.nm) for line in cytometer.laser},
            {int(line.nm): (line.power_mw or REFERENCE_POWER_MW) / REFERENCE_POWER_MW for line in cytometer.laser},
        )


@dataclass
class Peaks:
    """Peaks of one emission as the parameters of the fit."""

    centre: Array
    left: Array
    right: Array
    weight: Array

    @classmethod
    def unpack(cls, theta: Array) -> Peaks:
        centre, left, right, weight = theta.reshape(4, -1)
        return cls(centre, np.exp(left), np.exp(right), np.exp(weight))

    def pack(self) -> Array:
        return np.concatenate((self.centre, np.log(self.left), np.log(self.right), np.log(self.weight)))

    def below(self, edge: Array) -> Array:
        offset = edge[:, None] - self.centre
        side = np.where(offset < 0, self.left, self.right)
        share = (self.left + side * erf(offset / side / np.sqrt(2))) / (self.left + self.right)
        return np.asarray(share @ self.weight)

    def density(self, wavelength: Array) -> Array:
        offset = wavelength[:, None] - self.centre
        side = np.where(offset < 0, self.left, self.right)
        height = self.weight / (self.left + self.right) * np.sqrt(2 / np.pi)
        return np.asarray(np.exp(-0.5 * (offset / side) ** 2) @ height)


def block_strength(model: Array, data: Array) -> float:
    """Least-squares factor of a model on data, not negative."""
    square = float(model @ model)
    return max(float(model @ data), 0.0) / square if square > 0 else 0.0


def residuals(theta: Array, optics: Optics, signature: Array | None, spectrum: Array | None) -> Array:
    """Misfit of signature (each laser scaled by itself) and emission spectrum, with a weak prior on widths."""
    peaks = Peaks.unpack(theta)
    parts = [0.02 * (np.log(peaks.left / 14)), 0.02 * np.log(peaks.right / 20)]
    if signature is not None:
        light = np.clip(peaks.below(optics.high) - peaks.below(optics.low), 0, None) * optics.efficiency
        weight = 1 / np.sqrt(signature + FLOOR)
        scale = np.sqrt(np.sum((weight * signature) ** 2))
        for rows in optics.blocks.values():
            strength = block_strength(light[rows] * weight[rows], signature[rows] * weight[rows])
            parts.append((strength * light[rows] - signature[rows]) * weight[rows] / scale)
    if spectrum is not None:
        known = np.isfinite(spectrum)
        model, data = peaks.density(GRID_NM[known][::3]), spectrum[known][::3]
        factor = SPECTRUM_WEIGHT if signature is not None else 1.0
        parts.append(factor * (block_strength(model, data) * model - data) / np.linalg.norm(data))
    return np.concatenate(parts)


def rough_spectrum(optics: Optics, signature: Array) -> Array:
    """Emission on the grid as the brightest laser's detectors show it, to start the fit from."""
    curve = np.zeros_like(GRID_NM)
    centre, width = (optics.low + optics.high) / 2, np.maximum(optics.high - optics.low, 1)
    for rows in optics.blocks.values():
        level = signature[rows] / width[rows] / optics.efficiency[rows]
        curve = np.maximum(curve, np.interp(GRID_NM, centre[rows], level, left=0, right=0))
    return np.asarray(curve / curve.max())


def fit_emission(optics: Optics, signature: Array | None, spectrum: Array | None, most: int) -> Peaks:
    """Add peaks where the misfit is largest, as long as each one lowers the squared misfit by a tenth."""
    start = spectrum if spectrum is not None else rough_spectrum(optics, np.asarray(signature))
    start = np.nan_to_num(start)
    best, best_cost = None, np.inf
    rest = start.copy()
    peaks = Peaks(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0))
    for count in range(1, most + 1):
        top = int(np.argmax(rest))
        share = max(float(rest[top]), 0.02) if count > 1 else 1.0
        grown = Peaks(
            np.append(peaks.centre, GRID_NM[top]),
            np.append(peaks.left, 12.0),
            np.append(peaks.right, 18.0),
            np.append(peaks.weight, share),
        )
        bounds = np.repeat([[340, np.log(4), np.log(4), np.log(1e-3)], [870, np.log(45), np.log(70), np.log(30)]], count, 1)
        theta = np.clip(grown.pack(), bounds[0] + 1e-6, bounds[1] - 1e-6)
        found = least_squares(
            residuals, theta, bounds=(bounds[0], bounds[1]), x_scale=np.repeat([5.0, 0.2, 0.2, 0.3], count),
            args=(optics, signature, spectrum), max_nfev=60,
        )  # fmt: skip
        peaks = Peaks.unpack(found.x)
        if found.cost > 0.9 * best_cost:
            break
        best, best_cost = peaks, found.cost
        model = peaks.density(GRID_NM)
        rest = start - block_strength(model, start) * model
    assert best is not None
    return best


def rounded_peaks(peaks: Peaks) -> tuple[EmissionPeak, ...]:
    """Facts out of the fit: nm to 1, weights to 0.01; the heaviest peak first, specks dropped."""
    weight = peaks.weight / peaks.weight.sum()
    kept = [i for i in np.argsort(-weight) if weight[i] >= 0.005]
    return tuple(
        EmissionPeak(
            peak_nm=round(float(peaks.centre[i])), left_nm=round(float(peaks.left[i])),
            right_nm=round(float(peaks.right[i])), weight=round(float(weight[i]), 2),
        )
        for i in kept
    )  # fmt: skip


def laser_strengths(dye: Fluorochrome, optics: Optics, signature: Array) -> dict[int, float]:
    """Relative excitation at the instrument's lasers, arbitrary scale; lasers that cannot see the dye are left out."""
    caught = emission_in_bands([dye], optics.low, optics.high)[:, 0]
    result = {}
    for line, rows in optics.blocks.items():
        if caught[rows].sum() >= BLIND:
            model = caught[rows] * optics.efficiency[rows]
            result[line] = block_strength(model, signature[rows]) / optics.power[line]
    return result


def filled(curve: Array) -> Array:
    """Excitation curve without gaps: the first value towards the ultraviolet, nothing towards the red."""
    known = np.flatnonzero(np.isfinite(curve))
    return np.interp(GRID_NM, GRID_NM[known], curve[known], left=curve[known[0]], right=0.0)


def excitation_table(curve: Array, strength: dict[int, float]) -> dict[int, float]:
    """Excitation by line: the curve, bent so that it passes through the measured laser strengths; maximum 1."""
    base = np.maximum(curve, 1e-3)
    if strength:
        lines = np.array(sorted(strength))
        bend = np.log(np.maximum([strength[i] for i in lines], 1e-4) / np.interp(lines, GRID_NM, base))
        base = base * np.exp(np.interp(GRID_NM, lines, bend))
    shown = GRID_NM >= 340
    base = base / base[shown].max()
    table = {line: float(np.interp(line, GRID_NM, base)) for line in LINES_NM}
    return {line: min(round(value, 2 if value >= 0.1 else 3), 1.0) for line, value in table.items()}


def nearest_curve(strength: dict[int, float], peak_nm: float, known: dict[str, tuple[dict[int, float], float, Array]]) -> Array:
    """Excitation curve of the dye with a spectrum that answers to the lasers, and emits, most alike."""

    def distance(entry: tuple[dict[int, float], float, Array]) -> float:
        lines = sorted(set(strength) & set(entry[0]))
        one, two = np.array([[s[i] for i in lines] for s in (strength, entry[0])])
        if not lines or one.max() <= 0 or two.max() <= 0:
            return np.inf
        return float(np.abs(one / one.max() - two / two.max()).sum()) + abs(peak_nm - entry[1]) / 100

    return min(known.values(), key=distance)[2]


@dataclass
class Fit:
    """What the data gave for one dye."""

    dye: Fluorochrome
    signature: Array | None
    curve: Array | None
    strength: dict[int, float]
    sources: tuple[str, ...]


SPECTRUM_SOURCE = "published emission and excitation spectrum, fitted with asymmetric Gaussians"
SOURCES = {
    FIT_LIBRARY: "fit to a measured Aurora 5L signature (DavidRach/Luciernaga, Cytek reference library)",
    SPARE_LIBRARY: "fit to a measured Aurora 5L signature (DrCytometer/AutoSpectral)",
}


def fit_dye(
    dye: Fluorochrome, optics: Optics, spectra: dict[str, Spectrum], libraries: dict[str, Library]
) -> Fit | None:
    """Fit emission and laser strengths of one dye; None where the folder has nothing on it."""
    spectrum = next((spectra[key] for key in spellings(dye) if key in spectra), Spectrum(None, None))
    used = next((name for name in (FIT_LIBRARY, SPARE_LIBRARY) if libraries[name].find(dye) is not None), None)
    signature = libraries[used].find(dye) if used else None
    if signature is None and spectrum.emission is None:
        return None
    most = 4 if dye.kind in {"tandem", "polymer", "endogenous"} else 3
    emission = rounded_peaks(fit_emission(optics, signature, spectrum.emission, most))
    fitted = dye.model_copy(update={"emission": emission})
    strength = laser_strengths(fitted, optics, signature) if signature is not None else {}
    sources = (SOURCES[used],) if used else ()
    if spectrum.emission is not None or spectrum.excitation is not None:
        sources += (SPECTRUM_SOURCE,)
    curve = None if spectrum.excitation is None else filled(spectrum.excitation)
    return Fit(fitted, signature, curve, strength, sources)


def with_excitation(fits: list[Fit]) -> None:
    """Fill in the excitation tables; dyes without a spectrum borrow the shape of the most similar dye."""
    known = {f.dye.name: (f.strength, f.dye.peak_nm, f.curve) for f in fits if f.curve is not None and f.strength}
    for fit in fits:
        curve = fit.curve if fit.curve is not None else nearest_curve(fit.strength, fit.dye.peak_nm, known)
        fit.dye = fit.dye.model_copy(update={"excitation": excitation_table(curve, fit.strength)})


def dye_class(dye: Fluorochrome) -> str:
    """Dyes of like brightness: kind, donor of a tandem, and the laser that excites best."""
    best = max((355, 405, 488, 561, 640), key=lambda line: dye.excitation[line])
    return f"{dye.kind} {dye.donor} {best}"


def with_brightness(dyes: list[Fluorochrome], cytometer: Cytometer, measured: dict[str, float]) -> list[Fluorochrome]:
    """Photoelectrons per antibody at the reference conditions: measured, or the median of the class."""
    unit = [dye.model_copy(update={"brightness": Brightness(photoelectrons_per_antibody=1, origin="model")}) for dye in dyes]
    total = signature_matrix(cytometer, unit).sum(axis=0)
    found: dict[str, float] = {}
    for dye, light in zip(dyes, total, strict=True):
        value = next((measured[key] for key in spellings(dye) if key in measured), None)
        if value is not None and light > 0 and dye.use == "antibody":
            found[dye.name] = value / light
    return [_with_value(dye, dyes, found) for dye in dyes]


def _with_value(dye: Fluorochrome, dyes: list[Fluorochrome], found: dict[str, float]) -> Fluorochrome:
    if dye.name in found:
        source = "Aurora 5L anti-CD4 single stains, 45,000 ABC assumed; USERM data set (DavidRach/USERM)"
        value = Brightness(photoelectrons_per_antibody=_digits(found[dye.name]), origin="measured", source=source)
    elif dye.use == "antibody":
        alike = next(
            values
            for test in (dye_class, lambda d: f"{d.kind} {d.donor}", lambda d: d.kind, lambda d: "")
            if (values := [found[d.name] for d in dyes if d.name in found and test(d) == test(dye)])
        )
        source = "model: median of measured dyes of the same class"
        value = Brightness(photoelectrons_per_antibody=_digits(float(np.median(alike))), origin="class_median", source=source)
    else:
        value = dye.brightness
    return dye.model_copy(update={"brightness": value})


def _digits(value: float) -> float:
    return float(f"{value:.2g}")


def read_brightness(folder: Path) -> dict[str, float]:
    """Effective photoelectrons per antibody, all detectors, by folded name; unreliable rows left out."""
    table = read_table(folder / "physics/aurora5l_pe_per_antibody.csv", "conjugate", "pe_per_CD4_antibody_all_detectors")
    result = {}
    for name, value in table.items():
        if name not in UNRELIABLE:
            long = next((full + name[3:] for short, full in ABBREVIATIONS.items() if name.startswith(short)), name)
            result[folded(long)] = value
    return result


def autofluorescence(folder: Path, optics: Optics, dye: Fluorochrome) -> Fluorochrome:
    """Fit the shape of unstained lymphocytes, in effective photoelectrons."""
    path = folder / "physics/aurora5l_detector_noise_fit.csv"
    median = read_table(path, "detector", "unstained_median_units")
    unit = read_table(path, "detector", "units_per_effective_pe")
    light = np.array([median[d.name] / unit[d.name] for d in optics.cytometer.detector])
    emission = rounded_peaks(fit_emission(optics, light / light.max(), None, 4))
    fitted = dye.model_copy(update={"emission": emission})
    strength = laser_strengths(fitted, optics, light)
    lines, values = zip(*sorted(strength.items()), strict=True)
    curve = np.interp(GRID_NM, lines, values)
    return fitted.model_copy(update={"excitation": excitation_table(curve, {})})


def files() -> Iterator[tuple[Path, dict[str, object], tuple[Fluorochrome, ...]]]:
    """Shipped fluorochrome files with their heads and dyes."""
    for path in sorted((REPOSITORY / "catalogs/fluorochromes").glob("*.toml")):
        yield path, read_toml(path), read_fluorochromes(path)


def main(folder: Path) -> None:
    """Refit every shipped dye and write the files."""
    optics = Optics.of(shipped_cytometer("aurora-5l"))
    spectra, libraries = read_spectra(folder), read_libraries(folder)
    shipped = list(files())
    fits = []
    for _, _, dyes in shipped:
        fits += [fit for dye in dyes if (fit := fit_dye(dye, optics, spectra, libraries)) is not None]
    with_excitation(fits)
    fitted = {fit.dye.name: fit.dye.model_copy(update={"sources": fit.sources}) for fit in fits}
    everything = [
        autofluorescence(folder, optics, dye) if dye.use == "autofluorescence" else fitted.get(dye.name, dye)
        for _, _, dyes in shipped
        for dye in dyes
    ]
    bright = {dye.name: dye for dye in with_brightness(everything, optics.cytometer, read_brightness(folder))}
    for path, head, dyes in shipped:
        text = fluorochromes_toml(
            [bright[dye.name] for dye in dyes], str(head["family"]), str(head.get("note", "")), head.get("sources", ())
        )
        path.write_text(text, encoding="utf-8")
    print(f"{len(fits)} of {len(everything)} dyes fitted")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
