"""Noise of the detectors from single-stain controls.

Noise follows ``var[d] = e_d^2 + c_d m_d + k_d^2 m_d^2`` with the mean ``m_d``: Chase & Hoffman, Cytometry 33:267-279
(1998), doi:10.1002/(SICI)1097-0320(19981001)33:2<267::AID-CYTO22>3.0.CO;2-R, and Parks et al., Cytometry A 91:232-249
(2017), doi:10.1002/cyto.a.23052, who fit such a quadratic to beads. Cells of a control differ in stain and
autofluorescence, and the light of each laser fluctuates; all that moves along known directions, which are projected out
first. A projection ``r = Q y`` has ``var(r_d) = sum_d' Q_dd'^2 var[d']``, linear in the unknown terms.

A gain ``c_d`` for each detector takes many bright controls; a few leave it open, and a wrong gain distorts every
signature. One gain for all detectors is therefore taken unless gains by detector predict controls clearly better that
were left out of the fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from panelopt.optics.controls import MIN_POSITIVE, StainControl
from panelopt.optics.spectra import Array
from panelopt.optics.spillover_spread import robust_sd

BINS = 4
"""Positive events are split by brightness into at most this many groups."""

KEPT = 0.25
"""Detectors of which the projection keeps less than this share of the variance tell nothing of their own noise."""

CLEAR = 3.0
"""Gains by detector must predict held-out controls better by this many standard errors (model value)."""

_ROUNDS = 4
_FEWEST = 4  # controls that can show that gains differ
_FOLDS = 5
_SEEN = 0.2  # a gain that makes less than this share of every variance is not told by the data


@dataclass(frozen=True, slots=True)
class NoiseFit:
    """Noise by detector, shape (D,); NaN where the controls do not tell.

    Attributes:
        units_per_pe: Gain c: instrument units per effective photoelectron.
        additive_units: Additive noise e, s.d. in units.
        proportional: Proportional noise k, fraction.
        common: Whether one gain was taken for all detectors.
    """

    units_per_pe: Array
    additive_units: Array
    proportional: Array
    common: bool


@dataclass(frozen=True, slots=True)
class _Moments:
    """Equations of one control: ``additive + gains + own`` terms, shape (N, D) each, and the variances, shape (N,)."""

    squared: Array
    linear: Array
    quadratic: Array
    variance: Array


def fit_noise(controls: Sequence[StainControl], unstained: Array, paths: Sequence[str]) -> NoiseFit:
    """Fit the three noise terms of each detector to controls.

    Args:
        controls: Gated controls, on the same detectors.
        unstained: Events of the unstained control, shape (K, D).
        paths: Beam path of each detector.

    Returns:
        The terms; NaN where the controls do not tell.
    """
    base = np.median(unstained, axis=0)
    dark = _moments(None, unstained, base, paths)
    lit = [_moments(control, control.positive, base, paths) for control in controls]
    lit = [moments for moments in lit if moments.variance.size]  # of few detectors the projection may leave nothing
    if not lit and not dark.variance.size:
        unknown = np.full(len(paths), np.nan)
        return NoiseFit(unknown, unknown, unknown, common=True)
    common = not _gains_differ(dark, lit)
    return _fitted([dark, *lit], common=common)


def _gains_differ(dark: _Moments, lit: Sequence[_Moments]) -> bool:
    """Whether gains by detector predict controls that are left out of the fit, clearly better than one gain does."""
    if len(lit) < _FEWEST:
        return False
    gained: list[float] = []
    for fold in range(_FOLDS):
        left_out = lit[fold::_FOLDS]
        rest = [dark, *(moments for place, moments in enumerate(lit) if place % _FOLDS != fold)]
        if left_out:
            one, many = (_theta(rest, common=common) for common in (True, False))
            gained += [_misfit(moments, one) - _misfit(moments, many) for moments in left_out]
    error = float(np.std(gained, ddof=1) / np.sqrt(len(gained)))
    return float(np.mean(gained)) > CLEAR * error


def _misfit(moments: _Moments, theta: Array) -> float:
    """Mean distance of predicted from found variances, as the logarithm of their ratio."""
    predicted = np.hstack((moments.squared, moments.linear, moments.quadratic)) @ theta
    return float(np.mean(np.abs(np.log(np.maximum(predicted, 1e-300) / np.maximum(moments.variance, 1e-300)))))


def _stacked(parts: Sequence[_Moments]) -> tuple[Array, Array, Array]:
    """Return the factors of additive, photon and proportional noise of all moments."""
    squared, linear, quadratic = (
        np.vstack([getattr(part, name) for part in parts]) for name in ("squared", "linear", "quadratic")
    )
    return squared, linear, quadratic


def _fitted(parts: Sequence[_Moments], *, common: bool) -> NoiseFit:
    theta = _theta(parts, common=common)
    additive, photon, own = theta.reshape(3, -1)
    squared, linear, quadratic = _stacked(parts)
    predicted = squared @ additive + linear @ photon + quadratic @ own
    told = (squared > KEPT**2).any(axis=0)
    share = linear * photon / np.maximum(predicted, 1e-300)[:, None]
    seen = share.sum(axis=1).max() > _SEEN if common else share.max(axis=0) > _SEEN
    return NoiseFit(
        np.where((photon > 0) & seen & (told | common), photon, np.nan),
        np.where(told, np.sqrt(additive), np.nan),
        np.where(told, np.sqrt(own), np.nan),
        common,
    )


def _theta(parts: Sequence[_Moments], *, common: bool) -> Array:
    """Additive, photon and proportional terms by detector, shape (3 D,)."""
    squared, linear, quadratic = _stacked(parts)
    count = squared.shape[1]
    gains = linear.sum(axis=1, keepdims=True) if common else linear
    theta = _relative_fit(np.hstack((squared, gains, quadratic)), np.concatenate([part.variance for part in parts]))
    additive, photon, own = np.split(theta, [count, count + gains.shape[1]])
    return np.concatenate((additive, np.broadcast_to(photon, count), own))


def _moments(control: StainControl | None, events: Array, base: Array, paths: Sequence[str]) -> _Moments:
    residual = _projection(control, base, paths)
    kept = np.flatnonzero(np.diag(residual) > KEPT)
    order: npt.NDArray[np.intp] = np.arange(len(events))
    bins = 1
    if control is not None:
        order = np.argsort(events[:, control.peak], kind="stable")
        bins = int(np.clip(len(events) // MIN_POSITIVE, 1, BINS))
    squared = (residual**2)[kept]
    lights, variances = [], []
    for group in np.array_split(order, bins):
        lights.append(np.clip(np.median(events[group], axis=0), 0.0, None))
        variances.append((robust_sd(events[group] @ residual.T) ** 2)[kept])
    return _Moments(
        np.vstack([squared] * bins),
        np.vstack([squared * light for light in lights]),
        np.vstack([squared * light**2 for light in lights]),
        np.concatenate(variances),
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
