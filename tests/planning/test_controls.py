"""Control tubes: one for each dye, on what, with how many cells; tests and dilutions."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.domain.controls import Controls, FmoDecision
from panelopt.domain.reagents import Conjugate, Fluorochrome
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.planning import control_rules as rule
from panelopt.planning.controls import Bench, fmo_events, plan_controls, positive_share, used_by_controls
from panelopt.planning.titration import FOLDS, MAX_AMOUNT, PackSize, titration
from tests import builders
from tests.planning.helpers import STAINS, compiled, judged

VIABILITY = "Zombie"


def bench(*kinds: str, instance: Instance | None = None, pack: PackSize | None = None, **changes: Any) -> Bench:
    """The small panel; its dyes may be of other kinds, its reagents of other isotypes."""
    instance = instance or judged()[0]
    slots = tuple(
        SlotIndex((instance.marker.index(marker),), instance.dye.index(dye), 0) for marker, dye in STAINS.items()
    )
    isotype = changes.pop("isotype", "")
    keys = list(STAINS.items())
    dyes = {dye.name: dye for dye in builders.fluorochromes()}
    for (_, dye), kind in zip(keys, kinds, strict=False):
        dyes[dye] = Fluorochrome.model_validate(dyes[dye].model_dump() | {"kind": kind})
    made = Bench(
        instance=instance,
        slots=slots,
        conjugate={key: builders.conjugate(*key, isotype=isotype) for key in keys},
        pack=dict.fromkeys(keys, pack or PackSize()),
        dye=dyes,
        phi=instance.phi,
        cells=1e8,
        cells_per_test=1e6,
    )
    return replace(made, **changes)


def decision(slot: int, target: str = "msc-pos", *, needed: bool = True) -> FmoDecision:
    (marker, dye) = list(STAINS.items())[slot]
    return FmoDecision(
        target=target, slot=slot, markers=(marker,), fluorochrome=dye, side="below", needed=needed, shift=1.0,
        yield_without=0.9, purity_without=0.9, yield_change=-0.05, purity_change=0.0, reason="made up",
    )  # fmt: skip


def kinds(controls: Controls) -> list[str]:
    return [tube.kind for tube in controls.tubes]


def test_one_single_stain_for_every_dye() -> None:
    controls = plan_controls(bench(), [])
    assert kinds(controls) == ["unstained", "unstained", *["single-stain"] * 4]
    assert [tube.slot for tube in controls.tubes[2:]] == [0, 1, 2, 3]
    assert [(tube.markers, tube.fluorochrome) for tube in controls.tubes[2:]] == [((m,), d) for m, d in STAINS.items()]
    assert all(tube.stained == (tube.slot,) for tube in controls.tubes[2:])
    assert controls.tubes[1].carrier == "beads"
    named = {rule.name for rule in controls.rules}
    assert {name for tube in controls.tubes for name in tube.rules} <= named
    assert all(known.source for known in controls.rules)


def test_dyes_that_differ_on_beads_are_controlled_on_cells_where_there_are_enough() -> None:
    # CD271 is bright on 2 % of the cells, CD45 on 93 %
    cells = {
        tube.fluorochrome: tube for tube in plan_controls(bench("protein", "polymer", "tandem", "protein"), []).tubes
    }
    assert {dye for dye, tube in cells.items() if dye and tube.carrier == "cells"} == set(STAINS.values())
    assert cells["PE"].share == pytest.approx(0.02)
    assert cells["PE"].cells == pytest.approx(rule.POSITIVE_EVENTS / (0.02 * rule.KEPT))
    assert cells["FITC"].cells == pytest.approx(rule.POSITIVE_EVENTS / (0.93 * rule.KEPT))
    assert "unlike-on-beads" in cells["PE"].rules
    assert "same-lot" in cells["FITC"].rules
    assert "same-lot" not in cells["PE"].rules


def test_too_few_positive_cells_mean_beads() -> None:
    instance = judged()[0]
    rare = instance.phi * np.where([name.startswith("msc") for name in instance.population], 1e-3, 1.0)
    controls = plan_controls(bench("protein", phi=rare), [])
    (tube,) = (tube for tube in controls.tubes if tube.fluorochrome == "PE")
    assert (tube.carrier, tube.cells) == ("beads", None)
    assert "beads-where-rare" in tube.rules
    assert "cells would be better" in tube.note


def test_single_stains_leave_the_sample_to_the_sort() -> None:
    # 5,000 of 93 %, of which half is recorded, are 10,753 cells
    def carriers(cells: float | None) -> set[str]:
        tubes = plan_controls(bench("protein", "protein", "protein", "protein", cells=cells), []).tubes
        return {tube.carrier for tube in tubes if tube.fluorochrome == "FITC"}

    assert carriers(10_752 / rule.MAX_SHARE) == {"beads"}
    assert carriers(10_753 / rule.MAX_SHARE) == {"cells"}
    assert carriers(None) == {"cells"}


@pytest.mark.parametrize(
    ("isotype", "carrier", "note"),
    [
        ("", "beads", "host and isotype are unknown"),
        ("Mouse IgG1, kappa", "beads", "beads that hold Mouse IgG1, kappa"),
        ("Rat IgG2a, lambda", "cells", ""),
        ("Mouse IgG1 \u03bb", "cells", ""),
    ],
)
def test_chains_decide_whether_beads_hold_an_antibody(isotype: str, carrier: str, note: str) -> None:
    tubes = plan_controls(bench(isotype=isotype), []).tubes[-4:]
    assert {tube.carrier for tube in tubes} == {carrier}
    assert all(note in tube.note for tube in tubes)


def test_unmixing_wants_cells() -> None:
    instance = replace(judged()[0], conventional=False)
    controls = plan_controls(bench(instance=instance), [])
    assert {tube.carrier for tube in controls.tubes} == {"cells"}
    assert all("cells-for-unmixing" in tube.rules for tube in controls.tubes)


def viable() -> Bench:
    markers = [{"name": "viability", "role": "viability"}, *({"name": name} for name in builders.MARKERS)]
    problem = builders.problem(marker=markers, sample={"dead_fraction": 0.1})
    plain = compiled(problem)
    made = bench(instance=plain)
    slot = SlotIndex((0,), plain.dye.index("BV605"), 1)
    key = ("viability", "BV605")
    return replace(
        made, slots=(slot, *made.slots), phi=plain.phi,
        conjugate={key: builders.conjugate(*key), **made.conjugate}, pack={key: PackSize(), **made.pack},
    )  # fmt: skip


def test_viability_is_controlled_on_heat_killed_cells() -> None:
    controls = plan_controls(viable(), [])
    (tube,) = (tube for tube in controls.tubes if tube.kind == "viability")
    assert (tube.carrier, tube.fluorochrome, tube.share) == ("cells", "BV605", rule.HEAT_KILLED)
    assert "heat-killed" in tube.note
    assert tube.cells == pytest.approx(rule.POSITIVE_EVENTS / (rule.HEAT_KILLED * rule.KEPT))


def test_dead_cells_and_unknown_levels_do_not_count_as_positive() -> None:
    made = viable()
    abc = np.full_like(made.instance.abc, 100.0)
    dead = [population.startswith("dead") for population in made.instance.population]
    assert sum(dead) == 3
    abc[dead] = 3000.0  # what a dead cell binds of everything
    empty = replace(made, instance=replace(made.instance, abc=abc))
    assert positive_share(empty, 1) == 0.0
    unknown = replace(made, instance=replace(made.instance, abc=np.full_like(abc, np.nan)))
    assert positive_share(unknown, 1) is None
    for some in (empty, unknown):
        stains = [tube for tube in plan_controls(some, []).tubes if tube.kind == "single-stain"]
        assert {tube.carrier for tube in stains} == {"beads"}


def dumped(kind: str) -> Bench:
    """CD45 and CD31 share PE-Cy7; CD31 is the brighter one."""
    made = bench("small_molecule", "small_molecule", "small_molecule", kind)
    dump = SlotIndex((2, 3), made.instance.dye.index("PE-Cy7"), 4)
    keys = [*((m, STAINS[m]) for m in ("CD271", "CD146")), ("CD45", "PE-Cy7"), ("CD31", "PE-Cy7")]
    return replace(
        made, slots=(*made.slots[:2], dump), conjugate={key: builders.conjugate(*key) for key in keys},
        pack=dict.fromkeys(keys, PackSize()),
    )  # fmt: skip


def test_dump_is_controlled_by_its_brightest_antigen_and_a_tandem_by_every_reagent() -> None:
    def stained(kind: str) -> list[tuple[str, ...]]:
        return [t.markers for t in plan_controls(dumped(kind), []).tubes if t.fluorochrome == "PE-Cy7"]

    assert stained("small_molecule") == [("CD31",)]
    assert stained("tandem") == [("CD45",), ("CD31",)]


def test_fmo_tubes_only_where_they_are_needed() -> None:
    made = bench()
    decisions = [decision(0, needed=False), decision(2), decision(2, "msc-neg"), decision(3, "msc-neg", needed=False)]
    controls = plan_controls(made, decisions)
    (tube,) = (tube for tube in controls.tubes if tube.kind == "fmo")
    assert (tube.slot, tube.markers, tube.stained) == (2, ("CD45",), (0, 1, 3))
    assert tube.note == "for the gates of msc-pos, msc-neg"
    assert tube.events == fmo_events(made.instance.eps) == 196
    assert tube.cells == pytest.approx(196 / (0.01 * rule.KEPT))
    assert controls.fmo == tuple(decisions)


@given(st.floats(0.001, 0.14))
def test_events_of_an_fmo_tube_find_the_quantile(eps: float) -> None:
    def error(count: float) -> float:
        return math.sqrt(eps * (1 - eps) / count)

    events = fmo_events(eps)
    assert error(events) <= eps / 2 * (1 + 1e-12)
    assert error(events - 1) > eps / 2 * (1 - 1e-9)


def test_tests_of_a_reagent_are_those_of_its_tubes() -> None:
    made = bench("protein", "polymer", "tandem", "protein", cells_per_test=1e4)
    controls = plan_controls(made, [decision(2)])
    for slot, marker in enumerate(STAINS):
        alone = [tube for tube in controls.tubes if tube.markers == (marker,) and tube.kind == "single-stain"]
        missing = [tube for tube in controls.tubes if tube.kind == "fmo" and tube.slot != slot]
        wanted = sum(max(1.0, (tube.cells or 0) / 1e4) for tube in (*alone, *missing))
        assert used_by_controls(controls, slot, marker) == pytest.approx(wanted)
    cells = sum(tube.cells or 0.0 for tube in controls.tubes)
    assert controls.cells == pytest.approx(cells)
    assert controls.share_of_sample == pytest.approx(cells / 1e8)
    assert plan_controls(replace(made, cells=None), []).share_of_sample is None


@given(
    st.one_of(st.none(), st.floats(0, 1e4)), st.one_of(st.none(), st.floats(0, 1e4)),
    st.sampled_from(["uL", "mL", "ug", "mg", "tests", "vial", ""]),
)  # fmt: skip
def test_dilutions_are_two_fold_around_the_stated_amount(tests: float | None, amount: float | None, unit: str) -> None:
    series = titration(Conjugate(marker="CD45", fluorochrome="PE"), PackSize(tests, amount, unit))
    assert series.folds == FOLDS
    assert 1.0 in series.folds
    assert all(one == 2 * other for one, other in pairwise(FOLDS))
    stated = tests and amount and unit not in ("tests", "vial", "")
    if not stated or not 0 < amount / tests <= MAX_AMOUNT:
        assert (series.amount, series.amounts, series.unit) == (None, (), "")
    else:
        assert series.unit == unit
        assert series.amounts == pytest.approx([fold * (amount / tests) for fold in FOLDS])
