"""Tail probabilities and quantiles against adaptive integration and against limits that are known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr, ndtri

from panelopt.scoring.quantiles import quantile
from panelopt.scoring.tail_integrals import COARSE
from panelopt.scoring.tails import cdf, sf
from tests.oracle import tails as oracle
from tests.scoring.fine_tails import both_tails

LEVELS = [(abc, cv) for abc in (100.0, 3000.0, 250000.0) for cv in (0.1, 0.5, 0.8, 1.0, 1.5)]
NOISES = (1e-3, 1e-2, 0.1, 0.3, 1.0, 10.0, 1e3)
"""Relative to the median."""
PROBABILITIES = (0.005, 0.02, 0.3, 0.5, 0.9, 0.98, 0.999)


def by_quad(x: float, abc: float, cv: float, sd: float) -> float:
    sigma = math.sqrt(math.log(1 + cv * cv))
    points = [math.log(e / abc) / sigma for e in (x - 6 * sd, x - sd, x, x + sd, x + 6 * sd) if e > 0]
    inside = sorted({min(max(z, -9.0), 9.0) for z in points} | {-9.0, 9.0})

    def integrand(z: float) -> float:
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi) * float(ndtr((x - abc * math.exp(sigma * z)) / sd))

    return sum(quad(integrand, a, b, epsabs=1e-13, epsrel=1e-12, limit=200)[0] for a, b in itertools.pairwise(inside))


@pytest.mark.parametrize(("abc", "cv"), [(3000.0, cv) for cv in (0.1, 0.5, 1.0, 1.5)])
@pytest.mark.parametrize("noise", [1e-3, 0.1, 1.0, 1e3])
def test_probability_equals_adaptive_integration(abc: float, cv: float, noise: float) -> None:
    sd = noise * abc
    for p in (0.005, 0.5, 0.98):
        x = oracle.quantile(p, abc, cv, sd)
        assert by_quad(x, abc, cv, sd) == pytest.approx(p, abs=1e-9)
        assert float(cdf(x, abc, cv, sd)) == pytest.approx(p, abs=2e-9)


def test_probability_on_a_wide_grid() -> None:
    worst = 0.0
    for abc, cv in LEVELS:
        for noise in NOISES:
            for place in (-2.0, -0.5, 0.01, 0.2, 0.7, 1.0, 1.5, 4.0, 30.0):
                x, sd = place * abc, noise * abc
                worst = max(worst, abs(float(cdf(x, abc, cv, sd)) - oracle.probability_below(x, abc, cv, sd)))
    assert worst < 1e-10


def test_quantile_on_a_wide_grid() -> None:
    for abc, cv in LEVELS:
        for noise in NOISES:
            sd = noise * abc
            found = quantile(np.array(PROBABILITIES), abc, cv, sd)
            for p, x in zip(PROBABILITIES, found, strict=True):
                assert oracle.probability_below(float(x), abc, cv, sd) == pytest.approx(p, abs=1e-8)


def test_round_trip() -> None:
    p = np.array(PROBABILITIES)[:, None, None]
    abc, cv = (np.array(v)[:, None] for v in zip(*LEVELS, strict=True))
    x = quantile(p, abc, cv, abc * np.array(NOISES))
    assert np.allclose(cdf(x, abc, cv, abc * np.array(NOISES)), np.broadcast_to(p, x.shape), atol=1e-9)


def test_no_antigen_leaves_the_noise() -> None:
    assert cdf(50.0, 0.0, 0.7, 100.0) == pytest.approx(ndtr(0.5))
    assert quantile(0.98, 0.0, 0.7, 100.0) == pytest.approx(100 * ndtri(0.98))


def test_no_spread_leaves_a_shifted_normal() -> None:
    assert cdf(1050.0, 1000.0, 0.0, 100.0) == pytest.approx(ndtr(0.5))
    assert quantile(0.02, 1000.0, 0.0, 100.0) == pytest.approx(1000 + 100 * ndtri(0.02))


def test_no_noise_leaves_the_log_normal() -> None:
    sigma = math.sqrt(math.log(1.64))
    assert cdf(2000.0, 1000.0, 0.8, 0.0) == pytest.approx(ndtr(math.log(2) / sigma))
    assert cdf(-1.0, 1000.0, 0.8, 0.0) == 0.0
    assert quantile(0.98, 1000.0, 0.8, 0.0) == pytest.approx(1000 * math.exp(sigma * ndtri(0.98)))


def test_nothing_at_all_is_a_step() -> None:
    assert cdf(np.array([-1.0, 1.0]), 0.0, 0.5, 0.0).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("cv", [0.1, 0.5, 1.5])
def test_little_noise_or_spread_is_no_jump(cv: float) -> None:
    x = 1000.0 * np.exp(np.linspace(-2, 2, 9))
    assert np.allclose(cdf(x, 1000.0, cv, 1e-6), cdf(x, 1000.0, cv, 0.0), atol=1e-8)
    assert np.allclose(cdf(x, 1e-9, cv, 500.0), cdf(x, 0.0, cv, 500.0), atol=1e-9)
    assert np.allclose(cdf(x, 1000.0, 1e-7, 300.0), cdf(x, 1000.0, 0.0, 300.0), atol=1e-6)


def draw(rng: np.random.Generator, size: int) -> tuple[np.ndarray, ...]:
    """Thresholds, medians, spreads and noises of every kind that is admitted, thresholds from tail to tail."""
    abc = 10 ** rng.uniform(-1, 7, size)
    kind = rng.random(size)
    words = rng.choice([0.45, 0.5, 0.55, 0.7, 0.8, 1.0], size)
    cv = np.select([kind < 0.3, kind < 0.5], [words, 10 ** rng.uniform(-3, 0, size)], rng.uniform(0.1, 5.0, size))
    sigma = np.sqrt(np.log1p(cv**2))
    sd = abc * sigma * 10 ** rng.uniform(-3, 2.5, size)
    x = abc * np.exp(sigma * rng.normal(0, 2.5, size)) + sd * rng.normal(0, 3, size)
    return x, abc, cv, sd


def worst_errors(seed: int, size: int) -> tuple[float, float]:
    """Largest relative errors of fine and coarse probabilities from 1e-12 and 1e-6 on."""
    arguments = draw(np.random.default_rng(seed), size)
    fine, coarse = 0.0, 0.0
    for exact, share in zip(both_tails(*arguments), (cdf, sf), strict=True):
        fine = max(fine, np.abs(share(*arguments) / exact - 1)[exact > 1e-12].max())
        coarse = max(coarse, np.abs(share(*arguments, COARSE) / exact - 1)[exact > 1e-6].max())
    return fine, coarse


def test_small_probabilities_keep_their_digits() -> None:
    fine, coarse = worst_errors(1, 4000)
    assert fine < 1e-8
    assert coarse < 5e-4


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 20))
def test_small_probabilities_keep_their_digits_everywhere(seed: int) -> None:
    assert worst_errors(seed, 20_000)[0] < 1e-8


@pytest.mark.parametrize("share", [5e-5, 1e-4, 0.02, 0.15, 0.4])
def test_quantiles_keep_the_digits_of_their_tail(share: float) -> None:
    _, abc, cv, sd = draw(np.random.default_rng(2), 2000)
    assert both_tails(quantile(share, abc, cv, sd), abc, cv, sd)[0] == pytest.approx(share, rel=1e-8)
    assert both_tails(quantile(1 - share, abc, cv, sd), abc, cv, sd)[1] == pytest.approx(share, rel=1e-8)


def test_extreme_numbers_make_no_trouble() -> None:
    abc, cv, sd = np.meshgrid([0.0, 1e-6, 1.0, 1e7], [0.0, 1e-6, 0.5, 5.0], [1e-9, 1.0, 1e12])
    with np.errstate(all="raise", under="ignore"):
        for p in (5e-5, 0.5, 1 - 5e-5):
            x = quantile(p, abc, cv, sd)
            assert np.isfinite(x).all()
        for x in (-1e12, -1.0, 0.0, 1e-9, 1.0, 1e12):
            assert cdf(x, abc, cv, sd) + sf(x, abc, cv, sd) == pytest.approx(1.0, abs=1e-12)


def test_the_two_tails_of_a_certain_value_leave_out_the_value_itself() -> None:
    assert cdf(0.0, 0.0, 0.5, 0.0) == 0.0
    assert sf(0.0, 0.0, 0.5, 0.0) == 0.0
    assert sf(np.array([-1.0, 0.0]), 1000.0, 0.5, 0.0).tolist() == [1.0, 1.0]
