"""Statistics of labelled events: robust log-normal fits, ranks of populations, correlations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from panelopt.domain.calibration import CalibrationChannel
from panelopt.domain.problem_record import LevelWord
from panelopt.optics.spectra import Array

MAX_CV = 5.0
"""Largest CV that a level may have; wider distributions are no single log-normal."""

NOTABLE_CORRELATION = 0.3
"""Smaller rank correlations are not pointed out."""

_LOW, _HIGH = float(stats.norm.cdf(-1.0)), float(stats.norm.cdf(1.0))

_LADDERS: dict[int, tuple[LevelWord, ...]] = {
    2: ("-", "mid"),
    3: ("-", "dim", "bright"),
    4: ("-", "dim", "mid", "bright"),
    5: ("-", "low", "dim", "mid", "bright"),
    6: ("-", "low", "dim", "mid", "bright", "very_bright"),
}
"""Level words for populations that fall into some groups, from the lowest up (model values)."""


@dataclass(frozen=True, slots=True)
class LogNormalFit:
    """A log-normal fitted by quantiles.

    Attributes:
        median: Of all values; 0 where it is not positive.
        cv: s.d. / mean of the log-normal; 0 where the median is not positive.
        not_positive: Share of values at or below zero.
        misfit: Largest distance of the distribution functions (Kolmogorov-Smirnov); None where more than 16 % of the
            values are not positive.
    """

    median: float
    cv: float
    not_positive: float
    misfit: float | None


def fit_lognormal(values: Array) -> LogNormalFit:
    """Fit a log-normal by the median and the quantiles one standard deviation away from it.

    sigma = ln(q84 / q16) / 2, and ln(q84 / q50) where q16 is not positive, as noise around zero then hides the lower
    half; cv = sqrt(exp(sigma^2) - 1). One event in six may be arbitrarily far off on either side without moving them.
    With n events of a true log-normal the standard error of ln(median) is 1.25 sigma / sqrt(n), that of sigma
    0.96 sigma / sqrt(n). The spread holds whatever the instrument added to it.

    Args:
        values: Signals, shape (events,), finite, at least one.
    """
    low, median, high = np.quantile(values, [_LOW, 0.5, _HIGH])
    not_positive = float(np.mean(values <= 0))
    if median <= 0:
        return LogNormalFit(0.0, 0.0, not_positive, None)
    sigma = float(np.log(high / low) / 2 if low > 0 else np.log(high / median))
    cv = float(np.sqrt(np.expm1(min(sigma**2, 700.0))))  # more would overflow
    misfit = _misfit(values, float(median), sigma) if low > 0 and sigma > 0 else None
    return LogNormalFit(float(median), cv, not_positive, misfit)


def _misfit(values: Array, median: float, sigma: float) -> float:
    ordered = np.sort(values)
    with np.errstate(divide="ignore"):
        expected = stats.norm.cdf(np.log(np.maximum(ordered, 0.0) / median) / sigma)
    steps = np.arange(len(ordered) + 1) / len(ordered)
    return float(max(np.max(steps[1:] - expected), np.max(expected - steps[:-1])))


def antibodies(line: CalibrationChannel, signal: Array) -> Array:
    """Return antibodies per cell, shape as ``signal``; a logarithmic line gives 0 where there is no signal."""
    with np.errstate(over="ignore"):
        if line.scale == "linear":
            return (signal - line.offset) / line.slope
        return np.asarray(np.float64(10.0) ** line.offset * np.maximum(signal, 0.0) ** line.slope)


def words_by_rank(populations: Sequence[Array]) -> tuple[LevelWord | None, ...]:
    """Return a level word for one marker in each population, by the rank of its median.

    Without a calibration signals of different channels cannot be compared, so only the order of the populations
    counts. From the lowest median upward, a population begins a new group where its median lies above the 97.7 %
    quantile of the lowest population, and above the 84 % quantile of the population that began the present group.
    The groups get words evenly over the ladder. Where there is one group only, the marker tells no populations apart,
    and nothing says whether all carry it or none: all are None (unknown).

    Args:
        populations: Signals of the marker, one array for each population.
    """
    medians = np.array([np.median(values) for values in populations])
    order = np.argsort(medians, kind="stable")
    negative = float(np.quantile(populations[order[0]], stats.norm.cdf(2.0)))
    group = np.zeros(len(populations), dtype=int)
    bar, count = negative, 0
    for index in order[1:]:
        if medians[index] > bar:
            count += 1
            bar = max(negative, float(np.quantile(populations[index], _HIGH)))
        group[index] = count
    if count == 0:
        return (None,) * len(populations)
    ladder = _LADDERS[min(count + 1, max(_LADDERS))]
    places = np.round(group * (len(ladder) - 1) / count).astype(int)
    return tuple(ladder[place] for place in places)


def rank_correlations(values: Array) -> Array:
    """Return Spearman's rank correlation of each pair of columns; 0 for a column that does not vary.

    Args:
        values: Shape (events, markers), at least two events.

    Returns:
        Shape (markers, markers).
    """
    ranks = stats.rankdata(values, axis=0)
    ranks -= ranks.mean(axis=0)
    length = np.sqrt((ranks**2).sum(axis=0))
    product = np.outer(length, length)
    return np.divide(ranks.T @ ranks, product, out=np.zeros_like(product), where=product > 0)


def notable(correlation: float, events: int) -> bool:
    """Whether a correlation is worth a word: large, and no chance of a small sample (standard error 1/sqrt(n - 1))."""
    return abs(correlation) >= NOTABLE_CORRELATION and abs(correlation) > 3 / np.sqrt(events - 1)
