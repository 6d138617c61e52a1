"""Local search and its estimates on problems with populations, on small random instances."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import panelopt.solver.local as local_module
from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance import Instance
from panelopt.scoring import check_panel, score_panel
from panelopt.solver.local import LocalSearch
from panelopt.solver.panel_estimate import PanelEstimator
from panelopt.solver.panel_scorer import ordered_slots
from tests.oracle.instances import random_instance, with_limits

SEEDS = range(8)
KINDS = (True, False)


def local_search(instance: Instance, seed: int = 0) -> LocalSearch:
    options = list_options(instance)
    return LocalSearch(instance, options, PanelEstimator(instance, options, SubsetNoise(instance, options)), seed)


def by_worst(worst: np.ndarray, total: np.ndarray) -> np.ndarray:
    return np.asarray(1e3 * worst + total)


def never() -> bool:
    return False


def started(markers: int = 4, dyes: int = 6, *, limited: bool = False) -> Iterator[tuple[LocalSearch, tuple[int, ...]]]:
    for conventional in KINDS:
        for seed in SEEDS:
            instance = random_instance(seed, conventional=conventional, markers=markers, dyes=dyes)
            if limited:
                instance, _ = with_limits(instance, seed)
            search = local_search(instance)
            start = search.start()
            if start is not None:
                yield search, start


def test_estimate_is_near_the_score_where_gates_are_easy() -> None:
    errors = []
    for search, start in started():
        near = [start, *search.neighbours(start)[::5]]
        worst, _ = search.estimates(near)
        for value, panel in zip(worst, near, strict=True):
            score = score_panel(search.instance, ordered_slots([search.options.slots[o] for o in panel]))
            if score is not None:
                errors.append(value - score.worst)
    assert len(errors) > 50
    assert np.median(np.abs(errors)) < 0.01
    assert np.quantile(errors, 0.9) < 0.05  # gates chosen greedily seldom seem better than the best


def test_estimates_reach_what_they_are_at_least() -> None:
    compared = 0
    for search, start in started():
        near = np.array([panel for panel in search.neighbours(start) if len(panel) == len(start)])
        estimator = search.estimator
        assert isinstance(estimator, PanelEstimator)
        worst, _ = estimator.estimate(near)
        met = np.unique(worst[np.isfinite(worst)])
        for least in (met[1:] + met[:-1])[np.diff(met) > 1e-6] / 2:
            np.testing.assert_array_equal(estimator.reach(near, float(least)), worst > least)
            compared += 1
    assert compared > 50


def test_neighbours_differ_by_one_slot_or_an_exchange_and_keep_the_rules() -> None:
    judged_by_score = {"complexity", "sort-ways"}
    single = exchanged = 0
    for search, start in started(limited=True):
        slots_of = search.options.slots
        for panel in search.neighbours(start):
            if len({*panel} ^ {*start}) <= 2:
                single += 1
            else:
                gone, new = ({*one} - {*other} for one, other in ((start, panel), (panel, start)))
                assert len(gone) == len(new) == 2
                for part in ("markers", "dye", "detector"):
                    assert sorted(getattr(slots_of[o], part) for o in gone) == sorted(
                        getattr(slots_of[o], part) for o in new
                    )
                exchanged += 1
            slots = ordered_slots([slots_of[o] for o in panel])
            assert {v.rule for v in check_panel(search.instance, slots)} <= judged_by_score
    assert single > 100
    assert exchanged > 5


def test_slots_exchange_their_dyes_where_all_detectors_are_taken() -> None:
    """Two markers on two detectors, each with both dyes: only an exchange leads to the other panel."""
    found = 0
    for search, start in started(markers=2, dyes=2):
        both = [panel for panel in search.neighbours(start) if len(panel) == 2 and not {*panel} & {*start}]
        found += len(both)
    assert found > 0


def test_climb_ends_at_a_local_optimum() -> None:
    for search, start in started():
        panel, value = search.climb(start, by_worst, never)
        near = search.neighbours(panel)
        assert value >= np.round(by_worst(*search.estimates([start]))[0], local_module.MERIT_DIGITS)
        if near:
            assert np.round(by_worst(*search.estimates(near)).max(), local_module.MERIT_DIGITS) <= value + 1e-9


def test_climb_in_parts_ends_at_a_local_optimum_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_module, "_FEW", 3)
    monkeypatch.setattr(local_module, "_PART", 3)
    for search, start in started():
        panel, value = search.climb(start, by_worst, never)
        near = search.neighbours(panel)
        if near:
            assert np.round(by_worst(*search.estimates(near)).max(), local_module.MERIT_DIGITS) <= value + 1e-9


def test_a_climb_far_below_another_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_module, "_FEW", 3)
    monkeypatch.setattr(local_module, "_PART", 3)
    whole = given_up = 0
    for search, start in started():
        panel, _ = search.climb(start, by_worst, never)
        before = search._estimated
        search.climb(panel, by_worst, never)
        whole += search._estimated - before
        before = search._estimated
        assert search.climb(panel, by_worst, never, least=np.inf)[0] == panel
        given_up += search._estimated - before
    assert given_up < 0.5 * whole


def test_climb_keeps_to_the_most_slots() -> None:
    for search, start in started():
        if len(start) > 1:
            assert len(search.climb(start, by_worst, never, most=len(start))[0]) <= len(start)


def test_explore_begins_with_the_climb_and_repeats_itself() -> None:
    for search, start in started():
        again = local_search(search.instance)
        assert again.start() == start
        first, second = list(search.explore(start, by_worst, 3, never)), list(again.explore(start, by_worst, 3, never))
        assert first == second
        assert first[0] == local_search(search.instance).climb(start, by_worst, never)[0]


def test_a_stopped_search_yields_its_start_only() -> None:
    search, start = next(started())
    assert list(search.explore(start, by_worst, 5, lambda: True)) == [start]
