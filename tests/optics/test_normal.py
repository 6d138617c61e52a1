"""Normal probabilities and quantiles against :mod:`scipy.special`."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from panelopt.optics.normal import erf, ndtr, ndtri


def test_probabilities_keep_their_digits_in_both_tails() -> None:
    z = np.linspace(-37.0, 9.0, 200_003)
    error = np.abs(ndtr(z) / special.ndtr(z) - 1)
    assert error.max() < 5e-13
    assert error[z > -8].max() < 3e-14
    assert np.all(np.diff(ndtr(np.linspace(-10, 10, 20_001))) >= 0)


def test_quantiles_keep_their_digits() -> None:
    p = np.concatenate([10 ** np.linspace(-300, -0.31, 20_000), np.linspace(1e-6, 1 - 1e-6, 20_001)])
    known = special.ndtri(p)
    assert np.all(np.abs(ndtri(p) - known) <= 5e-15 * np.maximum(np.abs(known), 0.1))


def test_ends_and_shapes() -> None:
    np.testing.assert_array_equal(ndtr([np.inf, -np.inf, np.nan]), [1.0, 0.0, np.nan])
    assert float(ndtr(0.0)) == pytest.approx(0.5, abs=2e-16)
    np.testing.assert_array_equal(ndtri([0.0, 1.0, 0.5, -0.1, 1.1, np.nan]), [-np.inf, np.inf, 0.0, *[np.nan] * 3])
    assert ndtr(np.zeros((2, 0, 3))).shape == (2, 0, 3)
    assert float(ndtri(ndtr(1.25))) == pytest.approx(1.25, rel=1e-14)


def test_error_function() -> None:
    x = np.linspace(-7, 7, 5_001).reshape(3, -1)
    np.testing.assert_allclose(erf(x), special.erf(x), rtol=5e-16, atol=5e-16)


def test_error_function_is_that_of_the_c_library_to_the_last_bit() -> None:
    x = np.concatenate([np.linspace(-8.0, 8.0, 4001), [np.nextafter(6.0, 0.0), 6.0, -6.0, np.inf, -np.inf]])
    assert erf(x).tolist() == [math.erf(value) for value in x]
    assert np.isnan(erf(np.nan))
