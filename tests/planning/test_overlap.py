"""Gates that one cell could pass twice."""

from __future__ import annotations

import math

import numpy as np
import pytest

from panelopt.planning.overlap import kept_apart, overlap, shared, split
from panelopt.planning.tube import amounts, loosened, tubes_of
from tests import builders
from tests.planning.helpers import gate, judged, tube


def high(slot: int, low: float) -> object:
    return gate(slot, [0.1, 0.1], "above", low=low, high=None)


def low(slot: int, high: float) -> object:
    return gate(slot, [0.1, 0.1], "below", low=None, high=high)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([high(0, 10)], [low(0, 5)], False),
        ([high(0, 5)], [low(0, 10)], True),
        ([high(0, 5)], [low(0, 5)], False),  # only the border in common
        ([high(0, 5)], [high(1, 5)], True),  # no slot in common
        ([high(0, 5), high(1, 5)], [high(0, 50), low(1, 5)], False),
        ([high(0, 5), high(1, 5)], [high(0, 50), low(1, 6)], True),
        ([], [high(0, 5)], True),
        ([gate(0, [1, 1], "between", low=2, high=4)], [gate(0, [1, 1], "between", low=4, high=9)], False),
        ([gate(0, [1, 1], "between", low=2, high=4)], [gate(0, [1, 1], "between", low=3, high=9)], True),
    ],
)
def test_gates_overlap_where_every_common_slot_does(first: list, second: list, expected: bool) -> None:  # type: ignore[type-arg]
    one, other = tube(*first, name="one"), tube(*second, name="other")
    assert overlap(one, other) is expected
    assert overlap(other, one) is expected


def near() -> object:
    """Two targets whose antigen differs little, so that their gates overlap."""
    populations = [p.model_dump() for p in builders.problem().population]
    populations[0]["levels"]["CD146"], populations[1]["levels"]["CD146"] = "bright", "mid"
    return builders.problem(population=populations)


def test_split_gives_a_common_border() -> None:
    instance, score = judged(near())  # type: ignore[arg-type]
    before = tubes_of(instance, score)
    assert overlap(*before)
    after, (border,) = split(instance, score, before, instance.phi)
    assert not overlap(*after)
    for old, new in zip(before, after, strict=True):
        assert new.gate_yield < old.gate_yield
        assert all(
            (n.low is None) == (o.low is None) and (o.low is None or n.low >= o.low)  # type: ignore[operator]
            for o, n in zip(old.gates, new.gates, strict=True)
        )
        assert amounts(new, instance.phi).target < amounts(old, instance.phi).target
    slot = next(s for s, (lower, upper) in shared(*after).items() if lower >= upper)
    assert shared(*after)[slot] == (border.value, border.value)
    assert (border.slot, border.upper, border.lower) == (slot, 0, 1)
    assert border.low <= border.value <= border.high


def test_the_border_is_where_the_distributions_cross() -> None:
    """Drawn cells: no other border puts clearly fewer of them on the wrong side; the shares within are counted."""
    instance, score = judged(near())  # type: ignore[arg-type]
    tubes = tubes_of(instance, score)
    _, (border,) = split(instance, score, tubes, instance.phi)
    rng = np.random.default_rng(7)
    drawn = {}
    for number in (border.upper, border.lower):
        t, s = tubes[number].target, border.slot
        abc, cv = score.light.levels.abc[t, s], score.light.levels.cv[t, s]
        antibodies = abc * np.exp(np.sqrt(np.log1p(cv**2)) * rng.standard_normal(400_000))
        drawn[number] = antibodies + score.light.sd[number, t, s] * rng.standard_normal(400_000)
    upper, lower = drawn[border.upper], drawn[border.lower]
    for cells, share in ((upper, border.upper_share), (lower, border.lower_share)):
        assert ((cells > border.low) & (cells < border.high)).mean() == pytest.approx(share, abs=3e-3)
    weights = [
        float(instance.phi[tubes[k].target]) * math.prod(g.kept for g in tubes[k].gates if g.slot != border.slot)
        for k in (border.upper, border.lower)
    ]

    def wrong(place: float) -> float:
        return float(weights[0] * (upper < place).mean() + weights[1] * (lower > place).mean())

    others = np.linspace(border.low, border.high, 41)
    assert wrong(border.value) <= min(map(wrong, others)) + 0.01 * sum(weights)


def test_loose_gates_stay_apart_and_hold_the_tight_ones() -> None:
    instance, score = judged(near())  # type: ignore[arg-type]
    tight, _ = split(instance, score, tubes_of(instance, score), instance.phi)
    loose = kept_apart(loosened(instance, score, 0.25), tight)
    assert not overlap(*loose)
    for one, other in zip(tight, loose, strict=True):
        for t, wide in zip(one.gates, other.gates, strict=True):
            assert t.low is None or wide.low <= t.low  # type: ignore[operator]
            assert t.high is None or wide.high >= t.high  # type: ignore[operator]


def test_gates_without_an_ordered_slot_cannot_be_split() -> None:
    populations = [p.model_dump() for p in builders.problem().population]
    populations[0]["levels"]["CD146"], populations[1]["levels"]["CD146"] = "dim", "low"
    instance, score = judged(builders.problem(population=populations))
    before = tubes_of(instance, score)
    assert overlap(*before)
    assert split(instance, score, before, instance.phi) == (before, ())


def test_tubes_that_do_not_overlap_stay_as_they_are() -> None:
    instance, score = judged()
    before = tubes_of(instance, score)
    assert not overlap(*before)
    assert split(instance, score, before, instance.phi) == (before, ())
