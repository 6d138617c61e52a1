"""Every hard rule: a panel that keeps it and one that breaks it, for the judge and for the model."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from ortools.sat.python import cp_model

from panelopt.bounds.candidate_slots import list_options
from panelopt.instance import Instance, Lock, SlotIndex
from panelopt.io.instance_npz import arrays
from panelopt.scoring import check_panel
from panelopt.scoring.rule_checks import CHECKS
from panelopt.solver.rule_constraints import RULES, PanelVars
from tests.oracle.enumeration import all_panels
from tests.oracle.instances import random_instance, with_limits

BY_CONSTRUCTION = {"product-exists", "complexity"}
"""Rules without a twin: no option breaks the first, and the second is not linear."""


def plain(*, conventional: bool = True, **changes: Any) -> Instance:
    """Three markers on three dyes that a detector each sees best."""
    base = random_instance(0, conventional=conventional, markers=3, dyes=3)
    light = np.array([[1.0, 0.05, 0.0], [0.6, 1.0, 0.05], [0.0, 0.1, 1.0], [0.0, 0.0, 0.55]])
    count = len(base.population)
    return replace(
        base,
        **(
            {
                "detector": ("a", "b", "c", "d"),
                "signal": light,
                "allowed": light >= 0.5,
                "autofluorescence": np.array([50.0, 30.0, 20.0, 10.0]),
                "background": np.zeros(4),
                "excess": np.ones(4),
                "electronic": np.full(4, 20.0),
                "proportional": np.full(4, 0.01),
                "available": np.array([[True, True, True], [True, True, True], [True, True, False]]),
                "price": np.array([[100.0, 50.0, 70.0], [100.0, 50.0, np.nan], [10.5, 20.25, np.nan]]),
                "abc": np.full((count, 3), 100.0),
                "cv": np.full((count, 3), 0.5),
                "dump": np.array([False, True, True]),
                "no_above": np.zeros(3, dtype=bool),
                "viability": np.zeros(3, dtype=bool),
                "max_spillover": 1.0,
            }
            | changes
        ),
    )


HOMES = np.array([[1.0, 0.05, 0.9], [0.6, 1.0, 0.05], [0.0, 0.1, 1.0], [0.0, 0.0, 0.55]])
"""As in :func:`plain`, but the last dye may also be read on the first detector."""

A, B, C = SlotIndex((0,), 0, 0), SlotIndex((1,), 1, 1), SlotIndex((1,), 2, 2)
DUMP = SlotIndex((1, 2), 1, 1)

TWO_HOMES: dict[str, Any] = {"signal": HOMES, "allowed": HOMES >= 0.5}
DIM_HOME = SlotIndex((0,), 0, 1)

PAIRS: dict[str, list[tuple[dict[str, Any], tuple[SlotIndex, ...], tuple[SlotIndex, ...]]]] = {
    "empty-panel": [({}, (A,), ())],
    "one-slot-per-dye": [({}, (A, B), (A, SlotIndex((1,), 0, 1)))],
    "one-product-per-marker": [
        ({}, (A, B), (A, SlotIndex((0,), 1, 1))),
        ({}, (A, DUMP), (DUMP, SlotIndex((2,), 0, 0))),
    ],
    "product-exists": [({}, (SlotIndex((2,), 1, 1),), (SlotIndex((2,), 2, 2),))],
    "detector": [({}, (A, B), (SlotIndex((0,), 0, 1), B)), ({}, (A,), (SlotIndex((0,), 0, 2),))],
    "spillover": [
        # dye 0 on detector b is brighter in detector a, so that nothing may be read there
        (TWO_HOMES, (DIM_HOME, C), (DIM_HOME, SlotIndex((1,), 2, 0))),
        (TWO_HOMES | {"max_spillover": 0.04}, (A,), (A, SlotIndex((1,), 1, 1))),
    ],
    "similarity": [
        ({"max_similarity": 0.5}, (A, C), (A, B)),
        (
            {
                "conventional": False,
                "signal": np.array([[1.0, 0.0, 1.0], [0.2, 1.0, 0.25], [0.0, 0.1, 0.0], [0.0, 0.0, 0.01]]),
            },
            (A, B),
            (A, SlotIndex((1,), 2, 0)),
        ),
    ],
    "detector-count": [
        (
            {
                "conventional": False,
                **{
                    name: getattr(plain(), name)[:3]
                    for name in ("signal", "allowed", "autofluorescence", "background", "excess", "electronic")
                },
                "proportional": np.full(3, 0.01),
                "detector": ("a", "b", "c"),
            },
            (A, C),
            (A, C, SlotIndex((2,), 1, 1)),
        )
    ],
    "complexity": [({"max_complexity": 1.5}, (A, C), (SlotIndex((0,), 0, 1), SlotIndex((1,), 1, 0)))],
    "required-marker": [({"required": np.array([False, True, False])}, (A, B), (A,))],
    "lock": [
        ({"locks": (Lock(1, 1, None),)}, (A, B), (A, C)),
        ({"locks": (Lock(1, 2, 3),)}, (A, SlotIndex((1,), 2, 3)), (A, C)),
        ({"locks": (Lock(1, 1, None),)}, (DUMP,), (SlotIndex((1, 2), 0, 0),)),
    ],
    "dump": [({}, (A, DUMP), (SlotIndex((0, 1), 0, 0),))],
    "max-colours": [({"max_colours": 1}, (A,), (A, B))],
    "budget": [
        ({"budget": 150.0}, (A, B), (A, SlotIndex((1,), 1, 1), SlotIndex((2,), 2, 2))),
        ({"budget": 100.0}, (SlotIndex((0,), 1, 1), SlotIndex((2,), 0, 0)), (SlotIndex((0,), 0, 0), B)),
        ({"budget": 1000.0}, (A, B), (A, C)),
        ({"budget": 10.5}, (SlotIndex((2,), 0, 0),), (SlotIndex((2,), 1, 1),)),
    ],
    "sort-ways": [({}, (A,), (A,))],
    "apart": [({"apart": (frozenset({A.stain, B.stain}),), "differ": 1}, (A, C), (A, B))],
    "max-changes": [({"reference": frozenset({(0, 0), (1, 1)}), "max_changes": 1}, (A, C), (SlotIndex((0,), 1, 1), C))],
}


@pytest.mark.parametrize("rule", PAIRS)
def test_judge(rule: str) -> None:
    for changes, good, bad in PAIRS[rule]:
        kept = broken = plain(**changes)
        if rule == "sort-ways":
            kept = replace(kept, sort_ways=len(kept.views))
            broken = replace(kept, sort_ways=len(kept.views) - 1)
        assert check_panel(kept, good) == ()
        assert rule in {violation.rule for violation in check_panel(broken, bad)}


def test_a_larger_limit_on_spillover_allows_the_pair() -> None:
    pair = DIM_HOME, SlotIndex((1,), 2, 0)
    (violation,) = check_panel(plain(**TWO_HOMES), pair)
    assert violation.message == (
        f"{plain().dye[0]} gives 167% of its light in b to a, where another dye is read; at most 100% is allowed"
    )
    assert check_panel(plain(**TWO_HOMES, max_spillover=1.66), pair)
    assert check_panel(plain(**TWO_HOMES, max_spillover=1.67), pair) == ()


def test_equal_light_in_both_detectors_is_no_spillover_above_one() -> None:
    light = np.array([[0.7, 0.05, 0.9], [0.7, 1.0, 0.05], [0.0, 0.1, 1.0], [0.0, 0.0, 0.55]])
    instance = plain(signal=light, allowed=light >= 0.5)
    assert check_panel(instance, (DIM_HOME, SlotIndex((1,), 2, 0))) == ()


def test_spectral_instruments_have_no_rule_on_spillover() -> None:
    instance = plain(conventional=False, signal=HOMES, allowed=HOMES >= 0.5)
    assert not instance.outshines(0, 1).any()
    assert "spillover" not in {v.rule for v in check_panel(instance, (DIM_HOME, SlotIndex((1,), 2, 0)))}


@pytest.mark.parametrize(("most", "least"), [(0.05, 40), (0.3, 40), (1.0, 5)])
def test_model_and_judge_agree_on_spillover(most: float, least: int) -> None:
    """All panels of up to three slots that the options make, judged one by one."""
    broken = 0
    for seed in range(4):
        instance = random_instance(seed, conventional=True, markers=3, dyes=3, dump=np.zeros(3, dtype=bool))
        light = instance.signal
        instance = replace(instance, max_spillover=most, allowed=(light >= 0.25 * light.max(axis=0)))
        slots = list_options(instance).slots
        panels = [panel for n in (1, 2, 3) for panel in itertools.combinations(slots, n)]
        rules = {panel: {violation.rule for violation in check_panel(instance, panel)} for panel in panels}
        assert model_panels(instance) == {tuple(sorted(panel)) for panel, found in rules.items() if not found}
        broken += sum(found == {"spillover"} for found in rules.values())
    assert broken > least


def test_names_of_the_twins() -> None:
    assert {*CHECKS, "empty-panel"} - BY_CONSTRUCTION == {rule.name for rule in RULES}
    assert set(PAIRS) == {*CHECKS, "empty-panel"}
    assert len({rule.name for rule in RULES}) == len(RULES)


class Collector(cp_model.CpSolverSolutionCallback):
    """Collects the panels of all solutions."""

    def __init__(self, panel: PanelVars) -> None:
        super().__init__()
        self.panel = panel
        self.found: set[tuple[SlotIndex, ...]] = set()

    def on_solution_callback(self) -> None:
        slots = self.panel.options.slots
        self.found.add(tuple(sorted(slots[o] for o, x in enumerate(self.panel.used) if self.value(x))))


def model_panels(instance: Instance) -> set[tuple[SlotIndex, ...]]:
    """Every panel that the rules of the model allow."""
    model = cp_model.CpModel()
    panel = PanelVars(model, instance, list_options(instance))
    for rule in RULES:
        rule.build(panel)
    collector, solver = Collector(panel), cp_model.CpSolver()
    solver.parameters.enumerate_all_solutions = True
    solver.parameters.num_workers = 1
    solver.solve(model, collector)
    return collector.found


def test_model_judge_and_enumeration_allow_the_same_panels() -> None:
    for seed in range(60):
        instance = random_instance(seed, conventional=bool(seed % 2), markers=3, dyes=3)
        instance, _ = with_limits(instance, seed + 500)
        changes = None if instance.max_changes is None else (instance.reference, instance.max_changes)
        plain_list = all_panels(arrays(instance), changes=changes, allow_unknown_price=instance.allow_unknown_price)
        allowed = {tuple(SlotIndex(*slot) for slot in panel) for panel in plain_list}
        modelled = model_panels(instance)
        assert allowed <= modelled
        assert {panel for panel in modelled if not check_panel(instance, panel)} == allowed
        if instance.budget is None and instance.max_complexity is None:
            assert modelled == allowed
