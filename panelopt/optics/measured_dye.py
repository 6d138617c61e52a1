"""A dye from its measured excitation and emission."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.domain.reagents import EmissionPeak, Fluorochrome
from panelopt.errors import input_error
from panelopt.optics.emission_fit import (
    GRID_NM,
    LINES_NM,
    PEAKS_NM,
    Peaks,
    block_strength,
    fit_emission,
    rounded_peaks,
)
from panelopt.optics.spectra import Array

MOST_PEAKS = 4
"""Gaussians for the emission of a dye that is given by its spectrum."""

LARGEST_MISFIT = 0.15
"""Root mean square of the misfit over that of the curve; 95 % of 202 public dyes have less than 0.06."""

STOKES_NM = 5.0
"""An emission that peaks further left of the excitation is none (model value)."""


def dye_from_spectra(known: Fluorochrome, excitation: Array, emission: Array, source: str) -> Fluorochrome:
    """Return a dye with measured excitation and emission; the rest is that of ``known``.

    Laser lines outside the measured excitation are left out: they are unknown, not zero.

    Args:
        known: Name, family, kind and brightness.
        excitation: Shape (2, N): wavelengths in nm, increasing, and relative values, peak 1.
        emission: The same of the emission.
        source: Where the curves come from.

    Raises:
        InputError: if the excitation covers or excites at no laser line, the emission lies outside the grid, is cut
            off at its peak or left of the excitation, or peaks do not describe it.
    """
    lines = [line for line in LINES_NM if excitation[0, 0] <= line <= excitation[0, -1]]
    strength = {line: round(float(np.interp(line, excitation[0], excitation[1])), 3) for line in lines}
    place = f"{source}: {known.name}"
    if not any(strength.values()):
        message = (
            f"the excitation, {excitation[0, 0]:g}-{excitation[0, -1]:g} nm, shows no light at any laser line "
            f"({', '.join(map(str, LINES_NM))})"
        )
        hint = "Measure the excitation over the lasers that are to excite the dye."
        raise input_error("no-laser-line", message, where=place, hint=hint)
    _check_emission(excitation, emission, place)
    curve = np.interp(GRID_NM, emission[0], emission[1], left=np.nan, right=np.nan)
    if not np.nansum(curve) > 0:
        hint = f"The emission must overlap {GRID_NM[0]:g}-{GRID_NM[-1]:g} nm."
        raise input_error("no-emission", "the emission shows no light", where=place, hint=hint)
    curve = curve / np.nanmax(curve)
    peaks = rounded_peaks(_measured_peaks(curve, patient=False))
    if _missed_share(peaks, curve) > LARGEST_MISFIT:
        peaks = rounded_peaks(_measured_peaks(curve, patient=True))
    if (misfit := _missed_share(peaks, curve)) > LARGEST_MISFIT:
        message = f"{MOST_PEAKS} peaks miss the measured emission by {misfit:.0%} (root mean square)"
        hint = "Is it the emission of one dye, corrected for the instrument and without the light of the lamp?"
        raise input_error("emission-fit", message, where=place, hint=hint)
    return known.model_copy(update={"excitation": strength, "emission": peaks, "donor_leak": {}, "sources": (source,)})


def _check_emission(excitation: Array, emission: Array, place: str) -> None:
    """Raise where the emission lacks its peak, or lies left of the excitation, against Stokes' rule."""
    peak, excited = (float(curve[0, np.argmax(curve[1])]) for curve in (emission, excitation))
    if peak in (emission[0, 0], emission[0, -1]):
        message = f"the emission is brightest at the edge of what was measured, {peak:g} nm: its peak may lie outside"
        raise input_error("emission-range", message, where=place, hint="Measure the emission around its peak.")
    if peak < excited - STOKES_NM:
        message = f"the emission peaks at {peak:g} nm, left of the excitation at {excited:g} nm (Stokes' rule)"
        raise input_error("emission-order", message, where=place, hint="Are excitation and emission swapped?")


def _measured_peaks(curve: Array, *, patient: bool) -> Peaks:
    """Peaks of a measured emission; none where nothing was measured, as nothing would hold it there."""
    peaks = fit_emission(None, None, curve, MOST_PEAKS, patient=patient)
    measured = GRID_NM[np.isfinite(curve)]
    low, high = max(float(measured[0]), PEAKS_NM[0]), min(float(measured[-1]), PEAKS_NM[1])
    if high - low < 1 or ((low <= peaks.centre) & (peaks.centre <= high)).all():
        return peaks
    return fit_emission(None, None, curve, MOST_PEAKS, within_nm=(low, high), patient=patient)


def _missed_share(peaks: Sequence[EmissionPeak], curve: Array) -> float:
    """Root mean square of what rounded peaks miss of a curve, over that of the curve; where it was measured."""
    columns = ([getattr(peak, name) for peak in peaks] for name in ("peak_nm", "left_nm", "right_nm", "weight"))
    known = np.isfinite(curve)
    model, data = Peaks(*(np.array(column, dtype=float) for column in columns)).density(GRID_NM)[known], curve[known]
    return float(np.linalg.norm(block_strength(model, data) * model - data) / np.linalg.norm(data))
