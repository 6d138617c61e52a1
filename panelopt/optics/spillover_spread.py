"""Spread: how noise and overlap widen the unmixed signals, and how well two populations remain separable.

Reported beside a panel, never optimised: rankings by these numbers ignore how bright and how rare the populations are.

Symbols: ``M`` (D, n) light of one unit of each dye in each detector, ``P`` (n, D) the unmixing matrix, ``c`` (D,)
detector units per photoelectron, ``k`` (D,) proportional noise. With ``M`` in photoelectrons ``c`` is the excess-noise
factor; with signatures whose peak is 1, in instrument units, a unit of dye is one instrument unit in its peak detector.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from panelopt.optics.spectra import Array


def unmixing_matrix(mixing: npt.ArrayLike, variance: npt.ArrayLike | None = None) -> Array:
    """Matrix that turns detector signals into dye amounts.

    Ordinary least squares, ``P = (M'M)^-1 M'``, or weighted by ``W = diag(1/variance)``, ``P = (M'WM)^-1 M'W``: Novo,
    Gregori & Rajwa, Cytometry A 83:508-520 (2013), doi:10.1002/cyto.a.22272. With as many detectors as columns both
    are the inverse: compensation.

    Args:
        mixing: Shape (D, n), D >= n; a column for autofluorescence may be among them.
        variance: Detector variance, shape (D,), each above 0; None: unweighted.

    Returns:
        Shape (n, D).

    Raises:
        numpy.linalg.LinAlgError: if the columns are linearly dependent.
    """
    columns = np.asarray(mixing, dtype=float)
    root = np.ones(columns.shape[0]) if variance is None else 1.0 / np.sqrt(np.asarray(variance, dtype=float))
    weighted = columns * root[:, None]
    if np.linalg.matrix_rank(weighted) < columns.shape[1]:
        raise np.linalg.LinAlgError("the signatures are linearly dependent")
    return np.asarray(np.linalg.pinv(weighted) * root)


def spreading_matrix(
    mixing: npt.ArrayLike,
    units_per_pe: npt.ArrayLike,
    proportional: npt.ArrayLike = 0.0,
    signal: npt.ArrayLike = 0.0,
    variance: npt.ArrayLike | None = None,
    laser_cv: float = 0.0,
    laser: Sequence[object] = (),
) -> Array:
    """Predicted spillover spreading matrix SS: row = stained dye i, column = affected dye j.

    A stain of ``F_i`` units adds the variance ``F_i SS_ij^2`` to the unmixed amount of dye j, with

        SS_ij^2 = sum_d P_jd^2 c_d M_di  +  F_i sum_d P_jd^2 k_d^2 M_di^2  +  F_i q^2 sum_l (sum_{d of l} P_jd M_di)^2.

    The first term is photon statistics, the second noise in proportion to the signal that differs between detectors,
    the third light of one laser that fluctuates against that of the others (power, position of the cell in the beam):
    it moves all detectors of the laser together, so that a dye which two lasers excite spreads into both.
    It is the prediction of what Nguyen, Perfetto, Mahnke, Chattopadhyay & Roederer, Cytometry A 83:306-315 (2013),
    doi:10.1002/cyto.a.22251, measure as ``sqrt((s_stained^2 - s_reference^2) / (F_stained - F_reference))``.

    Args:
        mixing: Shape (D, n); negative entries are taken as 0 in the noise.
        units_per_pe: Detector units per effective photoelectron, a number or shape (D,).
        proportional: Proportional noise, a number or shape (D,).
        signal: Units of each dye at which the second term is taken, a number or shape (n,).
        variance: Detector variance that weights the unmixing, shape (D,); None: unweighted.
        laser_cv: Fluctuation q of the light of one laser against the others, fraction.
        laser: Laser, or beam path, of each detector, D of them; needed where ``laser_cv`` is not 0.

    Returns:
        Shape (n, n), in square roots of dye units. The diagonal is the spread of the dye's own photon statistics.
    """
    columns = np.asarray(mixing, dtype=float)
    light = np.clip(columns, 0.0, None)
    inverse = unmixing_matrix(columns, variance)
    photon = np.broadcast_to(np.asarray(units_per_pe, dtype=float), columns.shape[:1])
    own = np.broadcast_to(np.asarray(proportional, dtype=float), columns.shape[:1])
    amount = np.broadcast_to(np.asarray(signal, dtype=float), columns.shape[1:])
    squared = inverse**2
    result = (squared @ (light * photon[:, None])).T
    result += amount[:, None] * (squared @ (light * own[:, None]) ** 2).T
    if laser_cv:
        for beam in dict.fromkeys(laser):
            seen = np.array([other == beam for other in laser])
            result += amount[:, None] * (laser_cv * inverse[:, seen] @ light[seen]).T ** 2
    return np.asarray(np.sqrt(result))


def robust_sd(values: npt.ArrayLike, axis: int = 0) -> Array:
    """Standard deviation by the median absolute deviation, ``1.4826 median |x - median|``.

    Equals the standard deviation for a normal distribution; half of the values may be outliers. Rousseeuw & Croux,
    Journal of the American Statistical Association 88:1273-1283 (1993), doi:10.1080/01621459.1993.10476408.
    """
    data = np.asarray(values, dtype=float)
    centre = np.median(data, axis=axis, keepdims=True)
    return np.asarray(1.482602218505602 * np.median(np.abs(data - centre), axis=axis))
