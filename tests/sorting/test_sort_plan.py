"""Sort plans of the small problem, against its score and against the plan's own arithmetic."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelopt import api
from panelopt.api import Options, SortOptions
from panelopt.domain.calibration import Calibration
from panelopt.domain.result import Result
from panelopt.domain.sort_plan_record import GateStep, SortPlan, TargetPlan
from panelopt.errors import InfeasibleError, InputError, UsageError
from panelopt.io.panel_csv import PanelRow
from panelopt.io.result_json import record_json
from panelopt.planning.beads import BEAD_FOLD
from panelopt.sorting.nozzles import MODEL_DROP_RATE_HZ, model_drop_rate_hz
from tests import builders
from tests.answers.test_smallest_conflict import question
from tests.planning.helpers import STAINS, sample

pytestmark = pytest.mark.usefixtures("few_samples")

ROWS = tuple(PanelRow(marker, dye) for marker, dye in STAINS.items())


def planned(sort: SortOptions | None = None, rows: Any = ROWS, **changes: Any) -> SortPlan:
    changes.setdefault("sample", sample())
    return api.sort_plan(question(**changes), rows, sort)


@cache
def plain() -> SortPlan:
    """The plan of the question as it is."""
    return planned()


def scored(**changes: Any) -> Result:
    changes.setdefault("sample", sample())
    return api.score(question(**changes), ROWS)


def near() -> list[dict[str, Any]]:
    """Two targets whose gates overlap on CD146."""
    populations = [p.model_dump() for p in builders.problem().population]
    populations[0]["levels"]["CD146"], populations[1]["levels"]["CD146"] = "bright", "mid"
    return populations


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sample": sample(dead_fraction=0.1, doublet_fraction=0.2)},
        {"sample": sample(enrichment={"marker": "CD271", "fold": 20, "recovery": 0.5})},
    ],
)
def test_numbers_are_those_of_the_score(changes: dict[str, Any]) -> None:
    plan, result = planned(SortOptions(event_rate_hz=1e-3), **changes), scored(**changes)
    assert plan.panel == result.panel
    for found, target, tube in zip(plan.targets, result.targets, plan.plans[0].tubes, strict=True):
        assert found.name == target.name
        assert found.prediction.frequency == target.frequency
        assert found.prediction.purity == pytest.approx(target.purity, abs=1e-12)
        assert found.prediction.gate_yield == pytest.approx(target.gate_yield, abs=1e-12)
        assert found.tree[-1].purity_so_far == pytest.approx(target.purity, abs=1e-12)
        assert found.tree[-1].yield_so_far == pytest.approx(target.gate_yield, abs=1e-12)
        gates = {(step.slot, step.side, step.low, step.high) for step in found.tree if step.slot is not None}
        assert gates == {(gate.slot, gate.side, gate.low, gate.high) for gate in target.gates}
        # so slow that nothing coincides: the cells are those that the score expects
        assert tube.purity == pytest.approx(target.purity, abs=1e-9)
        assert tube.cells_deflected == pytest.approx(target.expected_cells, rel=1e-6)


def test_each_step_is_direct_arithmetic() -> None:
    """Shares after each step from the score's own claims of the gates passed so far, by a plain loop."""
    plan = plain()
    for target in plan.targets:
        assert [step.kind for step in target.tree[:2]] == ["scatter", "singlets"]
        for step in target.tree:
            total = step.purity_so_far + sum(share.share for share in step.shares)
            assert total == pytest.approx(1.0)
            assert all(0 <= share.doublets <= share.share for share in step.shares)
        yields = [step.yield_so_far for step in target.tree]
        assert yields == pytest.approx([1, 1, *(0.98**n for n in range(1, len(yields) - 1))])
        for before, after in zip(target.tree, target.tree[1:], strict=False):
            # contaminants for each target cell at the start: yield (1 - purity) / purity
            left = [s.yield_so_far * (1 - s.purity_so_far) / s.purity_so_far for s in (before, after)]
            assert after.removes == pytest.approx(1 - left[1] / left[0])


