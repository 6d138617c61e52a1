"""Dyes whose main emission lies beyond the detectors of the instrument to which dyes are fitted."""

from __future__ import annotations

from collections.abc import Sequence

from panelopt.domain.reagents import EmissionPeak

BEYOND = {
    "ViaKrome 808": (878, "inside the 885/40 filter behind the 808 nm laser of a CytoFLEX LX; no source gives it"),
    "LIVE/DEAD Fixable NIR 876": (876, "the wavelength in its name"),
}
"""Emission maxima, nm, that the fitted instrument does not see, and why there: model values."""
BEYOND_SHARE, BEYOND_LEFT_NM, BEYOND_RIGHT_NM = 0.65, 22, 30  # model values: light in that peak, and its widths


def with_infrared_peak(seen: Sequence[EmissionPeak], peak_nm: float) -> tuple[EmissionPeak, ...]:
    """The peaks that the instrument sees, and the one beyond, which holds :data:`BEYOND_SHARE` of the light."""
    total = sum(peak.weight for peak in seen)
    rest = [peak.model_copy(update={"weight": round((1 - BEYOND_SHARE) * peak.weight / total, 3)}) for peak in seen]
    beyond = EmissionPeak(
        peak_nm=peak_nm, left_nm=BEYOND_LEFT_NM, right_nm=BEYOND_RIGHT_NM, weight=BEYOND_SHARE, origin="model"
    )
    return (beyond, *rest)
