"""Complexity index: many joiners at once, the search against enumeration, and objective 3 on marker lists."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelopt.bounds.exclusions import exclusive_dyes
from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.optics.joined_complexity import joined_complexity, peak_products
from panelopt.optics.spectral_similarity import complexity_index
from panelopt.scoring.practicality import as_good, practical_key, whole_steps
from panelopt.scoring.rule_checks import panel_complexity
from panelopt.solver.complexity_search import ComplexitySearch, lowest_first
from panelopt.solver.near_complexity import NearComplexity
from panelopt.solver.outcome import SearchSettings
from panelopt.solver.search import Search
from panelopt.solver.seats import Chains, IntArray, Seats
from tests.solver.test_large import marker_list


def bells(seed: int, detectors: int, dyes: int) -> FloatArray:
    """Return bell-shaped signatures of any brightness."""
    rng = np.random.default_rng(seed)
    place = np.arange(detectors)[:, None]
    shape = np.exp(-0.5 * ((place - rng.uniform(0, detectors - 1, dyes)) / rng.uniform(0.6, 2.0, dyes)) ** 2)
    return np.asarray((shape + 0.01 * rng.random(shape.shape)) * 10 ** rng.uniform(-2, 2, dyes))


def seatings(seats: Seats) -> Iterator[tuple[int, ...]]:
    """Yield every way to seat different dyes that do not exclude each other."""
    offers = [np.flatnonzero(row).tolist() for row in seats.allowed]
    for dyes in itertools.product(*offers):
        if len(set(dyes)) == len(dyes) and not seats.apart[np.ix_(dyes, dyes)].any():
            yield dyes


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), kept=st.integers(0, 9), most=st.sampled_from([np.inf, 30.0, 4.0]))
def test_all_joiners_at_once_as_one_by_one(seed: int, kept: int, most: float) -> None:
    light = bells(seed, 12, 14)
    light[:, 3], light[:, 5] = light[:, 1], 0.0  # one dye twice, one without light
    dyes = np.random.default_rng(seed).permutation([0, 1, 2, 4, 6, 7, 8, 9, 10])[:kept]
    found = joined_complexity(peak_products(light), dyes, np.arange(14), most)
    for joiner in range(14):
        index = complexity_index(light[:, [*dyes, joiner]])
        if index < min(most, 1e4):
            assert found[joiner] == pytest.approx(index, rel=1e-7)
        elif index > max(most * (1 + 1e-9), 1e6) or (most < np.inf and index > most * (1 + 1e-9)):
            assert found[joiner] == np.inf


def test_panels_near_one_as_each_by_itself() -> None:
    light = bells(7, 12, 10)
    dyes = np.array([1, 4, 6, 8])
    near = NearComplexity(light)
    for panels in ([[1, 4, 6, 8]], [[1, 4, 6, 0], [9, 4, 6, 8]], [[1, 4, 6, 8, 3]], [[4, 6, 8], [1, 4, 8]]):
        expected = [complexity_index(light[:, panel]) for panel in panels]
        assert near.near(dyes, np.array(panels)) == pytest.approx(expected, rel=1e-7)
        assert (near.near(dyes, np.array(panels), 0.99 * min(expected)) == np.inf).all()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6), share=st.sampled_from([0.5, 0.8, 1.0]), fixed=st.booleans())
def test_small_cases_reach_the_least_of_all_seatings(seed: int, share: float, fixed: bool) -> None:
    rng = np.random.default_rng(seed)
    light = bells(seed, 10, 8)
    allowed = rng.random((4, 8)) < share
    allowed[np.arange(4), np.arange(4)] = True
    if fixed:
        allowed[0] = np.arange(8) == 0
    apart = np.zeros((8, 8), dtype=bool)
    apart[4, 5] = apart[5, 4] = True
    seats = Seats(allowed, apart)
    least = min(complexity_index(light[:, list(dyes)]) for dyes in seatings(seats))
    *_, found = [np.arange(4), *ComplexitySearch(light, seats).run(np.arange(4), work=150)]
    assert tuple(found) in set(seatings(seats))
    assert complexity_index(light[:, found]) == pytest.approx(least, abs=2e-6)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_least_count_comes_before_the_index(seed: int) -> None:
    rng = np.random.default_rng(seed)
    light = bells(seed, 10, 8)
    allowed = rng.random((4, 8)) < 0.7
    allowed[np.arange(4), np.arange(4)] = True
    apart = np.zeros((8, 8), dtype=bool)
    apart[0, 5] = apart[5, 0] = True
    seats = Seats(allowed, apart, rng.integers(0, 3, (4, 8)).astype(float))
    search = ComplexitySearch(light, seats)
    ranks = [search.rank(np.array(dyes)) for dyes in seatings(seats)]
    *_, found = [np.arange(4), *search.run(np.arange(4), work=300)]
    assert tuple(found) in set(seatings(seats))
    assert search.rank(found) == min(ranks)
    assert seats.least_sum() <= min(ranks)[0]


def test_no_chain_moves_dyes_in_circles() -> None:
    # seats 1 and 2 would exchange dyes for ever to count less; the joiner must not get lost in it
    count = np.array([[0.0, 0, 0, 0], [0, 5, 0, 0], [0, 0, 5, 0]])
    seats = Seats(np.ones((3, 4), dtype=bool), np.zeros((4, 4), dtype=bool), count)
    offers = list(Chains(seats, np.array([0, 1, 2]), 0).seatings(3, np.inf))
    assert offers
    assert all(3 in offer and 0 not in offer and len({*offer.tolist()}) == 3 for offer in offers)


def test_markers_of_one_level_get_dyes_of_the_lowest_index() -> None:
    instance = marker_list(3, 8, 12, seed=1, share=0.7)
    level = np.where(instance.abc > 100, 10**5.0, 100.0)
    instance = replace(instance, abc=level, signal=100 * instance.signal)
    outcome = Search(instance, SearchSettings(time_limit_s=None)).run()
    assert outcome.score is not None
    seats = Seats(instance.available, exclusive_dyes(instance))
    reached = [complexity_index(instance.signal[:, list(dyes)]) for dyes in seatings(seats)]
    assert outcome.best is not None
    assert outcome.score.worst == pytest.approx(outcome.best.worst, abs=1e-9)
    assert whole_steps(panel_complexity(instance, outcome.score.slots)) == whole_steps(min(reached))


def test_only_usable_and_confirmed_seatings_are_visited() -> None:
    light = bells(3, 10, 8)
    seats = Seats(np.ones((3, 8), dtype=bool), np.zeros((8, 8), dtype=bool))
    refused: list[int] = []

    def judge(offers: IntArray) -> FloatArray:
        return np.asarray((offers.sum(axis=1) % 2) == 1)

    least = min((d for d in seatings(seats) if sum(d) % 2), key=lambda d: complexity_index(light[:, list(d)]))

    def confirm(seating: IntArray) -> bool:
        is_least = set(seating.tolist()) == set(least)
        refused.extend([1] if is_least else [])
        return not is_least

    start = np.array([0, 1, 2])
    found = list(ComplexitySearch(light, seats, judge, confirm).run(start, work=100))
    assert found
    assert refused
    assert all(seating.sum() % 2 == 1 and set(seating.tolist()) != set(least) for seating in found)
    values = [complexity_index(light[:, seating]) for seating in [start, *found]]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("at_once", [3, 16])
def test_same_answer_where_many_seatings_are_judged_at_once(at_once: int) -> None:
    light, seats = bells(7, 12, 20), Seats(np.ones((5, 20), dtype=bool), np.zeros((20, 20), dtype=bool))

    def judge(offers: IntArray) -> BoolArray:
        return np.asarray(offers.sum(axis=1) % 3 > 0)

    start = np.array([1, 2, 3, 4, 6])
    runs = [
        [tuple(found) for found in ComplexitySearch(light, seats, judge, at_once=size).run(start, work=200)]
        for size in (1, at_once)
    ]
    assert runs[0]
    assert runs[0] == runs[1]


def test_same_answer_again_and_with_brightness_changed() -> None:
    light, seats = bells(5, 16, 30), Seats(np.ones((8, 30), dtype=bool), np.zeros((30, 30), dtype=bool))
    start = lowest_first(light, seats)
    assert len(set(start.tolist())) == 8
    runs = [
        [tuple(found) for found in ComplexitySearch(signal, seats).run(start, work=60)]
        for signal in (light, light, light * 2.0 ** np.arange(30))
    ]
    assert runs[0] == runs[1] == runs[2]
    assert complexity_index(light[:, list(runs[0][-1])]) < complexity_index(light[:, start])


@pytest.mark.parametrize("slack", [0.1, 0.0])
def test_list_gets_the_lowest_index_of_the_panels_as_good(slack: float) -> None:
    instance = replace(marker_list(3, 5, 12, seed=2, share=0.9), slack=slack)
    search = Search(instance, SearchSettings(time_limit_s=None))
    outcome = search.run()
    assert outcome.best is not None
    assert outcome.score is not None
    options, scorer = search.options, search.parts.scorer
    of_marker: dict[tuple[int, ...], list[int]] = {}
    for o, slot in enumerate(options.slots):
        of_marker.setdefault(slot.markers, []).append(o)
    scores = [scorer.evaluate(panel).score for panel in itertools.product(*of_marker.values())]
    good = [score for score in scores if score is not None and as_good(outcome.best, score, slack)]
    assert practical_key(instance, outcome.score) == min(practical_key(instance, score) for score in good)
