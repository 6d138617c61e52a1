"""Instances of any size, made from random subsets of what is shipped; the same for the same seed.

Populations, shares and levels are those of one shipped problem, whose markers are drawn with repetition and shifted a
little; dyes are drawn from all shipped dyes for antibodies. Nothing here describes a real sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from benchmarks.variants import dim
from panelopt import api, registry
from panelopt.api.question import compiled
from panelopt.instance.arrays import Instance

PROBLEM = "bm-cd271-cd146"
"""Problem whose 24 markers, 11 populations and 2 targets are varied."""

DENSITY = 0.25
"""Share of the (marker, dye) pairs for which there is a product; the shipped catalogs have about 0.18."""

LEAST_PRODUCTS = 2
"""Products of each marker at least."""

SHIFT = 0.2
"""Standard deviation (log10) by which the levels of a drawn marker are shifted, the same in every population."""


@dataclass(frozen=True, slots=True)
class Size:
    """Size of a question; half of the colours are required markers."""

    markers: int
    dyes: int
    colours: int

    @property
    def pairs(self) -> int:
        """Markers x dyes."""
        return self.markers * self.dyes


@cache
def _base(cytometer: str) -> Instance:
    dyes = [dye.name for dye in registry.fluorochromes() if dye.use == "antibody"]
    return compiled(api.load(PROBLEM, cytometer=cytometer), api.Options(), extra_dyes=dyes).instance


def synthetic(size: Size, cytometer: str, seed: int, *, is_dim: bool = False) -> Instance:
    """Return an instance of a given size.

    Args:
        size: Markers, dyes and colours.
        cytometer: Shipped cytometer.
        seed: Chooses markers, dyes and products.
        is_dim: Whether light is taken away as in the dim variant.
    """
    base = _base(cytometer)
    random = np.random.default_rng([seed, size.markers, size.dyes])
    bright = np.flatnonzero(base.signal.max(axis=0) > 0)
    dyes = np.sort(random.choice(bright, size.dyes, replace=False))
    drawn = random.permutation(np.resize(np.arange(len(base.marker)), max(size.markers, len(base.marker))))
    drawn = drawn[: size.markers]
    available = random.random((size.markers, size.dyes)) < DENSITY
    for row in available:
        row[random.choice(size.dyes, LEAST_PRODUCTS, replace=False)] = True
    signal = base.signal[:, dyes]
    instance = replace(
        base,
        marker=tuple(f"marker {m + 1}" for m in range(size.markers)),
        dye=tuple(base.dye[f] for f in dyes),
        abc=base.abc[:, drawn] * 10 ** random.normal(0, SHIFT, size.markers),
        cv=base.cv[:, drawn],
        signal=signal,
        available=available,
        allowed=base.allowed[:, dyes],
        price=np.full(available.shape, np.nan),
        product_rank=np.arange(available.size, dtype=np.int64).reshape(available.shape),
        required=np.arange(size.markers) < size.colours // 2,
        dump=np.zeros(size.markers, dtype=bool),
        no_above=base.no_above[drawn],
        max_colours=size.colours,
    )
    return dim(instance) if is_dim else instance
