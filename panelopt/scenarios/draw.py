"""Standard normal deviates of scenarios: Latin hypercubes (McKay et al. 1979, doi:10.2307/1268522), block by block.

A block is a pure function of seed and number, so blocks can be made anywhere and in any order. In each block every
uncertain input takes each of its equally likely ranges once. The many small errors of signatures are pseudo-random.
"""

from __future__ import annotations

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import FloatArray
from panelopt.optics.normal import ndtri
from panelopt.scenarios.parameter_spread import Spread

BLOCK = 64
"""Scenarios per block."""

_END = 2.0**-31  # keeps deviates finite


@dataclass(frozen=True, slots=True, eq=False)
class Deviates:
    """Standard normal deviates of n scenarios.

    Attributes:
        common: (n, 3) of autofluorescence, instrument and doublets.
        frequency, population: (n, P).
        level: (n, K).
        brightness, tandem: (n, F).
        signature: (n, D, F).
    """

    common: FloatArray
    frequency: FloatArray
    population: FloatArray
    level: FloatArray
    brightness: FloatArray
    tandem: FloatArray
    signature: FloatArray


def widths(spread: Spread) -> tuple[int, ...]:
    """Return the columns of each part of the deviates, without signatures, in the order of :class:`Deviates`."""
    populations, dyes = len(spread.population), len(spread.brightness)
    return 3, populations, populations, spread.levels, dyes, dyes


def deviates_of(spread: Spread, uniform: FloatArray, signature: FloatArray) -> Deviates:
    """Return deviates from (n, sum of widths) uniform numbers and (n, D, F) normal ones."""
    normal = ndtri(np.clip(uniform, _END, 1 - _END))
    common, frequency, population, level, brightness, tandem = np.split(normal, np.cumsum(widths(spread))[:-1], axis=1)
    return Deviates(common, frequency, population, level, brightness, tandem, signature)


def draw_block(spread: Spread, seed: int, number: int) -> Deviates:
    """Return the deviates of one block of :data:`BLOCK` scenarios.

    Args:
        spread: What is uncertain.
        seed: Seed of the whole sequence.
        number: Number of the block, from 0.
    """
    width = sum(widths(spread))
    random = np.random.default_rng([seed, 0, number])
    ranges = random.permuted(np.tile(np.arange(BLOCK)[:, None], width), axis=0)
    uniform = (ranges + random.random((BLOCK, width))) / BLOCK
    shape = (BLOCK, *spread.broken.shape)
    return deviates_of(spread, uniform, np.random.default_rng([seed, 1, number]).standard_normal(shape))
