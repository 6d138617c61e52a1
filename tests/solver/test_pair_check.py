"""What panels claim for one pair of populations, against their exact scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import list_options
from panelopt.instance import SlotIndex
from panelopt.scoring.light import panel_light
from panelopt.scoring.panel_score import panel_claims
from panelopt.solver.pair_check import SAFETY, PairCheck
from panelopt.solver.panel_ratios import BELOW
from panelopt.solver.tools import Tools
from tests.oracle.answers import scores_of
from tests.oracle.instances import random_instance


@pytest.mark.parametrize("seed", range(4))
def test_claims_are_at_least_those_of_the_score_and_little_more(seed: int) -> None:
    instance = random_instance(seed, conventional=True, markers=3, dyes=4)
    tools = Tools(instance, list_options(instance))
    refuted = 0
    for panel in scores_of(instance, 0.02):
        claims = panel_claims(instance, panel)
        assert claims is not None
        options = np.array([[tools.options.by_slot[slot] for slot in panel]])
        for view, of_view in enumerate(claims[1]):
            for against in range(len(instance.views[view].contaminants)):
                exact = of_view.question.claims[:, :, against]
                most, below = float(exact.max(axis=1).sum()), float(exact[:, BELOW].sum())
                pair = (instance, tools, view, against)
                assert PairCheck(*pair, most - 1e-9, below - 1e-9).reached(options).tolist() == [True]
                refuted += not PairCheck(*pair, most + 0.5, -np.inf).reached(options)[0]
                refuted += not PairCheck(*pair, -np.inf, below + 0.5).reached(options)[0]
    assert refuted > 50


@pytest.mark.parametrize("seed", [21927, 39630, 56767])  # digits are lost unless dyes are made alike
def test_noise_of_dyes_hard_to_tell_apart_is_not_above_that_of_the_score(seed: int) -> None:
    rng = np.random.default_rng(seed)
    signal = rng.random((4, 4)) ** 2
    signal[:, 3] = signal[:, :3] @ rng.random(3) + 1e-7 * rng.random(4)
    signal *= 10.0 ** rng.uniform(-4, 4, 4)
    instance = replace(
        random_instance(16, conventional=True, markers=4, dyes=4),
        signal=signal,
        allowed=np.ones((4, 4), dtype=bool),
        available=np.eye(4, dtype=bool),
    )
    slots = [SlotIndex((m,), m, m) for m in range(4)]
    tools, light = Tools(instance, list_options(instance)), panel_light(instance, slots)
    assert light is not None
    panel = np.array([[tools.options.by_slot[slot] for slot in slots]])
    pair = [instance.views[0].target, instance.views[0].contaminants[0]]
    found, solved = PairCheck(instance, tools, 0, 0, 0.0, 0.0)._sd(panel, 4)
    assert solved.all()
    assert (found[:, 0] * (1 - SAFETY) <= light.sd[0, pair]).all()


@pytest.mark.parametrize("seed", [50883, 108593, 13595])  # rounding shows in 3e-7 of the noise
def test_nor_is_that_of_cells_whose_autofluorescence_outshines_everything(seed: int) -> None:
    rng, n = np.random.default_rng(seed), 6
    signal = rng.random((n, n))
    signal *= signal
    signal *= signal
    for dye in rng.permutation(n)[:2]:
        share = rng.random(n) * (rng.random(n) < 0.5) * (np.arange(n) != dye)
        signal[:, dye] = (signal * share).sum(axis=1) + 1e-6 * rng.random(n) * rng.random()
    signal *= np.ldexp(1.0, rng.integers(-7, 1, n))[:, None]
    signal *= np.ldexp(1.0, rng.integers(-13, 14, n))
    made = random_instance(1, conventional=True, markers=n, dyes=n)
    target, contaminant = made.views[0].target, made.views[0].contaminants[0]
    cells, nothing = np.arange(len(made.population)), np.zeros(n)
    instance = replace(
        made,
        signal=signal,
        autofluorescence=1e4 * rng.random(n),
        autofluorescence_factor=4.0 * (cells == target),
        abc=np.where(cells == contaminant, 0.0, 1000.0)[:, None] * np.ones(n),
        cv=np.where(cells == contaminant, 0.0, 0.5)[:, None] * np.ones(n),
        background=nothing,
        electronic=nothing,
        allowed=np.ones((n, n), dtype=bool),
        available=np.eye(n, dtype=bool),
        dump=np.zeros(n, dtype=bool),
        detector=tuple(f"detector-{d}" for d in range(n)),
        excess=np.ones(n),
        proportional=nothing,
    )
    slots = [SlotIndex((m,), m, m) for m in range(n)]
    tools, light = Tools(instance, list_options(instance)), panel_light(instance, slots)
    assert light is not None
    panel = np.array([[tools.options.by_slot[slot] for slot in slots]])
    found, solved = PairCheck(instance, tools, 0, 0, 0.0, 0.0)._sd(panel, n)
    assert solved.all()
    assert (found[:, 0] * (1 - SAFETY) <= light.sd[0, [target, contaminant]]).all()


def test_dyes_that_cannot_be_told_apart_count_as_if_they_might() -> None:
    instance = random_instance(0, conventional=True, markers=3, dyes=4)
    tools = Tools(instance, list_options(instance))
    check = PairCheck(instance, tools, 0, 0, np.inf, np.inf)
    gated = next(o for o in range(len(tools.options.slots)) if tools.own_bounds[0][o, :, 0].any())
    assert check.reached(np.array([[gated, gated]])).tolist() == [True]
