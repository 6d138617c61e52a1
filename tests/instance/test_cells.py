"""Frequencies and levels after pre-enrichment and with dead cells, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.domain.problem_record import Problem
from panelopt.instance.compile import compile_instance
from panelopt.instance.populations import InstanceCells, cells_of, is_dead
from tests import builders


def row(cells: InstanceCells, name: str) -> int:
    return cells.name.index(name)


def target_with(levels: dict[str, object], **changes: object) -> Problem:
    """One target with some levels, one contaminant, and dead cells."""
    target = {"name": "t", "role": "target", "frequency": 0.1, "levels": levels}
    other = {"name": "c", "role": "contaminant", "frequency": 0.5, "levels": {"CD271": "-"}}
    return builders.problem(population=[target | changes, other], sample={"dead_fraction": 0.1})


def test_beads_then_dead_cells() -> None:
    sample = {"dead_fraction": 0.2, "enrichment": {"marker": "CD31", "fold": 10}}
    cells = cells_of(builders.problem(sample=sample))
    raw = np.array([0.01, 0.01, 0.93, 0.05])  # CD31: -, -, mid, very bright
    weighted = raw * [1, 1, 10, 10]
    live = weighted / weighted.sum()
    assert cells.name[4:] == ("dead msc-pos", "dead msc-neg", "dead")
    assert cells.role[4:] == ("contaminant",) * 3
    assert cells.phi == pytest.approx([*(0.8 * live), *(0.2 * live[:2]), 0.2 * (1 - live[:2].sum())])
    assert cells.phi.sum() == pytest.approx(1)


def test_dead_cells_take_their_share_of_events_that_no_population_holds() -> None:
    """Frequencies need not add up to 1: what is left is dead too, and counts with the others."""
    population = [
        {"name": "t", "role": "target", "frequency": 0.1, "levels": {"CD271": "bright"}},
        {"name": "c", "role": "contaminant", "frequency": 0.3, "levels": {"CD271": "-"}},
        {"name": "aside", "role": "ignore", "frequency": 0.2, "levels": {"CD271": "-"}},
    ]
    cells = cells_of(builders.problem(population=population, sample={"dead_fraction": 0.25}))
    assert cells.name[3:] == ("dead t", "dead")
    assert cells.phi == pytest.approx([0.075, 0.225, 0.15, 0.025, 0.225])


def test_dead_targets_stay_what_they_were_and_bind_more() -> None:
    cells = cells_of(builders.problem(sample={"dead_fraction": 0.1}))
    dead = row(cells, "dead msc-pos")  # CD271 bright, CD146 bright, CD45 -, CD31 -
    assert cells.abc[dead].tolist() == [60000, 60000, 3000, 3000]
    assert cells.cv[dead].tolist() == [0.55, 0.55, 1.0, 1.0]
    assert cells.abc[row(cells, "dead msc-neg")].tolist() == [60000, 3000, 3000, 3000]


def test_other_dead_cells_bind_alike() -> None:
    cells = cells_of(builders.problem(sample={"dead_fraction": 0.1}))
    dead = row(cells, "dead")
    assert cells.abc[dead].tolist() == [3000.0] * 4
    assert cells.cv[dead].tolist() == [1.0] * 4
    assert cells.autofluorescence[dead] == 2.0


@pytest.mark.parametrize(
    ("alive", "dead"),
    [
        ({"abc": 2999.0, "cv": 0.3}, (3000.0, 1.0)),
        ({"abc": 3000.0, "cv": 0.3}, (3000.0, 0.3)),  # at a tie the target keeps its own spread
        ({"abc": 3001.0, "cv": 0.3}, (3001.0, 0.3)),
        ({"abc": 0.0, "cv": 0.0}, (3000.0, 1.0)),
        ("dim", (3000.0, 0.8)),
    ],
)
def test_the_higher_level_counts_with_its_own_spread(alive: object, dead: tuple[float, float]) -> None:
    cells = cells_of(target_with({"CD271": alive}))
    last = row(cells, "dead t")
    assert (cells.abc[last, 0], cells.cv[last, 0]) == dead


def test_an_unknown_level_stays_unknown_in_a_dead_target() -> None:
    cells = cells_of(target_with({"CD271": "bright"}))
    dead, other = row(cells, "dead t"), row(cells, "dead")
    assert np.isnan(cells.abc[dead, 1:]).all()
    assert np.isnan(cells.cv[dead, 1:]).all()
    assert cells.abc[other].tolist() == [3000.0] * 4
    (remark,) = (finding for finding in cells.remarks if finding.code == "unknown-level")
    assert remark.message.endswith("light counts as mid: CD146, CD45, CD31 in t, c, dead t")


@pytest.mark.parametrize(("alive", "dead"), [(0.5, 2.0), (2.0, 2.0), (12.0, 12.0)])
def test_a_dead_target_glows_no_less_than_alive(alive: float, dead: float) -> None:
    cells = cells_of(target_with({"CD271": "bright"}, autofluorescence=alive))
    assert cells.autofluorescence[row(cells, "dead t")] == dead
    assert cells.autofluorescence[row(cells, "dead")] == 2.0


def test_no_dead_cells_unless_asked_for() -> None:
    assert cells_of(builders.problem()).name == tuple(builders.LEVELS)


def test_nothing_is_left_where_targets_are_everything() -> None:
    population = [
        {"name": "t", "role": "target", "frequency": 0.4, "levels": {"CD271": "bright"}},
        {"name": "u", "role": "target", "frequency": 0.6, "levels": {"CD271": "-"}},
    ]
    cells = cells_of(builders.problem(population=population, sample={"dead_fraction": 0.5}))
    assert cells.name == ("t", "u", "dead t", "dead u")
    assert cells.phi == pytest.approx([0.2, 0.3, 0.2, 0.3])


def test_beads_catch_unknown_levels_and_dim_ones() -> None:
    population = [
        {"name": "t", "role": "target", "frequency": 0.1, "levels": {"CD271": "dim"}},
        {"name": "low", "role": "contaminant", "frequency": 0.4, "levels": {"CD271": "low"}},
        {"name": "unknown", "role": "contaminant", "frequency": 0.2},
        {"name": "aside", "role": "ignore", "frequency": 0.1, "levels": {"CD271": "-"}},
    ]
    problem = builders.problem(population=population, sample={"enrichment": {"marker": "CD271", "fold": 100}})
    weighted = np.array([10, 0.4, 20, 0.1])
    assert cells_of(problem).phi == pytest.approx(weighted / weighted.sum())


def test_a_sample_with_dead_cells_and_no_viability_marker_gets_a_warning() -> None:
    marker = [*({"name": n} for n in builders.MARKERS), {"name": "viability", "role": "viability"}]
    dead = {"dead_fraction": 0.1}
    (remark,) = cells_of(builders.problem(sample=dead)).remarks
    assert str(remark).startswith("tiny: dead msc-pos, dead msc-neg will be in the tubes: no viability marker")
    assert cells_of(builders.problem(marker=marker, sample=dead)).remarks == ()
    assert cells_of(builders.problem()).remarks == ()


def test_viability_dye_stains_dead_cells_only() -> None:
    marker = [*({"name": n} for n in builders.MARKERS), {"name": "viability", "role": "viability"}]
    cells = cells_of(builders.problem(marker=marker, sample={"dead_fraction": 0.1}))
    assert cells.abc[:, -1].tolist() == [0, 0, 0, 0, 250000, 250000, 250000]
    assert cells.cv[:, -1].tolist() == [0, 0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("name", ["dead", "dead msc-pos"])
def test_a_population_of_that_name_replaces_the_one_that_is_made(name: str) -> None:
    base = builders.problem()
    own = [p.model_dump() for p in base.population]
    own[2] |= {"name": name}
    marker = [*({"name": n} for n in builders.MARKERS), {"name": "viability", "role": "viability"}]
    cells = cells_of(builders.problem(population=own, marker=marker, sample={"dead_fraction": 0.3}))
    made = {"dead msc-pos": 0.003, "dead msc-neg": 0.003, "dead": 0.3 * 0.98}
    del made[name]
    assert cells.name == ("msc-pos", "msc-neg", name, "endothelial", *made)
    # its frequency is the one that is given, and it carries the viability dye like any dead cell
    assert cells.phi == pytest.approx([0.007, 0.007, 0.93, 0.035, *made.values()])
    assert cells.abc[2].tolist() == [100, 100, 60000, 15000, 250000]
    assert [finding.code for finding in cells.remarks] == ["dead-population"]
    assert f"the population named {name} replaces" in cells.remarks[0].message


def test_only_the_dead_cells_of_targets_have_reserved_names() -> None:
    own = [p.model_dump() for p in builders.problem().population]
    own[2] |= {"name": "dead leukocyte"}  # a contaminant's dead cells are among those named dead
    marker = [*({"name": n} for n in builders.MARKERS), {"name": "viability", "role": "viability"}]
    cells = cells_of(builders.problem(population=own, marker=marker, sample={"dead_fraction": 0.3}))
    assert cells.name[4:] == ("dead msc-pos", "dead msc-neg", "dead")
    assert cells.phi[2] == pytest.approx(0.7 * 0.93)
    assert cells.abc[2, -1] == 0
    assert cells.remarks == ()


def test_an_instance_knows_its_dead_cells() -> None:
    problem = builders.problem(sample={"dead_fraction": 0.1})
    parts = builders.cytometer(), [builders.catalog()], builders.fluorochromes(), builders.autofluorescence()
    instance = compile_instance(problem, *parts).instance
    assert is_dead(instance).tolist() == [False] * 4 + [True] * 3
    assert instance.role[4:] == ("contaminant",) * 3


def test_marker_list_makes_a_pair_for_each_marker() -> None:
    cells = cells_of(builders.marker_list({"CD45": "bright", "CD31": "dim"}, sample={"dead_fraction": 0.5}))
    assert cells.name == ("full", "full without CD45", "full without CD31")
    assert cells.phi.tolist() == [0.5] * 3
    assert cells.abc.tolist() == [[60000, 3000], [100, 3000], [60000, 100]]
