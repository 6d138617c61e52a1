"""Listing of panels that may be as good as the best one, against the scores of all panels of small random instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.exclusions import Exclusions, duties
from panelopt.instance import Instance
from panelopt.scoring import PanelScore, score_panels
from panelopt.scoring.panel_score import score_panel
from panelopt.scoring.practicality import as_good, spillover_burden
from panelopt.solver import panel_growth
from panelopt.solver.noise_check import NoiseCheck
from panelopt.solver.panel_growth import AdditiveLimit, PanelGrowth, Work
from panelopt.solver.panel_parts import Parts, WaitingParts
from panelopt.solver.panel_ratios import LeastRatios
from panelopt.solver.practical_keys import PracticalKeys
from panelopt.solver.tools import Tools
from tests.oracle.answers import Panel, scores_of
from tests.oracle.instances import random_instance

SLACK = 0.3
SEEDS = range(8)


def never() -> bool:
    return False


class Listed:
    """An instance, the scores of its panels by options, and the best of them."""

    def __init__(self, instance: Instance, scores: Mapping[Panel, PanelScore]) -> None:
        self.instance = instance
        self.tools = Tools(instance, list_options(instance))
        options = self.tools.options
        self.scores = {tuple(sorted(options.by_slot[slot] for slot in panel)): s for panel, s in scores.items()}
        self.best: PanelScore = max(self.scores.values(), key=lambda score: (score.worst, score.total))
        self.good = {panel for panel, score in self.scores.items() if as_good(self.best, score, SLACK)}
        self.ratios = LeastRatios.as_good(instance, self.best, SLACK)
        self.growth = PanelGrowth(instance, self.tools, self.tools.own_bounds, self.ratios)

    def listed(self, fewest: int, most: int, *limits: AdditiveLimit) -> set[tuple[int, ...]]:
        batches = [*self.growth.panels(fewest, most, limits, Work(10**9), never)]
        return {tuple(panel) for batch in batches if batch is not None for panel in batch.tolist()}

    def grown(self, size: int, *limits: AdditiveLimit) -> set[tuple[int, ...]]:
        return self.listed(size, size, *limits)

    def sizes(self) -> range:
        return range(1, 1 + max(map(len, self.scores)))


@pytest.fixture(scope="module")
def cases() -> list[Listed]:
    made = [random_instance(seed, conventional=True, markers=3, dyes=4) for seed in SEEDS]
    scored = [(instance, scores_of(instance, 0.02)) for instance in made]
    return [Listed(instance, scores) for instance, scores in scored if scores]


def test_no_panel_that_is_as_good_is_lost(cases: list[Listed]) -> None:
    assert sum(len(case.good) > 1 for case in cases) > 3
    for case in cases:
        assert case.good <= set().union(*(case.grown(size) for size in case.sizes()))


def test_listed_panels_do_their_duties_and_exclude_each_other_nowhere(cases: list[Listed]) -> None:
    dropped = 0
    for case in cases:
        options = case.tools.options
        conflict = Exclusions(case.instance, options).rows(range(len(options.slots)))
        duty = duties(case.instance, options)
        for size in case.sizes():
            for panel in case.grown(size):
                rows = list(panel)
                assert not (conflict[np.ix_(rows, rows)] & ~np.eye(size, dtype=bool)).any()
                assert duty[rows].any(axis=0).all()
        every = set().union(*(case.grown(size) for size in case.sizes()))
        dropped += len(case.scores.keys() - every)
    assert dropped > 50  # most panels are far from good and never built


def test_limits_drop_what_exceeds_them_and_nothing_else(cases: list[Listed]) -> None:
    tight = 0
    for case in cases:
        keys = PracticalKeys(case.instance, case.tools.options)
        ones = np.ones(len(case.tools.options.slots))
        burden = {p: spillover_burden(case.instance, s.slots) for p, s in case.scores.items()}
        most = float(np.median([burden[panel] for panel in case.good]))
        for size in case.sizes():
            every = case.grown(size)
            spilled = AdditiveLimit(0 * ones, keys.spill_of_both, most + 1e-9)
            assert case.grown(size, spilled, AdditiveLimit(ones, None, size)) & case.good == {
                panel for panel in every & case.good if burden[panel] <= most + 1e-9
            }
            assert case.grown(size, AdditiveLimit(ones, None, size - 1)) == set()
            tight += len(every & case.good) > len(case.grown(size, spilled) & case.good)
    assert tight > 2


def test_panels_of_several_sizes_are_those_of_each(cases: list[Listed]) -> None:
    for case in cases:
        each = set().union(*(case.grown(size) for size in case.sizes()))
        assert case.listed(1, case.sizes()[-1]) == each


def test_too_much_work_is_refused(cases: list[Listed]) -> None:
    for case in cases:
        assert None in [*case.growth.panels(2, 2, (), Work(0), never)]
        assert None in [*case.growth.panels(2, 2, (), Work(10**9), lambda: True)]


def test_too_many_options_are_refused(cases: list[Listed], monkeypatch: pytest.MonkeyPatch) -> None:
    growth = cases[0].growth
    monkeypatch.setattr(panel_growth, "MOST_OPTIONS", len(growth.options.slots))
    assert None not in [batch if batch is None else 0 for batch in growth.panels(1, 2, (), Work(10**9), never)]
    monkeypatch.setattr(panel_growth, "MOST_OPTIONS", len(growth.options.slots) - 1)
    assert list(growth.panels(1, 2, (), Work(10**9), never)) == [None]


def test_small_batches_list_the_same(cases: list[Listed], monkeypatch: pytest.MonkeyPatch) -> None:
    many = [case.grown(2) for case in cases]
    monkeypatch.setattr(panel_growth, "_JOINS", 1)
    monkeypatch.setattr(panel_growth, "_PARTS", 1)
    assert [case.grown(2) for case in cases] == many


def test_few_parts_wait_and_none_is_copied_again_and_again(
    cases: list[Listed], monkeypatch: pytest.MonkeyPatch
) -> None:
    largest, added, copied, counts = 0, 0, 0, {}
    add, joined = WaitingParts.add, Parts.joined

    def watched_add(waiting: WaitingParts, parts: Parts) -> None:
        nonlocal added, largest
        add(waiting, parts)
        added += len(parts)
        largest = max(largest, *(sum(map(len, same)) for same in waiting._parts))

    def watched_joined(parts: Sequence[Parts]) -> Parts:
        nonlocal copied
        copied += sum(map(len, parts))
        return joined(parts)

    monkeypatch.setattr(WaitingParts, "add", watched_add)
    monkeypatch.setattr(Parts, "joined", staticmethod(watched_joined))
    easy = [PanelGrowth(c.instance, c.tools, c.tools.own_bounds, LeastRatios(c.instance, -np.inf)) for c in cases]
    for grown in (250_000_000, 100_000):
        monkeypatch.setattr(panel_growth, "_GROWN", grown)
        largest = 0
        lists = [[*growth.panels(1, 3, (), Work(10**9), never)] for growth in easy]
        counts[grown] = largest, sum(len(batch) for panels in lists for batch in panels if batch is not None)
    assert counts[100_000][0] < counts[250_000_000][0] / 2
    assert counts[100_000][1] == counts[250_000_000][1]
    assert copied <= added


def hopeful(case: Listed) -> Iterator[tuple[tuple[int, ...], bool, int]]:
    """Each panel, whether its noise leaves hope, and the fewest gates that it may have."""
    check = NoiseCheck(case.instance, case.tools, case.ratios, case.best, case.growth.needed)
    for size in case.sizes():
        panels = np.array([panel for panel in case.scores if len(panel) == size]).reshape(-1, size)
        if len(panels):
            rows, gates = check.hopeful(panels)
            fewest = dict(zip(rows.tolist(), gates.tolist(), strict=True))
            yield from ((tuple(panel), row in fewest, fewest.get(row, 0)) for row, panel in enumerate(panels.tolist()))


def test_noise_rules_out_only_panels_that_are_worse(cases: list[Listed]) -> None:
    refuted = kept = sharp = 0
    for case in cases:
        for panel, hope, gates in hopeful(case):
            if panel in case.good:
                assert hope
                assert gates <= case.scores[panel].gate_count
                sharp += gates == case.scores[panel].gate_count
            refuted += not hope
            kept += hope and panel not in case.good
    assert sharp > 10  # the fewest gates are often those of the panel
    assert refuted > 10 * kept  # and hardly any panel needs a score


def test_worst_ratio_is_not_charged_for_gates_that_only_the_odds_ask_for() -> None:
    instance = random_instance(18, conventional=True, markers=3, dyes=4)
    case = Listed(instance, scores_of(instance, 0.02))
    (panel,) = [panel for panel, score in case.scores.items() if score is case.best]
    reported = min(view.rho.min() for view in case.best.views)
    assert reported < case.best.worst - 1e-3  # the worst ratio is that of fewer gates
    strict = LeastRatios.as_good(instance, case.best, 0.0)
    needed = PanelGrowth(instance, case.tools, case.tools.own_bounds, strict).needed
    rows, _ = NoiseCheck(instance, case.tools, strict, case.best, needed).hopeful(np.array([panel]))
    assert rows.tolist() == [0]


@pytest.mark.parametrize("conventional", [True, False])
def test_scores_of_many_panels_are_those_of_each(conventional: bool) -> None:
    for seed in range(2):
        instance = random_instance(seed, conventional=conventional)
        panels = [*scores_of(instance, 0.02), ()][::5]
        many = score_panels(instance, panels, 0.02)
        for panel, score in zip(panels, many, strict=True):
            alone = score_panel(instance, panel, 0.02)
            assert (score is None) == (alone is None)
            if score is not None and alone is not None:
                assert [view.gates for view in score.views] == [view.gates for view in alone.views]
                assert (score.worst, score.total) == pytest.approx((alone.worst, alone.total), abs=1e-12)
