"""Pre-enrichment: the arithmetic of rare cells, and what beads do to the sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.domain.problem_record import Enrichment, Problem
from panelopt.planning.coincidence import survival
from panelopt.planning.sample import (
    MAX_FOLD,
    bead_markers,
    enriched_frequencies,
    events_share,
    frequencies,
    smallest_fold,
    with_enrichment,
)
from tests import builders
from tests.planning.helpers import compiled, sample


def rare(fold: float | None = None, recovery: float = 1.0, dead: float = 0.0) -> Problem:
    """One stromal cell in ten thousand."""
    beads = None if fold is None else {"marker": "CD271", "fold": fold, "recovery": recovery}
    return builders.problem(
        sample=sample(cells=1e8, dead_fraction=dead, enrichment=beads),
        population=[
            {"name": "msc", "role": "target", "frequency": 1e-4, "levels": {"CD271": "bright", "CD45": "-"}},
            {"name": "rest", "role": "contaminant", "frequency": 0.9999, "levels": {"CD271": "-", "CD45": "bright"}},
        ],
    )


# frequency, purity, largest false-positive rate: by hand, f (1 - p) / (p (1 - f))
def test_beads_of_150_fold_raise_rare_cells_to_one_in_seventy() -> None:
    enriched = frequencies(rare(150))
    assert enriched[0] == pytest.approx(1.5e-2, rel=0.02)
    assert enriched[0] == pytest.approx(1e-4 * 150 / (1e-4 * 150 + 0.9999))


def test_a_hundred_million_cells_take_2_8_hours() -> None:
    cells = 1e8
    hours = cells * events_share(rare()) / 1e4 / 3600
    assert hours == pytest.approx(2.8, abs=0.03)
    assert hours / (cells * events_share(rare(150)) / 1e4 / 3600) == pytest.approx(150, rel=0.02)
    msc = cells * frequencies(rare())[0]
    assert msc == pytest.approx(1e4)
    assert 0.3 * msc == pytest.approx(3e3)
    assert survival("yield", 1e4, 1e-4, 0.0) == 1.0


def test_events_are_the_cells_that_the_beads_keep() -> None:
    # 10,000 wanted cells, of which 80 % stay; 99,990,000 others, of which one in fifty of 80 % stays
    assert events_share(rare(50, 0.8)) * 1e8 == pytest.approx(0.8 * (1e4 + 0.9999e8 / 50))


def test_depletion_keeps_the_cells_without_the_marker() -> None:
    depleted = with_enrichment(rare(), Enrichment(marker="CD45", fold=0.01, recovery=0.9))
    assert events_share(depleted) * 1e8 == pytest.approx(0.9 * (1e4 + 0.9999e8 * 0.01))


@given(st.floats(1, 1e4), st.floats(0.05, 1), st.floats(0, 0.5))
def test_target_cells_are_those_recovered(fold: float, recovery: float, dead: float) -> None:
    problem = rare(fold, recovery, dead)
    cells = events_share(problem) * frequencies(problem)[0]
    assert cells == pytest.approx(1e-4 * (1 - dead) * recovery)


@given(st.floats(1, 1e4), st.floats(1, 10), st.floats(0, 0.5))
def test_more_enrichment_never_lowers_the_target(fold: float, more: float, dead: float) -> None:
    low, high = frequencies(rare(fold, 1.0, dead)), frequencies(rare(fold * more, 1.0, dead))
    assert high[0] >= low[0] * (1 - 1e-12)
    assert low.sum() == pytest.approx(1.0)


def test_beads_take_the_marker_that_keeps_the_fewest_others() -> None:
    problem = builders.problem()  # CD271 is on both targets and on nothing else
    assert bead_markers(problem, compiled(problem)) == ("CD271",)


def test_no_marker_serves_targets_without_a_common_one() -> None:
    populations = [p.model_dump() for p in builders.problem().population]
    populations[1]["levels"]["CD271"] = "-"
    problem = builders.problem(population=populations)
    assert bead_markers(problem, compiled(problem)) == ()


def test_markers_that_keep_fewer_others_come_first() -> None:
    levels = dict.fromkeys(("CD73", "CD271"), "bright")
    problem = builders.problem(
        marker=[{"name": name} for name in levels],
        population=[
            {"name": "msc", "role": "target", "frequency": 0.1, "levels": levels},
            {"name": "rest", "role": "contaminant", "frequency": 0.5, "levels": {**levels, "CD271": "-"}},
        ],
    )
    assert bead_markers(problem, compiled(problem)) == ("CD271", "CD73")


def test_cut_markers_serve_no_beads() -> None:
    levels = {"CD73": "bright", "CD271": "bright", "CD45": "-"}
    problem = builders.problem(
        sample=sample(dissociation="trypsin"),
        marker=[{"name": name} for name in levels],
        population=[
            {"name": "msc", "role": "target", "frequency": 0.1, "levels": levels},
            {"name": "rest", "role": "contaminant", "frequency": 0.5, "levels": dict.fromkeys(levels, "-")},
            {"name": "more", "role": "contaminant", "frequency": 0.1, "levels": {**levels, "CD73": "-"}},
        ],
    )
    assert bead_markers(problem, compiled(problem)) == ("CD271",)


@given(st.floats(1.0, MAX_FOLD / 2))
def test_smallest_fold_is_found(limit: float) -> None:
    found = smallest_fold(lambda fold: fold >= limit)
    assert found is not None
    assert limit * (1 - 1e-12) <= found <= limit * 1.002


def test_a_fold_that_never_does_is_none() -> None:
    assert smallest_fold(lambda _: False) is None
    assert smallest_fold(lambda _: True) == 1.0


def test_a_fold_that_does_for_a_while_is_found() -> None:
    found = smallest_fold(lambda fold: 100 < fold < 1000)
    assert found == pytest.approx(100, rel=2e-3)
    assert np.isfinite(found)


@pytest.mark.parametrize("dead", [0.0, 0.2])
@pytest.mark.parametrize("fold", [1.0, 1.5, 30.0, 1e5])
def test_frequencies_by_fold_are_those_of_the_beads(fold: float, dead: float) -> None:
    problem = rare(dead=dead)
    marker = problem.marker[0].name
    beads = Enrichment(marker=marker, fold=fold) if fold > 1 else None
    found = enriched_frequencies(problem, marker)(fold)
    np.testing.assert_allclose(found, frequencies(with_enrichment(problem, beads)), rtol=1e-9)
