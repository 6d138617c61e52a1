"""Variance of unmixed signals, in antibodies squared.

With the mixing matrix ``A`` (detectors x columns) and the detector noise ``Sigma``, weighted least squares gives

    V = diag[ (A' Sigma^-1 A)^-1 ],

the Cramer-Rao bound of linear unmixing (Novo, Gregori & Rajwa 2013, Cytometry A 83:508, doi:10.1002/cyto.a.22272).
``Sigma = diag(var) + c AF AF'``: the rank-one term is the spread of autofluorescence between cells.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def compensation_variance(
    mixing: FloatArray, variance: FloatArray, rank_one: FloatArray, autofluorescence: FloatArray
) -> FloatArray:
    """Variance where every slot has its own detector (square compensation).

    A square ``A`` leaves one unbiased estimate, so that ``V = diag(W Sigma W')`` with ``W = A^-1``.

    Args:
        mixing: (..., n, n) pe per antibody; rows detectors, columns slots.
        variance: (..., P, n) uncorrelated detector variance, pe^2, by population.
        rank_one: (..., T, P) factor c of the autofluorescence term, by target and population.
        autofluorescence: (..., n) lymphocyte autofluorescence of the detectors, pe.

    Returns:
        (..., T, P, n) antibodies^2.

    Raises:
        numpy.linalg.LinAlgError: if ``mixing`` is singular.
    """
    inverse = np.linalg.inv(mixing)
    base = np.einsum("...sd,...pd->...ps", inverse**2, variance)
    spread = np.einsum("...sd,...d->...s", inverse, autofluorescence) ** 2
    return np.asarray(base[..., None, :, :] + rank_one[..., None] * spread[..., None, None, :])


def unmixing_variance(mixing: FloatArray, variance: FloatArray) -> FloatArray:
    """Variance of spectral unmixing; the autofluorescence column, if any, is the last of ``mixing``.

    A column for autofluorescence absorbs the rank-one term: adding ``c a a'`` with ``a`` a column of ``A`` changes
    only the variance of that column. So the result does not depend on the target.

    Args:
        mixing: (..., D, n) pe per antibody.
        variance: (..., P, D) uncorrelated detector variance, pe^2.

    Returns:
        (..., P, n) antibodies^2.

    Raises:
        numpy.linalg.LinAlgError: if the columns are linearly dependent.
    """
    columns = np.swapaxes(mixing, -1, -2)[..., None, :, :]  # (..., 1, n, D)
    information = (columns / variance[..., None, :]) @ mixing[..., None, :, :]
    return np.diagonal(np.linalg.inv(information), axis1=-2, axis2=-1).copy()


def ordinary_variance(mixing: FloatArray, variance: FloatArray) -> FloatArray:
    """Variance of unweighted least squares, ``diag(P diag(var) P')`` with ``P = pinv(A)``, for comparison.

    Args:
        mixing: (D, n) pe per antibody.
        variance: (P, D) pe^2.

    Returns:
        (P, n) antibodies^2.
    """
    return np.asarray(np.einsum("sd,pd->ps", np.linalg.pinv(mixing) ** 2, variance))


def free_detector_variance(
    columns: FloatArray, variance: FloatArray, rank_one: FloatArray, autofluorescence: FloatArray
) -> FloatArray:
    """Variance of the first column, with all detectors given and the rank-one term in the noise.

    With few columns and many detectors this lies below the variance of every panel that has at least these columns
    (more light, more columns and fewer detectors all raise it), and so bounds compensation from below.

    Args:
        columns: (..., D, n) pe per antibody; the slot in question first.
        variance: (..., P, D) pe^2.
        rank_one: (T, P) factor of the autofluorescence term.
        autofluorescence: (D,) or (..., D) pe.

    Returns:
        (..., T, P) antibodies^2; infinite where the column cannot be told from the others.
    """
    if len(rank_one) > 1 and (rank_one == rank_one[0]).all():  # all targets see the same
        same = free_detector_variance(columns, variance, rank_one[:1], autofluorescence)
        return np.broadcast_to(same, (*same.shape[:-2], *rank_one.shape))
    weight = 1.0 / variance
    autofluorescence = np.broadcast_to(autofluorescence, (*columns.shape[:-2], columns.shape[-2]))
    weighted = np.swapaxes(columns, -1, -2)[..., None, :, :] * weight[..., None, :]  # (..., P, n, D)
    information = weighted @ columns[..., None, :, :]
    seen = np.einsum("...di,...pd,...d->...pi", columns, weight, autofluorescence, optimize=True)
    power = np.einsum("...pd,...d->...p", weight, autofluorescence**2)
    factor = rank_one / (1.0 + rank_one * power[..., None, :])  # Sherman-Morrison
    reduced = (
        information[..., None, :, :, :]
        - factor[..., None, None] * (seen[..., :, None] * seen[..., None, :])[..., None, :, :, :]
    )
    return _first_diagonal_of_inverse(reduced)


def _first_diagonal_of_inverse(matrix: FloatArray) -> FloatArray:
    """Return ``[M^-1]_00`` of positive semi-definite matrices by the Schur complement of the other columns."""
    if matrix.shape[-1] == 1:
        schur = matrix[..., 0, 0]
    else:
        rest = matrix[..., 1:, 1:]
        scale = np.sqrt(np.maximum(np.diagonal(rest, axis1=-2, axis2=-1), 1e-300))
        scaled = rest / (scale[..., :, None] * scale[..., None, :])
        cross = matrix[..., 0, 1:] / scale
        ridge = 1e-13 * np.eye(rest.shape[-1])  # keeps duplicates solvable; only lowers the result
        solved = np.linalg.solve(scaled + ridge, cross[..., None])[..., 0]
        schur = matrix[..., 0, 0] - np.einsum("...i,...i->...", cross, solved)
    with np.errstate(divide="ignore"):
        return np.where(schur > 0, 1.0 / np.maximum(schur, 1e-300), np.inf)
