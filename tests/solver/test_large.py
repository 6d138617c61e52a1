"""Marker lists of many colours on spectral cytometers: estimates, moves, and what the local search reaches."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import CandidateSlots, list_options
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance import Instance, Lock
from panelopt.instance.arrays import without_name
from panelopt.scoring import check_panel, score_panel
from panelopt.solver.local import LocalSearch
from panelopt.solver.marker_lists.list_builder import on_ratios
from panelopt.solver.marker_lists.list_estimate import ListEstimator, is_simple_list
from panelopt.solver.marker_lists.list_screen import ListScreen
from panelopt.solver.panel_estimate import PanelEstimator
from panelopt.solver.panel_scorer import ordered_slots
from panelopt.solver.stopping import LIST_ROUNDS, MOST_LIST_ROUNDS, rounds_after, rounds_for_lists

CLAIM_ERROR = 0.01  # log10; the tables are coarse


def marker_list(markers: int, dyes: int, detectors: int, seed: int = 0, share: float = 0.5) -> Instance:
    """Return a made-up marker list: bell-shaped signatures of which each marker may have a share."""
    rng = np.random.default_rng(seed)
    names = tuple(f"marker-{m}" for m in range(markers))
    full = 10 ** rng.uniform(3.3, 5.3, markers)
    abc, cv = np.tile(full, (markers + 1, 1)), np.full((markers + 1, markers), 0.6)
    abc[np.arange(1, markers + 1), np.arange(markers)] = 100.0
    place = np.arange(detectors)
    peak = rng.uniform(0, detectors - 1, dyes)
    shape = np.exp(-0.5 * ((place[:, None] - peak) / rng.uniform(0.8, 2.5, dyes)) ** 2)
    signal = (shape + 0.01 * rng.random((detectors, dyes))) * 10 ** rng.uniform(-1.0, 0.2, dyes)
    return Instance(
        population=("full", *(without_name(name) for name in names)),
        marker=names,
        dye=tuple(f"dye-{f}" for f in range(dyes)),
        detector=tuple(f"detector-{d}" for d in range(detectors)),
        role=("target",) + ("contaminant",) * markers,
        phi=np.full(markers + 1, 0.5),
        abc=abc,
        cv=cv,
        autofluorescence_factor=np.ones(markers + 1),
        signal=signal,
        autofluorescence=rng.uniform(20, 200, detectors),
        background=np.zeros(detectors),
        excess=np.ones(detectors),
        electronic=np.full(detectors, 28.0),
        proportional=np.full(detectors, 0.007),
        available=rng.random((markers, dyes)) < share,
        allowed=signal >= 0.25 * signal.max(axis=0),
        price=np.round(rng.uniform(100, 400, (markers, dyes))),
        product_rank=np.arange(markers * dyes).reshape(markers, dyes),
        required=np.ones(markers, dtype=bool),
        dump=np.zeros(markers, dtype=bool),
        no_above=np.zeros(markers, dtype=bool),
        max_share=np.full(markers + 1, np.nan),
        conventional=False,
        delta=0.0,
        marker_list=True,
    )


def local_search(instance: Instance, seed: int = 0) -> LocalSearch:
    options = list_options(instance)
    return LocalSearch(instance, options, PanelEstimator(instance, options, SubsetNoise(instance, options)), seed)


def lists_of(search: LocalSearch) -> ListEstimator:
    assert search.estimator.lists is not None
    return search.estimator.lists


def by_worst(worst: np.ndarray, total: np.ndarray) -> np.ndarray:
    return np.asarray(1e3 * worst + total)


def never() -> bool:
    return False


def violations(instance: Instance, options: CandidateSlots, panel: Sequence[int]) -> list[str]:
    return [v.message for v in check_panel(instance, ordered_slots([options.slots[o] for o in panel]))]


@pytest.fixture(scope="module")
def instance() -> Instance:
    return marker_list(12, 40, 32)


@pytest.fixture(scope="module")
def search(instance: Instance) -> LocalSearch:
    return local_search(instance)


@pytest.fixture(scope="module")
def panel(search: LocalSearch) -> tuple[int, ...]:
    found = search.start()
    assert found is not None
    return found


def test_estimate_is_near_the_score(search: LocalSearch, panel: tuple[int, ...]) -> None:
    near = [panel, *search.neighbours(panel)[::40]]
    worst, total = search.estimates(near)
    for i, key in enumerate(near):
        score = score_panel(search.instance, [search.options.slots[o] for o in key])
        assert score is not None
        assert worst[i] == pytest.approx(score.worst, abs=CLAIM_ERROR)
        assert total[i] == pytest.approx(score.total, abs=CLAIM_ERROR * len(key))


def test_screen_agrees_with_the_estimate_at_its_panel(search: LocalSearch, panel: tuple[int, ...]) -> None:
    lists = lists_of(search)
    screen = ListScreen(lists, panel)
    expected = lists.rho(np.array([panel]))[0]
    same = screen.permuted(np.arange(len(panel))[None])
    assert screen.rho == pytest.approx(expected)
    assert same.rho[0] == pytest.approx(expected)
    for slot, option in enumerate(panel):  # the slot itself keeps the weights of cells with its marker
        again = screen.replaced(slot, search.options.dye[[option]]).rho[0]
        assert np.delete(again, slot) == pytest.approx(np.delete(expected, slot), abs=1e-6)
        assert expected[slot] - 0.05 < again[slot] < expected[slot] + 1e-6


def test_screen_is_near_the_estimate_of_neighbours_and_rarely_above(
    search: LocalSearch, panel: tuple[int, ...]
) -> None:
    lists, options = lists_of(search), search.options
    screen = ListScreen(lists, panel)
    errors = []
    for slot, option in enumerate(panel):
        others = np.flatnonzero(
            (lists.marker == lists.marker[option]) & ~np.isin(options.dye, options.dye[list(panel)])
        )
        exact = np.repeat(np.array([panel]), others.size, axis=0)
        exact[:, slot] = others
        errors.append((screen.replaced(slot, options.dye[others]).rho - lists.rho(exact)).ravel())
    error = np.concatenate(errors)
    assert np.quantile(error, 0.99) < 0.02
    assert np.median(np.abs(error)) < 0.02


def test_screen_of_exchanged_dyes(search: LocalSearch, panel: tuple[int, ...]) -> None:
    lists, dye = lists_of(search), search.options.dye
    screen = ListScreen(lists, panel)
    option_of = {(int(m), int(d)): o for o, (m, d) in enumerate(zip(lists.marker, dye, strict=True))}
    alike, errors = [], []
    for i, j in itertools.combinations(range(len(panel)), 2):
        order = np.arange(len(panel))
        order[i], order[j] = j, i
        key = [option_of.get((int(screen.marker[order[s]]), int(dye[panel[s]])), -1) for s in range(len(panel))]
        if min(key) < 0:
            continue
        errors.append(screen.permuted(order[None]).rho[0] - lists.rho(np.array([key]))[0])
        levels = search.instance.abc[0, screen.marker[[i, j]]]
        alike.append(levels.max() < 2 * levels.min())
    assert sum(alike) > 2
    assert np.quantile(errors, 0.99) < 0.02
    assert np.median(np.abs(np.array(errors)[alike])) < 0.02


def test_a_joining_slot_is_screened(search: LocalSearch, panel: tuple[int, ...]) -> None:
    lists = lists_of(search)
    without, last = panel[:-1], panel[-1]
    near = ListScreen(lists, without).joined(int(lists.marker[last]), search.options.dye[[last]])
    assert near.rho[0] == pytest.approx(lists.rho(np.array([panel]))[0], abs=0.3)


def test_search_beats_a_plain_climb() -> None:
    search = local_search(marker_list(30, 90, 64, seed=30, share=0.3))
    start = search.start()
    assert start is not None
    best = list(search.explore(start, by_worst, 1, never))[-1]
    reached = float(by_worst(*search.estimates([best]))[0])
    assert reached > plain_climb(search, start)


def plain_climb(search: LocalSearch, panel: tuple[int, ...]) -> float:
    """Return the merit reached by the best single change again and again."""
    value = -np.inf
    while True:
        near = [p for p in search.neighbours(panel) if len(p) == len(panel) and len({*p} ^ {*panel}) == 2]
        merits = by_worst(*search.estimates(near))
        top = int(np.argmax(merits))
        if merits[top] <= value + 1e-9:
            return value
        panel, value = near[top], float(merits[top])


def test_a_climb_ends_where_no_single_change_and_no_exchange_helps(search: LocalSearch) -> None:
    start = search.start()
    assert start is not None
    panel, value = search.climb(start, by_worst, never)
    near = [p for p in search.neighbours(panel) if len(p) == len(panel)]
    assert value == pytest.approx(float(by_worst(*search.estimates([panel]))[0]))
    better = by_worst(*search.estimates(near)) > value + 1e-9
    assert better.mean() < 0.02  # the fast estimate may overlook some


def test_below_the_level_all_markers_count() -> None:
    rho = np.array([[0.0, 2.0, 2.0], [0.0, 0.5, 2.0], [1.0, 1.5, 2.0]])
    assert on_ratios(lambda worst, _: worst)(rho).tolist() == [0.0, 0.0, 1.0]
    assert on_ratios(lambda worst, _: worst, 1.0)(rho).tolist() == [0.0, -0.5, 1.0]
    assert on_ratios(lambda _, total: total, 1.0)(rho).tolist() == [4.0, 2.5, 4.5]


def test_idle_steps_give_local_search_more_rounds() -> None:
    assert [rounds_for_lists(1, idle) for idle in (1, 2, 9)] == [LIST_ROUNDS, 2 * LIST_ROUNDS, MOST_LIST_ROUNDS]
    assert [rounds_for_lists(step, 0) for step in range(1, 20)] == [rounds_after(step) for step in range(1, 20)]


def test_a_stopped_climb_stays(search: LocalSearch, panel: tuple[int, ...]) -> None:
    assert search.climb(panel, by_worst, lambda: True)[0] == panel


def test_same_seed_same_panels(instance: Instance) -> None:
    def run(seed: int) -> list[tuple[int, ...]]:
        search = local_search(instance, seed)
        start = search.start()
        assert start is not None
        return list(search.explore(start, by_worst, 3, never))

    assert run(3) == run(3)


DEMANDS: dict[str, Callable[[Instance], dict[str, object]]] = {
    "lock": lambda i: {"locks": (Lock(2, int(np.flatnonzero(i.available[2])[-1]), None),)},
    "complexity": lambda _: {"max_complexity": 12.0},
    "budget": lambda _: {"budget": 2700.0},
    "similarity": lambda _: {"max_similarity": 0.8},
}


@pytest.mark.parametrize("name", DEMANDS)
def test_hard_rules_are_kept(instance: Instance, name: str) -> None:
    limited = replace(instance, **DEMANDS[name](instance))  # type: ignore[arg-type]
    search = local_search(limited)
    start = search.start()
    assert start is not None
    found = list(search.explore(start, by_worst, 3, never))
    assert not [
        violations(limited, search.options, panel) for panel in found if violations(limited, search.options, panel)
    ]


def test_markers_with_few_dyes_get_one(instance: Instance) -> None:
    """Markers that share two dyes take them from others that could have others."""
    available = instance.available.copy()
    available[:, :4] = True
    available[:4] = False
    available[:4, :4] = np.tril(np.ones((4, 4), dtype=bool))  # only one assignment of these four
    signal = instance.signal.copy()
    signal[:, :4] = np.repeat(np.eye(8), 4, axis=0)[:, :4] + 0.01
    scarce = replace(instance, available=available, signal=signal, allowed=signal >= 0.25 * signal.max(axis=0))
    search = local_search(scarce)
    start = search.start()
    assert start is not None
    assert not violations(scarce, search.options, start)


def test_only_full_marker_lists_are_assignments(instance: Instance) -> None:
    optional = instance.required.copy()
    optional[0] = False
    assert is_simple_list(instance)
    assert not is_simple_list(replace(instance, required=optional))
    assert not is_simple_list(replace(instance, conventional=True))
    assert not is_simple_list(replace(instance, marker_list=False))
