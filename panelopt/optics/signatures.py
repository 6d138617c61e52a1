"""Signatures: photoelectrons that one bound antibody gives in each detector, and what a cell gives without stain.

For detector ``d`` and dye ``f``

    M[d,f] = A_f  sum_l  P_l eps_f(l)  g(d,l)  INT_{band of d, red of l} em_f  QE_d

with ``A_f`` the photoelectrons per antibody at the excitation maximum, 50 mW, all emission collected and quantum
efficiency 1 (:class:`panelopt.domain.reagents.Brightness`), ``P_l`` the laser power over 50 mW, ``eps_f`` the relative
excitation, ``g`` = 1 where the detector looks at the laser's path and 0 elsewhere, ``em_f`` the normalised emission and
``QE_d`` the quantum efficiency. One emission spectrum per dye, whatever the laser: Kasha's rule for single dyes, and an
approximation for tandems. Signal scales with laser power, far from saturation (Shapiro, Practical Flow Cytometry, 4th
ed., 2003, doi:10.1002/0471722731).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.domain.cytometer_record import Cytometer, Laser
from panelopt.domain.reagents import Fluorochrome
from panelopt.errors import input_error
from panelopt.optics.bands import collected_bands, photodetector
from panelopt.optics.spectra import Array, detected_in_bands, excitation_at

REFERENCE_POWER_MW = 50.0
"""Laser power to which :attr:`Brightness.photoelectrons_per_antibody` refers."""

TYPICAL_POWER_MW: tuple[tuple[float, float], ...] = (
    (375.0, 35.0), (430.0, 100.0), (600.0, 50.0), (700.0, 70.0), (1200.0, 60.0),
)  # fmt: skip
"""Model values for lasers of unknown power: upper end of a range of lines in nm, and mW.

Rounded from what is known, in mW at 355, 405, 488, 561 and 638 nm: 20, 80, 50, 30 and 50 in Beckman Coulter's CytoFLEX
LX (and 60 at 808 nm), 60, 100, 100, 50 and 40 in an LSRFortessa (AJZw/Fluor), none, 30, 40, 50 and 20 in a FACSAria III
and none, 90, 50, 30 and 100 in a CytoFLEX SRT. Single stains show ratios of 20, 100, 50, 50 and 80 on an Aurora, and of
36, 100, 39, 18 and 50 on a Symphony A5; excitation of dyes is relative to the former.
"""

LASER_MARGIN_NM = 5.0
"""Model value: a dye gives nothing blue of the exciting line plus this margin (Stokes shift, blocking filter)."""

AUTOFLUORESCENCE_PE = 500.0
"""Model value: autofluorescence of a lymphocyte in its strongest detector, effective photoelectrons."""


def laser_power_mw(laser: Laser) -> float:
    """Power of a laser, mW; the model value of :data:`TYPICAL_POWER_MW` where it is unknown."""
    if laser.power_mw is not None:
        return laser.power_mw
    return next(power for upper, power in TYPICAL_POWER_MW if laser.nm <= upper)


def signature_matrix(cytometer: Cytometer, dyes: Sequence[Fluorochrome]) -> Array:
    """Photoelectrons per bound antibody in each detector.

    Args:
        cytometer: Lasers, filters, kind of photodetector.
        dyes: Dyes, F of them.

    Returns:
        Shape (D, F), effective pe per antibody, none negative; detectors in the order of ``cytometer.detector``. Zero
        for dyes without optics.
    """
    whole = np.zeros((len(cytometer.detector), len(dyes)))
    lit = [index for index, dye in enumerate(dyes) if dye.has_optics]
    if lit:
        whole[:, lit] = _computed(cytometer, [dyes[index] for index in lit])
    return whole


def _computed(cytometer: Cytometer, dyes: Sequence[Fluorochrome]) -> Array:
    """Photoelectrons per bound antibody of dyes with optics, at least one."""
    result = np.zeros((len(cytometer.detector), len(dyes)))
    low, high = collected_bands(cytometer)
    path = np.array([detector.path for detector in cytometer.detector])
    excitation = excitation_at(dyes, [laser.nm for laser in cytometer.laser])
    for laser, strength in zip(cytometer.laser, excitation, strict=True):
        seen = path == laser.path
        power = laser_power_mw(laser) / REFERENCE_POWER_MW
        above = np.maximum(low[seen], laser.nm + LASER_MARGIN_NM)
        detected = detected_in_bands(dyes, above, high[seen], photodetector(cytometer), laser.nm)
        result[seen] += power * strength * detected
    bright = [dye.brightness for dye in dyes]
    amplitude = np.array([0.0 if known is None else known.photoelectrons_per_antibody for known in bright])
    scaled: Array = result * amplitude
    return scaled


def autofluorescence_pe(cytometer: Cytometer, shape: Fluorochrome) -> Array:
    """Autofluorescence of a lymphocyte in each detector.

    The shape is the signature of ``shape`` on this cytometer. Its size is :data:`AUTOFLUORESCENCE_PE` in the strongest
    detector, or ``cytometer.noise.autofluorescence_pe``: a number is the value of the strongest detector; a table gives
    single detectors, and the remaining ones follow the shape at the scale of the listed ones.

    Args:
        cytometer: The instrument.
        shape: Spectrum of autofluorescence, a dye of use ``autofluorescence``.

    Returns:
        Shape (D,), effective pe.

    Raises:
        InputError: if the shape gives no light on this cytometer, or the table names an unknown detector.
    """
    signature = signature_matrix(cytometer, [shape])[:, 0]
    known = cytometer.noise.autofluorescence_pe
    if isinstance(known, dict):
        return _complete(cytometer, signature, known)
    if signature.max() <= 0:
        raise input_error(
            "no-autofluorescence",
            f"{shape.name} gives no light in any detector of {cytometer.name}",
            where=cytometer.id,
            hint="Give noise.autofluorescence_pe as a table by detector.",
        )
    scaled: Array = signature * ((AUTOFLUORESCENCE_PE if known is None else known) / signature.max())
    return scaled


def _complete(cytometer: Cytometer, signature: Array, known: dict[str, float]) -> Array:
    """Values of the table, and the scaled shape where the table is silent."""
    names = [detector.name for detector in cytometer.detector]
    unknown = sorted(set(known) - set(names))
    if unknown:
        raise input_error(
            "unknown-detector",
            f"autofluorescence is given for {', '.join(unknown)}, which {cytometer.name} does not have",
            where=f"{cytometer.id}: noise.autofluorescence_pe",
            hint=f"Detectors: {', '.join(names)}.",
        )
    listed = np.array([name in known for name in names])
    value = np.array([known.get(name, 0.0) for name in names])
    light = signature[listed].sum()
    scale = value.sum() / light if light > 0 else 0.0
    return np.where(listed, value, signature * scale)
