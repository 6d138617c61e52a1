"""Where a dye may be read: where it gives its own light, and where that light is visible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from panelopt.errors import Finding
from panelopt.frozen import dataclass
from panelopt.instance.arrays import BoolArray, FloatArray, Instance, Lock
from panelopt.optics.noise import DetectorNoise

OWN_LIGHT = 0.25
"""Model value: least share of its best signal at which a dye is read."""

VISIBLE_SD = 5.0
"""Model value: standard deviations of an unstained lymphocyte that a stained cell must exceed."""

VISIBLE_ANTIBODIES = 60_000.0
"""Model value: antibodies on the stained cell, those of a bright antigen."""

VISIBLE_EQUIVALENTS = 250_000.0
"""Model value: equivalents of a viability dye in a dead cell."""


def own_light(signal: FloatArray) -> BoolArray:
    """Return (D, F) where each dye gives enough of its own light.

    Args:
        signal: (D, F) photoelectrons per antibody.
    """
    return np.asarray((signal >= OWN_LIGHT * signal.max(axis=0, initial=0.0)) & (signal > 0))


def unstained_sd(autofluorescence: FloatArray, noise: DetectorNoise, cv_autofluorescence: float) -> FloatArray:
    """Return (D,) the standard deviation of an unstained lymphocyte in each detector, pe.

    Args:
        autofluorescence: (D,) lymphocyte autofluorescence, pe.
        noise: Terms of the detectors.
        cv_autofluorescence: Coefficient of variation of autofluorescence within a population.
    """
    light = noise.excess * autofluorescence
    spread = (noise.proportional**2 + cv_autofluorescence**2) * autofluorescence**2
    return np.asarray(np.sqrt(light + noise.electronic_pe**2 + spread))


def visible(signal: FloatArray, is_viability: BoolArray, sd: FloatArray, *, conventional: bool) -> BoolArray:
    """Return (D, F) where a stained cell is visible; on a spectral instrument the best detector decides for all.

    Args:
        signal: (D, F) photoelectrons per antibody.
        is_viability: (F,) viability dyes.
        sd: (D,) from :func:`unstained_sd`, pe.
        conventional: Whether each dye is read on one detector.
    """
    molecules = np.where(is_viability, VISIBLE_EQUIVALENTS, VISIBLE_ANTIBODIES)
    seen = molecules * signal >= VISIBLE_SD * sd[:, None]
    if conventional:
        return np.asarray(seen)
    best = signal.argmax(axis=0)
    return np.broadcast_to(seen[best, np.arange(signal.shape[1])], signal.shape).copy()


@dataclass(frozen=True, slots=True)
class Readings:
    """Where dyes may be read on an instrument.

    Attributes:
        signal: (D, F) photoelectrons per antibody.
        is_viability: (F,) viability dyes.
        sd: (D,) from :func:`unstained_sd`, pe.
        conventional: Whether each dye is read on one detector.
    """

    signal: FloatArray
    is_viability: BoolArray
    sd: FloatArray
    conventional: bool

    def good(self) -> BoolArray:
        """Return (D, F) where each dye gives its own light and is visible."""
        return own_light(self.signal) & visible(self.signal, self.is_viability, self.sd, conventional=self.conventional)

    def allowed(self, locks: Sequence[Lock]) -> BoolArray:
        """Return (D, F) the same, and where locks demand a dye.

        A lock without detector is read like any other dye or, if visible nowhere, on its own light.
        """
        allowed = self.good()
        for lock in locks:
            if lock.detector is not None:
                allowed[lock.detector, lock.dye] = self.signal[lock.detector, lock.dye] > 0
            elif not allowed[:, lock.dye].any():
                allowed[:, lock.dye] = own_light(self.signal)[:, lock.dye]
        return allowed

    def remarks(self, instance: Instance, problem: str) -> Iterator[Finding]:
        """Yield remarks on locked reagents that are hard to read."""
        good = self.good()
        for lock in instance.locks:
            bad = instance.allowed[:, lock.dye] & ~good[:, lock.dye]
            if lock.detector is not None:
                bad &= np.arange(bad.size) == lock.detector
            if bad.any():
                what = f"{instance.marker[lock.marker]} {instance.dye[lock.dye]}"
                place = " or ".join(instance.detector[d] for d in np.flatnonzero(bad))
                yield Finding(
                    "locked-dim",
                    f"locked reagent {what} is hard to read in {place}: little of its light falls there, "
                    "or an unstained cell is brighter",
                    f"{problem}: {lock.where}",
                    "Lock it to a better detector, or choose another dye.",
                )
