"""Single-stain controls: signature and brightness of a dye, and the noise of the detectors, from events.

All estimates are medians and median absolute deviations, so that doublets, debris and a tail of odd events do not
count. Signals are linear and uncompensated, in instrument units.

Noise follows ``var[d] = e_d^2 + c_d m_d + k_d^2 m_d^2`` with the mean ``m_d``: Chase & Hoffman, Cytometry 33:267-279
(1998), doi:10.1002/(SICI)1097-0320(19981001)33:2<267::AID-CYTO22>3.0.CO;2-R, and Parks et al., Cytometry A 91:232-249
(2017), doi:10.1002/cyto.a.23052, who fit such a quadratic to beads. Cells of a control differ in stain and
autofluorescence, and the light of each laser fluctuates; all that moves along known directions, which are projected out
first. A projection ``r = Q y`` has ``var(r_d) = sum_d' Q_dd'^2 var[d']``, linear in the unknown terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from panelopt.errors import Finding, InputError
from panelopt.optics.spectra import Array
from panelopt.optics.spillover_spread import robust_sd

MIN_POSITIVE = 100
"""Fewer positive events than this do not give a signature."""

MIN_NEGATIVE = 100
"""Fewer events of the unstained control than this do not give a background."""

GATE_SD = 5.0
"""Positive events lie this many robust standard deviations above the unstained median in the peak detector."""

BINS = 4
"""Positive events are split by brightness into at most this many groups for the noise."""

KEPT = 0.25
"""Detectors of which the projection keeps less than this share of the variance tell nothing of their own noise."""

_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class StainControl:
    """What one control shows.

    Attributes:
        name: The dye.
        peak: Index of the brightest detector.
        shift: Median of the positive events minus that of the unstained ones, shape (D,), units.
        positive: The gated events, shape (N, D), units.
        events: Events of the file.
    """

    name: str
    peak: int
    shift: Array
    positive: Array
    events: int

    @property
    def signature(self) -> Array:
        """Shift over its peak; noise may leave small negative entries."""
        return np.asarray(self.shift / self.shift[self.peak])


@dataclass(frozen=True, slots=True)
class NoiseFit:
    """Noise by detector, shape (D,); NaN where the controls do not tell.

    Attributes:
        units_per_pe: Gain c: instrument units per effective photoelectron.
        additive_units: Additive noise e, s.d. in units.
        proportional: Proportional noise k, fraction.
    """

    units_per_pe: Array
    additive_units: Array
    proportional: Array


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
            + (f"; {lost} events at the upper end of a detector were left out" if lost else "")
        )
        hint = "Record more events, lower the gain of saturated detectors, or check that the file is the stained one."
        raise InputError([Finding("few-positives", message, where, hint)])
    # debris and double stains sit at the foot and in the tail; the middle of the logarithm is the population
    level = np.log(positive[:, peak] - base[peak])
    centre, width = np.median(level), max(float(robust_sd(level)), 0.05)
    middle = positive[np.abs(level - centre) < 3 * width]
    shift = np.median(middle, axis=0) - base
    return StainControl(name, int(np.argmax(shift)), np.asarray(shift), middle, len(stained))


def fit_noise(controls: Sequence[StainControl], unstained: Array, paths: Sequence[str]) -> NoiseFit:
    """Fit the three noise terms of each detector to controls.

    Args:
        controls: Gated controls, on the same detectors.
        unstained: Events of the unstained control, shape (K, D).
        paths: Beam path of each detector.

    Returns:
        The terms; NaN where the controls do not tell.
    """
    count = len(paths)
    base = np.median(unstained, axis=0)
    model, target = [], []
    for control in [None, *controls]:
        events = unstained if control is None else control.positive
        residual = _projection(control, base, paths)
        kept = np.flatnonzero(np.diag(residual) > KEPT)
        order = np.argsort(events[:, control.peak], kind="stable") if control is not None else np.arange(len(events))
        bins = 1 if control is None else int(np.clip(len(events) // MIN_POSITIVE, 1, BINS))
        for group in np.array_split(order, bins):
            mean = np.median(events[group], axis=0)
            squared = residual**2
            variance = robust_sd(events[group] @ residual.T) ** 2
            light = np.clip(mean, 0.0, None)
            model.append(np.hstack((squared, squared * light, squared * light**2))[kept])
            target.append(variance[kept])
    rows, values = np.vstack(model), np.concatenate(target)
    told = np.array([np.any(rows[:, d] > KEPT**2) for d in range(count)])
    theta = _relative_fit(rows, values)
    additive, photon, own = theta.reshape(3, count)
    unknown = ~told | (photon <= 0)
    return NoiseFit(
        np.where(unknown, np.nan, photon),
        np.where(told, np.sqrt(additive), np.nan),
        np.where(told, np.sqrt(own), np.nan),
    )


def _projection(control: StainControl | None, base: Array, paths: Sequence[str]) -> Array:
    """Matrix that removes the directions in which the cells of a control differ."""
    columns = [base]
    if control is not None:
        light = np.clip(control.shift, 0.0, None)
        for path in dict.fromkeys(paths):
            seen = np.array([other == path for other in paths])
            if light[seen].max() > 0.02 * light.max() and seen.sum() > 1:
                columns.append(np.where(seen, light, 0.0))
    directions = np.column_stack(columns)
    directions = directions / np.maximum(np.linalg.norm(directions, axis=0), 1e-12)
    return np.asarray(np.eye(len(paths)) - directions @ np.linalg.pinv(directions))


def _relative_fit(rows: Array, values: Array) -> Array:
    """Non-negative least squares of relative errors: variances span many orders of magnitude."""
    scale = np.maximum(rows.max(axis=0), 1e-300)
    weight = 1.0 / np.maximum(values, np.quantile(values, 0.05) + 1e-12)
    found = np.zeros(rows.shape[1])
    for _ in range(_ROUNDS):
        found, _rest = nnls(rows / scale * weight[:, None], values * weight, maxiter=50 * rows.shape[1])
        predicted = (rows / scale) @ found
        weight = 1.0 / np.maximum(predicted, 0.2 * values + 1e-12)
    return np.asarray(found / scale)


def photoelectrons_per_antibody(control: StainControl, units_per_pe: Array | float, antigens_per_cell: float) -> float:
    """Photoelectrons of one bound antibody over all detectors: ``sum_d shift_d / c_d / ABC``.

    Args:
        control: The control.
        units_per_pe: Units per effective photoelectron, a number or shape (D,).
        antigens_per_cell: Antibodies bound by a positive cell, one of each on its antigen.
    """
    return float((np.clip(control.shift, 0.0, None) / units_per_pe).sum() / antigens_per_cell)
