"""Robust fits, ranks and correlations of labelled events, against known distributions and other code."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from panelopt.domain.calibration import CalibrationChannel
from panelopt.events.statistics import antibodies, fit_lognormal, notable, rank_correlations, words_by_rank

RNG = np.random.default_rng(7)


def lognormal(median: float, cv: float, count: int, seed: int = 0) -> np.ndarray:
    return median * np.exp(np.sqrt(np.log1p(cv**2)) * np.random.default_rng(seed).normal(size=count))


@pytest.mark.parametrize("cv", [0.3, 0.8, 1.5])
@pytest.mark.parametrize("count", [100, 10000])
def test_fit_lies_within_the_sampling_error(cv: float, count: int) -> None:
    sigma = np.sqrt(np.log1p(cv**2))
    fits = [fit_lognormal(lognormal(5000, cv, count, seed)) for seed in range(40)]
    medians = np.log([fit.median for fit in fits])
    sigmas = np.sqrt(np.log1p(np.square([fit.cv for fit in fits])))
    # standard errors of the mean of 40 runs, times 4; the quantiles of 100 events have a bias of order 1 / 100
    assert abs(medians.mean() - np.log(5000)) < 4 * 1.2533 * sigma / np.sqrt(40 * count)
    assert abs(sigmas.mean() - sigma) < 4 * 0.962 * sigma / np.sqrt(40 * count) + sigma / count
    # and the errors are as large as the documentation says, within the spread of a variance of 40 runs
    assert medians.std() / (1.2533 * sigma / np.sqrt(count)) == pytest.approx(1, abs=0.45)
    assert sigmas.std() / (0.962 * sigma / np.sqrt(count)) == pytest.approx(1, abs=0.45)


def test_one_event_in_six_may_be_far_off() -> None:
    values = lognormal(1000, 0.5, 5001)
    spoiled = values.copy()
    spoiled[np.argsort(values)[-750:]] *= 1e6
    clean, off = fit_lognormal(values), fit_lognormal(spoiled)
    assert (off.median, off.cv) == pytest.approx((clean.median, clean.cv))


@given(st.floats(1e-3, 1e6), st.integers(0, 100))
def test_fit_does_not_depend_on_the_unit(factor: float, seed: int) -> None:
    values = lognormal(50, 0.7, 60, seed)
    one, other = fit_lognormal(values), fit_lognormal(values * factor)
    assert other.median == pytest.approx(one.median * factor)
    assert (other.cv, other.misfit) == pytest.approx((one.cv, one.misfit))


def test_values_around_zero() -> None:
    noise = RNG.normal(0, 100, 2000)
    half = fit_lognormal(np.append(noise - 500, 10.0))
    assert (half.median, half.cv, half.misfit) == (0.0, 0.0, None)
    assert half.not_positive > 0.99
    # one in four at or below zero: the lower quantile is hidden, the upper half still tells sigma
    values = lognormal(1000, 0.5, 4000)
    values[np.argsort(values)[:1000]] = -RNG.exponential(50, 1000)
    fit = fit_lognormal(values)
    assert fit.not_positive == 0.25
    assert fit.misfit is None
    assert fit.cv == pytest.approx(0.5, rel=0.1)


def test_misfit_is_the_kolmogorov_distance() -> None:
    values = lognormal(1000, 0.5, 500)
    fit = fit_lognormal(values)
    sigma = np.sqrt(np.log1p(fit.cv**2))
    expected = stats.kstest(np.log(values / fit.median) / sigma, "norm").statistic
    assert fit.misfit == pytest.approx(expected)
    mixture = np.concatenate([lognormal(100, 0.3, 250), lognormal(50000, 0.3, 250)])
    found = fit_lognormal(mixture).misfit
    assert found is not None
    assert found > 0.15


def test_calibration_lines_are_inverted() -> None:
    linear = CalibrationChannel(detector="X", slope=0.25, offset=40, unit="au")
    log = CalibrationChannel(detector="X", scale="log", slope=1.1, offset=0.3, unit="au")
    amounts = np.array([1.0, 100.0, 250000.0])
    for line in (linear, log):
        signals = np.array([line.signal(float(amount)) for amount in amounts], dtype=float)
        assert antibodies(line, signals) == pytest.approx(amounts)
    assert antibodies(log, np.array([-5.0, 0.0])) == pytest.approx([0, 0])
    assert antibodies(linear, np.array([0.0]))[0] == pytest.approx(-160)


def test_words_follow_the_rank() -> None:
    low, high, top = lognormal(100, 0.5, 400), lognormal(5000, 0.5, 400, 1), lognormal(200000, 0.5, 400, 2)
    assert words_by_rank([high, low]) == ("mid", "-")
    assert words_by_rank([top, low, high]) == ("bright", "-", "dim")
    assert words_by_rank([low, lognormal(100, 0.5, 400, 3)]) == (None, None)
    assert words_by_rank([low]) == (None,)


@given(st.lists(st.floats(2, 6), min_size=1, max_size=12), st.integers(0, 20))
def test_words_never_contradict_the_order(exponents: list[float], seed: int) -> None:
    order = ("-", "low", "dim", "mid", "bright", "very_bright")
    groups = [lognormal(10**x, 0.3, 50, seed + i) for i, x in enumerate(exponents)]
    words = words_by_rank(groups)
    assert len(words) == len(groups)
    if None in words:
        assert set(words) == {None}
        return
    ranked = sorted(zip([float(np.median(g)) for g in groups], words, strict=True))
    places = [order.index(word) for _, word in ranked]
    assert places == sorted(places)
    assert places[0] == 0


def test_correlations_are_those_of_scipy() -> None:
    common = RNG.normal(size=300)
    values = np.exp(np.column_stack([common + RNG.normal(size=300), common, RNG.normal(size=300), -common]))
    assert rank_correlations(values) == pytest.approx(stats.spearmanr(values).statistic)
    flat = np.column_stack([values[:, 0], np.ones(300)])
    assert rank_correlations(flat) == pytest.approx(np.array([[1, 0], [0, 0]]))


def test_small_samples_are_not_notable() -> None:
    assert notable(0.5, 200)
    assert notable(-0.5, 200)
    assert not notable(0.5, 30)
    assert not notable(0.1, 100000)
