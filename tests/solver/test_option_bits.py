"""Sets of options as bits, against sets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import CandidateSlots, list_options
from panelopt.bounds.exclusions import Exclusions
from panelopt.solver import option_bits
from panelopt.solver.option_bits import OptionBits
from tests.oracle.instances import random_instance


def options_of(seed: int) -> CandidateSlots:
    return list_options(random_instance(seed, conventional=True, markers=3, dyes=4))


@pytest.mark.parametrize("copies", [1, 40])  # 40: more than one word for a detector
@pytest.mark.parametrize("seed", range(3))
def test_sets_have_their_members_and_the_detectors_of_these(seed: int, copies: int) -> None:
    once = options_of(seed)
    slots = once.slots * copies
    options = replace(once, slots=slots, cost=np.zeros(len(slots)), unknown_prices=np.zeros(len(slots), dtype=int))
    bits, rng = OptionBits(options), np.random.default_rng(seed)
    count = len(options.slots)
    rows = rng.random((20, count)) < rng.random((20, 1)) ** 3
    sets = bits.packed(rows)
    place, option = (index.ravel() for index in np.indices(rows.shape))
    assert (bits.contain(sets, place, option) == rows.ravel()).all()
    detectors = bits.detectors(sets)
    for row, found in zip(rows, detectors, strict=True):
        assert set(np.flatnonzero(found)) == set(options.detector[row])
    assert (bits.contain(bits.later, *np.indices((count + 1, count)).reshape(2, -1)).reshape(count + 1, count)).sum(
        axis=1
    ).tolist() == list(range(count, -1, -1))
    assert not bits.detectors(bits.later[[-1]]).any()


@pytest.mark.parametrize("block", [1, 4_000_000])
def test_what_each_option_excludes_is_that_of_the_table(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(option_bits, "_BLOCK", block)
    instance = random_instance(1, conventional=True, markers=3, dyes=4)
    options = list_options(instance)
    bits, exclude = OptionBits(options), Exclusions(instance, options)
    assert (bits.excluded(exclude) == bits.packed(exclude.rows(range(len(options.slots))))).all()
