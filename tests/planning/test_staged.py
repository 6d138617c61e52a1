"""One step, beads first, two sorts; and the goals that they miss."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.domain.problem_record import Enrichment, Problem
from panelopt.planning.goals import Goals, Replan, best_plan, fold_for_day, hours_of, missed_goals, needed_cells
from panelopt.planning.sample import frequencies, with_enrichment
from panelopt.planning.second_sort import after_two_sorts, second_pass
from panelopt.planning.sorter_run import SorterSettings
from panelopt.planning.staged import FIRST_SORT_FACTOR, Way, in_passes, one_step, two_sorts
from panelopt.planning.tube import Tube, amounts, loosened, tubes_of
from tests import builders
from tests.planning.helpers import gate, judged, sample, tube
from tests.planning.test_sample import rare

SETTINGS = SorterSettings("purity", 34_000.0, 2.0, 0.3, 10_000.0, 0.8)
GOALS = Goals(0.9, 0.8, 8.0, None)


def simple(passing: float = 1e-3) -> Tube:
    return tube(gate(0, [passing]), contaminants=1, delta=0.0)


def test_one_step_by_hand() -> None:
    way = one_step(rare(), [[simple()]], SETTINGS)
    gated = 1e-4 * 0.98 + 0.9999 * 1e-3
    survival = math.exp(-1e4 * 2 / 34_000 * (1 - gated))
    assert way.seconds == pytest.approx(1e-4)
    (filled,) = way.tubes
    assert filled.content.survival == pytest.approx(survival)
    assert filled.deflected == pytest.approx(1e-4 * 0.98 * survival)
    assert filled.recovered == pytest.approx(0.3 * filled.deflected)
    assert filled.content.purity == pytest.approx(1e-4 * 0.98 / gated)
    assert hours_of(way, 1e8) == pytest.approx(1e8 / 1e4 / 3600)
    assert hours_of(way, None) is None


def test_beads_bring_purity_and_time() -> None:
    plain, beads = one_step(rare(), [[simple()]], SETTINGS), one_step(rare(150, 0.9), [[simple()]], SETTINGS)
    assert plain.seconds / beads.seconds == pytest.approx(150 / 0.9, rel=0.02)
    assert beads.tubes[0].content.purity > 10 * plain.tubes[0].content.purity
    assert beads.tubes[0].deflected == pytest.approx(0.9 * plain.tubes[0].deflected, rel=0.01)


@given(st.floats(1, 1e4), st.floats(1, 10), st.floats(1e-3, 1), st.floats(0, 0.05))
def test_more_enrichment_never_lowers_the_purity(fold: float, more: float, passing: float, delta: float) -> None:
    found = replace(simple(passing), delta=delta)
    low, high = (one_step(rare(f), [[found]], SETTINGS).tubes[0].content.purity for f in (fold, fold * more))
    assert high >= low * (1 - 1e-9)


def test_passes_share_the_sample() -> None:
    tubes = [simple(), replace(simple(), name="again")]
    together, apart = one_step(rare(), [tubes], SETTINGS), one_step(rare(), in_passes(tubes, 1), SETTINGS)
    assert together.seconds == pytest.approx(apart.seconds)
    assert apart.tubes[0].recovered == pytest.approx(together.tubes[0].recovered / 2)
    assert [run.pass_number for run in apart.runs] == [0, 1]
    assert [len(group) for group in in_passes([simple()] * 5, 2)] == [2, 2, 1]


def test_two_sorts_against_simulated_cells() -> None:
    """Nested gates: what passes the tight ones has passed the loose ones; coincidence in both sorts is simulated."""
    problem = rare()
    problem = builders.problem(
        sample=sample(cells=1e6),
        population=[p.model_dump() | {"frequency": f} for p, f in zip(problem.population, (0.02, 0.98), strict=True)],
    )
    tight = tube(gate(0, [0.005], kept=0.95), contaminants=1, delta=0.0)
    loose = tube(gate(0, [0.02], kept=0.99), contaminants=1, delta=0.0)
    settings = replace(SETTINGS, recovery=0.5)
    way = two_sorts(problem, [[tight]], [loose], [tight], settings)
    rng = np.random.default_rng(11)
    count = 2_000_000
    kind = rng.choice(2, size=count, p=[0.02, 0.98])
    luck = rng.random(count)
    passes_loose = luck < np.array([0.99, 0.02])[kind]
    passes_tight = luck < np.array([0.95, 0.005])[kind]
    half = settings.window_s / 2
    times = np.cumsum(rng.exponential(1 / (FIRST_SORT_FACTOR * 1e4), count))
    wanted = times[passes_loose]
    first = np.searchsorted(wanted, times + half) - np.searchsorted(wanted, times - half) > 0
    kept = np.flatnonzero(first & (rng.random(count) < 0.5))
    rng.shuffle(kept)  # cells mix in the tube
    again = np.cumsum(rng.exponential(1 / 1e4, kept.size))
    gated = passes_tight[kept]
    other = again[~gated]
    alone = np.searchsorted(other, again + half) - np.searchsorted(other, again - half) == 0
    deflected = gated & alone
    (filled,) = way.tubes
    assert way.runs[1].events == pytest.approx(kept.size / count, rel=0.01)
    assert filled.content.gated == pytest.approx(gated.mean(), abs=0.01)
    assert filled.content.survival == pytest.approx(alone[gated].mean(), abs=0.01)
    assert filled.content.purity == pytest.approx((kind[kept][deflected] == 0).mean(), abs=0.01)
    assert filled.deflected == pytest.approx((kind[kept][deflected] == 0).sum() / count, rel=0.03)
    assert filled.content.sort_yield == pytest.approx(filled.deflected / 0.02)


def test_two_sorts_take_their_time_and_losses() -> None:
    instance, score = judged(builders.problem(sample=sample()))
    tubes, loose = tubes_of(instance, score), loosened(instance, score, 0.25)
    problem = builders.problem(sample=sample())
    both = [second_pass(instance, score, n, *pair) for n, pair in enumerate(zip(loose, tubes, strict=True))]
    way = two_sorts(problem, [tubes], loose, both, SETTINGS)
    assert [run.mode for run in way.runs] == ["yield", "purity", "purity"]
    assert way.runs[0].seconds == pytest.approx(1 / 2e4)
    phi = frequencies(problem)
    for filled, wide, found, twice in zip(way.tubes, loose, tubes, both, strict=True):
        left = after_two_sorts(wide, found, twice, phi)
        assert filled.content.purity == pytest.approx(left.purity)
        assert filled.content.purity > amounts(found, phi).purity
        kept = left.target / phi[found.target]
        assert filled.content.sort_yield == pytest.approx(0.3 * kept * filled.content.survival)
        assert filled.recovered == pytest.approx(0.3 * filled.deflected)


def again(fold: float, problem: Problem | None = None, tube: Tube | None = None) -> Way:
    beads = Enrichment(marker="CD271", fold=fold, recovery=1.0) if fold > 1 else None
    return one_step(with_enrichment(problem or rare(), beads), [[tube or simple()]], SETTINGS)


def test_impure_tube_gets_the_fold_that_would_do() -> None:
    missed = {miss.goal: miss for miss in missed_goals(again(1), GOALS, SETTINGS, 1e8, Replan("CD271", again))}
    assert set(missed) == {"purity", "yield"}
    miss = missed["purity"]
    # 0.98 f / (0.98 f + 1e-3 (1 - f)) = 0.9 in odds: fold = 9 * 1e-3 / 0.98 * 0.9999 / 1e-4
    assert miss.fold == pytest.approx(9e-3 / 0.98 * 9999, rel=2e-3)
    assert again(miss.fold or 0).tubes[0].content.purity >= 0.9
    assert miss.limited_by[0][0] == 1
    assert miss.limited_by[0][1] == pytest.approx(1 - miss.value)
    assert "CD271" in miss.remedy


def test_slow_yield_gets_the_rate_that_would_do() -> None:
    (miss,) = (m for m in missed_goals(again(1), GOALS, SETTINGS, None, None) if m.goal == "yield")
    slower = one_step(rare(), [[simple()]], replace(SETTINGS, event_rate_hz=miss.rate_hz))
    assert slower.tubes[0].content.sort_yield == pytest.approx(0.8)
    (miss,) = (m for m in missed_goals(again(1), GOALS, SETTINGS, 1e8, None) if m.goal == "yield")
    assert f"{hours_of(slower, 1e8):.3g} h" in miss.remedy


def test_contaminant_with_the_marker_is_beyond_beads() -> None:
    populations = [p.model_dump() for p in rare().population]
    populations[1]["levels"]["CD271"] = "bright"
    problem = builders.problem(population=populations, sample=sample(cells=1e8))
    replan = Replan("CD271", lambda fold: again(fold, problem))
    miss = next(m for m in missed_goals(again(1, problem), GOALS, SETTINGS, 1e8, replan) if m.goal == "purity")
    assert miss.fold is None
    assert "no enrichment by CD271 would suffice" in miss.remedy


def test_no_marker_for_beads_is_said() -> None:
    miss = next(m for m in missed_goals(again(1), GOALS, SETTINGS, 1e8, None) if m.goal == "purity")
    assert miss.marker is None
    assert "no beads can be varied" in miss.remedy


def test_long_sort_gets_the_fold_for_a_day() -> None:
    replan = Replan("CD271", again)
    cells = 5e8  # 13.9 h
    (miss,) = (m for m in missed_goals(again(1), GOALS, SETTINGS, cells, replan) if m.goal == "hours")
    assert miss.value == pytest.approx(5e8 / 1e4 / 3600)
    # events = N (f + (1 - f) / fold) in 8 h at 10,000 per second
    assert miss.fold == pytest.approx(0.9999 / (8 * 3600e4 / 5e8 - 1e-4), rel=2e-3)
    assert fold_for_day(replan, GOALS, cells) == miss.fold
    assert fold_for_day(replan, GOALS, 1e6) == 1.0
    assert miss.rate_hz == pytest.approx(1e4 * miss.value / 8)


def test_hopeless_hours_say_so() -> None:
    (miss,) = (m for m in missed_goals(again(1), GOALS, SETTINGS, 1e12, None) if m.goal == "hours")
    assert (miss.fold, miss.rate_hz) == (None, None)
    assert "several days" in miss.remedy


def test_wanted_cells_need_a_sample() -> None:
    goals = replace(GOALS, wanted_cells=5000.0)
    way = again(1)
    needed = needed_cells(way, goals)
    assert needed == pytest.approx(5000 / (1e-4 * 0.98 * way.tubes[0].content.survival * 0.3))
    missed = {m.goal: m for m in missed_goals(way, goals, SETTINGS, 1e7, None)}
    assert missed["cells"].cells == needed
    assert missed["cells"].value == pytest.approx(1e7 * way.tubes[0].recovered)
    assert "cells" not in {m.goal for m in missed_goals(way, goals, SETTINGS, 1e9, None)}


def test_wanted_cells_set_the_hours() -> None:
    goals = replace(GOALS, wanted_cells=10.0)
    assert "hours" not in {m.goal for m in missed_goals(again(1), goals, SETTINGS, 1e12, None)}


def test_best_plan_misses_least_then_recovers_most() -> None:
    ways = [again(1), again(150), again(300)]
    missed = [missed_goals(way, GOALS, SETTINGS, 1e8, None) for way in ways]
    assert missed[0]
    assert best_plan(ways, [(), missed[0], missed[0]]) == 0
    assert best_plan(ways, [missed[0], (), ()]) == max((1, 2), key=lambda i: ways[i].tubes[0].recovered)
