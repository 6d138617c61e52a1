"""Frequencies and levels after pre-enrichment and with dead cells, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.instance.populations import cells_of
from tests import builders


def test_beads_then_dead_cells() -> None:
    sample = {"dead_fraction": 0.2, "enrichment": {"marker": "CD31", "fold": 10}}
    cells = cells_of(builders.problem(sample=sample))
    raw = np.array([0.01, 0.01, 0.93, 0.05])  # CD31: -, -, mid, very bright
    weighted = raw * [1, 1, 10, 10]
    assert cells.name[-1] == "dead"
    assert cells.phi == pytest.approx([*(0.8 * weighted / weighted.sum()), 0.2])
    assert cells.abc[-1].tolist() == [3000.0] * 4
    assert cells.cv[-1].tolist() == [1.0] * 4
    assert cells.autofluorescence[-1] == 2.0


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


def test_viability_dye_stains_dead_cells_only() -> None:
    marker = [*({"name": n} for n in builders.MARKERS), {"name": "viability", "role": "viability"}]
    cells = cells_of(builders.problem(marker=marker, sample={"dead_fraction": 0.1}))
    assert cells.abc[:, -1].tolist() == [0, 0, 0, 0, 250000]


def test_a_population_named_dead_replaces_the_default() -> None:
    base = builders.problem()
    own = [p.model_dump() for p in base.population]
    own[2] |= {"name": "dead"}
    cells = cells_of(builders.problem(population=own, sample={"dead_fraction": 0.3}))
    assert cells.name.count("dead") == 1
    assert cells.phi == pytest.approx([0.01, 0.01, 0.93, 0.05])


def test_marker_list_makes_a_pair_for_each_marker() -> None:
    cells = cells_of(builders.marker_list({"CD45": "bright", "CD31": "dim"}, sample={"dead_fraction": 0.5}))
    assert cells.name == ("full", "full without CD45", "full without CD31")
    assert cells.phi.tolist() == [0.5] * 3
    assert cells.abc.tolist() == [[60000, 3000], [100, 3000], [60000, 100]]