def test_singlets_leave_a_tenth_of_the_doublets() -> None:
    for target in plain().targets:
        raw, singlets = target.tree[0], target.tree[1]
        for one, other in zip(raw.shares, singlets.shares, strict=True):
            # doublets : target = fraction x frequency
            assert one.doublets / raw.purity_so_far == pytest.approx(
                10 * other.doublets / singlets.purity_so_far, rel=1e-9
            )


def test_enrichment_is_shown_with_and_without() -> None:
    beads = {"marker": "CD271", "fold": 20, "recovery": 0.5}
    plan, other = planned(sample=sample(enrichment=beads)), plain()
    assert plan.enrichment is not None
    assert other.enrichment is None
    for found, bare in zip(plan.targets, other.targets, strict=True):
        assert bare.without_enrichment is None
        assert found.without_enrichment is not None
        assert found.prediction.frequency > 10 * found.without_enrichment.frequency
        if [s.slot for s in found.tree] == [s.slot for s in bare.tree]:
            assert found.without_enrichment.purity == pytest.approx(bare.prediction.purity)


def test_viability_and_dump_come_first() -> None:
    markers = [
        {"name": "viability", "role": "viability"},
        {"name": "CD271"},
        {"name": "CD45", "role": "dump"},
        {"name": "CD31", "role": "dump"},
    ]
    populations = [
        {"name": "msc", "role": "target", "frequency": 0.001, "levels": {"CD271": "bright", "CD45": "-", "CD31": "-"}},
        {"name": "a", "role": "contaminant", "frequency": 0.5, "levels": {"CD271": "-", "CD45": "bright", "CD31": "-"}},
        {"name": "b", "role": "contaminant", "frequency": 0.4, "levels": {"CD271": "-", "CD45": "-", "CD31": "bright"}},
    ]  # fmt: skip
    rows = [
        PanelRow("viability", "BV605"), PanelRow("CD271", "PE"), PanelRow("CD45", "FITC"), PanelRow("CD31", "FITC"),
    ]  # fmt: skip
    plan = planned(rows=rows, marker=markers, population=populations, sample=sample(dead_fraction=0.2))
    (target,) = plan.targets
    assert [step.kind for step in target.tree] == ["scatter", "singlets", "viability", "dump", "marker"]
    assert target.tree[3].markers == ("CD45", "CD31")


def test_wells_and_tubes_differ_by_mode() -> None:
    tubes = {
        mode: planned(SortOptions(mode=mode, event_rate_hz=10_000)).plans[0].tubes[0]  # type: ignore[arg-type]
        for mode in ("purity", "yield", "single")
    }
    window = 2 / MODEL_DROP_RATE_HZ
    assert tubes["single"].survival == pytest.approx(math.exp(-1e4 * window))
    assert tubes["purity"].survival == pytest.approx(math.exp(-1e4 * window * (1 - tubes["purity"].gated)))
    assert tubes["yield"].survival == 1.0
    assert tubes["yield"].passengers > 0.5
    assert tubes["yield"].purity < tubes["purity"].purity
    assert tubes["yield"].sort_yield > tubes["purity"].sort_yield
    for tube in tubes.values():
        assert tube.purity + sum(share.share for share in tube.shares) == pytest.approx(1.0)
        assert tube.abort_rate_hz == pytest.approx(1e4 * tube.gated * (1 - tube.survival))


def test_stages_are_counted_out() -> None:
    plan = planned(SortOptions(stages="two", event_rate_hz=5_000))
    assert [found.kind for found in plan.plans] == ["one-step", "beads", "two-sorts"]
    for found in plan.plans:
        sorts = [stage for stage in found.stages if stage.kind == "sort"]
        for stage in sorts:
            assert stage.hours == pytest.approx(stage.events / stage.event_rate_hz / 3600)  # type: ignore[operator]
        assert found.hours == pytest.approx(sum(stage.hours or 0 for stage in sorts))
        for tube in found.tubes:
            assert tube.cells_recovered == pytest.approx(0.3 * tube.cells_deflected)  # type: ignore[operator]
    beads = plan.plans[1].stages[0].enrichment
    assert beads is not None
    assert (beads.marker, beads.fold) == ("CD271", BEAD_FOLD)
    assert "Cuthbert" in beads.source


