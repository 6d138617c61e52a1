"""What tubes reach when every gate is charged, against every choice of gates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from panelopt.instance import Instance
from panelopt.instance.arrays import FloatArray
from panelopt.scoring.claims import SIDES
from panelopt.solver.panel_ratios import BELOW, Gains, LeastRatios
from tests.oracle.instances import random_instance

GIVEN_UP = 0.02
Claims = Sequence[Sequence[FloatArray]]  # by slot and tube: (3, C)


def gate_sets(slots: int) -> Iterator[list[tuple[int, int]]]:
    """Every choice of one gate or none on each slot."""
    for kinds in product((None, *range(len(SIDES))), repeat=slots):
        yield [(slot, kind) for slot, kind in enumerate(kinds) if kind is not None]


def gained(claims: Claims, gates: list[tuple[int, int]]) -> FloatArray:
    """What gates gain, (1, Q), were they those of every tube."""
    nothing = [np.zeros(of_tube.shape[1]) for of_tube in claims[0]]
    sums = [sum((claims[slot][t][kind] for slot, kind in gates), none) for t, none in enumerate(nothing)]
    return np.concatenate(sums)[None]


def may_reach(ratios: LeastRatios, claims: Claims, worst: float, total: float) -> bool:
    """Whether some gates reach the worst ratio, and some the sum without giving up too much."""
    reached = []
    for gates in gate_sets(len(claims)):
        below = [(slot, kind) for slot, kind in gates if kind == BELOW]
        reached.append(ratios._of_tubes(Gains(gained(claims, gates), gained(claims, below)), len(gates))[:, 0])
    smallest, sums = np.array(reached).swapaxes(0, 1)  # (sets of gates, tubes)
    sums = np.where(smallest >= worst - GIVEN_UP, sums, -np.inf)
    return bool(smallest.max(axis=0).min() >= worst and sums.max(axis=0).sum() >= total)


def random_claims(instance: Instance, rng: np.random.Generator, slots: int) -> list[list[FloatArray]]:
    shapes = [(len(SIDES), len(view.contaminants)) for view in instance.views]
    return [[2.0 * rng.random(shape) ** 3 for shape in shapes] for _ in range(slots)]


def test_no_panel_that_some_gates_take_there_is_ruled_out() -> None:
    rng = np.random.default_rng(0)
    reaching = ruled_out = 0
    for seed, slots, _ in product(range(4), (1, 2, 3), range(30)):
        instance = replace(random_instance(seed, conventional=True, markers=3, dyes=4), eps=0.1)  # gates cost much
        claims = random_claims(instance, rng, slots)
        slot_gains = [Gains.of_claims([of_tube[None] for of_tube in slot]) for slot in claims]
        worst, total = rng.uniform(-1.5, 1.0), -np.inf
        if rng.random() < 0.5:
            most = LeastRatios(instance, worst)._of_tubes(Gains.sum(slot_gains), 0)[1].sum()
            worst, total = -1.5, float(most - rng.uniform(0.0, 0.5) * abs(most))
        ratios = LeastRatios(instance, worst, total, GIVEN_UP)
        plain, charged = ratios.reached(Gains.sum(slot_gains))[0], ratios.reached_by_gates(slot_gains)[0]
        if may_reach(ratios, claims, worst, total):
            assert plain
            assert charged
            reaching += 1
        ruled_out += plain and not charged
    assert reaching > 50
    assert ruled_out > 5
