"""Instances of any size, made from random subsets of what is shipped; the same for the same seed.

Populations, shares and levels are those of one shipped problem, whose markers are drawn with repetition and shifted a
little; dyes are drawn from all shipped dyes for antibodies. Nothing here describes a real sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from benchmarks.subject import Subject
from benchmarks.variants import dim
from panelopt import api, registry
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.optics.spectral_similarity import cosine_similarity
from panelopt.questions.question import compiled

PROBLEM = "bm-cd271-cd146"
"""Problem whose 24 markers, 11 populations and 2 targets are varied."""

DENSITY = 0.25
"""Share of the (marker, dye) pairs for which there is a product; the shipped catalogs have about 0.18."""

LEAST_PRODUCTS = 2
"""Products of each marker at least."""

SHIFT = 0.2
"""Standard deviation (log10) by which the levels of a drawn marker are shifted, the same in every population."""


_BY_DETECTOR = ("signal", "allowed", "autofluorescence", "background", "excess", "electronic", "proportional")
"""Arrays of an instance that have a row for each detector."""


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
    every = [("", dye.name) for dye in registry.fluorochromes() if dye.use == "antibody"]
    return compiled(api.load(PROBLEM, cytometer=cytometer), api.Options(), given=every).instance


def subject(size: Size, cytometer: str, *, crowding: float = 0.0, detectors: int | None = None) -> Subject:
    """Return what is timed of an instance of a given size; see ``crowded`` and ``with_detectors``."""

    def make() -> Instance:
        instance = synthetic(size, cytometer, seed=0)
        instance = replace(instance, signal=crowded(instance.signal, crowding))
        return instance if detectors is None else with_detectors(instance, detectors)

    return Subject(make=make)


def crowded(signal: FloatArray, share: float) -> FloatArray:
    """Return signatures that are more alike: each is mixed with that of its most similar dye.

    The shape moves by ``share`` towards the shape of the other; how bright a dye is (Euclidean norm) stays.

    Args:
        signal: (D, F) photoelectrons per bound antibody.
        share: 0 leaves everything as it is, 0.5 makes pairs equal that are each other's nearest.
    """
    cosine = cosine_similarity(signal)
    np.fill_diagonal(cosine, -1.0)
    norm = np.linalg.norm(signal, axis=0)
    shape = signal / norm
    mixed = (1 - share) * shape + share * shape[:, cosine.argmax(axis=0)]
    return np.asarray(norm * mixed / np.linalg.norm(mixed, axis=0))


def with_detectors(instance: Instance, count: int) -> Instance:
    """Return an instance that reads only some detectors, spread evenly over those of the cytometer."""
    kept = np.unique(np.linspace(0, len(instance.detector) - 1, count).round().astype(int))
    arrays = {name: getattr(instance, name)[kept] for name in _BY_DETECTOR}
    return replace(instance, detector=tuple(instance.detector[d] for d in kept), **arrays)


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
        fragile=base.fragile[dyes],
        sourced=available,
        product_rank=np.arange(available.size, dtype=np.int64).reshape(available.shape),
        required=np.arange(size.markers) < size.colours // 2,
        dump=np.zeros(size.markers, dtype=bool),
        viability=np.zeros(size.markers, dtype=bool),
        no_above=base.no_above[drawn],
        max_colours=size.colours,
    )
    return dim(instance) if is_dim else instance
