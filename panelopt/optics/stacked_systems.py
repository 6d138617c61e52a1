"""Many small systems of linear equations at once, without a library call for each.

The systems lie side by side along the last axis, so that every step of an elimination is arithmetic on long rows: with
ten equations some ten times as fast as calling LAPACK for each, and rounded alike on every processor.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_RIDGE = 1e-13
"""Share of each diagonal entry that is added to it: keeps duplicates solvable, and lowers the inverse."""

_TINY = 1e-300


def last_inverse_entries(matrix: FloatArray, last: int) -> FloatArray:
    """Return the last entries of the diagonal of the inverse of symmetric, positive semi-definite matrices.

    The matrices are made larger by 1e-13 of their diagonal, which lowers the inverse by more than rounding raises it.

    Args:
        matrix: (n, n, ..., N), of which the lower triangle is read; destroyed.
        last: How many entries, from 1 to n.

    Returns:
        (last, ..., N).
    """
    size = len(matrix)
    floor = [_RIDGE * matrix[row, row] + _TINY for row in range(size)]
    for row in range(size):
        matrix[row, row] += floor[row]
    for column in range(size):  # L D L': multipliers take the place of the lower triangle
        below = matrix[column + 1 :, column].copy()
        np.maximum(matrix[column, column], floor[column], out=matrix[column, column])
        matrix[column + 1 :, column] /= matrix[column, column]
        for row in range(column + 1, size):
            matrix[row, column + 1 : row + 1] -= matrix[row, column] * below[: row - column]
    result = np.zeros((last, *matrix.shape[2:]))
    for place, first in enumerate(range(size - last, size)):
        inverse: list[FloatArray] = []  # a column of that of L
        for row in range(first, size):
            above = [matrix[row, first + s] * entry for s, entry in enumerate(inverse)]
            inverse.append(-np.sum(above, axis=0) if above else np.ones_like(result[place]))
            result[place] += inverse[-1] ** 2 / matrix[row, row]
    return result


def last_columns_solved(matrix: FloatArray, last: int) -> tuple[FloatArray, FloatArray]:
    """Return the last columns of the inverse of square matrices, and how far they are from solving their equations.

    Rows are not exchanged. Where that costs digits, the error returned is large: it is the least relative change of the
    entries that makes the solution exact (Oettli & Prager 1964, doi:10.1007/BF01386090), some 1e-16 at best.

    Args:
        matrix: (n, n, N).
        last: How many columns, from 1 to n.

    Returns:
        Columns (n, last, N) and errors (last, N), which are not finite for singular matrices.
    """
    size, rows = matrix.shape[1:]
    work, first = matrix.copy(), size - last
    right = np.zeros((size, last, rows))
    right[np.arange(first, size), np.arange(last)] = 1.0
    unit = right.copy()
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for column in range(size):
            factors = work[column + 1 :, column] / work[column, column]
            for row, factor in enumerate(factors, column + 1):
                work[row, column + 1 :] -= factor * work[column, column + 1 :]
                if column >= first:
                    right[row] -= factor * right[column]
        for row in reversed(range(size)):
            for column in range(row + 1, size):
                right[row] -= work[row, column] * right[column]
            right[row] /= work[row, row]
        return right, _backward_error(matrix, right, unit)


def _backward_error(matrix: FloatArray, solution: FloatArray, unit: FloatArray) -> FloatArray:
    """Return (last, N) the largest residual of any row, relative to the sizes of its terms."""
    worst = np.zeros(solution.shape[1:])
    for row, terms in enumerate(matrix):
        products = terms[:, None] * solution
        residual = products.sum(axis=0) - unit[row]
        worst = np.maximum(worst, np.abs(residual) / (np.abs(products).sum(axis=0) + unit[row] + _TINY))
    return np.asarray(worst)
