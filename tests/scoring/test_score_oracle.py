"""The score of panels against the second implementation, number by number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panelopt.domain.problem import Problem
from panelopt.instance import Instance, SlotIndex
from panelopt.instance.compile import compile_instance
from panelopt.io.instance_npz import arrays
from panelopt.scoring import check_panel, score_panel
from tests import builders
from tests.oracle.enumeration import all_panels
from tests.oracle.instances import random_instance, with_limits
from tests.oracle.score import Slot, score, views

CLOSE = 1e-6


def compare(instance: Instance, panel: tuple[Slot, ...], tolerance: float = 0.02) -> bool:
    """Assert that both implementations agree; return whether the panel has a score."""
    slots = [SlotIndex(*slot) for slot in panel]
    goal = instance.purity_goal if instance.require_goal else 0.0
    ours, theirs = score_panel(instance, slots, tolerance), score(arrays(instance), panel, tolerance, goal)
    assert (ours is None) == (theirs is None)
    if ours is None or theirs is None:
        return False
    assert ours.worst == pytest.approx(theirs.worst, abs=CLOSE)
    assert ours.total == pytest.approx(theirs.total, abs=CLOSE)
    for mine, other in zip(ours.views, theirs.targets, strict=True):
        assert mine.gates == other.gates
        assert np.allclose(mine.rho, other.rho, atol=CLOSE)
        assert mine.gate_yield == pytest.approx(other.gate_yield, abs=1e-12)
        assert mine.purity == pytest.approx(other.purity, abs=CLOSE)
        assert mine.purity_at_least == pytest.approx(other.purity_at_least, abs=CLOSE)
    return True


@pytest.mark.parametrize("conventional", [True, False])
@pytest.mark.parametrize("limited", [True, False])
def test_random_panels(conventional: bool, limited: bool) -> None:
    judged = 0
    for seed in range(200, 300):
        instance = random_instance(seed, conventional=conventional, markers=4 if seed % 5 == 0 else 3)
        if limited:
            instance, _ = with_limits(instance, seed)
        panels = list(
            all_panels(arrays(random_instance(seed, conventional=conventional, markers=len(instance.marker))))
        )
        rng = np.random.default_rng(seed)
        for place in rng.permutation(len(panels))[:2]:
            judged += compare(instance, panels[place], tolerance=float(rng.choice([0.0, 0.02, 0.5])))
    assert judged > 100


def test_dumps_and_unknown_levels_take_part() -> None:
    dumps = unknown = cut = 0
    for seed in range(200, 300):
        instance = random_instance(seed, conventional=False)
        panels = [p for p in all_panels(arrays(instance)) if any(len(slot[0]) > 1 for slot in p)]
        dumps += bool(panels)
        unknown += bool(np.isnan(instance.abc).any())
        cut += bool(instance.no_above.any())
        for panel in panels[:1]:
            compare(instance, panel)
    assert min(dumps, unknown, cut) >= 10


@pytest.mark.parametrize("conventional", [True, False])
def test_marker_lists(conventional: bool) -> None:
    for seed in range(20):
        base = random_instance(seed, conventional=conventional)
        words = np.random.default_rng(seed).choice([1000.0, 15000.0, 60000.0], 3)
        abc = np.vstack([words, *[np.where(np.arange(3) == m, 100.0, words) for m in range(3)]])
        instance = replace(
            base,
            population=("full", *(f"full without {name}" for name in base.marker)),
            role=("target", *["contaminant"] * 3),
            phi=np.full(4, 0.5),
            abc=abc,
            cv=np.full((4, 3), 0.6),
            autofluorescence_factor=np.ones(4),
            max_share=np.full(4, np.nan),
            dump=np.zeros(3, dtype=bool),
            marker_list=True,
            yield_min=1.0,  # does not count in a marker list
        )
        assert len(views(arrays(instance))) == len(instance.views) == 3
        for panel in list(all_panels(arrays(instance)))[-3:]:
            assert compare(instance, panel)


def test_a_marker_that_an_enzyme_cuts_gets_no_gate_in_a_marker_list() -> None:
    problem = builders.marker_list({"CD73": "bright", "CD271": "bright"}, sample={"dissociation": "trypsin"})
    instance = compiled(problem)
    slots = (SlotIndex((0,), 0, 0), SlotIndex((1,), 3, 3))
    found = score_panel(instance, slots)
    assert found is not None
    assert [view.gates for view in found.views] == [(), ((1, 0),)]


@pytest.mark.parametrize("conventional", [True, False])
def test_compiled_problems_with_beads_and_dead_cells(conventional: bool) -> None:
    sample = {
        "dead_fraction": 0.2,
        "dissociation": "collagenase",
        "enrichment": {"marker": "CD271", "fold": 50, "recovery": 0.6},
    }
    marker = [{"name": name} for name in builders.MARKERS]
    marker[2]["role"] = marker[3]["role"] = "dump"
    problem = builders.problem(sample=sample, marker=marker)
    instance = compiled(problem, unmixing="compensation" if conventional else "spectral")
    assert instance.population[-1] == "dead"
    panels = list(all_panels(arrays(instance)))
    rng = np.random.default_rng(1)
    for place in rng.permutation(len(panels))[:12]:
        slots = [SlotIndex(*slot) for slot in panels[place]]
        assert check_panel(instance, slots) == ()
        compare(instance, panels[place])


def compiled(problem: Problem, **machine: object) -> Instance:
    parts = (builders.cytometer(**machine), [builders.catalog([m.name for m in problem.marker])])
    return compile_instance(problem, *parts, builders.fluorochromes(), builders.autofluorescence()).instance
