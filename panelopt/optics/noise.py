"""Detector noise: photon statistics, electronics and proportional noise, in effective photoelectrons.

For detector ``d`` with mean light ``mean[d]`` (background and autofluorescence included)

    var[d] = F[d] mean[d] + e[d]^2 + k[d]^2 (mean[d]^2 + sum_s M[d,s]^2 Var[a_s])

The first term is photon statistics times the excess noise of the multiplier, the second the electronics, the third
noise that scales with the signal and differs between detectors; as it acts on each cell's own signal, the mean of the
squared signal counts. A quadratic of this form describes flow cytometers well: Wood, Cytometry 33:260-266 (1998),
doi:10.1002/(SICI)1097-0320(19981001)33:2<260::AID-CYTO22>3.0.CO;2-R, and Chase & Hoffman, Cytometry 33:267-279 (1998),
doi:10.1002/(SICI)1097-0320(19981001)33:2<267::AID-CYTO23>3.0.CO;2-R. Measurements give only the product of gain and F;
with F = 1 the unit is the *effective* photoelectron.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panelopt.domain.cytometer_record import Cytometer, PerDetector
from panelopt.errors import InputError
from panelopt.frozen import dataclass
from panelopt.optics.noise_terms import DEFAULTS, noise_findings

Array = npt.NDArray[np.float64]

MIN_VARIANCE_PE2 = 1.0
"""Least variance of a detector, pe^2 (model value): keeps weights finite where every term is zero."""


@dataclass(frozen=True, slots=True)
class DetectorNoise:
    """Noise terms of D detectors, each of shape (D,).

    Attributes:
        background_pe: Constant background B, pe.
        excess: Excess-noise factor F, 1 or more.
        electronic_pe: Electronic noise e, s.d. in pe.
        proportional: Uncorrelated proportional noise k, fraction.
    """

    background_pe: Array
    excess: Array
    electronic_pe: Array
    proportional: Array


def detector_noise(cytometer: Cytometer) -> DetectorNoise:
    """Return the noise terms of all detectors, with model defaults where the cytometer gives none.

    Args:
        cytometer: Instrument; detectors in the order of ``cytometer.detector``.

    Returns:
        Read-only arrays of shape (D,).

    Raises:
        InputError: if a table names a detector that the instrument lacks, or a value is out of range; see
            :func:`~panelopt.optics.noise_terms.noise_findings`.
    """
    findings = noise_findings(cytometer)
    if findings:
        raise InputError(findings)
    return DetectorNoise(**{term: _resolved(cytometer, term) for term in DEFAULTS})


def detector_variance(mean_pe: npt.ArrayLike, signal_variance_pe2: npt.ArrayLike, noise: DetectorNoise) -> Array:
    """Variance of each detector uncorrelated with the others (formula above), pe^2.

    Args:
        mean_pe: (..., D) mean light, pe, with background and autofluorescence.
        signal_variance_pe2: (..., D) ``sum_s M^2 Var[a_s]``: how the stain's light varies between cells, pe^2.
        noise: Terms of the D detectors.

    Returns:
        (..., D), at least :data:`MIN_VARIANCE_PE2`; leading axes broadcast.
    """
    mean = np.asarray(mean_pe, dtype=float)
    second_moment = mean**2 + np.asarray(signal_variance_pe2, dtype=float)
    variance: Array = noise.excess * mean + noise.electronic_pe**2 + noise.proportional**2 * second_moment
    floored: Array = np.maximum(variance, MIN_VARIANCE_PE2)
    return floored


def _resolved(cytometer: Cytometer, term: str) -> Array:
    value: PerDetector | None = getattr(cytometer.noise, term)
    default = DEFAULTS[term]
    if value is None:
        numbers = np.full(len(cytometer.detector), default)
    elif isinstance(value, dict):
        numbers = np.array([value.get(detector.name, default) for detector in cytometer.detector], dtype=float)
    else:
        numbers = np.full(len(cytometer.detector), float(value))
    numbers.setflags(write=False)
    return numbers
