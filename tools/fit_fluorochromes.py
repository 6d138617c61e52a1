"""Fit the parameters of the shipped fluorochrome files from reference data: python tools/fit_fluorochromes.py FOLDER.

Names, families, kinds and aliases in ``catalogs/fluorochromes`` are kept; excitation, emission and brightness of every
dye that the folder has data for are fitted anew and written back, rounded (nm to 1, weights to 0.01). The model is that
of :mod:`panelopt.optics.signatures`: a few asymmetric Gaussians, one strength per laser. Where a dye has both, its
emission spectrum and its signature on an Aurora 5L are fitted together; laser strengths come from the signature.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from fit_infrared import BEYOND, with_infrared_peak
from fit_tandems import fit_tandem, kept_or_new
from optics_reference import (
    GRID_NM,
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

from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.reagents import Brightness, Fluorochrome
from panelopt.io.documents import read_toml
from panelopt.io.fluorochrome_files import fluorochromes_toml, read_fluorochromes
from panelopt.optics.emission_fit import (
    InstrumentOptics,
    excitation_table,
    filled,
    fit_emission,
    laser_strengths,
    rounded_peaks,
)
from panelopt.optics.signatures import signature_matrix
from panelopt.registry.data_places import CATALOG_DATA, data_folder

FIT_LIBRARY, SPARE_LIBRARY = "Luciernaga_CytekReferenceLibrary5L", "AutoSpectral_Aurora"
UNRELIABLE = {"BV480", "BV605", "cFluorV610", "LDBlue_LD"}  # calibration at or near its floor, or no antibody
ASSUMED = {  # no data of their own: the note in the file says whose shape is assumed
    "Fixable Viability Dye eFluor 450": "eFluor 450",
    "Fixable Viability Dye eFluor 506": "eFluor 506",
    "Fixable Viability Dye eFluor 660": "eFluor 660",
    "TO-PRO-3": "SYTOX Red",
}
CONTESTED = {"PerCP-Cy5.5"}  # published emission maxima differ by 17 nm; the signature alone decides
EQUIVALENT_PE = 0.2  # model value: 250,000 equivalents give 100 times the 500 pe of an unstained lymphocyte
ABBREVIATIONS = {"NFB": "NovaFluor Blue ", "NFY": "NovaFluor Yellow ", "NFR": "NovaFluor Red "}


INFRARED_NM = 740.0  # emission beyond which a dye is an infrared one
LIKE_NM = 40.0  # emission peaks that lie so far apart weigh as much as one laser that excites only one of the dyes

Known = tuple[dict[int, float], float, Array]
"""Laser strengths, emission peak in nm and excitation curve of a dye with a spectrum."""


def nearest_curve(strength: dict[int, float], peak_nm: float, known: list[Known]) -> Array:
    """Excitation curve of the dye with a spectrum that answers to the lasers, and emits, most alike."""

    def distance(entry: Known) -> float:
        lines = sorted(set(strength) & set(entry[0]))
        one, two = np.array([[s[i] for i in lines] for s in (strength, entry[0])])
        if not lines or one.max() <= 0 or two.max() <= 0:
            return np.inf
        return float(np.abs(one / one.max() - two / two.max()).sum()) + abs(peak_nm - entry[1]) / LIKE_NM

    return min(known, key=distance)[2]


@dataclass
class Fit:
    """What the data gave for one dye."""

    dye: Fluorochrome
    signature: Array | None
    curve: Array | None
    strength: dict[int, float]
    sources: tuple[str, ...]


SOURCES = {
    FIT_LIBRARY: "fit to a measured Aurora 5L signature (DavidRach/Luciernaga, Cytek reference library)",
    SPARE_LIBRARY: "fit to a measured Aurora 5L signature (DrCytometer/AutoSpectral)",
}


def fit_dye(
    dye: Fluorochrome,
    optics: InstrumentOptics,
    spectra: dict[str, Spectrum],
    libraries: dict[str, Library],
    donor: Fluorochrome | None = None,
) -> Fit | None:
    """Fit emission and laser strengths of one dye; None where the folder has nothing on it."""
    looked_up = dye.model_copy(update={"name": ASSUMED[dye.name], "aliases": ()}) if dye.name in ASSUMED else dye
    spectrum = next((spectra[key] for key in spellings(looked_up) if key in spectra), Spectrum(None, None, ""))
    if dye.name in CONTESTED:
        spectrum = replace(spectrum, emission=None)
    used = next((name for name in (FIT_LIBRARY, SPARE_LIBRARY) if libraries[name].find(looked_up) is not None), None)
    signature = libraries[used].find(looked_up) if used else None
    if signature is None and spectrum.emission is None:
        return None
    most = 4 if dye.kind in {"tandem", "polymer", "endogenous"} else 3
    if donor is None:
        emission = rounded_peaks(fit_emission(optics, signature, spectrum.emission, most))
        fitted = dye.model_copy(update={"emission": emission, "donor_leak": {}})
    else:
        fitted = fit_tandem(dye, donor, optics, signature, spectrum.emission)
    if dye.name not in BEYOND:
        fitted = kept_or_new(dye, fitted, donor, optics, signature, spectrum.emission)
    else:
        fitted = fitted.model_copy(update={"emission": with_infrared_peak(fitted.emission, BEYOND[dye.name][0])})
    strength = laser_strengths(fitted, optics, signature) if signature is not None else {}
    sources: tuple[str, ...] = (SOURCES[used],) if used else ()
    if spectrum.source:
        sources += (f"fit to a published spectrum ({spectrum.source})",)
    if dye.name in BEYOND:
        sources += (f"model: main emission peak at {BEYOND[dye.name][0]} nm, {BEYOND[dye.name][1]}",)
    if dye.name in ASSUMED:
        sources = tuple(f"shape of {ASSUMED[dye.name]}: {text}" for text in sources)
    curve = None if spectrum.excitation is None else filled(spectrum.excitation)
    return Fit(fitted, signature, curve, strength, sources)


def with_excitation(fits: list[Fit]) -> None:
    """Fill in the excitation tables; dyes without a spectrum borrow the shape of the most similar dye."""
    known = [(f.strength, f.dye.peak_nm, f.curve) for f in fits if f.curve is not None and f.strength]
    for fit in fits:
        curve = fit.curve if fit.curve is not None else borrowed(fit, known)
        fit.dye = fit.dye.model_copy(update={"excitation": excitation_table(curve, fit.strength)})


STOKES_NM, ABSORPTION_NM = 28.0, 24.0  # emission less absorption maximum, and standard deviation of the absorption
SHORT_OF_IT = 0.12  # absorption of an infrared dye at 640 nm, of its maximum


def borrowed(fit: Fit, known: list[Known]) -> Array:
    """Excitation of a dye without a spectrum: that of the most similar dye.

    No laser of the fitted instrument lies beyond 640 nm. There an infrared dye that the red laser does not excite best
    takes the mirror image of its emission: the three numbers are those of Cy7, Alexa Fluor 750 and 790 (model values).
    """
    curve = nearest_curve(fit.strength, fit.dye.peak_nm, known)
    at_red = fit.strength.get(640, 0.0)
    seen_at_red = at_red >= max(fit.strength.values(), default=0.0) / 2 and fit.dye.name not in BEYOND
    if fit.dye.peak_nm < INFRARED_NM or seen_at_red:
        return curve
    mirror = np.exp(-0.5 * ((GRID_NM - fit.dye.peak_nm + STOKES_NM) / ABSORPTION_NM) ** 2)
    start = float(np.interp(640.0, GRID_NM, curve))
    red = np.where(fit.dye.peak_nm - STOKES_NM > GRID_NM, np.maximum(mirror, SHORT_OF_IT), mirror)
    return np.where(GRID_NM > 640.0, red * start / SHORT_OF_IT, curve)


LIKE = dict.fromkeys(("RB613", "RB670", "RB705", "RB744", "RB780", "RB824"), "BB700")
"""Brightness of a measured dye of the same maker and laser stands in where the class would be of another make."""

REGIONS_NM = (500, 560, 600, 640, 690, 740)
"""Edges between the regions of emission within which dyes are taken to be of like brightness."""


def dye_classes(dye: Fluorochrome) -> tuple[tuple[object, ...], ...]:
    """Dyes of like brightness, narrowest class first: kind, donor of a tandem, best laser, region of emission."""
    line = max((355, 405, 488, 561, 640), key=lambda nm: dye.excitation[nm])
    region = sum(dye.peak_nm >= edge for edge in REGIONS_NM)
    donor = dye.donor or dye.name
    return (dye.kind, donor, region), (dye.kind, donor), (dye.kind, line, region), (dye.kind, line), (line,), ()


def with_brightness(dyes: list[Fluorochrome], cytometer: Cytometer, measured: dict[str, float]) -> list[Fluorochrome]:
    """Photoelectrons per antibody at the reference conditions: measured, or the median of the class."""
    one = Brightness(photoelectrons_per_antibody=1, origin="model")
    unit = [dye.model_copy(update={"brightness": one}) for dye in dyes]
    signature = signature_matrix(cytometer, unit)
    total, best = signature.sum(axis=0), signature.max(axis=0)
    found: dict[str, float] = {}
    for dye, light in zip(dyes, total, strict=True):
        value = next((measured[key] for key in spellings(dye) if key in measured), None)
        if value is not None and light > 0 and dye.use == "antibody":
            found[dye.name] = value / light
    return [_with_value(dye, dyes, found, float(light)) for dye, light in zip(dyes, best, strict=True)]


def _with_value(dye: Fluorochrome, dyes: list[Fluorochrome], found: dict[str, float], best: float) -> Fluorochrome:
    if dye.name in found:
        source = "Aurora 5L anti-CD4 single stains, 45,000 ABC assumed; USERM data set (DavidRach/USERM)"
        value = Brightness(photoelectrons_per_antibody=_digits(found[dye.name]), origin="measured", source=source)
    elif dye.name in LIKE:
        source = f"model: that of {LIKE[dye.name]}, the measured tandem of the same maker for the same laser"
        value = Brightness(photoelectrons_per_antibody=_digits(found[LIKE[dye.name]]), origin="model", source=source)
    elif dye.use == "antibody":
        alike = next(
            values
            for level, own in enumerate(dye_classes(dye))
            if (values := [found[d.name] for d in dyes if d.name in found and dye_classes(d)[level] == own])
        )
        source = "model: median of measured dyes of the same class"
        median = _digits(float(np.median(alike)))
        value = Brightness(photoelectrons_per_antibody=median, origin="class_median", source=source)
    elif dye.use == "autofluorescence":
        value = dye.brightness
    else:
        source = (
            "model: 250,000 equivalents in a dead cell give 100 times the light of an unstained lymphocyte "
            "in the best detector of an Aurora 5L"
        )
        amplitude = float(f"{EQUIVALENT_PE / best:.3g}")
        value = Brightness(photoelectrons_per_antibody=amplitude, origin="model", source=source)
    return dye.model_copy(update={"brightness": value})


def _digits(value: float) -> float:
    return float(f"{value:.2g}")


def read_brightness(folder: Path) -> dict[str, float]:
    """Effective photoelectrons per antibody, all detectors, by folded name; unreliable rows left out."""
    path = folder / "physics/aurora5l_pe_per_antibody.csv"
    table = read_table(path, "conjugate", "pe_per_CD4_antibody_all_detectors")
    result = {}
    for name, value in table.items():
        if name not in UNRELIABLE:
            long = next((full + name[3:] for short, full in ABBREVIATIONS.items() if name.startswith(short)), name)
            result[folded(long)] = value
    return result


def autofluorescence(folder: Path, optics: InstrumentOptics, dye: Fluorochrome) -> Fluorochrome:
    """Fit the shape of unstained lymphocytes, in intensity units as the signatures of the dyes are."""
    path = folder / "physics/aurora5l_detector_noise_fit.csv"
    median = read_table(path, "detector", "unstained_median_units")
    light = np.array([median[detector.name] for detector in optics.cytometer.detector])
    emission = rounded_peaks(fit_emission(optics, light / light.max(), None, 2, 25.0))
    fitted = dye.model_copy(update={"emission": emission})
    strength = laser_strengths(fitted, optics, light)
    lines, values = zip(*sorted(strength.items()), strict=True)
    # no measurement beyond the red laser: fade out towards the near infrared
    curve = np.interp(GRID_NM, (*lines, lines[-1] + 100), (*values, 0.0))
    shape = Brightness(photoelectrons_per_antibody=1, origin="model", source="model: only the shape is used")
    source = "fit to unstained lymphocytes on an Aurora 5L; USERM data set (DavidRach/USERM)"
    changes = {"excitation": excitation_table(curve, {}), "brightness": shape, "sources": (source,)}
    return fitted.model_copy(update=changes)


def fit_all(
    dyes: Sequence[Fluorochrome], optics: InstrumentOptics, spectra: dict[str, Spectrum], libraries: dict[str, Library]
) -> list[Fit]:
    """Fit every dye that the folder has data for; donors before the tandems that leak their light."""
    fits: dict[str, Fit] = {}
    for dye in sorted(dyes, key=lambda dye: bool(dye.donor)):
        donor = fits.get(dye.donor)
        fit = fit_dye(dye, optics, spectra, libraries, None if donor is None else donor.dye)
        if fit is not None:
            fits[dye.name] = fit
    return list(fits.values())


def files() -> Iterator[tuple[Path, dict[str, Any], tuple[Fluorochrome, ...]]]:
    """Shipped fluorochrome files with their heads and dyes."""
    for path in sorted(data_folder(CATALOG_DATA, "fluorochromes").glob("*.toml")):
        yield path, read_toml(path), read_fluorochromes(path)


def main(folder: Path) -> None:
    """Refit every shipped dye and write the files."""
    optics = InstrumentOptics.of(shipped_cytometer("aurora-5l"))
    spectra, libraries = read_spectra(folder), read_libraries(folder)
    shipped = list(files())
    fits = fit_all([dye for _, _, dyes in shipped for dye in dyes], optics, spectra, libraries)
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
    sys.stdout.write(f"{len(fits)} of {len(everything)} dyes fitted\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
