"""Tail probabilities and quantiles: most of the time of a score."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.scoring.quantiles import quantile
from panelopt.scoring.tail_integrals import COARSE, FINE
from panelopt.scoring.tails import cdf

SIZE = 2000


def _arguments(random: np.random.Generator) -> tuple[np.ndarray, ...]:
    x, abc, sd = (10 ** random.uniform(low, high, SIZE) for low, high in ((2, 5), (2, 5), (1, 4)))
    return x, abc, random.uniform(0.4, 1.0, SIZE), sd


@pytest.mark.parametrize("step", [FINE, COARSE], ids=["fine", "coarse"])
def test_cdf(benchmark, random: np.random.Generator, step: float) -> None:
    x, abc, cv, sd = _arguments(random)
    value = benchmark(cdf, x, abc, cv, sd, step)
    if benchmark.stats is not None:
        benchmark.extra_info["cdf_per_s"] = SIZE / benchmark.stats["median"]
    assert ((value >= 0) & (value <= 1)).all()


def test_quantile(benchmark, random: np.random.Generator) -> None:
    _, abc, cv, sd = _arguments(random)
    value = benchmark(quantile, np.full(SIZE, 0.02), abc, cv, sd)
    if benchmark.stats is not None:
        benchmark.extra_info["quantiles_per_s"] = SIZE / benchmark.stats["median"]
    assert np.allclose(cdf(value, abc, cv, sd), 0.02, atol=1e-8)