def test_beads_of_another_marker_have_a_model_fold() -> None:
    plan = planned(SortOptions(stages="two", bead_marker="CD146", bead_recovery=0.5))
    beads = plan.plans[1].stages[0].enrichment
    assert beads is not None
    assert beads.source == "fold: model value, known for CD271 only; recovery: option"


def test_auto_adds_plans_only_where_one_step_misses() -> None:
    slow = SortOptions(hours=1e-3)
    assert len(plain().plans) == 1
    assert len(planned(slow).plans) == 3
    assert len(planned(replace(slow, stages="one")).plans) == 1
    assert {miss.goal for miss in planned(slow).plans[0].misses} == {"hours"}


def test_the_fold_for_a_day_brings_the_sort_into_it() -> None:
    plan = planned(SortOptions(hours=0.05, event_rate_hz=1_000))
    assert plan.plans[0].hours is not None
    assert plan.plans[0].hours > 0.05
    fold = plan.enrichment_fold_for_day
    assert fold is not None
    for factor, fits in ((1.0, True), (0.98, False)):
        beads = {"marker": plan.enrichment_marker, "fold": factor * fold, "recovery": 0.92}
        again = planned(SortOptions(event_rate_hz=1_000, stages="one"), sample=sample(enrichment=beads))
        assert again.plans[0].hours is not None
        assert (again.plans[0].hours <= 0.05) is fits


def test_stated_enrichment_leaves_no_further_beads() -> None:
    beads = {"marker": "CD271", "fold": 20, "recovery": 0.5}
    plan = planned(SortOptions(stages="two"), sample=sample(enrichment=beads))
    assert [found.kind for found in plan.plans] == ["one-step", "two-sorts"]
    assert plan.plans[0].stages[0].kind == "beads"


def test_depletion_is_no_enrichment_to_vary() -> None:
    beads = {"marker": "CD45", "fold": 0.01, "recovery": 0.9}
    plan = planned(SortOptions(hours=1e-6), sample=sample(enrichment=beads))
    assert plan.enrichment_marker is None
    assert plan.enrichment_fold_for_day is None


def test_unknown_cells_leave_hours_unknown() -> None:
    plan = planned(sample=sample(cells=None))
    assert plan.cells is None
    assert plan.plans[0].hours is None
    assert plan.plans[0].tubes[0].cells_recovered is None
    assert "takes an unknown time; each tube is at least" in plan.summary()


def test_wanted_cells_need_no_known_sample() -> None:
    asked = SortOptions(wanted_cells=1000, event_rate_hz=1_000)
    plan = planned(asked, sample=sample(cells=None))
    found = plan.plans[0]
    assert found.hours_for_wanted is not None
    assert found.cells_needed is not None
    whole = planned(asked, sample=sample(cells=found.cells_needed)).plans[0]
    assert min(tube.cells_recovered or 0 for tube in whole.tubes) == pytest.approx(1000)
    assert whole.hours == pytest.approx(found.hours_for_wanted)


def test_limits_of_shares_are_goals() -> None:
    populations = [p.model_dump() for p in builders.problem().population]
    populations[3]["max_share"] = 1e-3
    plan = planned(SortOptions(mode="yield", event_rate_hz=8_000), population=populations)
    (miss, *_) = [m for m in plan.plans[0].misses if m.goal == "share"]
    assert miss.limited_by[0].population == "endothelial"
    assert miss.value is not None
    assert miss.value > miss.wanted == 1e-3


# ---- several tubes


def test_overlapping_gates_are_refused_by_name() -> None:
    with pytest.raises(InfeasibleError, match="msc-pos and msc-neg") as raised:
        planned(SortOptions(overlap="refuse"), population=near())
    assert raised.value.exit_code == 3
    assert "Omit --overlap" in raised.value.hint
    assert "--ways 1" in raised.value.hint


