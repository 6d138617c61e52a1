"""Coincidence against simulated random arrivals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.domain.sort_plan_record import SortMode
from panelopt.planning.coincidence import passengers, rate_for_survival, survival

WINDOW_S = 2 / 34_000
EVENTS = 400_000

modes = st.sampled_from(["purity", "yield", "single"])


def arrivals(rate: float, gated: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.exponential(1 / rate, EVENTS)), rng.random(EVENTS) < gated


def neighbours(times: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Count events within half a window of each centre."""
    return np.searchsorted(times, centres + WINDOW_S / 2) - np.searchsorted(times, centres - WINDOW_S / 2)


@pytest.mark.parametrize("gated", [0.02, 0.3, 0.8])
@pytest.mark.parametrize("rate", [2_000.0, 10_000.0, 30_000.0])
def test_survival_is_that_of_simulated_arrivals(rate: float, gated: float) -> None:
    times, inside = arrivals(rate, gated, int(rate + 1000 * gated))
    wanted = times[inside]
    alone_from_others = neighbours(times[~inside], wanted) == 0
    alone = neighbours(times, wanted) == 1
    error = 4 * 0.5 / math.sqrt(wanted.size)
    assert survival("purity", rate, WINDOW_S, gated) == pytest.approx(alone_from_others.mean(), abs=error)
    assert survival("single", rate, WINDOW_S, gated) == pytest.approx(alone.mean(), abs=error)
    assert survival("yield", rate, WINDOW_S, gated) == 1.0


@pytest.mark.parametrize("gated", [0.001, 0.05, 0.5])
@pytest.mark.parametrize("rate", [5_000.0, 17_000.0])
def test_passengers_are_those_of_simulated_arrivals(rate: float, gated: float) -> None:
    times, inside = arrivals(rate, gated, int(rate + 1000 * gated))
    # an ungated event rides along if any gated one is within half a window: each is counted once
    riding = neighbours(times[inside], times[~inside]) > 0
    counted = riding.sum() / inside.sum()
    expected = passengers("yield", rate, WINDOW_S, gated)
    assert expected == pytest.approx(counted, abs=5 * math.sqrt(max(expected, 0.01) / inside.sum()))
    assert passengers("purity", rate, WINDOW_S, gated) == passengers("single", rate, WINDOW_S, gated) == 0.0


def test_rare_cells_get_the_passengers_of_a_whole_window() -> None:
    assert passengers("yield", 1e4, WINDOW_S, 1e-9) == pytest.approx(1e4 * WINDOW_S)
    assert passengers("yield", 1e4, WINDOW_S, 0.0) == pytest.approx(1e4 * WINDOW_S)
    assert passengers("yield", 1e4, WINDOW_S, 1.0) == 0.0


def test_ten_thousand_events_a_second_lose_almost_half() -> None:
    # r W = 10,000 * 2 / 34,000 = 0.588; by hand exp(-0.588) = 0.555
    assert survival("purity", 1e4, WINDOW_S, 0.0) == pytest.approx(0.5553, abs=1e-4)


@given(modes, st.floats(0.01, 0.999), st.floats(1e-6, 1e-3), st.floats(0, 0.99))
def test_rate_reaches_the_survival(mode: SortMode, wanted: float, window: float, gated: float) -> None:
    rate = rate_for_survival(mode, wanted, window, gated)
    if math.isinf(rate):
        assert survival(mode, 1e9, window, gated) >= wanted
        return
    assert survival(mode, rate, window, gated) == pytest.approx(wanted)
    assert survival(mode, 1.01 * rate, window, gated) < wanted


def test_no_rate_keeps_more_than_there_is() -> None:
    assert rate_for_survival("purity", 1.01, WINDOW_S, 0.1) == 0.0


@given(modes, st.floats(1, 1e6), st.floats(0, 1), st.floats(0, 1))
def test_shares_are_shares(mode: SortMode, rate: float, gated: float, other: float) -> None:
    assert 0 <= survival(mode, rate, WINDOW_S, gated) <= 1
    assert passengers(mode, rate, WINDOW_S, gated) >= 0
    low, high = sorted((gated, other))
    assert survival(mode, rate, WINDOW_S, low) <= survival(mode, rate, WINDOW_S, high)
