"""Small systems side by side, against the library that solves them one by one."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.optics.stacked_systems import last_columns_solved, last_inverse_entries


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_columns_of_the_inverse(size: int) -> None:
    rng = np.random.default_rng(size)
    matrix = rng.random((size, size, 50)) + 2 * np.eye(size)[:, :, None]
    for last in range(1, size + 1):
        columns, error = last_columns_solved(matrix, last)
        exact = np.linalg.inv(matrix.transpose(2, 0, 1))[:, :, size - last :]
        assert np.abs(columns.transpose(2, 0, 1) - exact).max() < 1e-12
        assert error.max() < 1e-15


def test_a_lost_digit_is_seen_in_the_error() -> None:
    small = np.array([[3e-10, 0.7], [0.9, 0.3]])[..., None]  # needs its rows exchanged
    columns, error = last_columns_solved(small, 2)
    assert np.abs(columns[..., 0] - np.linalg.inv(small[..., 0])).max() > 1e-9
    assert error.max() > 1e-10
    assert last_columns_solved(small[::-1], 2)[1].max() < 1e-15
    singular = np.ones((2, 2, 1))
    assert not np.isfinite(last_columns_solved(singular, 1)[1]).any()


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_entries_of_the_inverse(size: int) -> None:
    rng = np.random.default_rng(size)
    root = rng.normal(size=(2, 30, 12, size)) * 10.0 ** rng.uniform(-4, 4, size)
    matrix = root.swapaxes(-1, -2) @ root
    exact = np.diagonal(np.linalg.inv(matrix), axis1=-2, axis2=-1)
    for last in range(1, size + 1):
        found = last_inverse_entries(matrix.transpose(2, 3, 0, 1).copy(), last)
        wanted = exact[..., size - last :].transpose(2, 0, 1)
        assert np.abs(found / wanted - 1).max() < 1e-8


def test_entries_of_nearly_singular_matrices_are_lowered_not_raised() -> None:
    rng = np.random.default_rng(0)
    first, other = rng.random((2, 1000, 6))
    for distance in (1e-2, 1e-4, 1e-6, 0.0):
        columns = np.stack([first, first + distance * other], axis=2)
        found = last_inverse_entries((columns.swapaxes(1, 2) @ columns).transpose(1, 2, 0).copy(), 1)[0]
        norm = (first**2).sum(axis=1)
        apart = distance**2 * ((other**2).sum(axis=1) - (first * other).sum(axis=1) ** 2 / norm)
        with np.errstate(divide="ignore"):
            assert (found <= (1 / apart) * (1 + 1e-7)).all()
        assert np.isfinite(found).all()
        assert (found > 0).all()


def test_a_column_known_beforehand_changes_nothing() -> None:
    matrix = np.array([[np.inf, 3.0], [3.0, 4.0]])[..., None]
    assert last_inverse_entries(matrix, 1)[0, 0] == pytest.approx(0.25)
