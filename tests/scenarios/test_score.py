"""The score in many scenarios at once, against the score in one after the other."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import list_options
from panelopt.instance import Instance, SlotIndex
from panelopt.instance.populations import DEAD, dead_name
from panelopt.scenarios import BLOCK, draw_block, scenarios_of, score_scenarios
from panelopt.scenarios.scenario_blocks import BlockTask, score_block, score_in_scenarios
from panelopt.scenarios.worlds import nominal
from panelopt.scoring import score_panel
from panelopt.scoring.panel_score import panel_claims
from tests.oracle.instances import random_instance
from tests.oracle.spreads import random_scenarios, random_spread

EXACT = 1e-9


def some_panel(instance: Instance, seed: int, most: int = 5) -> tuple[SlotIndex, ...]:
    """Slots that share no marker, no dye and no detector, in random choice."""
    options = list_options(instance).slots
    panel: list[SlotIndex] = []
    for place in np.random.default_rng(seed).permutation(len(options)):
        one = options[place]
        clash = any(
            set(one.markers) & set(slot.markers)
            or one.dye == slot.dye
            or (instance.conventional and one.detector == slot.detector)
            for slot in panel
        )
        if not clash and len(panel) < most:
            panel.append(one)
    return tuple(sorted(panel))


def close(one: float, other: float) -> bool:
    return one == other or abs(one - other) <= EXACT


def differences(instance: Instance, panel: tuple[SlotIndex, ...], seed: int, count: int = 12) -> list[object]:
    scenarios = random_scenarios(instance, seed, count)
    found = score_scenarios(instance, scenarios, panel, plain=True)
    wrong = []
    for number in range(count):
        score = score_panel(scenarios.instance(instance, number), panel)
        expected = [-np.inf] * (2 + len(instance.views)) + [0.0] * len(instance.views)
        if score is not None:
            expected = [score.worst, score.total, *(view.odds_at_least for view in score.views)]
            expected += [view.purity for view in score.views]
        got = [found.worst[number], found.total[number], *found.odds[number], *found.purity[number]]
        if not all(close(one, float(other)) for one, other in zip(expected, got, strict=True)):
            wrong.append((number, expected, got))
    return wrong


def with_live_gate(instance: Instance) -> Instance:
    """The instance with a first marker that stains dead cells only, and with dead cells of each target and others."""
    targets = [view.target for view in instance.views]
    dead, others = len(targets), len(instance.population) + len(targets)
    abc, cv = np.full((others + 1, len(instance.marker)), 3000.0), np.ones((others + 1, len(instance.marker)))
    alive = slice(0, len(instance.population))
    abc[alive], cv[alive] = instance.abc, instance.cv
    abc[alive, 0], cv[alive, 0] = 0.0, 0.0
    stays = ~(instance.abc[targets] < 3000)
    made = slice(len(instance.population), others)
    abc[made] = np.where(stays, instance.abc[targets], 3000.0)
    cv[made] = np.where(stays, instance.cv[targets], 1.0)
    abc[alive.stop :, 0], cv[alive.stop :, 0] = 250_000.0, 1.0
    share = 0.1
    phi = [*((1 - share) * instance.phi), *(share * instance.phi[targets]), share * (1 - instance.phi[targets].sum())]
    factor = instance.autofluorescence_factor
    return replace(
        instance,
        population=(*instance.population, *(dead_name(instance.population[t]) for t in targets), DEAD),
        role=(*instance.role, *["contaminant"] * (dead + 1)),
        phi=np.array(phi),
        abc=abc,
        cv=cv,
        autofluorescence_factor=np.array([*factor, *np.maximum(factor[targets], 2.0), 2.0]),
        max_share=np.full(others + 1, np.nan),
        viability=np.arange(len(instance.marker)) == 0,
        no_above=instance.no_above & (np.arange(len(instance.marker)) != 0),
        dump=instance.dump & (np.arange(len(instance.marker)) != 0),
    )


@pytest.mark.parametrize("seed", range(14))
def test_equals_the_score_in_a_loop(seed: int) -> None:
    instance = random_instance(seed, conventional=bool(seed % 2), markers=4, dyes=6)
    assert differences(instance, some_panel(instance, seed), seed) == []


@pytest.mark.parametrize("leak_total", [1e-5, 1e-2, 0.0])
@pytest.mark.parametrize("seed", range(4))
def test_equals_the_loop_with_a_live_gate(seed: int, leak_total: float) -> None:
    instance = random_instance(seed, conventional=bool(seed % 2), markers=4, dyes=6)
    instance = replace(with_live_gate(instance), leak_total=leak_total)
    panel = next(p for p in (some_panel(instance, n) for n in range(seed, 99)) if any(0 in s.markers for s in p))
    assert differences(instance, panel, seed) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 160))
def test_equals_the_score_in_a_loop_many(seed: int) -> None:
    instance = random_instance(seed, conventional=bool(seed % 2), markers=6, dyes=8)
    assert differences(instance, some_panel(instance, seed, 8), seed, 20) == []


@pytest.mark.parametrize(
    "demand",
    [
        {"require_goal": True, "purity_goal": 0.6},
        {"max_gates": 1},
        {"marker_list": False, "delta": 0.0},
        {"yield_min": 0.97},
    ],
)
def test_equals_the_loop_with_demands(demand: dict[str, object]) -> None:
    for seed in (2, 3):
        instance = replace(random_instance(seed, conventional=bool(seed % 2), markers=4, dyes=6), **demand)
        assert differences(instance, some_panel(instance, seed), seed) == []


def test_equals_the_loop_with_limited_shares() -> None:
    instance = random_instance(4, conventional=False, markers=4, dyes=6)
    shares = np.full(len(instance.population), np.nan)
    shares[-1] = 1e-3
    limited = replace(instance, max_share=shares)
    panel = some_panel(limited, 4)
    assert differences(limited, panel, 4, 24) == []
    found = score_scenarios(limited, random_scenarios(limited, 4, 24), panel)
    assert np.isfinite(found.worst).sum() > 0


def test_dyes_that_cannot_be_told_apart_are_worth_nothing() -> None:
    instance = random_instance(6, conventional=False, markers=2, dyes=4)
    signal = instance.signal.copy()
    signal[:, 1] = 2 * signal[:, 0]
    twins = replace(instance, signal=signal)
    panel = (SlotIndex((0,), 0, 0), SlotIndex((1,), 1, 0))
    assert score_scenarios(twins, nominal(twins), panel).worst.tolist() == [-np.inf]
    assert score_scenarios(twins, nominal(twins), ()).worst.tolist() == [-np.inf]


def test_given_gates_are_those_of_the_question() -> None:
    instance = random_instance(8, conventional=False, markers=4, dyes=6)
    panel = some_panel(instance, 8)
    scenarios = random_scenarios(instance, 8, 6)
    score = score_panel(instance, panel)
    assert score is not None
    gates = tuple(view.gates for view in score.views)
    found = score_scenarios(instance, scenarios, panel, gates=gates)
    assert np.array_equal(found.meets(0.7), (found.odds >= np.log10(0.7 / 0.3)).all(axis=1))
    for number in range(6):
        claims = panel_claims(scenarios.instance(instance, number), panel)
        assert claims is not None
        ratios = [view.question.rho(chosen) for view, chosen in zip(claims[1], gates, strict=True)]
        assert close(min(float(rho.min()) for rho in ratios), float(found.worst[number]))
        assert close(sum(float(rho.sum()) for rho in ratios), float(found.total[number]))
        for view, chosen, odds in zip(claims[1], gates, found.odds[number], strict=True):
            single, doublet = view.question.terms(chosen)
            assert close(-float(np.log10((10.0**-single + 10.0**-doublet).sum())), float(odds))
    free = score_scenarios(instance, scenarios, panel)
    assert (free.worst >= found.worst - EXACT).all()


def test_blocks_are_pure_and_can_be_sent_away() -> None:
    instance = random_instance(9, conventional=True, markers=4, dyes=6)
    spread, panel = random_spread(instance, 9), some_panel(instance, 9)
    together = score_in_scenarios(instance, spread, [panel], 3, BLOCK + 10)[0]
    assert together.worst.shape == (BLOCK + 10,)
    task = BlockTask(instance, spread, (panel,), 3, 1, BLOCK + 10)
    sent = pickle.loads(pickle.dumps(score_block(pickle.loads(pickle.dumps(task)))))  # noqa: S301
    assert np.array_equal(sent[0].worst, together.worst[BLOCK:])
    drawn = scenarios_of(instance, spread, draw_block(spread, 3, 0))
    assert np.array_equal(score_scenarios(instance, drawn, panel).total, together.total[:BLOCK])


def test_the_nominal_scenario_is_the_question() -> None:
    instance = random_instance(11, conventional=False, markers=4, dyes=6)
    panel = some_panel(instance, 11)
    score = score_panel(instance, panel)
    assert score is not None
    assert close(float(score_scenarios(instance, nominal(instance), panel).worst[0]), score.worst)
