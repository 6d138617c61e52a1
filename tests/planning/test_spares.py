"""Spare dyes against every dye that could be taken, judged one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from panelopt.instance.arrays import Instance, Lock, SlotIndex
from panelopt.planning.spares import DyeSpare, dye_spares
from panelopt.scoring import PanelScore, check_panel, score_panel
from tests import builders
from tests.planning.helpers import judged

TOLERANCE = 0.02


def without_cd31() -> tuple[Instance, PanelScore]:
    """A panel of three slots, so that two detectors are free; noisy detectors, so that dyes differ in score."""
    populations = [p.model_dump() for p in builders.problem().population]
    for target in populations[:2]:
        target["levels"]["CD271"] = "mid"
    goal = {"purity": 0.9999, "leak": 1e-6, "yield_min": 0.5}
    quiet, score = judged(builders.problem(population=populations, goal=goal))
    instance = replace(quiet, electronic=np.full(len(quiet.detector), 100.0))
    shorter = score_panel(instance, score.slots[:3], TOLERANCE)
    assert shorter is not None
    return instance, shorter


def every_dye(instance: Instance, score: PanelScore, index: int) -> dict[str, tuple[float, float]]:
    """Change of worst and sum for each dye on its brightest free detector, without any shortcut."""
    old, read = score.slots[index], {slot.detector for i, slot in enumerate(score.slots) if i != index}
    broken = Counter(v.rule for v in check_panel(instance, score.slots))
    found = {}
    for dye, name in enumerate(instance.dye):
        free = [d for d in range(len(instance.detector)) if d not in read and instance.allowed[d, dye]]
        if any(slot.dye == dye for slot in score.slots) or not free:
            continue
        detector = max(free, key=lambda d: instance.signal[d, dye])
        slots = [*score.slots[:index], SlotIndex(old.markers, dye, detector), *score.slots[index + 1 :]]
        judgement = score_panel(instance, slots, TOLERANCE)
        if judgement is not None and not Counter(v.rule for v in check_panel(instance, slots)) - broken:
            found[name] = (judgement.worst - score.worst, judgement.total - score.total)
    return found


def named(instance: Instance, spares: tuple[DyeSpare, ...]) -> dict[str, tuple[float, float]]:
    return {instance.dye[spare.dye]: (spare.worst_change, spare.sum_change) for spare in spares}


@pytest.mark.parametrize("index", [0, 1, 2])
def test_all_spares_are_those_of_trying_every_dye(index: int) -> None:
    instance, score = without_cd31()
    every = every_dye(instance, score, index)
    found = named(instance, dye_spares(instance, score, index, TOLERANCE, 99))
    assert found
    assert found.keys() == every.keys()
    for name, changes in found.items():
        assert changes == pytest.approx(every[name], abs=1e-9)
    assert any(abs(worst) + abs(total) > 1e-3 for worst, total in every.values())


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize("most", [1, 2])
def test_the_best_come_first(index: int, most: int) -> None:
    instance, score = without_cd31()
    every = every_dye(instance, score, index)
    found = dye_spares(instance, score, index, TOLERANCE, most)
    assert len(found) == min(most, len(every))
    losses = [(max(0.0, -spare.worst_change - TOLERANCE), -spare.sum_change) for spare in found]
    assert losses == sorted(losses)
    best = sorted((max(0.0, -worst - TOLERANCE), -total) for worst, total in every.values())[:most]
    assert np.array(losses) == pytest.approx(np.array(best))


def test_rules_and_free_detectors_limit_the_spares() -> None:
    instance, score = without_cd31()
    old = score.slots[0]
    locked = replace(instance, locks=(Lock(old.markers[0], old.dye, None),))
    assert dye_spares(locked, score, 0, TOLERANCE, 99) == ()
    available = np.zeros_like(instance.available)
    assert dye_spares(replace(instance, available=available), score, 0, TOLERANCE, 99) == ()
    assert dye_spares(instance, score, 0, TOLERANCE, 0) == ()
    for spare in dye_spares(instance, score, 0, TOLERANCE, 99):
        assert spare.detector not in {slot.detector for slot in score.slots[1:]}


def test_a_rule_that_is_broken_already_does_not_forbid_every_spare() -> None:
    instance, score = without_cd31()
    tight = replace(instance, max_colours=2)
    assert check_panel(tight, score.slots)
    assert named(tight, dye_spares(tight, score, 0, TOLERANCE, 99))
