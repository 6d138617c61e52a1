"""The oracle's integrals against adaptive ones and against cases that have a formula."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr, ndtri

from tests.oracle.tails import probability_above, probability_below, quantile, sigma_of

CVS = (0.05, 0.5, 0.8, 1.5, 3.0, 5.0)
NOISES = (1e-6, 1e-2, 0.3, 3.0, 100.0)
"""Relative to the median."""


def by_quad(side: int, x: float, abc: float, cv: float, sd: float) -> float:
    """A tail by adaptive integration over the noise, not over the signal."""
    sigma = float(sigma_of(cv))

    def integrand(n: float) -> float:
        left = x - sd * n
        tail = float(ndtr(side * math.log(left / abc) / sigma)) if left > 0 else float(side < 0)
        return math.exp(-n * n / 2) / math.sqrt(2 * math.pi) * tail

    turns = [(x - abc * math.exp(sigma * z)) / sd for z in range(-9, 10)]
    inside = sorted({min(max(n, -9.0), 9.0) for n in (*turns, x / sd)} | set(range(-9, 10)))
    pieces = [quad(integrand, a, b, epsabs=0, epsrel=1e-12, full_output=True)[0] for a, b in itertools.pairwise(inside)]
    return math.fsum(pieces)


@pytest.mark.parametrize("cv", CVS)
def test_both_tails_equal_adaptive_integration(cv: float) -> None:
    for noise in NOISES[1:]:
        sd = 3000.0 * noise
        for p in (1e-4, 0.02, 0.5, 0.85, 0.9999):
            x = float(quantile(p, 3000.0, cv, sd))
            assert by_quad(1, x, 3000.0, cv, sd) == pytest.approx(p, rel=1e-10)
            assert float(probability_below(x, 3000.0, cv, sd)) == pytest.approx(p, rel=1e-10)
            assert float(probability_above(x, 3000.0, cv, sd)) == pytest.approx(
                by_quad(-1, x, 3000.0, cv, sd), rel=1e-10
            )


@pytest.mark.parametrize("cv", CVS)
def test_small_tails_keep_their_digits(cv: float) -> None:
    for noise in NOISES[1:]:
        sd = 3000.0 * noise
        for p in (1e-6, 1e-9):
            low, high = (float(quantile(q, 3000.0, cv, sd)) for q in (p, 1 - p))
            assert float(probability_below(low, 3000.0, cv, sd)) == pytest.approx(
                by_quad(1, low, 3000.0, cv, sd), rel=1e-9
            )
            assert float(probability_above(high, 3000.0, cv, sd)) == pytest.approx(
                by_quad(-1, high, 3000.0, cv, sd), rel=1e-9
            )


def test_quantiles_return_their_probability() -> None:
    rng = np.random.default_rng(0)
    shape = 2000
    abc, sd = 10 ** rng.uniform(0, 7, shape), 10 ** rng.uniform(-3, 6, shape)
    cv, p = rng.choice(CVS, shape), 10 ** rng.uniform(-5, -0.31, shape)
    assert np.allclose(probability_below(quantile(p, abc, cv, sd), abc, cv, sd) / p, 1, rtol=0, atol=1e-11)
    assert np.allclose(probability_above(quantile(1 - p, abc, cv, sd), abc, cv, sd) / p, 1, rtol=0, atol=1e-9)


def test_without_noise_without_antigen_and_without_spread() -> None:
    sigma = math.sqrt(math.log(2))
    assert probability_below(2000.0, 1000.0, 1.0, 0.0) == pytest.approx(ndtr(math.log(2) / sigma), rel=1e-14)
    assert probability_below(-1.0, 1000.0, 1.0, 0.0) == 0.0
    assert quantile(0.02, 1000.0, 1.0, 0.0) == pytest.approx(1000 * math.exp(sigma * ndtri(0.02)), rel=1e-14)
    assert probability_above(150.0, 0.0, 1.0, 100.0) == pytest.approx(ndtr(-1.5), rel=1e-14)
    assert quantile(0.98, 1000.0, 0.0, 100.0) == pytest.approx(1000 + 100 * ndtri(0.98), rel=1e-14)
    assert probability_below([-1.0, 1.0], 0.0, 0.5, 0.0).tolist() == [0.0, 1.0]


def test_next_to_no_noise_is_no_jump() -> None:
    x = 1000 * np.exp(np.linspace(-3, 3, 13))
    for cv in CVS:
        assert np.allclose(
            probability_below(x, 1000.0, cv, 1e-3), probability_below(x, 1000.0, cv, 0.0), rtol=0, atol=1e-8
        )
