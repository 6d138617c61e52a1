"""How fast a sort is run."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.planning.rates import COMFORTABLE_HOURS, EVENTS_PER_DROP, chosen_rate, usual_rates
from panelopt.planning.sorter_run import SorterSettings

SETTINGS = SorterSettings("purity", 34_000.0, 2.0, 0.3, None, 0.8)
ONE = ({"a": 0.01}, {"a": 0.92})


def kept(rate: float) -> float:
    return 0.92 * math.exp(-rate * 2 / 34_000 * 0.99)


def test_usual_rates_are_round_and_rise() -> None:
    assert usual_rates(SETTINGS) == (850, 1700, 3400, 5600, 8500)
    assert len(EVENTS_PER_DROP) == 5


def test_no_rate_is_above_what_the_instrument_takes() -> None:
    assert usual_rates(replace(SETTINGS, max_event_rate_hz=3000.0)) == (850, 1700, 3000)
    assert usual_rates(replace(SETTINGS, max_event_rate_hz=123.0)) == (120,)


def test_a_small_sample_is_sorted_gently() -> None:
    assert chosen_rate(SETTINGS, *ONE, 1e6) == 850


def test_the_slowest_comfortable_rate_is_taken() -> None:
    settings = replace(SETTINGS, yield_min=0.5)
    events = 3400 * COMFORTABLE_HOURS * 3600
    assert chosen_rate(settings, *ONE, events) == 3400
    assert chosen_rate(settings, *ONE, events * 1.01) == 5600


def test_a_large_sample_is_sorted_as_fast_as_the_yield_allows() -> None:
    assert kept(1700) > 0.8 > kept(3400)
    assert chosen_rate(SETTINGS, *ONE, 1e9) == 1700
    assert chosen_rate(SETTINGS, *ONE, None) == 1700


def test_where_all_rates_cost_too_much_the_slowest_is_taken() -> None:
    assert chosen_rate(replace(SETTINGS, yield_min=0.95), *ONE, 1e9) == 850


def test_every_tube_must_keep_its_yield() -> None:
    assert chosen_rate(SETTINGS, {"a": 0.01, "b": 0.01}, {"a": 0.99, "b": 0.85}, 1e9) == 850


def test_yield_mode_discards_nothing() -> None:
    assert chosen_rate(replace(SETTINGS, mode="yield"), *ONE, 1e9) == 8500


def test_given_rate_is_taken() -> None:
    assert chosen_rate(replace(SETTINGS, event_rate_hz=123.0), *ONE, 1e9) == 123.0


@given(st.floats(1e3, 2e5), st.none() | st.floats(1.0, 1e5))
def test_rates_have_two_digits_and_keep_the_limits(drops: float, most: float | None) -> None:
    rates = usual_rates(replace(SETTINGS, drop_rate_hz=drops, max_event_rate_hz=most))
    assert list(rates) == sorted(set(rates))
    assert all(float(f"{rate:.2g}") == pytest.approx(rate, rel=1e-12) for rate in rates)
    assert rates[-1] <= min(drops / 4, most or math.inf) * (1 + 1e-9)
