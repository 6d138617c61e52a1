"""Compare predicted with measured signatures: python tools/validate_optics.py FOLDER.

For every signature library of the folder whose instrument is shipped, prints how well the shipped dyes predict it:
cosine of the whole signature, peak detector, and light per laser. Rows:

    shipped, fitted to it     dyes whose parameters were fitted to this library
    shipped, held out         dyes whose parameters come from other data
    spectrum alone            every dye with a published spectrum, fitted afresh without any signature

Measured signatures are in units after detector gain, predictions in photoelectrons; no gain is fitted.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from fit_fluorochromes import SOURCES, files
from optics_reference import Array, Library, Spectrum, read_libraries, read_spectra, shipped_cytometer, spellings

from panelopt.domain.cytometer_record import Cytometer, Detector
from panelopt.domain.reagents import Fluorochrome
from panelopt.errors import PaneloptError
from panelopt.optics.emission_fit import InstrumentOptics, excitation_table, filled, fit_emission, rounded_peaks
from panelopt.optics.signatures import signature_matrix

INSTRUMENTS = {
    "Luciernaga_CytekReferenceLibrary5L": "aurora-5l",
    "AutoSpectral_Aurora": "aurora-5l",
    "AutoSpectral_Symphony": "symphony-a5",
    "AutoSpectral_Xenith": "attune-xenith",
    "AutoSpectral_Discover": "discover-s8",
}
COLOURS_NM = {"UV": (340, 380), "V": (400, 410), "B": (480, 490), "YG": (550, 565), "R": (630, 645)}
FAINT = 0.02  # share of the light below which a laser's total is not compared


def matching_columns(library: Library, cytometer: Cytometer) -> tuple[Array, Array]:
    """Indices of detectors of the library and of the cytometer that are the same, by name or by laser and centre."""
    pairs = []
    for column, name in enumerate(library.detectors):
        for row, detector in enumerate(cytometer.detector):
            if detector.name == name or _same_band(name, detector):
                pairs.append((column, row))
                break
    columns, rows = np.array(pairs).T
    return columns, rows


def _same_band(name: str, detector: Detector) -> bool:
    """Whether a name such as ``UV379`` says laser colour and centre of the detector."""
    parsed = re.fullmatch(r"([A-Z]+)(\d{3})", name)
    if parsed is None or parsed[1] not in COLOURS_NM:
        return False
    low, high = COLOURS_NM[parsed[1]]
    return low <= detector.laser_nm <= high and abs(detector.centre_nm - float(parsed[2])) <= 1


def _say(*parts: str) -> None:
    sys.stdout.write(" ".join(parts) + "\n")


def compare(library: Library, cytometer: Cytometer, dyes: Sequence[Fluorochrome]) -> str:
    """One line of figures for the dyes that the library measured."""
    dyes = [dye for dye in dyes if library.find(dye) is not None]
    if not dyes:
        return "no dyes"
    columns, rows = matching_columns(library, cytometer)
    predicted = signature_matrix(cytometer, dyes)[rows]
    measured = np.array([library.find(dye) for dye in dyes]).T[columns]
    predicted, measured = predicted / predicted.sum(axis=0), measured / measured.sum(axis=0)
    cosine = (predicted * measured).sum(axis=0) / np.linalg.norm(predicted, axis=0) / np.linalg.norm(measured, axis=0)
    laser = np.array([cytometer.detector[row].laser_nm for row in rows])
    one, two = predicted.argmax(axis=0), measured.argmax(axis=0)
    close = (np.abs(one - two) <= 1) & (laser[one] == laser[two])
    totals = [(predicted[laser == nm].sum(axis=0), measured[laser == nm].sum(axis=0)) for nm in np.unique(laser)]
    error = np.concatenate([np.abs(np.log2(np.maximum(p, 1e-6) / np.maximum(m, 1e-6)))[m > FAINT] for p, m in totals])
    return (
        f"{len(dyes):4d} dyes  cosine median {np.median(cosine):.4f}  10 % {np.quantile(cosine, 0.1):.4f}  "
        f"peak {np.mean(one == two):.1%}  or neighbour {np.mean(close):.1%}  "
        f"per-laser |log2| {np.median(error):.3f}"
    )


def from_spectrum(dye: Fluorochrome, spectrum: Spectrum | None, optics: InstrumentOptics) -> Fluorochrome | None:
    """The dye as its published spectrum alone describes it."""
    if spectrum is None or spectrum.emission is None or spectrum.excitation is None:
        return None
    emission = rounded_peaks(fit_emission(optics, None, spectrum.emission, 4))
    excitation = excitation_table(filled(spectrum.excitation), {})
    return dye.model_copy(update={"emission": emission, "excitation": excitation})


def main(folder: Path) -> None:
    """Print the comparison for every library whose instrument is shipped."""
    dyes = [dye for _, _, group in files() for dye in group]
    spectra = read_spectra(folder)
    optics = InstrumentOptics.of(shipped_cytometer("aurora-5l"))
    named = [(dye, next((spectra[key] for key in spellings(dye) if key in spectra), None)) for dye in dyes]
    plain = [found for dye, spectrum in named if (found := from_spectrum(dye, spectrum, optics)) is not None]
    for name, library in read_libraries(folder).items():
        try:
            cytometer = shipped_cytometer(INSTRUMENTS[name])
        except (KeyError, PaneloptError) as error:
            _say(f"{name}: skipped, no instrument ({error})")
            continue
        used = SOURCES.get(name, "not used in any fit")
        _say(f"{name} on {cytometer.id}")
        _say("  shipped, fitted to it", compare(library, cytometer, [dye for dye in dyes if used in dye.sources]))
        _say("  shipped, held out    ", compare(library, cytometer, [dye for dye in dyes if used not in dye.sources]))
        _say("  spectrum alone       ", compare(library, cytometer, plain))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
