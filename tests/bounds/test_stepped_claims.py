"""Claims at noise rounded down to steps, against claims at the noise itself."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np

from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.claim_bounds import pair_bounds
from panelopt.bounds.stepped_claims import STEP, SteppedClaims
from panelopt.bounds.subset_noise import SubsetNoise
from tests.oracle.instances import random_instance


def test_no_claim_is_above_that_at_rounded_noise_nor_far_below() -> None:
    rng = np.random.default_rng(4)
    positive = 0
    for seed in range(4):
        instance = random_instance(seed, conventional=True, markers=3, dyes=4)
        noise = SubsetNoise(instance, list_options(instance))
        count = len(noise.options.slots)
        for number, view in enumerate(instance.views):
            against = range(len(view.contaminants))
            panels = rng.integers(0, count, (50, 2))
            own = 10.0 ** rng.uniform(0.5, 5, (50, 2))
            foreign = 10.0 ** rng.uniform(0.5, 5, (50, 2, len(against)))
            stepped = SteppedClaims(instance, noise, number)
            for _ in range(2):  # worked out, then known
                found = stepped.claims(panels, [*against], stepped.steps(own), stepped.steps(foreign))
            rows = np.stack(np.broadcast_arrays(panels[..., None], np.array(against)), axis=-1).reshape(-1, 2)
            wide = np.broadcast_to(own[..., None], foreign.shape)
            for factor, sign in ((1.0, 1), (np.exp(-STEP), -1)):
                exact = pair_bounds(instance, noise, number, rows, factor * wide.ravel(), factor * foreign.ravel())
                exact = exact.reshape(found.shape) * noise.usable[number][panels][:, :, None]
                assert (sign * (found - exact) >= -1e-9).all()
                positive += int((exact > 0).sum())
    assert positive > 500


def test_noise_beyond_the_last_step_claims_at_least_as_much() -> None:
    instance = random_instance(0, conventional=True, markers=3, dyes=4)
    stepped = SteppedClaims(instance, SubsetNoise(instance, list_options(instance)), 0)
    assert stepped.steps(np.array([0.0, 0.5, 1e9, np.inf])).tolist() == [0, 0, 127, 127]


def test_many_pairs_of_levels_take_little_memory() -> None:
    rng = np.random.default_rng(7)
    instance = random_instance(1, conventional=True, markers=10, dyes=10)
    levels = 10.0 ** rng.uniform(2, 5, instance.abc.shape)
    instance = replace(instance, abc=levels, cv=np.full(levels.shape, 0.5), dump=np.zeros(10, dtype=bool))
    tracemalloc.start()
    try:
        noise = SubsetNoise(instance, list_options(instance))
        before, _ = tracemalloc.get_traced_memory()
        stepped = SteppedClaims(instance, noise, 0)
        panels = np.arange(len(noise.options.slots))[:, None]
        against = range(len(instance.views[0].contaminants))
        stepped.claims(panels, against, np.full(panels.shape, 40), np.full((*panels.shape, len(against)), 50))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    pairs = len(np.unique(levels[0])) * len(against)
    assert after - before < 4000 * pairs
