"""Claims never improve with noise where that is proven, and do outside (docs/method.md, "What is proven of claims")."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from panelopt.scoring.claims import (
    SIDES,
    claimed_rejection,
    monotone_sides,
    pass_probabilities,
    thresholds,
)
from panelopt.scoring.quantiles import quantile
from panelopt.scoring.tails import cdf, log_sd, sf

CVS = np.array([0.0, 0.02, 0.1, 0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0])
EPS = np.array([1e-4, 1e-3, 5e-3, 0.02, 0.0355, 0.05, 0.1, 0.15])
NOISE = np.concatenate([[1e-9], np.geomspace(1e-4, 1e4, 321)])
"""Over the median; twenty to forty steps a decade show what turns."""

ROUNDING = 1e-9
ABOVE, BELOW, BETWEEN = (SIDES.index(side) for side in SIDES)


def falls_by(values: np.ndarray) -> np.ndarray:
    """Largest fall of each row."""
    return np.asarray(-np.diff(values, axis=-1).min(axis=-1))


@pytest.mark.parametrize("eps", EPS)
def test_thresholds_move_away_with_noise(eps: float) -> None:
    proven = monotone_sides(float(eps), CVS)
    width = np.hypot(NOISE, log_sd(CVS)[:, None])
    low, high, half_low, half_high = (
        quantile(p, 1.0, CVS[:, None], NOISE) for p in (eps, 1 - eps, eps / 2, 1 - eps / 2)
    )
    for proven_here, lower in ((proven[:, ABOVE], low), (proven[:, BETWEEN], half_low)):
        rises = (np.diff(lower, axis=1) / width[:, 1:]).max(axis=1)
        assert (rises[proven_here] < ROUNDING).all()
    for upper in (high, half_high):
        assert (np.diff(upper, axis=1) / width[:, 1:]).min() > -ROUNDING


def test_what_passes_below_a_threshold_never_falls_with_noise() -> None:
    place = np.concatenate([np.linspace(-4, 0, 9), np.geomspace(1e-4, 50, 60)])[:, None]
    for cv in CVS:
        noisy = cdf(place, 1.0, cv, NOISE)
        assert falls_by(np.maximum(noisy, cdf(place, 1.0, cv, 0.0))).max() < ROUNDING
        step = np.diff(noisy, axis=1)
        has_risen = np.logical_or.accumulate(step > ROUNDING, axis=1)
        assert step[has_risen].min(initial=0.0) > -ROUNDING  # it falls first, if at all


def test_what_passes_above_a_threshold_never_falls_with_noise_below_one_half() -> None:
    place = np.concatenate([np.linspace(-4, 0, 9), np.geomspace(1e-4, 50, 60)])[:, None]
    for cv in CVS:
        passed = sf(place, 1.0, cv, NOISE)
        assert falls_by(np.where(passed > 0.5, 1.0, passed)).max() < ROUNDING


def test_no_antigen_at_all() -> None:
    noise = np.geomspace(1e-3, 1e3, 200)
    place = np.linspace(-5, 5, 41)[:, None]
    passed = sf(place, 0.0, 0.5, noise)
    assert falls_by(np.where(passed > 0.5, 1.0, passed)).max() < ROUNDING
    assert falls_by(np.maximum(cdf(place, 0.0, 0.5, noise), cdf(place, 0.0, 0.5, 0.0))).max() < ROUNDING
    assert (np.diff(quantile(EPS[:, None], 0.0, 0.5, noise)) < 0).all()
    assert (np.diff(quantile(1 - EPS[:, None], 0.0, 0.5, noise)) > 0).all()


def rejections(eps: float, target: tuple[float, ...], other: tuple[float, ...]) -> np.ndarray:
    """(3, N, N) by noise of target and contaminant."""
    grid = NOISE[::6] * 1000.0
    shape = (grid.size, grid.size)
    own, foreign = np.broadcast_to(grid[:, None], shape), np.broadcast_to(grid, shape)
    limits = thresholds(eps, np.full(shape, target[0]), np.full(shape, target[1]), own)
    claimed, _ = pass_probabilities(limits, np.full(shape, other[0]), np.full(shape, other[1]), foreign)
    return claimed_rejection(claimed, 1e-9)


@pytest.mark.parametrize("eps", [1e-4, 0.02, 0.15])
def test_claims_of_random_levels(eps: float) -> None:
    rng = np.random.default_rng(int(eps * 1e5))
    for _ in range(20):
        (t, c) = (float(v) for v in np.where(rng.random(2) < 0.1, 0.0, 10 ** rng.uniform(1, 6, 2)))
        tcv, ccv = (float(v) for v in np.where(rng.random(2) < 0.1, 0.0, rng.uniform(0, 5, 2)))
        proven = monotone_sides(eps, np.array(tcv if t else 0.0))
        value = rejections(eps, (t, tcv), (c, ccv))[proven]
        assert np.diff(value, axis=1).max() < 1e-8
        assert np.diff(value, axis=2).max() < 1e-8


@pytest.mark.parametrize("cv", [0.5, 1.5, 3.0, 5.0])
def test_outside_the_range_noise_improves_claims(cv: float) -> None:
    room = float(ndtr(-log_sd(cv)))
    noise = np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 60)])
    for eps, side in ((1.1 * room, ABOVE), (2.2 * room, BETWEEN)):
        assert not monotone_sides(eps, np.array(cv))[side]
        assert monotone_sides(eps / 1.11, np.array(cv))[side]
        own = 1e4 * noise
        limits = thresholds(eps, np.full(own.shape, 1e4), np.full(own.shape, cv), own)
        low = limits[0 if side == ABOVE else 2]
        assert low.max() > low[0] * (1 + 1e-4)  # the lower threshold rises with noise
        other = 0.5 * float(low[0]) * np.ones_like(own)
        claimed, _ = pass_probabilities(limits, other, np.full(own.shape, 0.3), np.full(own.shape, 1.0))
        assert np.diff(claimed_rejection(claimed[side], 1e-9)).max() > 1e-4
