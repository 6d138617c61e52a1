"""Single-stain controls: signature and brightness of a dye, from events.

All estimates are medians and median absolute deviations, so that doublets, debris and a tail of odd events do not
count. Signals are linear and uncompensated, in instrument units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panelopt.errors import Finding, InputError
from panelopt.optics.spectra import Array
from panelopt.optics.spillover_spread import robust_sd

MIN_POSITIVE = 100
"""Fewer positive events than this do not give a signature."""

MIN_NEGATIVE = 100
"""Fewer events of the unstained control than this do not give a background."""

GATE_SD = 5.0
"""Positive events lie this many robust standard deviations above the unstained median in the peak detector."""


@dataclass(frozen=True, slots=True)
class StainControl:
    """What one control shows.

    Attributes:
        name: The dye.
        peak: Index of the brightest detector.
        shift: Median of the positive events minus that of the unstained ones, shape (D,), units.
        positive: The gated events, shape (N, D), units.
        events: Events of the file.
        saturated: Events that reach the end of the scale of a detector; they are left out.
    """

    name: str
    peak: int
    shift: Array
    positive: Array
    events: int
    saturated: int = 0

    @property
    def signature(self) -> Array:
        """Shift over its peak; noise may leave small negative entries."""
        return np.asarray(self.shift / self.shift[self.peak])


def read_control(
    name: str,
    stained: Array,
    unstained: Array,
    detectors: Sequence[str],
    where: str,
    saturation: Array | None = None,
    min_positive: int = MIN_POSITIVE,
) -> StainControl:
    """Gate the positive events of a control and measure their shift.

    Args:
        name: The dye.
        stained: Events of the single stain, shape (N, D), units.
        unstained: Events of the unstained control, shape (K, D).
        detectors: Names of the D detectors, for messages.
        where: File name for messages.
        saturation: Largest value of each detector; events at it are left out.
        min_positive: Fewest positive events.

    Raises:
        InputError: if the unstained control or the positive events are too few, or no detector sees the dye.
    """
    if len(unstained) < MIN_NEGATIVE:
        message = f"only {len(unstained)} unstained events; {MIN_NEGATIVE} are needed"
        raise InputError([Finding("few-negatives", message, where, "Record the unstained control again.")])
    usable = stained if saturation is None else stained[(stained < 0.99 * saturation).all(axis=1)]
    base, noise = np.median(unstained, axis=0), robust_sd(unstained)
    high = np.quantile(usable, 0.9, axis=0) - np.quantile(unstained, 0.9, axis=0) if len(usable) else base * 0
    peak = int(np.argmax(high))
    threshold = base[peak] + GATE_SD * max(float(noise[peak]), 1e-9)
    positive = usable[usable[:, peak] > threshold] if len(usable) else usable
    if len(positive) < min_positive:
        lost = len(stained) - len(usable)
        message = (
            f"{name}: {len(positive)} of {len(stained)} events are positive in {detectors[peak]} "
            f"(above {threshold:.4g}); {min_positive} are needed"
            + (f"; {lost} saturated events, at the upper end of a detector, were left out" if lost else "")
        )
        hint = "Record more events, lower the gain of saturated detectors, or check that the file is the stained one."
        raise InputError([Finding("few-positives", message, where, hint)])
    # debris and double stains sit at the foot and in the tail; the middle of the logarithm is the population
    level = np.log(positive[:, peak] - base[peak])
    centre, width = np.median(level), max(float(robust_sd(level)), 0.05)
    middle = positive[np.abs(level - centre) < 3 * width]
    shift = np.median(middle, axis=0) - base
    lost = len(stained) - len(usable)
    return StainControl(name, int(np.argmax(shift)), np.asarray(shift), middle, len(stained), lost)


def photoelectrons_per_antibody(control: StainControl, units_per_pe: Array | float, antigens_per_cell: float) -> float:
    """Photoelectrons of one bound antibody over all detectors: ``sum_d shift_d / c_d / ABC``.

    Args:
        control: The control.
        units_per_pe: Units per effective photoelectron, a number or shape (D,).
        antigens_per_cell: Antibodies bound by a positive cell, one of each on its antigen.
    """
    return float((np.clip(control.shift, 0.0, None) / units_per_pe).sum() / antigens_per_cell)
