"""What gates may claim: against the definition, and never better with more noise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelopt.scoring.claims import (
    SIDES,
    claimed_pass,
    claimed_rejection,
    pass_probabilities,
    plain_rejection,
    thresholds,
)
from tests.oracle.score import pass_probability

WORDS = ((0.0, 0.5), (100.0, 0.5), (1000.0, 0.8), (3000.0, 0.8), (15000.0, 0.7), (60000.0, 0.55), (250000.0, 0.45))
SDS = (0.0, 10.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0, 50000.0)
LEAK = 1e-3


def rejections(
    target: tuple[float, float, np.ndarray], other: tuple[float, float, np.ndarray], eps: float = 0.02
) -> np.ndarray:
    """(3, N) claimed rejections of N noises."""
    one = np.ones(np.broadcast(target[2], other[2]).shape)
    limits = thresholds(eps, target[0] * one, target[1] * one, target[2] * one)
    claimed, _ = pass_probabilities(limits, other[0] * one, other[1] * one, other[2] * one)
    return claimed_rejection(claimed, LEAK)


@pytest.mark.parametrize("eps", [0.01, 0.02, 0.05])
def test_each_side_follows_its_definition(eps: float) -> None:
    rng = np.random.default_rng(5)
    a = {"eps": eps, "leak": LEAK}
    for _ in range(60):
        (t, tcv), (c, ccv) = (WORDS[i] for i in rng.integers(0, len(WORDS), 2))
        ts, cs = (float(10 ** rng.uniform(1, 4.7)) for _ in range(2))
        limits = thresholds(eps, np.array(t), np.array(tcv), np.array(ts))
        claimed, plain = pass_probabilities(limits, np.array(c), np.array(ccv), np.array(cs))
        for side in range(len(SIDES)):
            claim, expected = pass_probability(a, side, (t, tcv, ts), (c, ccv, cs))
            assert claimed_rejection(claimed[side], LEAK) == pytest.approx(-math.log10(claim), abs=2e-6)
            assert plain_rejection(plain[side], LEAK) == pytest.approx(-math.log10(expected), abs=2e-6)


def test_one_side_alone_equals_all_sides() -> None:
    target = (np.array(3000.0), np.array(0.8), np.array([50.0, 5000.0]))
    other = (np.array(100.0), np.array(0.5), np.array([500.0, 20.0]))
    limits = thresholds(0.02, *np.broadcast_arrays(*target))
    every, _ = pass_probabilities(limits, *np.broadcast_arrays(*other))
    for side in range(len(SIDES)):
        assert np.allclose(claimed_pass(0.02, side, target, other), every[side], atol=1e-10)


def test_claims_never_improve_with_noise_on_a_grid() -> None:
    grid = np.array(SDS)
    for target in WORDS:
        for other in WORDS:
            low = [1 if level[0] == 0 else 0 for level in (target, other)]  # no antigen and no noise is no distribution
            value = rejections((*target, grid[low[0] :, None]), (*other, grid[None, low[1] :]))
            assert np.diff(value, axis=1).max() < 1e-6, (target, other, "target")
            assert np.diff(value, axis=2).max() < 1e-6, (target, other, "contaminant")


abcs = st.floats(1.0, 5e5)
cvs = st.floats(0.05, 1.5)
sds = st.just(0.0) | st.floats(1e-3, 1e5)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(abcs, cvs, abcs, cvs, sds, sds, st.floats(1.0, 10.0), st.just(0.0) | st.floats(1e-3, 1e4), st.booleans())
def test_claims_never_improve_with_noise(
    t: float, tcv: float, c: float, ccv: float, ts: float, cs: float, factor: float, more: float, in_target: bool
) -> None:
    steps = np.linspace(0, 1, 6)
    rise = 1 + (factor - 1) * steps
    own = ts * rise + more * steps if in_target else ts * np.ones(6)
    foreign = cs * np.ones(6) if in_target else cs * rise + more * steps
    assert np.diff(rejections((t, tcv, own), (c, ccv, foreign)), axis=1).max() < 1e-6


def test_floor_and_limit() -> None:
    assert claimed_rejection(np.array([0.0, 1e-3, 0.5, 0.500001, 1.0]), LEAK) == pytest.approx(
        [3.0, 3.0, math.log10(2), 0.0, 0.0]
    )
    assert plain_rejection(np.array([0.0, 0.75]), LEAK) == pytest.approx([3.0, -math.log10(0.75)])
