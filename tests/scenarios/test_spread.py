"""What is drawn is what the problem says: medians, 95 % limits, correlations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from panelopt.bounds.candidate_slots import list_options
from panelopt.domain.problem_record import Problem
from panelopt.domain.uncertainty import Uncertainty
from panelopt.instance import Instance
from panelopt.instance.compile import compile_instance
from panelopt.scenarios import BLOCK, Spread, draw_block, scenarios_of, spread_of
from panelopt.scenarios.draw import deviates_of, widths
from panelopt.scenarios.groups import panel_unknowns
from panelopt.scenarios.parameter_spread import certain
from tests import builders
from tests.oracle.instances import random_instance
from tests.oracle.spreads import random_spread


def compiled(problem: Problem) -> Instance:
    return compile_instance(
        problem, builders.cytometer(), [builders.catalog()], builders.fluorochromes(), builders.autofluorescence()
    ).instance


def spread(problem: Problem, instance: Instance, **changes: Any) -> Spread:
    count = len(instance.dye)
    given_: dict[str, Any] = {
        "brightness_known": np.zeros(count, dtype=bool),
        "signature_known": np.zeros(count, dtype=bool),
        "broken": np.full(instance.signal.shape, np.nan),
    }
    return spread_of(problem, instance, **(given_ | changes))


def at(found: Spread, uniform: float) -> Any:
    shape = (1, sum(widths(found)))
    return deviates_of(found, np.full(shape, uniform), np.zeros((1, *found.broken.shape)))


def ranged(**level: float) -> Problem:
    """The problem with a median of 1000 in its first entry, and a range for it."""
    data = builders.problem().model_dump()
    levels = data["population"][0]["levels"]
    levels[next(iter(levels))] = {"abc": 1000.0, "cv": 0.5, **level}
    return Problem.model_validate(data)


def test_without_uncertainty_nothing_moves() -> None:
    instance = random_instance(3, conventional=False, markers=4, dyes=5)
    known = certain(instance)
    found = scenarios_of(instance, known, draw_block(known, 0, 0))
    assert np.allclose(found.signal, instance.signal, rtol=1e-14)
    assert np.array_equal(found.abc[5], instance.abc, equal_nan=True)
    assert np.allclose(found.phi, instance.phi, rtol=1e-12)
    assert np.allclose(found.own, instance.autofluorescence)


def test_the_median_is_the_number_of_the_problem() -> None:
    problem = builders.problem()
    instance = compiled(problem)
    found = spread(problem, instance)
    middle = scenarios_of(instance, found, at(found, 0.5))
    assert np.allclose(middle.abc[0], instance.abc, equal_nan=True)
    assert np.allclose(middle.phi[0], instance.phi)
    assert np.allclose(middle.signal[0], instance.signal)


@pytest.mark.parametrize(("uniform", "expected"), [(0.025, 400.0), (0.5, 1000.0), (0.975, 5000.0)])
def test_a_range_holds_95_percent(uniform: float, expected: float) -> None:
    problem = ranged(low=400.0, high=5000.0)
    instance = compiled(problem)
    found = spread(problem, instance)
    marker = instance.marker.index(next(iter(problem.population[0].levels)))
    assert scenarios_of(instance, found, at(found, uniform)).abc[0, 0, marker] == pytest.approx(expected)


def test_other_levels_have_the_factor_of_the_problem() -> None:
    problem = ranged().model_copy(update={"uncertainty": Uncertainty(level=4.0)})
    instance = compiled(problem)
    found = spread(problem, instance)
    high = scenarios_of(instance, found, at(found, 0.975)).abc[0]
    moved = found.level_of >= 0
    assert np.allclose(high[moved], 4 * instance.abc[moved])
    assert (instance.abc[~moved] == 0).all() or np.isnan(instance.abc[~moved]).any()


def test_a_lower_end_of_zero_is_one_antibody() -> None:
    problem = ranged(low=0.0)
    instance = compiled(problem)
    found = spread(problem, instance)
    marker = instance.marker.index(next(iter(problem.population[0].levels)))
    assert scenarios_of(instance, found, at(found, 0.025)).abc[0, 0, marker] == pytest.approx(1.0)


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_frequencies_keep_their_sum_and_light_is_never_negative(seed: int) -> None:
    instance = random_instance(seed % 50, conventional=bool(seed % 2), markers=3, dyes=4)
    known = random_spread(instance, seed)
    found = scenarios_of(instance, known, draw_block(known, seed % 1000, 0))
    assert np.allclose(found.phi.sum(axis=1), instance.phi.sum())
    assert (found.phi > 0).all()
    assert (found.signal >= 0).all()
    assert np.array_equal(np.isnan(found.abc[0]), np.isnan(instance.abc))
    assert (found.abc[:, instance.abc == 0] == 0).all()
    assert (found.delta >= 0).all()


def test_a_rare_frequency_moves_by_its_factor() -> None:
    problem = builders.problem()
    instance = compiled(problem)
    rare = replace(instance, phi=np.array([1e-5, *instance.phi[1:]]))
    one = replace(certain(rare), frequency=np.zeros((2, len(rare.phi))))
    first = np.zeros((2, len(rare.phi)))
    first[:, 0] = np.log(2.0) / 1.959963984540054
    moved = replace(one, frequency=first)
    assert scenarios_of(rare, moved, at(moved, 0.975)).phi[0, 0] == pytest.approx(2e-5, rel=1e-4)


def test_broken_tandems_shine_like_their_donor() -> None:
    instance = random_instance(2, conventional=False, markers=3, dyes=4)
    donor = instance.signal[:, [1]] * np.ones(4)
    tandem = np.array([0.1, 0.0, 0.0, 0.0])
    known = replace(certain(instance), tandem=tandem, broken=donor)
    deviates = at(known, 0.5)
    two = replace(deviates, tandem=np.full((1, 4), -2.0))  # half-normal: the sign does not matter
    light = scenarios_of(instance, known, two).signal[0]
    assert light[:, 0] == pytest.approx(0.8 * instance.signal[:, 0] + 0.2 * instance.signal[:, 1])
    assert light[:, 1:] == pytest.approx(instance.signal[:, 1:])


def test_one_factor_for_all_light_of_the_instrument() -> None:
    instance = random_instance(2, conventional=False, markers=3, dyes=4)
    known = replace(certain(instance), instrument=0.5)
    found = scenarios_of(instance, known, draw_block(known, 0, 0))
    factor = found.own[:, 0] / instance.autofluorescence[0]
    assert np.allclose(found.signal, factor[:, None, None] * instance.signal)
    assert np.log(factor).std() == pytest.approx(0.5, rel=0.1)


def test_marker_lists_share_the_level_of_a_marker() -> None:
    problem = builders.marker_list()
    instance = compiled(problem)
    found = spread(problem, instance)
    drawn = scenarios_of(instance, found, draw_block(found, 0, 0))
    name = problem.marker[0].name
    others = [p for p, population in enumerate(instance.population) if population != f"full without {name}"]
    levels = drawn.abc[:, others, 0]
    assert np.allclose(levels, levels[:, :1])
    assert levels.std() > 0
    assert np.allclose(drawn.phi, 0.5)


VIABLE = [*({"name": name} for name in builders.MARKERS), {"name": "viability", "role": "viability"}]


def test_dead_cells_stay_what_they_were() -> None:
    population = [p.model_dump() for p in builders.problem().population]
    population[0]["levels"]["CD45"] = {"abc": 2500.0, "cv": 0.8}  # sometimes above what any dead cell binds
    population[0]["autofluorescence"] = 2.2
    del population[1]["levels"]["CD31"]
    problem = builders.problem(marker=VIABLE, population=population, sample={"dead_fraction": 0.2})
    instance = compiled(problem)
    instance = replace(instance, available=np.ones_like(instance.available))
    assert instance.population[4:] == ("dead msc-pos", "dead msc-neg", "dead")
    known = spread(problem, instance)
    drawn = scenarios_of(instance, known, draw_block(known, 0, 0))
    nominal = scenarios_of(instance, known, at(known, 0.5))
    assert np.allclose(nominal.abc[0], instance.abc, equal_nan=True)
    assert np.array_equal(nominal.cv[0], instance.cv, equal_nan=True)
    assert np.allclose(nominal.phi[0], instance.phi)
    assert np.allclose(nominal.factor[0], instance.autofluorescence_factor)
    alive, dead, bound = drawn.abc[:, :2, :4], drawn.abc[:, 4:6, :4], drawn.abc[:, [6], :4]
    assert np.array_equal(dead, np.maximum(alive, bound), equal_nan=True)
    assert np.isnan(dead[:, 1, 3]).all()
    kept = ~(alive < bound)
    assert np.array_equal(drawn.cv[:, 4:6, :4], np.where(kept, drawn.cv[:, :2, :4], 1.0), equal_nan=True)
    assert 0 < kept[:, 0, 2].mean() < 1
    assert np.array_equal(drawn.abc[:, 4, 4], drawn.abc[:, 6, 4])  # one viability dye for all dead cells
    assert drawn.abc[:, 6, 4].std() > 0
    assert np.array_equal(drawn.factor[:, 4], np.maximum(drawn.factor[:, 0], drawn.factor[:, 6]))


def test_dead_cells_follow_the_frequencies_of_their_targets() -> None:
    problem = builders.problem(marker=VIABLE, sample={"dead_fraction": 0.2})
    instance = compiled(problem)
    known = spread(problem, instance)
    phi = scenarios_of(instance, known, draw_block(known, 0, 0)).phi
    share = phi[:, 4:].sum(axis=1)
    assert np.allclose(phi.sum(axis=1), 1.0)
    assert np.allclose(phi[:, 4:6] / phi[:, :2], (share / (1 - share))[:, None])
    odds = share / (1 - share) / (0.2 / 0.8)
    assert np.log(odds).std() * 1.96 == pytest.approx(np.log(2.0), rel=0.1)
    assert (np.abs(odds - 1) > 0.1).any()


def test_a_listed_population_of_dead_cells_is_its_own() -> None:
    population = [p.model_dump() for p in builders.problem().population]
    population[2] |= {"name": "dead msc-pos", "frequency": 0.1}
    problem = builders.problem(marker=VIABLE, population=population, sample={"dead_fraction": 0.2})
    instance = compiled(problem)
    known = spread(problem, instance)
    assert known.dead.of.tolist() == [-1, -1, -1, -1, 1, -1]
    assert known.dead.thinned.tolist() == [True, True, False, True, False, False]
    nominal = scenarios_of(instance, known, at(known, 0.5))
    assert np.allclose(nominal.phi[0], instance.phi)
    assert np.allclose(nominal.abc[0], instance.abc, equal_nan=True)
    drawn = scenarios_of(instance, known, draw_block(known, 0, 0))
    assert (drawn.abc[:, 2, 0] < 3000).any()


def test_what_dead_cells_have_in_common_is_one_unknown() -> None:
    problem = builders.problem(marker=VIABLE, sample={"dead_fraction": 0.2})
    instance = compiled(problem)
    panel = tuple(slot for slot in list_options(instance).slots if slot.markers == (0,))[:1]
    names = [unknown.name for unknown in panel_unknowns(instance, spread(problem, instance), panel).unknowns]
    assert len(names) == len(set(names))
    assert [name for name in names if "dead" in name] == [
        "share of dead cells",
        "autofluorescence of dead cells",
        "level of CD271 in dead cells",
    ]


def test_blocks_go_on_where_the_last_one_ended() -> None:
    instance = random_instance(5, conventional=True, markers=3, dyes=4)
    known = random_spread(instance, 5)
    later, again = draw_block(known, 7, 3), draw_block(known, 7, 3)
    assert np.array_equal(later.level, again.level)
    assert np.array_equal(later.signature, again.signature)
    several = np.concatenate([draw_block(known, 7, b).common for b in range(4)])
    assert len(np.unique(several, axis=0)) == 4 * BLOCK
    assert np.abs(several.mean(axis=0)).max() < 0.05  # far more even than random numbers
    assert not np.array_equal(draw_block(known, 8, 0).common, draw_block(known, 7, 0).common)


@pytest.mark.parametrize(
    "wrong",
    [{"level": 0.5}, {"level": -3}, {"brightness_estimated": float("inf")}, {"tandem_breakdown": 1.0}, {"levels": 2}],
)
def test_impossible_factors_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Uncertainty(**wrong)