def test_overlapping_gates_are_split() -> None:
    plan = planned(population=near())
    (border,) = plan.borders
    one, other = ({step.slot: step for step in target.tree if step.slot is not None} for target in plan.targets)
    borders = [(one[s].low, other[s].high) for s in one.keys() & other.keys() if plan.panel[s].markers == ("CD146",)]
    assert borders
    assert borders == [(border.value, border.value)]
    assert (border.upper, border.lower, border.markers) == ("msc-pos", "msc-neg", ("CD146",))
    within = sum(
        target.prediction.frequency * share
        for target, share in zip(plan.targets, (border.upper_share, border.lower_share), strict=True)
    )
    assert border.cells == pytest.approx((plan.cells_to_stain or 0) * within)
    assert "gates-split" in {remark.code for remark in plan.warnings}
    for target, scored_target in zip(plan.targets, scored(population=near()).targets, strict=True):
        assert target.prediction.gate_yield < scored_target.gate_yield
        assert target.prediction.purity > scored_target.purity


def test_overlapping_gates_may_follow_each_other() -> None:
    plan = planned(SortOptions(ways=1), population=near())
    assert plan.passes == (("msc-pos",), ("msc-neg",))
    assert {stage.pass_number for stage in plan.plans[0].stages} == {1, 2}
    assert "several-passes" in {remark.code for remark in plan.warnings}


def test_more_targets_than_ways_are_sorted_in_passes() -> None:
    plan = planned(goal={"sort_ways": 1})
    assert [len(group) for group in plan.passes] == [1, 1]
    together, apart = plain().plans[0], plan.plans[0]
    assert apart.tubes[0].cells_recovered == pytest.approx((together.tubes[0].cells_recovered or 0) / 2, rel=0.05)


# ---- settings


def test_calibration_gives_the_units_of_the_instrument() -> None:
    lines = [
        {"fluorochrome": "PE", "slope": 2.0, "offset": 10.0, "unit": "AU"},
        {"detector": "B530", "slope": 1.5, "offset": 0.0, "unit": "AU"},
    ]
    calibration = Calibration.model_validate({"source": "beads", "channel": lines})
    plan, bare = planned(SortOptions(calibration=calibration)), plain()
    assert (plan.calibration, bare.calibration) == ("beads", None)

    def gates(found: SortPlan) -> list[GateStep]:
        return [step for target in found.targets for step in target.tree if step.slot is not None]

    assert all((s.signal_unit, s.low_signal, s.high_signal) == (None, None, None) for s in gates(bare))
    for step in gates(plan):
        if step.fluorochrome == "PE" and step.low is not None:
            assert step.low_signal == pytest.approx(10 + 2 * step.low)
        if step.fluorochrome == "FITC" and step.high is not None:
            assert step.high_signal == pytest.approx(1.5 * step.high)
        assert (step.signal_unit is None) == (step.fluorochrome not in ("PE", "FITC"))
    assert {"PE"} <= {step.fluorochrome for step in gates(plan)}


def test_calibration_of_unknown_channels_is_refused_in_one_go() -> None:
    lines = [
        {"fluorochrome": "P3", "slope": 2.0, "offset": 10.0, "unit": "AU"},
        {"detector": "B531", "slope": 1.5, "offset": 0.0, "unit": "AU"},
    ]
    with pytest.raises(InputError) as raised:
        planned(SortOptions(calibration=Calibration.model_validate({"channel": lines})))
    assert len(raised.value.findings) == 2
    assert "B530" in raised.value.findings[1].hint


def test_cytometer_states_its_drops() -> None:
    asked = question(sample=sample())
    own = replace(asked, cytometer=builders.cytometer(drop_rate_hz=90_000, nozzle_um=(70, 100)))
    plan = api.sort_plan(own, ROWS)
    assert (plan.sorter.drop_rate_hz, plan.sorter.origins["drop_rate_hz"]) == (90_000, "cytometer")
    assert plan.sorter.nozzle_um == 100
    # another nozzle than the usual one: what the cytometer states does not hold
    other = api.sort_plan(own, ROWS, SortOptions(nozzle_um=70))
    assert other.sorter.origins["drop_rate_hz"] == "model value"
    assert other.sorter.drop_rate_hz == model_drop_rate_hz(70)


def test_large_cells_want_a_wide_nozzle() -> None:
    populations = [p.model_dump() | {"diameter_um": 25.0} for p in builders.problem().population]
    plan = planned(SortOptions(nozzle_um=100), population=populations)
    assert "narrow-nozzle" in {remark.code for remark in plan.warnings}
    assert "narrow-nozzle" not in {r.code for r in planned(SortOptions(nozzle_um=130), population=populations).warnings}


