"""Random spreads for random instances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from panelopt.instance import Instance
from panelopt.scenarios import Scenarios, Spread, draw_block, scenarios_of
from panelopt.scenarios.parameter_spread import certain


def random_spread(instance: Instance, seed: int) -> Spread:
    """Return a spread in which everything moves, some of it far."""
    rng = np.random.default_rng([seed, 5])
    populations, markers = instance.abc.shape
    dyes = len(instance.dye)
    level_of = np.full((populations, markers), -1)
    moved = instance.abc > 0
    level_of[moved] = np.arange(moved.sum())
    return replace(
        certain(instance),
        level=rng.uniform(0, 1, (2, populations, markers)),
        level_of=level_of,
        frequency=rng.uniform(0, 0.8, (2, populations)),
        population=rng.uniform(0, 0.4, populations),
        autofluorescence=0.4,
        instrument=0.3,
        doublets=0.4,
        brightness=rng.uniform(0, 0.7, dyes),
        signature=rng.uniform(0, 0.3, dyes),
        tandem=np.where(rng.random(dyes) < 0.5, 0.05, 0.0),
        broken=instance.signal[:, ::-1].copy(),
    )


def random_scenarios(instance: Instance, seed: int, count: int) -> Scenarios:
    """Return scenarios of a random spread."""
    spread = random_spread(instance, seed)
    return scenarios_of(instance, spread, draw_block(spread, seed, 0)).keep(slice(0, count))
