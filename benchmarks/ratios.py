"""How much slower one side is than the other, from interleaved samples, with a bootstrap confidence interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

RESAMPLES = 2000
CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True)
class Ratio:
    """Time of the new side over that of the base, and its interval."""

    value: float
    low: float
    high: float


def ratio(rounds: Sequence[tuple[FloatArray, FloatArray]], seed: int = 0) -> Ratio:
    """Return the ratio of the quick samples of two sides.

    Every block of a round holds two samples of each side, taken A B B A. Other programs only ever add time, so of each
    side and block the lesser one counts; the ratio is that of the medians over all blocks. The interval comes from
    drawing blocks again within each round, both sides of a block together.

    Args:
        rounds: For each pair of processes (N, 2) seconds of the base and (N, 2) of the new side, by block.
        seed: Of the bootstrap.
    """
    pairs = [np.stack([base.min(axis=1), new.min(axis=1)], axis=1) for base, new in rounds]
    random = np.random.default_rng(seed)
    drawn = np.empty(RESAMPLES)
    for i in range(RESAMPLES):
        drawn[i] = _of(np.concatenate([pair[random.integers(len(pair), size=len(pair))] for pair in pairs]))
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Ratio(_of(np.concatenate(pairs)), float(low), float(high))


def _of(pairs: FloatArray) -> float:
    base, new = np.median(pairs, axis=0)
    return float(new / base)
