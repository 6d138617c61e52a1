"""Control tubes: one for each dye, on what, with how many cells; tests and dilutions."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.domain.control_tubes import Controls, ControlTube, FmoDecision
from panelopt.domain.reagents import Conjugate, Fluorochrome
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.planning import control_rules as rule
from panelopt.planning.as_written import cells_down, cells_up, written_tests
from panelopt.planning.bench import Bench
from panelopt.planning.control_plan import plan_controls, used_by_controls
from panelopt.planning.fmo import FmoGate, FmoParent
from panelopt.planning.positives import brightest_marker, positive_cells, positive_share
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


def minus_one(slot: int, target: str = "msc-pos", *shares: float, needed: bool = True) -> FmoGate:
    """A gate with its decision; events left after 0, 1, ... gates are given, all singlets first."""
    (marker, dye) = list(STAINS.items())[slot]
    decision = FmoDecision(
        target=target, slot=slot, markers=(marker,), fluorochrome=dye, side="below", needed=needed, shift=1.0,
        yield_without=0.9, purity_without=0.9, yield_change=-0.05, purity_change=0.0, reason="made up",
    )  # fmt: skip
    parents = [FmoParent(n, f"gate {n}" if n else "", share, 0.997) for n, share in enumerate(shares or (1.0,))]
    return FmoGate(decision, tuple(reversed(parents)))


def of_kind(controls: Controls, kind: str) -> list[ControlTube]:
    return [tube for tube in controls.tubes if tube.kind == kind]


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
    assert cells["PE"].cells == cells_up(rule.POSITIVE_EVENTS / (0.02 * rule.KEPT)) == 500_000
    assert cells["FITC"].cells == cells_up(rule.POSITIVE_EVENTS / (0.93 * rule.KEPT)) == 12_000
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
    # 5,000 of 93 %, of which half is recorded, are 10,753 cells, written as 12,000
    def carriers(cells: float | None, **changes: Any) -> set[str]:
        tubes = plan_controls(bench("protein", "protein", "protein", "protein", cells=cells, **changes), []).tubes
        return {tube.carrier for tube in tubes if tube.fluorochrome == "FITC"}

    assert carriers(11_999 / rule.MAX_SHARE, control_share=1.0) == {"beads"}
    assert carriers(12_000 / rule.MAX_SHARE, control_share=1.0) == {"cells"}
    assert carriers(None) == {"cells"}
    # with the unstained cells, 20,000, they exceed what all controls may take
    assert carriers(1e6, control_share=0.031) == {"beads"}
    assert carriers(1e6, control_share=0.033) == {"cells"}


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
    assert positive_share(empty.instance, empty.phi, 1) == 0.0
    unknown = replace(made, instance=replace(made.instance, abc=np.full_like(abc, np.nan)))
    assert positive_share(unknown.instance, unknown.phi, 1) is None
    # of the viability dye the dead cells are the positive ones
    assert positive_cells(made.instance, 0) is not None
    np.testing.assert_array_equal(positive_cells(made.instance, 0), dead)
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


def test_brightest_marker_is_that_of_live_cells() -> None:
    made = viable()
    abc = np.full_like(made.instance.abc, 10.0)
    abc[0, 1], abc[0, 2] = 20.0, 30.0
    abc[[name.startswith("dead") for name in made.instance.population], 1] = 1e5
    instance = replace(made.instance, abc=abc)
    assert brightest_marker(instance, SlotIndex((1, 2), 0, 0)) == 2
    assert brightest_marker(instance, SlotIndex((3, 4), 0, 0)) == 3


def test_one_fmo_tube_for_each_slot_that_needs_it() -> None:
    gates = [minus_one(0, needed=False), minus_one(2), minus_one(2, "msc-neg"), minus_one(3, "msc-neg", needed=False)]
    controls = plan_controls(bench(), gates)
    (tube,) = of_kind(controls, "fmo")
    assert (tube.slot, tube.markers, tube.stained) == (2, ("CD45",), (0, 1, 3))
    assert tube.note == "for msc-pos, msc-neg on all single cells, threshold at percentile 99.7"
    assert (tube.events, tube.cells, tube.parent, tube.own_events) == (10_000, 20_000, "", 10_000)
    assert controls.fmo == tuple(gate.decision for gate in gates)


def test_fmo_tube_holds_ten_thousand_events_of_the_parent_gate() -> None:
    # of 1e8 cells an FMO tube may take a million: 0.021 is enough of a share, 0.019 is not
    (tube,) = of_kind(plan_controls(bench(), [minus_one(2, "msc-pos", 1.0, 0.4, 0.021)]), "fmo")
    assert (tube.parent, tube.events, tube.cells, tube.own_events) == ("gate 2", 10_000, 1_000_000, 10_000)
    assert "share-of-sample" not in tube.rules
    (tube,) = of_kind(plan_controls(bench(), [minus_one(2, "msc-pos", 1.0, 0.4, 0.019)]), "fmo")
    assert (tube.parent, tube.cells, tube.own_events) == ("gate 1", 1_000_000, 9_000)
    assert tube.events == cells_down(1e6 * 0.4 * rule.KEPT)
    assert "on the cells after gate 1, threshold at percentile 99.7; only 9,000 events" in tube.note
    assert tube.rules == ("fmo", "share-of-sample")


def test_rarest_cells_decide_for_a_tube_of_several_gates() -> None:
    gates = [minus_one(2, "msc-pos", 1.0, 0.5), minus_one(2, "msc-neg", 1.0, 0.2)]
    (tube,) = of_kind(plan_controls(bench(), gates), "fmo")
    assert (tube.share, tube.cells) == (0.2, 100_000)
    assert "for msc-pos, msc-neg on the cells after gate 1" in tube.note


@pytest.mark.parametrize(
    ("changes", "instead"),
    [
        ({}, "stain an enriched or depleted fraction, a spiked sample"),
        ({"bead_marker": "CD271"}, "stain the cells that the CD271 beads let through, or some that they hold"),
    ],
)
def test_what_to_do_where_the_sample_is_too_small(changes: dict[str, Any], instead: str) -> None:
    # 5 % of 100,000 cells are 5,000: 2,500 for each of two tubes, no more than 2 % for the FMO tube
    controls = plan_controls(bench(cells=1e5, **changes), [minus_one(2, "msc-pos", 1.0, 0.001)])
    (tube,) = of_kind(controls, "fmo")
    assert (tube.parent, tube.cells, tube.events, tube.own_events) == ("", 2000, 1000, 1)
    assert "as many events as the sample allows" in tube.note
    assert instead in tube.note
    assert of_kind(controls, "unstained")[0].cells == 2500


def test_depleted_cells_are_those_without_the_dump() -> None:
    (tube,) = of_kind(plan_controls(dumped("protein"), [minus_one(0, "msc-pos", 1.0, 1e-4)]), "fmo")
    assert "stain cells depleted of CD45, CD31, a spiked sample" in tube.note


@given(
    st.floats(10, 1e10), st.sampled_from([0.001, 0.01, 0.05, 0.2]),
    st.lists(st.tuples(st.integers(0, 3), st.lists(st.floats(1e-7, 1), min_size=1, max_size=4)), max_size=4),
    st.booleans(),
)  # fmt: skip
def test_controls_never_take_more_than_their_share(
    cells: float, share: float, wanted: list[tuple[int, list[float]]], live: bool
) -> None:
    gates = [minus_one(slot, "msc-pos", *sorted(shares, reverse=True)) for slot, shares in wanted]
    made = replace(VIABLE if live else PROTEINS, cells=cells, control_share=share)
    controls = plan_controls(made, gates)
    assert controls.share_of_sample is not None
    assert controls.share_of_sample <= share * (1 + 1e-9)
    assert controls.share_of_sample == pytest.approx(controls.cells / cells)
    assert len(of_kind(controls, "fmo")) == len({slot for slot, _ in wanted})
    for tube in of_kind(controls, "fmo"):
        assert tube.cells is not None
        assert tube.cells <= min(rule.MAX_CELLS, rule.FMO_SHARE * cells)
        assert tube.own_events is not None
        assert tube.own_events <= tube.events
        # fewer than 10,000 events only where all singlets are too few for the tube
        assert tube.events >= rule.FMO_EVENTS or tube.parent == ""
        assert ("for more, stain" in tube.note) == (tube.own_events < rule.FMO_EVENTS)


VIABLE, PROTEINS = viable(), bench("protein", "protein", "protein", "protein")


def test_tests_of_a_reagent_are_those_of_its_tubes() -> None:
    made = bench("protein", "polymer", "tandem", "protein", cells_per_test=1e4)
    controls = plan_controls(made, [minus_one(2)])
    for slot, marker in enumerate(STAINS):
        alone = [tube for tube in controls.tubes if tube.markers == (marker,) and tube.kind == "single-stain"]
        missing = [tube for tube in controls.tubes if tube.kind == "fmo" and tube.slot != slot]
        wanted = sum(max(1.0, written_tests((tube.cells or 0) / 1e4)) for tube in (*alone, *missing))
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
