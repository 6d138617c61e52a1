"""Limits by compensation against the exact noise and the exact claims of panels: none may be too strict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import CandidateSlots, list_options
from panelopt.bounds.compensation import CompensationBound
from panelopt.bounds.compensation_cases import CaseBound
from panelopt.bounds.compensation_cuts import CompensationCutFinder
from panelopt.bounds.exclusions import Exclusions
from panelopt.bounds.subset_cuts import ClaimViolation
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance import Instance
from panelopt.scoring.light import panel_light
from panelopt.scoring.panel_score import panel_claims
from tests.bounds.test_validity import random_panel, strong, usable_claims

SEEDS = range(40)


def bound_of(instance: Instance) -> tuple[CandidateSlots, CompensationBound]:
    options = list_options(instance)
    return options, CompensationBound(instance, options, SubsetNoise(instance, options))


def exact_variance(instance: Instance, options: CandidateSlots, panel: list[int]) -> np.ndarray | None:
    """(T, P) exact variance of the first slot of a panel."""
    light = panel_light(instance, [options.slots[o] for o in panel])
    return None if light is None else light.sd[:, :, 0] ** 2


def alone(panel: list[int]) -> list[tuple[int, ...]]:
    """Every slot of a panel, named as it is."""
    return [(o,) for o in panel]


def around(bound: CompensationBound, option: int, any_marker: bool, rng: np.random.Generator) -> tuple[int, ...]:
    """A group that holds an option, which need not be the one that the group was made for."""
    same = bound.alike(option, any_marker=True)
    groups = [bound.alike(other, any_marker=any_marker) for other in same]
    holding = [group for group in groups if option in group]
    return holding[int(rng.integers(len(holding)))]


@pytest.mark.parametrize("quiet", [False, True])
@pytest.mark.parametrize("any_marker", [False, True])
def test_a_part_bounds_the_variance_of_every_panel_around_it(any_marker: bool, quiet: bool) -> None:
    rng = np.random.default_rng(3)
    checks, tight = 0, 0
    for seed in SEEDS:
        instance = strong(seed, conventional=True)
        if quiet:  # detectors at the floor of their noise
            dark = np.zeros_like(instance.electronic)
            instance = replace(instance, electronic=dark, autofluorescence=instance.autofluorescence * 1e-3)
        options, bound = bound_of(instance)
        for _ in range(4):
            panel = [int(o) for o in rng.permutation(random_panel(options, instance, rng))]
            exact = exact_variance(instance, options, panel)
            if exact is None:
                continue
            size = int(rng.integers(1, len(panel) + 1))
            part = [(panel[0],), *(around(bound, o, any_marker, rng) for o in panel[1:size])]
            allowed = bound.joinable(part)
            assert allowed[panel[size:]].all()
            allowed &= rng.random(allowed.size) < 0.5
            allowed[panel[size:]] = True
            for (view, population), value in np.ndenumerate(exact):
                least = bound.least(part, allowed, view, [population])[0].variance
                assert least <= value * (1 + 1e-9), (seed, part, panel)
                checks += 1
                tight += least > 0.5 * value
    assert checks > 500
    assert tight > checks / 20  # a limit of zero would be valid as well; groups may hold dimmer options than the panel


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_whole_panel_is_limited_at_its_own_noise(seed: int) -> None:
    instance = strong(seed, conventional=True)
    options, bound = bound_of(instance)
    panel = random_panel(options, instance, np.random.default_rng(seed))
    exact = exact_variance(instance, options, panel)
    assert exact is not None
    nothing = np.zeros(len(options.slots), dtype=bool)
    for (view, population), value in np.ndenumerate(exact):
        assert bound.least(alone(panel), nothing, view, [population])[0].variance == pytest.approx(value, rel=1e-6)


def test_more_that_may_join_never_raises_the_limit() -> None:
    instance = strong(5, conventional=True)
    options, bound = bound_of(instance)
    rng = np.random.default_rng(5)
    lower = 0
    for first in range(len(options.slots)):
        allowed = bound.joinable([(first,)])
        fewer = allowed & (rng.random(allowed.size) < 0.4)
        much, little = (bound.least([(first,)], some, 0, [0])[0].variance for some in (allowed, fewer))
        assert much <= little * (1 + 1e-6)
        lower += much < 0.99 * little
    assert lower > 0


def test_bounds_by_cases_hold_for_random_panels_and_are_sharper() -> None:
    rng = np.random.default_rng(6)
    checks, sharper = 0, 0
    for seed in SEEDS[:5]:
        instance = strong(seed, conventional=True)
        instance = replace(instance, autofluorescence=instance.autofluorescence * 10)
        options, bound = bound_of(instance)
        cases = CaseBound(bound)
        for first in rng.permutation(len(options.slots))[:3]:
            alone_ = bound.least([(int(first),)], bound.joinable([(int(first),)]), 0, [0])[0].variance
            by_cases = cases.variance(int(first), 0, 0, 127)
            assert by_cases >= alone_ * (1 - 1e-9)
            sharper += by_cases > 1.01 * alone_
        for _ in range(6):
            panel = [int(o) for o in rng.permutation(random_panel(options, instance, rng))]
            exact = exact_variance(instance, options, panel)
            if exact is not None:
                for view, population in {(0, 0), (len(exact) - 1, exact.shape[1] - 1)}:
                    assert cases.variance(panel[0], view, population, 127) <= exact[view, population] * (1 + 1e-9)
                    checks += 1
    assert checks > 20
    assert sharper > 3


@pytest.mark.parametrize("seed", [0, 7])
def test_bounds_by_cases_hold_for_every_panel_of_a_small_question(seed: int) -> None:
    instance = strong(seed, conventional=True)
    options, bound = bound_of(instance)
    cases, exclude = CaseBound(bound), Exclusions(instance, options).rows(range(len(options.slots)))
    met = 0
    for first in range(0, len(options.slots), 5):
        variances = [
            float(exact[0, 0])
            for panel in panels_with(first, exclude)
            if (exact := exact_variance(instance, options, panel)) is not None
        ]
        limit = cases.variance(first, 0, 0)
        assert limit <= min(variances) * (1 + 1e-9)
        met += limit > 0.9 * min(variances)
    assert met > 3


def panels_with(first: int, exclude: np.ndarray) -> list[list[int]]:
    """All panels with an option, which comes first."""
    panels = [[first]]
    for panel in panels:  # grows
        last = panel[-1] if len(panel) > 1 else -1
        free = np.flatnonzero(~exclude[panel].any(axis=0))
        panels += [[*panel, int(o)] for o in free[free > last] if o != first]
    return panels


def test_the_limit_is_higher_than_that_over_all_detectors_where_autofluorescence_is_bright() -> None:
    better = 0
    for seed in SEEDS:
        instance = strong(seed, conventional=True)
        instance = replace(instance, autofluorescence=instance.autofluorescence * 10)
        options, bound = bound_of(instance)
        noise = SubsetNoise(instance, options)
        panel = random_panel(options, instance, np.random.default_rng(seed))
        over_all = noise.sd([panel[0]], panel[1:])[0, 0, 0] ** 2
        least = bound.least(alone(panel), np.zeros(len(options.slots), dtype=bool), 0, [0])[0].variance
        better += least > 2 * over_all
    assert better > len(SEEDS) / 4


def test_limits_of_claims_hold_for_other_panels_with_and_without_blockers() -> None:
    rng = np.random.default_rng(4)
    held = np.zeros(2, dtype=int)
    for seed in SEEDS[:24]:
        instance = strong(seed, conventional=True)
        options = list_options(instance)
        finder = CompensationCutFinder(instance, options, SubsetNoise(instance, options))
        for _ in range(3):
            panel = random_panel(options, instance, rng)
            judged = panel_claims(instance, [options.slots[o] for o in panel])
            if judged is None:
                continue
            for view, claims in enumerate(judged[1]):
                held += check_gates(finder, panel, view, usable_claims(claims), rng)
    assert held[0] > 300
    assert held[1] > 30


def check_gates(
    finder: CompensationCutFinder, panel: list[int], view: int, claims: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Number of limits that held for another panel, without and with blockers in it."""
    held = np.zeros(2, dtype=int)
    instance, options = finder.instance, finder.options
    contaminants = tuple(range(claims.shape[2]))
    for s, option in enumerate(panel):
        side = 1 if options.slots[option].is_dump else int(rng.integers(3))
        exact = claims[s, side]
        limit = finder.find(panel, ClaimViolation(view, option, side, contaminants, exact, exact + 1.0, exact + 0.2))
        if limit is None:
            continue
        assert (limit.bound >= exact - 1e-9).all()
        for _ in range(3):
            start = [int(rng.choice(group)) for group in limit.fixed]
            if not compatible(options, start):
                continue
            other = random_panel(options, instance, rng, start)
            judged = panel_claims(instance, [options.slots[o] for o in other])
            if judged is None:
                continue
            kept = usable_claims(judged[1][view])[other.index(option), side]
            present = [b for b, o in enumerate(limit.blockers) if o in other]
            assert (kept <= limit.bound + limit.more[present].sum(axis=0) + 1e-9).all()
            held[int(bool(present))] += 1
    return held


def compatible(options: CandidateSlots, start: list[int]) -> bool:
    """Whether the markers of some options differ."""
    markers = [m for o in start for m in options.slots[o].markers]
    return len(markers) == len(set(markers)) and sum(options.slots[o].is_dump for o in start) <= 1
