"""Signals of single dyes in single detectors, for the choice of reporters by bleed-through.

The setting is that of P. Vaidyanathan et al., "Algorithms for the selection of fluorescent reporters", Communications
Biology 4:118 (2021), doi:10.1038/s42003-020-01599-5: n dyes onto n detectors, no cells, no noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.integrate import trapezoid

from panelopt.domain.cytometer_record import Cytometer, Detector
from panelopt.instance.arrays import FloatArray

EmissionScale = Literal["peak", "area"]
"""Divisor of an emission curve: its maximum (a band counts by its mean height) or its area (by the share of photons
that it passes)."""


@dataclass(frozen=True, slots=True)
class Curves:
    """One dye as measured.

    Attributes:
        name: Name of the dye.
        brightness: Any unit, the same for all dyes.
        excitation, emission: Arrays of shape (2, N): wavelength in nm, increasing, and value.
    """

    name: str
    brightness: float
    excitation: FloatArray
    emission: FloatArray


@dataclass(frozen=True, slots=True)
class ReporterInstance:
    """The question: which dyes onto which detectors.

    Attributes:
        dye, detector: Names of F dyes and D detectors that may be used.
        signal: (F, D) signal of each dye in each detector, none negative.
        colours: Dyes to be chosen.
        required: Dyes that must be among them.
    """

    dye: tuple[str, ...]
    detector: tuple[str, ...]
    signal: FloatArray
    colours: int
    required: frozenset[int] = frozenset()


def curve_signals(cytometer: Cytometer, dyes: Sequence[Curves], scale: EmissionScale = "peak") -> FloatArray:
    """Return the signal of each dye in each detector: brightness x excitation x emission in the band.

    Excitation is relative to the curve's maximum and interpolated at the laser line; where several lasers share the
    detector's path, it is the sum over them. Emission is integrated over the band between linearly interpolated points
    and divided by the band's width and the curve's maximum (``peak``), or by the curve's area (``area``). Outside the
    measured range both are zero.

    Args:
        cytometer: Lasers and bands; powers do not count.
        dyes: F dyes.
        scale: How emission is normalised.

    Returns:
        Shape (F, D), in the unit of the brightness.
    """
    result = np.zeros((len(dyes), len(cytometer.detector)))
    for row, dye in enumerate(dyes):
        whole = _integral(dye.emission, dye.emission[0, 0], dye.emission[0, -1])
        for column, detector in enumerate(cytometer.detector):
            light = _integral(dye.emission, detector.low_nm, detector.high_nm)
            share = light / whole if scale == "area" else light / detector.width_nm / dye.emission[1].max()
            result[row, column] = dye.brightness * _excitation(dye.excitation, cytometer, detector) * share
    return result


def _excitation(curve: FloatArray, cytometer: Cytometer, detector: Detector) -> float:
    lines = [laser.nm for laser in cytometer.laser if laser.path == detector.path]
    return float(np.interp(lines, curve[0], curve[1], left=0.0, right=0.0).sum() / curve[1].max())


def _integral(curve: FloatArray, low_nm: float, high_nm: float) -> float:
    """Return the area under a piecewise linear curve between two wavelengths."""
    low, high = max(low_nm, curve[0, 0]), min(high_nm, curve[0, -1])
    if high <= low:
        return 0.0
    inside = curve[0, (curve[0] > low) & (curve[0] < high)]
    nm = np.concatenate(([low], inside, [high]))
    return float(trapezoid(np.interp(nm, curve[0], curve[1]), nm))
