"""Whole numbers in the model against exact rational arithmetic: rounding changes no status."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from panelopt.bounds.candidate_slots import CandidateSlots, list_options
from panelopt.bounds.claim_bounds import own_bounds
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance import Instance
from panelopt.instance.arrays import FloatArray, View
from panelopt.io.instance_npz import arrays
from panelopt.scoring import check_panel
from panelopt.scoring.claims import SIDES
from panelopt.scoring.view_claims import base_doublet, base_single
from panelopt.solver.integer_steps import SCALE, STEADY, down, up
from panelopt.solver.master import Master
from tests.oracle.instances import random_instance
from tests.oracle.score import sides

NOISE = Fraction(STEADY) + Fraction(1, 10**8)
"""Part of a step that rounding overlooks, and by which a float may lie beside the whole number it stands for."""


@given(st.floats(-300, 300, allow_subnormal=False))
def test_up_and_down_enclose_the_exact_value(value: float) -> None:
    exact = Fraction(value) * SCALE
    assert down(value) - NOISE <= exact <= up(value) + NOISE
    assert up(value) < exact + 1 + NOISE
    assert down(value) > exact - 1 - NOISE


@given(st.integers(-(10**9), 10**9))
def test_whole_steps_come_back_or_lie_one_step_on_the_safe_side(steps: int) -> None:
    assert up(steps / SCALE) - steps in (0, 1)
    assert steps - down(steps / SCALE) in (0, 1)


# ---- the objective of one panel


def exact_worst(
    instance: Instance, options: CandidateSlots, limits: list[FloatArray], panel: tuple[int, ...]
) -> Fraction:
    """Largest smallest log ratio that the own limits allow a panel, by trying all gates, in rational numbers."""
    step = Fraction(float(np.log10(1 - instance.eps)))
    worst = Fraction(instance.rho_cap)
    most = Fraction(min(instance.most_rejection, 1e3))
    for number, view in enumerate(instance.views):
        single = [Fraction(float(v)) for v in base_single(instance, view)]
        doublet = [Fraction(float(v)) if np.isfinite(v) else None for v in base_doublet(instance, view)]
        best = None
        for gates in gate_sets(instance, options, panel, view):
            if len(gates) > instance.gate_cap:
                continue
            values = []
            for c in range(len(single)):
                claims = [(side, Fraction(float(limits[number][o, side, c]))) for o, side in gates]
                terms = [single[c] + len(gates) * step + min(sum(v for _, v in claims), most)]
                if doublet[c] is not None:
                    terms.append(doublet[c] + min(sum(v for side, v in claims if SIDES[side] == "below"), most))
                values.append(min(*terms, Fraction(instance.rho_cap)))
            best = max(min(values), best) if best is not None else min(values)
        assert best is not None
        worst = min(worst, best)
    return worst


def gate_sets(
    instance: Instance, options: CandidateSlots, panel: tuple[int, ...], view: View
) -> Iterator[list[tuple[int, int]]]:
    a, every = arrays(instance), [options.slots[o] for o in panel]
    ways = [sides(a, (s.markers, s.dye, s.detector), view.target, view.marker) for s in every]
    for choice in product(*ways):
        yield [(o, side) for o, side in zip(panel, choice, strict=True) if side is not None]


def status_at(
    instance: Instance, options: CandidateSlots, limits: list[FloatArray], panel: set[int], steps: int
) -> int:
    """Status of the model for one panel with a demand on objective 1, in steps."""
    master = Master(instance, options, limits)
    for o, used in enumerate(master.panel.used):
        master.model.add(used == int(o in panel))
    master.model.add(master.worst >= steps)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    return int(solver.solve(master.model))


@pytest.mark.parametrize("seed", range(10))
def test_a_demand_is_met_exactly_where_rational_numbers_meet_it(seed: int) -> None:
    instance = random_instance(seed, conventional=bool(seed % 2), markers=3, dyes=3)
    options = list_options(instance)
    limits = own_bounds(instance, SubsetNoise(instance, options))
    rng = np.random.default_rng(seed)
    panels = [panel for n in (1, 2) for panel in combinations(range(len(options.slots)), n)]
    allowed = [p for p in panels if not check_panel(instance, [options.slots[o] for o in sorted(p)])]
    for place in rng.permutation(len(allowed))[:3]:
        panel = allowed[int(place)]
        exact = exact_worst(instance, options, limits, panel) * SCALE
        terms = 2 + 2 * len(panel)  # each is rounded up by less than a step
        assert status_at(instance, options, limits, set(panel), int(exact // 1)) == cp_model.OPTIMAL
        assert status_at(instance, options, limits, set(panel), int(exact // 1) + terms + 1) == cp_model.INFEASIBLE


def test_very_rare_targets_are_not_called_infeasible() -> None:
    instance = random_instance(3, conventional=True)
    phi = np.array(instance.phi)
    phi[0] = 1e-200
    instance = replace(instance, phi=phi)
    options = list_options(instance)
    limits = own_bounds(instance, SubsetNoise(instance, options))
    solver = cp_model.CpSolver()
    assert solver.solve(Master(instance, options, limits).model) == cp_model.OPTIMAL


# ---- the budget


def panels_of_model(instance: Instance, options: CandidateSlots) -> set[frozenset[int]]:
    """Every panel that the model allows."""
    found: set[frozenset[int]] = set()
    master = Master(instance, options, own_bounds(instance, SubsetNoise(instance, options)))
    used = master.panel.used

    class Collect(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            found.add(frozenset(o for o, x in enumerate(used) if self.boolean_value(x)))

    for gate in master.gate.values():
        master.model.add(gate == 0)
    for rho in [*master.rho.values(), master.worst]:
        master.model.add(rho == -90 * SCALE)
    for claim in master.claim.values():
        master.model.add(claim == 0)
    solver = cp_model.CpSolver()
    solver.parameters.enumerate_all_solutions = True
    assert solver.solve(master.model, Collect()) in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    return found


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(1, 99_999_999), min_size=4, max_size=4),
    st.integers(1, 3),
    st.sampled_from([-1, 0, 1]),
)
def test_the_budget_is_kept_to_the_cent(cents: list[int], bought: int, more: int) -> None:
    base = random_instance(1, conventional=False, markers=2, dyes=2)
    budget = sum(cents[:bought]) + more
    instance = replace(
        base,
        price=np.array(cents, dtype=float).reshape(2, 2) / 100,
        budget=budget / 100,
        available=np.ones((2, 2), dtype=bool),
        dump=np.zeros(2, dtype=bool),
        signal=np.eye(len(base.detector))[:, :2],
        autofluorescence=np.zeros(len(base.detector)),
    )
    options = list_options(instance)
    cheap, scored = set(), set()
    for n in (1, 2):
        for panel in combinations(range(len(options.slots)), n):
            slots = [options.slots[o] for o in panel]
            price = sum(Fraction(cents[2 * slot.markers[0] + slot.dye], 100) for slot in slots)
            if len({s.dye for s in slots}) < n or len({s.markers for s in slots}) < n:
                continue
            if price <= Fraction(budget, 100):
                cheap.add(frozenset(panel))
            if not check_panel(instance, slots):
                scored.add(frozenset(panel))
    assert scored == cheap
    assert panels_of_model(instance, options) == cheap
