"""Improved panels: never behind the given one in the order of the objectives, and every change with its effect."""

from __future__ import annotations

from typing import Any

import pytest

from panelopt import api
from panelopt.domain.result import Result
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.io.panel_csv import PanelRow
from panelopt.questions.question import compiled
from panelopt.scoring import PanelScore, check_panel, score_panel
from panelopt.scoring.practicality import as_good, practical_key
from tests.answers.test_smallest_conflict import QUICK, question, required
from tests.oracle.answers import panels_of

pytestmark = pytest.mark.usefixtures("few_samples")


def rows_of(instance: Instance, slots: tuple[SlotIndex, ...]) -> list[PanelRow]:
    return [
        PanelRow(
            marker=instance.marker[m],
            fluorochrome=instance.dye[slot.dye],
            detector=instance.detector[slot.detector],
        )
        for slot in slots
        for m in slot.markers
    ]


def slots_of(instance: Instance, result: Result) -> tuple[SlotIndex, ...]:
    names = instance.marker, instance.dye, instance.detector
    return tuple(
        sorted(
            SlotIndex(
                tuple(sorted(names[0].index(m) for m in slot.markers)),
                names[1].index(slot.fluorochrome),
                names[2].index(slot.detector),
            )
            for slot in result.panel
        )
    )


def judged(instance: Instance) -> list[PanelScore]:
    return [score for panel in panels_of(instance) if (score := score_panel(instance, panel)) is not None]


def best_of(instance: Instance) -> PanelScore:
    scores = judged(instance)
    worst = max(score.worst for score in scores)
    return max((score for score in scores if score.worst >= worst - QUICK.tolerance), key=lambda score: score.total)


def comes_after(instance: Instance, later: PanelScore, earlier: PanelScore) -> bool:
    """Whether one panel comes behind another: clearly worse, or as good and behind in objective 3."""
    if not as_good(earlier, later, instance.slack):
        return True
    return as_good(later, earlier, instance.slack) and practical_key(instance, later) > practical_key(instance, earlier)


ASKED: dict[str, Any] = {"marker": required("CD271", "CD45")}


@pytest.mark.parametrize("most", [0, 1, pytest.param(2, marks=pytest.mark.slow)])
def test_no_improved_panel_comes_after_the_given_one(most: int) -> None:
    asked = question(**ASKED)
    instance = compiled(asked, QUICK).instance
    for given in list(panels_of(instance))[::160]:
        before = score_panel(instance, given)
        if before is None:
            continue
        result = api.improve(asked, rows_of(instance, given), most, QUICK)
        after = score_panel(instance, slots_of(instance, result))
        assert after is not None
        assert not comes_after(instance, after, before)


@pytest.mark.slow
def test_every_change_is_listed_with_what_it_brings() -> None:
    asked = question(**ASKED)
    instance = compiled(asked, QUICK).instance
    best = slots_of(instance, api.design(asked, QUICK))
    given = min(judged(instance), key=lambda score: score.worst)
    result = api.improve(asked, rows_of(instance, given.slots), 4, QUICK)
    assert result.changes
    readings = {m: (s.dye, s.detector) for s in given.slots for m in s.markers}
    new = {m: (s.dye, s.detector) for s in slots_of(instance, result) for m in s.markers}
    moved = {instance.marker[m] for m in {*readings, *new} if readings.get(m) != new.get(m)}
    assert {change.marker for change in result.changes} == moved
    assert any(change.worst_log_ratio is not None for change in result.changes)
    after = score_panel(instance, slots_of(instance, result))
    chosen = score_panel(instance, best)
    assert after is not None
    assert chosen is not None
    assert after.worst == pytest.approx(chosen.worst, abs=instance.slack + QUICK.tolerance)


def test_a_single_change_brings_the_difference_of_the_scores() -> None:
    asked = question(**ASKED)
    instance = compiled(asked, QUICK).instance
    given = next(iter(panels_of(instance)))
    before = score_panel(instance, given)
    result = api.improve(asked, rows_of(instance, given), 1, QUICK)
    after = score_panel(instance, slots_of(instance, result))
    assert before is not None
    assert after is not None
    assert result.changes is not None
    if len(result.changes) == 1:
        assert result.changes[0].basis == "made alone"
        assert result.changes[0].worst_log_ratio == pytest.approx(after.worst - before.worst)


def test_a_panel_that_nothing_improves_is_said_to_be_so() -> None:
    asked = question(**ASKED)
    best = api.design(asked, QUICK)
    instance = compiled(asked, QUICK).instance
    result = api.improve(asked, rows_of(instance, slots_of(instance, best)), 2, QUICK)
    assert result.changes == ()
    (remark,) = (w for w in result.warnings if w.code == "no-change-helps")
    assert remark.message == "no change of up to 2 reagents improves the panel"
    assert not check_panel(instance, slots_of(instance, result))


@pytest.mark.slow
def test_alternatives_are_as_good_as_the_best_panel_in_the_order_of_objective_3() -> None:
    asked = question(**ASKED)
    instance = compiled(asked, QUICK).instance
    found = api.alternatives(asked, 3, 1, QUICK)
    scores = [score_panel(instance, slots_of(instance, entry.result)) for entry in found.alternatives]
    assert None not in scores
    keys = [practical_key(instance, score) for score in scores if score is not None]
    good = [score is not None and as_good(best_of(instance), score, instance.slack) for score in scores]
    assert good == sorted(good, reverse=True)
    listed = [key for key, is_good in zip(keys, good, strict=True) if is_good]
    assert listed == sorted(listed)
