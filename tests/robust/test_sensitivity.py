"""Sobol indices against a direct estimate of the definition, and what they must obey."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panelopt.instance import Instance, SlotIndex
from panelopt.robust.sensitivity import REST, sensitivity
from panelopt.scenarios import Spread, scenarios_of, score_scenarios
from panelopt.scenarios.groups import panel_unknowns
from panelopt.scenarios.parameter_spread import certain
from panelopt.scoring import score_panel
from tests.oracle.answers import scores_of
from tests.oracle.instances import random_instance
from tests.oracle.spreads import random_spread

SEED = 5


def question() -> tuple[Instance, Spread, tuple[SlotIndex, ...]]:
    instance = random_instance(SEED, conventional=False, markers=3, dyes=4)
    scores = scores_of(instance, 0.02)
    panel = max(scores, key=lambda panel: (len(panel), scores[panel].worst))
    return instance, random_spread(instance, SEED), panel


def only(instance: Instance, spread: Spread) -> Spread:
    """Levels of the first two populations and the light of the instrument move, nothing else."""
    level_of = np.where(np.arange(len(instance.population))[:, None] < 2, spread.level_of, -1)
    places = np.argwhere(level_of >= 0)
    few = np.full_like(level_of, -1)
    for number, (p, m) in enumerate(places):
        few[p, m] = number
    return replace(certain(instance), level=spread.level, level_of=few, instrument=0.6)


def test_first_order_is_the_variance_of_the_mean() -> None:
    instance, spread, panel = question()
    small = only(instance, spread)
    found = sensitivity(instance, small, panel, 256, 0, 0.02)
    top = found.influences[0]
    known = panel_unknowns(instance, small, panel)
    columns = list(next(unknown.columns for unknown in known.unknowns if unknown.name == top.unknown))
    random = np.random.default_rng(1)
    means, everything = [], []
    for value in (np.arange(40) + 0.5) / 40:
        uniform = random.random((64, known.columns))
        uniform[:, columns] = value
        drawn = scenarios_of(known.instance, known.spread, known.deviates(uniform))
        worst = score_scenarios(known.instance, drawn, known.slots, 0.02).worst
        means.append(worst.mean())
        everything.append(worst)
    variance = float(np.var(np.concatenate(everything)))
    assert found.variance == pytest.approx(variance, rel=0.2)
    assert top.first == pytest.approx(float(np.var(means)) / variance, abs=0.12)


def test_shares_of_the_variance() -> None:
    instance, spread, panel = question()
    found = sensitivity(instance, spread, panel, 32, 0, 0.02)
    assert found.influences
    assert [one.total for one in found.influences] == sorted((one.total for one in found.influences), reverse=True)
    assert all(one.total >= -1e-9 for one in found.influences)
    assert all((one.first_interval.low or 0) <= one.first <= (one.first_interval.high or 0) for one in found.influences)
    assert sum(one.members for one in found.influences) == found.screened
    assert {one.kind for one in found.influences if one.unknown == REST} <= {"rest"}
    again = sensitivity(instance, spread, panel, 32, 0, 0.02)
    assert again == found


def test_nothing_unknown_has_no_influence() -> None:
    instance, _, panel = question()
    found = sensitivity(instance, certain(instance), panel, 16, 0, 0.02)
    assert found.influences == ()
    assert found.variance == 0


def test_a_panel_alone_scores_as_in_its_question() -> None:
    instance, spread, panel = question()
    known = panel_unknowns(instance, spread, panel)
    zero = replace(known.deviates(np.full((1, known.columns), 0.5)), tandem=np.zeros((1, len(known.instance.dye))))
    drawn = scenarios_of(known.instance, known.spread, zero)
    expected = score_panel(instance, panel)
    assert expected is not None
    assert score_scenarios(known.instance, drawn, known.slots).worst[0] == pytest.approx(expected.worst, abs=1e-9)


def test_a_single_unknown_makes_all_of_the_variance() -> None:
    instance, spread, panel = question()
    level_of = np.full_like(spread.level_of, -1)
    level_of[0, 1] = 0
    found = sensitivity(instance, replace(certain(instance), level=spread.level, level_of=level_of), panel, 32, 0, 0.02)
    assert [(one.unknown, one.first, one.total) for one in found.influences] == [
        ("level of marker-1 in population-0", 1.0, 1.0)
    ]


def test_a_score_that_hardly_moves_has_no_influences_and_no_warnings() -> None:
    instance, _, panel = question()
    found = sensitivity(instance, replace(certain(instance), instrument=0.01), panel, 16, 0, 0.02)
    assert found.influences == ()
    assert found.variance < 1e-6
