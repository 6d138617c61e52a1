"""Bounds on own claims, worked out block by block."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.bounds import claim_bounds
from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.claim_bounds import OwnBounds, own_bounds
from panelopt.bounds.subset_noise import SubsetNoise
from tests.oracle.instances import random_instance


def test_a_stop_keeps_what_is_known_and_the_rest_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = random_instance(4, conventional=True, markers=3, dyes=4)
    noise = SubsetNoise(instance, list_options(instance))
    everything = own_bounds(instance, noise)
    size = len(everything[0]) // 2
    monkeypatch.setattr(claim_bounds, "_BLOCK", size)
    bounds = OwnBounds(instance, noise)
    asked = iter([False, True])
    assert not bounds.complete(lambda: next(asked))
    for values, expected in zip(bounds.values, everything, strict=True):
        assert np.allclose(values[:size], expected[:size], rtol=1e-9, atol=0)
        assert not values[size:].any()
    assert any(expected[:size].any() and expected[size:].any() for expected in everything)
    assert bounds.complete(lambda: False)
    for values, expected in zip(bounds.values, everything, strict=True):
        assert np.allclose(values, expected, rtol=1e-9, atol=0)
    assert bounds.complete(lambda: True)  # nothing is left to do