@pytest.mark.parametrize(
    "wrong",
    [
        {"event_rate_hz": -1.0},
        {"event_rate_hz": math.nan},
        {"drop_rate_hz": 0.0},
        {"recovery": 1.5},
        {"recovery": -0.1},
        {"hours": math.inf},
        {"wanted_cells": -5.0},
        {"ways": 0},
        {"bead_fold": 1.0},
        {"bead_fold": 1e13},
        {"bead_recovery": 2.0},
        {"mask_drops": 1000.0},
        {"recovery": 1e-9},
        {"wanted_cells": 1e300},
    ],
)
def test_nonsense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        SortOptions(**wrong)


def test_what_cannot_be_sorted_is_refused() -> None:
    asked = question(sample=sample())
    with pytest.raises(InputError, match="does not sort"):
        api.sort_plan(replace(asked, cytometer=builders.cytometer(sorter=False)), ROWS)
    with pytest.raises(InputError, match="list of markers"):
        api.sort_plan(replace(asked, problem=builders.marker_list()), ROWS)
    with pytest.raises(InputError, match="CD270 is not a marker"):
        planned(SortOptions(bead_marker="CD270"))
    with pytest.raises(InputError, match="not a marker"):
        planned(rows=[PanelRow("CD999", "PE")])


def test_more_ways_than_the_instrument_has_are_refused() -> None:
    with pytest.raises(UsageError, match="fills 4 tubes at once, not 5"):
        planned(SortOptions(ways=5))


def test_more_events_than_drops_are_refused() -> None:
    with pytest.raises(UsageError, match="exceed the 28,500 drops"):
        planned(SortOptions(event_rate_hz=40_000))
    assert planned(SortOptions(event_rate_hz=40_000, drop_rate_hz=90_000)).plans


def test_beads_of_the_problem_and_of_the_call_are_not_mixed() -> None:
    beads = {"marker": "CD271", "fold": 20, "recovery": 0.5}
    with pytest.raises(UsageError, match="already states an enrichment"):
        planned(SortOptions(bead_fold=100), sample=sample(enrichment=beads))


@settings(max_examples=8, deadline=None)
@given(
    mode=st.sampled_from(["purity", "yield", "single"]),
    event_rate_hz=st.none() | st.floats(1e-6, 28_500),
    mask_drops=st.floats(1e-6, 100),
    recovery=st.floats(1e-6, 1),
    hours=st.floats(1e-6, 1e15),
    wanted_cells=st.none() | st.floats(1e-6, 1e15),
    bead_fold=st.floats(1.001, 1e12),
    bead_recovery=st.floats(1e-6, 1),
    ways=st.integers(1, 3),
)
def test_every_number_of_every_plan_is_finite(**given_options: Any) -> None:
    plan = planned(SortOptions(stages="two", **given_options))
    assert SortPlan.model_validate_json(record_json(plan)) == plan
    for found in plan.plans:
        for tube in found.tubes:
            assert 0 <= tube.purity <= 1
            assert 0 <= tube.sort_yield <= 1 + 1e-9
            assert tube.overall_yield <= tube.sort_yield + 1e-9
            assert tube.purity + sum(share.share for share in tube.shares) == pytest.approx(1.0)


def test_rules_that_the_panel_breaks_are_named() -> None:
    plan = planned(limits={"max_colours": 2})
    assert [conflict.demand for conflict in plan.conflicts] == [
        c.demand for c in scored(limits={"max_colours": 2}).conflicts
    ]
    assert plan.conflicts
    assert not planned(goal={"sort_ways": 1}).conflicts  # passes answer it


def test_panel_that_reaches_no_demand_is_refused() -> None:
    asked = question(sample=sample(), goal={"purity": 1 - 1e-12})
    with pytest.raises(InfeasibleError, match="cannot be used for a sort"):
        api.sort_plan(asked, ROWS, None, Options(require_goal=True))


# ---- one plan


