"""Dead cells and pre-enrichment: the oracle by hand, and the package against the oracle."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from panelopt.domain.problem_record import Problem
from panelopt.instance.populations import cells_of
from tests import builders
from tests.oracle.populations import Cells, sample

MARKERS = ("CD271", "CD45", "viability")


def by_name(cells: list[Cells]) -> dict[str, Cells]:
    assert len({one.name for one in cells}) == len(cells)
    return {one.name: one for one in cells}


LISTED = (
    Cells("a", "target", 0.1, {"CD271": (60_000.0, 0.55), "CD45": (100.0, 0.5)}, 3.0),
    Cells("b", "target", 0.2, {"CD271": (3000.0, 0.8)}),
    Cells("c", "contaminant", 0.5, {"CD271": (100.0, 0.5), "CD45": (15_000.0, 0.7)}),
)


def test_dead_cells_stay_what_they_were() -> None:
    cells = sample(LISTED, MARKERS, viability="viability", dead_fraction=0.1)
    assert [one.name for one in cells] == ["a", "b", "c", "dead a", "dead b", "dead"]
    found = by_name(cells)
    assert [one.phi for one in cells] == pytest.approx([0.09, 0.18, 0.45, 0.01, 0.02, 0.07])
    assert [one.role for one in cells] == ["target", "target", *["contaminant"] * 4]
    assert [one.glow for one in cells] == [3.0, 1.0, 1.0, 3.0, 2.0, 2.0]
    assert found["a"].levels["viability"] == (0.0, 0.0)
    assert found["dead a"].levels == {"CD271": (60_000.0, 0.55), "CD45": (3000.0, 1.0), "viability": (250_000.0, 1.0)}
    assert found["dead b"].levels["CD271"] == (3000.0, 0.8)
    assert math.isnan(found["dead b"].levels["CD45"][0])
    assert found["dead"].levels == {"CD271": (3000.0, 1.0), "CD45": (3000.0, 1.0), "viability": (250_000.0, 1.0)}


def test_beads_come_before_death() -> None:
    cells = by_name(sample(LISTED, MARKERS, viability="viability", dead_fraction=0.1, beads=("CD271", 10.0)))
    total = 1.0 + 2.0 + 0.5
    assert cells["c"].phi == pytest.approx(0.9 * 0.5 / total)
    assert cells["dead a"].phi == pytest.approx(0.1 * 1.0 / total)
    assert cells["dead"].phi == pytest.approx(0.1 * 0.5 / total)


def test_own_dead_cells_replace_the_made_ones_and_are_not_scaled() -> None:
    own = (*LISTED, Cells("dead b", "contaminant", 0.03, {}), Cells("dead c", "contaminant", 0.04, {}))
    cells = sample(own, MARKERS, viability="viability", dead_fraction=0.1)
    assert [one.name for one in cells] == ["a", "b", "c", "dead b", "dead c", "dead a", "dead"]
    assert [one.phi for one in cells] == pytest.approx([0.09, 0.18, 0.45, 0.03, 0.036, 0.01, 0.07])
    assert by_name(cells)["dead b"].levels["viability"] == (250_000.0, 1.0)
    assert by_name(cells)["dead c"].levels["viability"] == (0.0, 0.0)  # a name like any other


def test_nothing_dies_without_a_fraction() -> None:
    assert [one.name for one in sample(LISTED, MARKERS, viability="viability")] == ["a", "b", "c"]


def random_problem(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng([seed, 41])
    names = ["a", "b", "dead", "c", "dead a", "dead c", "d"][: int(rng.integers(2, 8))]
    shares = rng.dirichlet(np.ones(len(names))) * rng.choice([0.4, 1.0])
    words = ("-", "low", "dim", "mid", {"abc": 3000.0, "cv": 0.3}, {"abc": 2999.0, "cv": 2.0})
    population = [
        {
            "name": name,
            "role": "target" if name in ("a", "b") else str(rng.choice(["contaminant", "ignore"], p=[0.8, 0.2])),
            "frequency": float(share),
            "autofluorescence": float(rng.uniform(0, 4)),
            "levels": {m: words[rng.integers(len(words))] for m in MARKERS[:2] if rng.random() < 0.8},
        }
        for name, share in zip(names, shares, strict=True)
    ]
    if rng.random() < 0.3:
        population[0]["levels"]["viability"] = {"abc": 500.0, "cv": 1.0}
    dead = float(rng.choice([0.0, 0.05, 0.4]))
    beads = {"marker": "CD271", "fold": 30.0, "recovery": 0.5} if rng.random() < 0.4 else None
    return {
        "marker": [{"name": m, "role": "viability" if m == "viability" else "candidate"} for m in MARKERS],
        "population": population,
        "sample": {"dead_fraction": dead, **({"enrichment": beads} if beads else {})},
    }


def listed_of(problem: Problem) -> list[Cells]:
    return [
        Cells(
            one.name,
            one.role,
            one.frequency,
            {m: (level.abc, level.cv) for m, word in one.levels.items() for level in [problem.resolve(word)]},
            one.autofluorescence,
        )
        for one in problem.population
    ]


@pytest.mark.parametrize("seed", range(120))
def test_the_package_makes_the_same_cells(seed: int) -> None:
    problem = builders.problem(**random_problem(seed))
    beads = problem.sample.enrichment
    wanted = sample(
        listed_of(problem),
        MARKERS,
        viability="viability",
        dead_fraction=problem.sample.dead_fraction,
        beads=None if beads is None else (beads.marker, beads.fold),
    )
    found = cells_of(problem)
    assert list(found.name) == [one.name for one in wanted]
    assert list(found.role) == [one.role for one in wanted]
    assert found.phi == pytest.approx([one.phi for one in wanted], rel=1e-12)
    assert found.autofluorescence.tolist() == [one.glow for one in wanted]
    levels = np.array([[one.levels[m] for m in MARKERS] for one in wanted])
    assert np.array_equal(found.abc, levels[:, :, 0], equal_nan=True)
    assert np.array_equal(found.cv, levels[:, :, 1], equal_nan=True)
