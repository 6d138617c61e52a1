"""Which options exclude each other, by rows and for groups, against looking at every pair."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.bounds import exclusions
from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.exclusions import Exclusions, exclusive_dyes
from panelopt.instance import Instance, SlotIndex
from tests.bounds.test_reduction import demanding, with_twins


def question(seed: int) -> Instance:
    instance = demanding(seed)
    return with_twins(instance) if seed % 4 < 2 else instance


def exclude(instance: Instance, one: SlotIndex, other: SlotIndex) -> bool:
    """Whether two slots exclude each other, rule by rule."""
    dyes, home = (one.dye, other.dye), (one.detector, other.detector)
    same_light = (instance.signal[:, dyes[0]] == instance.signal[:, dyes[1]]).all()
    twins = same_light and (instance.allowed[:, dyes[0]] == instance.allowed[:, dyes[1]]).all()
    clash = bool(set(one.markers) & set(other.markers)) or (one.is_dump and other.is_dump)
    clash |= bool(twins) or bool(exclusive_dyes(instance)[dyes])
    if instance.conventional:
        clash |= home[0] == home[1]
        clash |= bool(instance.outshines(dyes[0], home[0])[home[1]])
        clash |= bool(instance.outshines(dyes[1], home[1])[home[0]])
    return clash


@pytest.mark.parametrize("seed", range(7))
def test_every_pair_is_as_the_rules_say(seed: int) -> None:
    instance = question(seed)
    options = list_options(instance)
    slots = options.slots
    expected = np.array([[exclude(instance, one, other) for other in slots] for one in slots])
    assert (Exclusions(instance, options).rows(range(len(options.slots))) == expected).all()
    assert expected.any()
    assert not expected.all()


@pytest.mark.parametrize("block", [1, 4_000_000])
def test_groups_are_as_their_members(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exclusions, "_BLOCK", block)
    rng = np.random.default_rng(0)
    some = none = 0
    for seed in range(24):
        instance = question(seed)
        options = list_options(instance)
        exclude = Exclusions(instance, options)
        table = exclude.rows(range(len(options.slots)))
        for size in (0, 1, 2, 3, len(options.slots)):
            group = rng.permutation(len(options.slots))[:size]
            others = rng.permutation(len(options.slots))[:5]
            assert (exclude.any_of(group) == table[group].any(axis=0)).all()
            assert (exclude.all_of(group) == table[group].all(axis=0)).all()
            assert (exclude.rows(group, others) == table[np.ix_(group, others)]).all()
            some, none = some + int(table[group].all(axis=0).sum()), none + int((~table[group].all(axis=0)).sum())
    assert min(some, none) > 100