def test_all_follow_the_recommended_plan() -> None:
    """Cells to stain, tests, controls and gates are those after the beads where beads are recommended."""
    slow = SortOptions(hours=0.01, event_rate_hz=1_000, cells_per_test=1e3)
    plan = planned(slow)
    taken = plan.plans[plan.recommended]
    assert taken.kind == "beads"
    beads = taken.stages[0].enrichment
    assert beads is not None
    again = planned(
        replace(slow, stages="one"),
        sample=sample(enrichment={"marker": beads.marker, "fold": beads.fold, "recovery": beads.recovery}),
    )
    assert plan.cells_to_stain == pytest.approx(taken.stages[1].events)
    assert plan.cells_to_stain < (plan.cells or 0) / 5
    for one, other in zip(plan.order.lines, again.order.lines, strict=True):
        assert one.tests_sample == other.tests_sample == math.ceil(plan.cells_to_stain / 1e3)
        assert one.tests_controls == other.tests_controls
    assert plan.controls.tubes == again.controls.tubes
    for found, whole in zip(plan.targets, again.targets, strict=True):
        assert found.prediction.frequency == pytest.approx(whole.prediction.frequency)
        assert found.tree[-1].purity_so_far == pytest.approx(found.prediction.purity)
        _check_beads(found, beads.fold)


def _check_beads(target: TargetPlan, fold: float) -> None:
    """The prediction after beads from that before them: cells that carry the marker by the fold, doublets twice."""
    before, after = target.without_enrichment, target.prediction
    assert before is not None
    growth = after.frequency / before.frequency
    grown = {s.population: growth if s.population.startswith("msc") else growth / fold for s in before.shares}
    singles = [(s.share - s.doublets) * grown[s.population] for s in before.shares]
    doublets = [s.doublets * grown[s.population] * growth for s in before.shares]
    total = before.purity * growth + sum(singles) + sum(doublets)
    assert after.purity == pytest.approx(before.purity * growth / total)
    for share, single, doublet in zip(after.shares, singles, doublets, strict=True):
        assert (share.share, share.doublets) == pytest.approx(((single + doublet) / total, doublet / total))


def test_rates_to_choose_from_are_plans_of_their_own() -> None:
    plan = plain()
    assert sum(one.chosen for one in plan.trade) == 1
    for one in plan.trade:
        again = planned(SortOptions(event_rate_hz=one.event_rate_hz, stages="one")).plans[0]
        assert one.hours == pytest.approx(again.hours)
        assert one.sort_yield == pytest.approx(min(tube.sort_yield for tube in again.tubes))
        assert one.purity == pytest.approx(min(tube.purity for tube in again.tubes))
        assert one.cells_recovered == pytest.approx(min(tube.cells_recovered or 0 for tube in again.tubes))
    assert [one.hours for one in plan.trade] == sorted((one.hours or 0 for one in plan.trade), reverse=True)


def test_a_given_rate_leaves_nothing_to_choose() -> None:
    (only,) = planned(SortOptions(event_rate_hz=500)).trade
    assert (only.event_rate_hz, only.chosen) == (500, True)


def test_volumes_are_those_of_the_sorted_drops() -> None:
    plan = planned(SortOptions(event_rate_hz=2_000))
    (found,) = plan.plans
    (stage,) = found.stages
    drop_nl = plan.sorter.drop_volume_nl
    assert drop_nl
    for tube in found.tubes:
        events = (stage.events or 0) * tube.gated * tube.survival
        assert tube.volume_ml == pytest.approx(events * drop_nl * 1e-6)
        assert tube.collection_tubes == 1
    seconds = 3600 * (found.hours or 0)
    assert found.sheath_ml == pytest.approx(drop_nl * 1e-6 * plan.sorter.drop_rate_hz * seconds)
    assert found.sample_ml == pytest.approx((plan.cells or 0) / 1e7)


def test_a_full_tube_and_few_cells_are_said() -> None:
    full = planned(sample=sample(cells=1e10), goal={"purity": 0.5})
    (tube, *_) = full.plans[full.recommended].tubes
    assert (tube.collection_tubes or 0) > 1
    assert "tube-overflows" in {remark.code for remark in full.warnings}
    few = planned(sample=sample(cells=1e4))
    assert "few-cells" in {remark.code for remark in few.warnings}
