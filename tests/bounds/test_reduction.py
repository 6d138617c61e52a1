"""Options that a search may leave out, against trying every panel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import CandidateSlots, list_options
from panelopt.bounds.claim_bounds import own_bounds
from panelopt.bounds.reduction import (
    RULES,
    DearerTwin,
    NoWayLeft,
    ReductionRule,
    TooDear,
    TooManyChanges,
    TooManyColours,
    reduce,
)
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance import Instance, Lock, SlotIndex
from tests.bounds.counterexamples import CONVENTIONAL, SPECTRAL, made
from tests.oracle.answers import Answers, Scores, answers, panels_of, scores_of
from tests.oracle.instances import random_instance, sensible, with_limits, with_readings

TOLERANCE = 0.02
NO_PANEL_LOST: tuple[ReductionRule, ...] = (NoWayLeft(), TooDear(), TooManyColours(), TooManyChanges())


def demanding(seed: int) -> Instance:
    """A random instance with one to four demands."""
    instance = random_instance(seed, conventional=bool(seed % 2), markers=3, dyes=4)
    instance, _ = with_limits(instance, seed)
    return with_limits(instance, seed + 10_000)[0] if seed % 3 else instance


def with_twins(instance: Instance, **changes: Any) -> Instance:
    """The instance with its last dye the same as its first, all products to be had."""
    signal = instance.signal.copy()
    signal[:, -1] = signal[:, 0]
    return with_readings(replace(instance, **{"signal": signal, "available": sensible(instance), **changes}))


def without(options: CandidateSlots, dropped: Iterable[SlotIndex]) -> set[SlotIndex]:
    return set(options.slots) - set(dropped)


def only(scores: Scores, slots: set[SlotIndex]) -> Scores:
    return {panel: score for panel, score in scores.items() if set(panel) <= slots}


def compared(
    instance: Instance, slots: set[SlotIndex], scores: Scores | None = None
) -> tuple[Answers | None, Answers | None]:
    """The answers of all panels, and of those made of some slots at the same floor."""
    scores = scores_of(instance, TOLERANCE) if scores is None else scores
    everything = answers(instance, scores, TOLERANCE)
    floor = None if everything is None else everything.worst - TOLERANCE
    return everything, answers(instance, only(scores, slots), TOLERANCE, floor)


@pytest.mark.parametrize("rule", NO_PANEL_LOST, ids=lambda rule: rule.name)
def test_rule_removes_options_that_no_allowed_panel_has(rule: ReductionRule) -> None:
    removed = 0
    for seed in range(64):
        instance = demanding(seed)
        options = list_options(instance)
        gone = without(options, reduce(instance, options, [rule]).slots)
        removed += len(gone)
        assert [panel for panel in panels_of(instance) if gone & set(panel)] == [], seed
    assert removed > 8


@pytest.mark.parametrize("seeds", [range(12), pytest.param(range(12, 60), marks=pytest.mark.slow)], ids=["few", "many"])
def test_all_rules_together_change_no_answer(seeds: range) -> None:
    removed = infeasible = 0
    for seed in seeds:
        instance = demanding(seed)
        if seed % 2 == 0:
            instance = with_twins(instance)
        options = list_options(instance)
        left = set(reduce(instance, options).slots)
        before, after = compared(instance, left)
        assert before == after, seed
        removed += len(options.slots) - len(left)
        infeasible += before is None
    assert removed > 3 * len(seeds)
    assert infeasible > 0


def twins_with_names(seed: int) -> Iterator[Instance]:
    """Questions in which it matters which of two twins is used."""
    rng = np.random.default_rng([seed, 5])
    instance = with_twins(random_instance(seed, conventional=bool(seed % 2), markers=3, dyes=3))
    first, last = 0, len(instance.dye) - 1
    yield instance
    yield with_readings(replace(instance, locks=(Lock(0, int(rng.choice([first, last])), None),)))
    chosen = frozenset({(0, first), (1, 1)}) if rng.random() < 0.5 else frozenset({(0, last), (2, 1)})
    yield replace(instance, reference=chosen, max_changes=int(rng.integers(0, 3)))
    scores = scores_of(instance, TOLERANCE)
    best = sorted(scores, key=lambda panel: -scores[panel].total)[:2]
    earlier = tuple(frozenset(slot.stain for slot in panel) for panel in best)
    yield replace(instance, apart=earlier, differ=int(rng.integers(1, 3)))
    yield replace(instance, budget=float(rng.uniform(100, 500)), allow_unknown_price=True)


@pytest.fixture(scope="module")
def named_twins() -> list[tuple[Instance, Scores]]:
    instances = [instance for seed in (1, 4, 5, 7) for instance in twins_with_names(seed)]
    return [(instance, scores_of(instance, TOLERANCE)) for instance in instances]


def test_twins_change_no_answer_where_names_count(named_twins: list[tuple[Instance, Scores]]) -> None:
    removed = 0
    for place, (instance, scores) in enumerate(named_twins):
        options = list_options(instance)
        left = set(reduce(instance, options, [DearerTwin()]).slots)
        before, after = compared(instance, left, scores)
        assert before == after, place
        removed += len(options.slots) - len(left)
    assert removed > 100


def test_twins_are_not_told_apart_by_price_alone(named_twins: list[tuple[Instance, Scores]]) -> None:
    """Leaving the dearer twin out without a look at names changes answers: the test above can fail."""
    wrong = 0
    for instance, scores in named_twins:
        plain = replace(instance, locks=(), reference=frozenset(), max_changes=None, apart=(), budget=None)
        before, after = compared(instance, set(reduce(plain, list_options(plain), [DearerTwin()]).slots), scores)
        wrong += before != after
    assert wrong > 2


def test_nearly_equal_dyes_are_no_twins() -> None:
    instance = with_twins(random_instance(3, conventional=True, markers=3, dyes=4))
    signal = instance.signal.copy()
    signal[0, -1] *= 1 + 1e-12
    options = list_options(instance)
    assert len(reduce(instance, options, [DearerTwin()]).slots) < len(options.slots)
    other = replace(instance, signal=signal)
    assert reduce(other, options, [DearerTwin()]) is options


def silent(instance: Instance, options: CandidateSlots) -> set[SlotIndex]:
    """Slots that claim nothing for any target, even at their own noise alone."""
    limits = own_bounds(instance, SubsetNoise(instance, options))
    claims = np.any([limit.any(axis=(1, 2)) for limit in limits], axis=0)
    return {slot for slot, useful in zip(options.slots, claims, strict=True) if not useful}


def test_a_slot_that_claims_nothing_may_help_on_a_conventional_cytometer() -> None:
    instance = made(CONVENTIONAL, conventional=True)
    options = list_options(instance)
    before, after = compared(instance, without(options, silent(instance, options)))
    assert before is not None
    assert after is not None
    assert after.worst < before.worst - 1  # it brings the detector that shows autofluorescence
    assert reduce(instance, options).slots == options.slots


def test_a_slot_that_claims_nothing_may_help_the_sum_on_a_spectral_cytometer() -> None:
    instance = made(SPECTRAL, conventional=False)
    options = list_options(instance)
    dropped = silent(instance, options)
    assert [slot.markers for slot in dropped] == [(3,)]
    before, after = compared(instance, without(options, dropped))
    assert before is not None
    assert after is not None
    assert after.worst == before.worst
    assert after.total < before.total - 0.2  # more noise, a lower own worst ratio, more room for the gates
    assert set(reduce(instance, options).slots) >= dropped


def test_nothing_is_left_of_a_demand_that_cannot_be_met() -> None:
    instance = random_instance(5, conventional=False, markers=3, dyes=4)
    everything = replace(instance, required=np.ones(3, bool), dump=np.zeros(3, bool), max_colours=2)
    assert reduce(everything, list_options(everything)).slots == ()


def test_costs_stay_with_their_options() -> None:
    instance = with_twins(demanding(7))
    options = list_options(instance)
    left = reduce(instance, options, RULES)
    assert len(left.slots) < len(options.slots)
    for o, slot in enumerate(left.slots):
        assert left.cost[o] == options.cost[options.by_slot[slot]]
        assert left.unknown_prices[o] == options.unknown_prices[options.by_slot[slot]]
