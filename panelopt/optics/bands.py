"""What reaches a detector, and its kind: the filter, and the mirrors before it and before its neighbours."""

from __future__ import annotations

import numpy as np

from panelopt.domain.cytometer_record import Cytometer, Detector
from panelopt.optics.spectra import DEFAULT_PHOTODETECTOR, Array


def collected_bands(cytometer: Cytometer) -> tuple[Array, Array]:
    """Edges of the light that each detector collects.

    Detectors of one laser that name a ``dichroic_nm`` stand in a row, the reddest first: each takes what lies above
    its mirror and passes the rest on, so that it loses what a mirror before it has taken. Those that name none are
    limited by their filter alone.

    Returns:
        Lower and upper edges, nm, each of shape (D,); a detector whose filter a mirror covers has ``high <= low``.
    """
    low, high = zip(*(_edges(cytometer, detector) for detector in cytometer.detector), strict=True)
    return np.array(low), np.array(high)


def _edges(cytometer: Cytometer, detector: Detector) -> tuple[float, float]:
    own = detector.dichroic_nm
    if own is None:
        return detector.low_nm, detector.high_nm
    before = [
        other.dichroic_nm
        for other in cytometer.detector
        if other.dichroic_nm is not None
        and (other.path, other.laser_nm) == (detector.path, detector.laser_nm)
        and other.dichroic_nm > own
    ]
    return max(detector.low_nm, own), min([detector.high_nm, *before])


def photodetector(cytometer: Cytometer) -> str:
    """Kind of the instrument's light detectors; the usual one where it is not stated."""
    return cytometer.photodetector or DEFAULT_PHOTODETECTOR[cytometer.unmixing]
