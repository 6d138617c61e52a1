"""How far apart the sides of a gate are, against integrals and drawn cells."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from panelopt.planning.apart import _least_misplaced, distance, reaching
from panelopt.planning.gate_order import gate_order
from panelopt.planning.tube import in_order, tubes_of
from tests.planning.helpers import judged


def shares_below(x: np.ndarray, abc: float, cv: float, sd: float) -> np.ndarray:
    """The log-normal cut into 2,001 slices, each with its normal noise."""
    z = np.linspace(-8.5, 8.5, 2_001)
    level = abc * np.exp(math.sqrt(math.log1p(cv**2)) * z)
    density = np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    return np.array([float(density @ ndtr((one - level) / sd)) for one in x])


def least(abc: list[float], cv: float, sd: float, counted: list[float], *, above: bool) -> float:
    many = [np.full(len(abc), value) for value in (cv, sd)]
    return _least_misplaced(np.array(abc), *many, np.array(counted), above=above)


@pytest.mark.parametrize("above", [True, False])
def test_least_misplaced_by_integration(above: bool) -> None:
    """A fine grid of thresholds, each with its own integrals."""
    abc, counted = ([2e4, 3e3, 800.0], [0.7, 3.0]) if above else ([500.0, 4e3, 2e4], [0.4, 0.6])
    cv, sd = 0.6, 250.0
    below = [shares_below(np.geomspace(50, 1e5, 800), level, cv, sd) for level in abc]
    if above:
        sums = below[0] + sum(n * (1 - passed) for n, passed in zip(counted, below[1:], strict=True))
    else:
        sums = 1 - below[0] + sum(n * passed for n, passed in zip(counted, below[1:], strict=True))
    found = least(abc, cv, sd, counted, above=above)
    assert found == pytest.approx(sums.min(), rel=1e-3)
    assert found <= sums.min() * (1 + 1e-6)


def test_least_misplaced_of_drawn_cells() -> None:
    random = np.random.default_rng(3)
    sigma = math.sqrt(math.log1p(0.5**2))
    one, other = (
        level * np.exp(sigma * random.standard_normal(400_000)) + 300 * random.standard_normal(400_000)
        for level in (8e3, 1.5e3)
    )
    thresholds = np.quantile(np.concatenate([one, other]), np.linspace(0.01, 0.99, 999))
    lost = np.searchsorted(np.sort(one), thresholds) / one.size
    passing = 1 - np.searchsorted(np.sort(other), thresholds) / other.size
    assert least([8e3, 1.5e3], 0.5, 300.0, [1.0], above=True) == pytest.approx((lost + passing).min(), rel=0.05)


@settings(max_examples=30, deadline=None)
@given(st.floats(100, 1e5), st.floats(0.1, 1), st.floats(10, 1000), st.booleans())
def test_cells_that_look_alike_are_all_misplaced(level: float, cv: float, sd: float, above: bool) -> None:
    assert least([level, level], cv, sd, [1.0], above=above) == pytest.approx(1, abs=1e-6)
    far = [1e9 * level, level] if above else [level, 1e9 * level]
    assert least(far, cv, sd, [1.0], above=above) < 1e-6


@settings(max_examples=30, deadline=None)
@given(st.floats(1.1, 50), st.floats(1.1, 50), st.floats(1, 1e4), st.booleans())
def test_nearer_or_more_cells_are_never_further_apart(near: float, more: float, times: float, above: bool) -> None:
    def apart(ratio: float, counted: float) -> float:
        return least([1e3 * ratio, 1e3] if above else [1e3, 1e3 * ratio], 0.5, 100.0, [counted], above=above)

    assert apart(near * more, times) <= apart(near, times) + 1e-9
    assert apart(near, times) <= apart(near, times * more) + 1e-9


def test_what_reaches_a_gate_is_what_the_gates_before_it_leave() -> None:
    instance, score = judged()
    for number, plain in enumerate(tubes_of(instance, score)):
        tube = in_order(plain, gate_order(plain, instance.phi))
        for place, gate in enumerate(tube.gates):
            weight = [float(instance.phi[p]) for p in (tube.target, *tube.contaminants)]
            for before in tube.gates[:place]:
                weight = [w * s for w, s in zip(weight, (before.kept, *before.passing), strict=True)]
            floor = [0.0, *(instance.leak_total * instance.phi[list(tube.contaminants)])]
            np.testing.assert_allclose(reaching(tube, instance.phi, place), np.maximum(weight, floor), rtol=1e-12)
            found = distance(score, number, tube, place, instance.phi)
            assert found is not None
            others = [c for c, passing in enumerate(gate.passing) if passing <= 0.5]
            reached = reaching(tube, instance.phi, place)
            assert found.times == pytest.approx(sum(reached[1:][others]) / reached[0])
            assert 0 <= found.misplaced <= 1
