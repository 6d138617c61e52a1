"""Sort plans as text."""

from __future__ import annotations

from hypothesis import given, settings

from panelopt.report.gate_settings import settings as settings_of
from panelopt.report.sort_plan_text import sort_plan_text
from tests import builders, strategies


def shown(**changes: object) -> str:
    return sort_plan_text(builders.sort_plan(**changes))


def test_every_part_is_there() -> None:
    text = shown(calibration="beads of lot 7")
    for part in (
        "tiny on tiny-sorter\nOne sort after beads for CD271 takes 2 min; the tube holds 2,100 cells",
        "and is 50.0 % pure; every goal is reached.",
        "1. Enrich 1,000,000 cells with beads for CD271: 150-fold, 90.0 % of the target cells kept.",
        "2. Stain 6,700 cells with the panel.",
        "3. Sort msc-pos in purity mode, 10,000 events/s: 2 min.",
        "5,000 * 4 min 80.0 95.0 2,100",
        "msc-pos and msc-neg are separated by CD146 BV421 at 4,140 antibodies",
        "which holds 2.0 and 3.0 % of their cells: 45 cells that reach the sorter.",
        "Gates of msc-pos, in antibodies per cell",
        "2,600",
        "20,000",
        "Where to set each gate of msc-pos",
        "CD271 PE above 97.5 99.9 >99.99 4.0 20,000 41,000 AU",
        "viability BV421 - - - - 2,600 unknown below",
        "Signal: from the calibration (beads of lot 7).",
        "without",
        "beads *",
        "150-fold",
        "- one-step would give purity 50.0 %.",
        "fits into a working day of 8 h without beads.",
        "- Unknown drop rate: The drop rate is unknown (tiny-sorter).",
    ):
        assert " ".join(part.split()) in " ".join(text.split()), part


def test_the_summary_counts_cells_as_the_tables_do() -> None:
    plan = builders.sort_plan()
    (tube,) = (made := plan.plans[plan.recommended]).tubes
    tubes = (tube.model_copy(update={"cells_recovered": 1087.0}),)
    plans = tuple(p.model_copy(update={"tubes": tubes}) if p is made else p for p in plan.plans)
    text = sort_plan_text(plan.model_copy(update={"plans": plans}))
    assert "the tube holds 1,090 cells" in text
    assert "Expect for msc-pos: 1,090 cells" in text


def test_a_missed_goal_names_its_limit_and_its_remedy() -> None:
    text = " ".join(shown(recommended=0).split())
    assert "- msc-pos: purity 50.0 instead of 95.0 %. Beads would do. Limited by" in text


def test_without_calibration_the_units_are_unknown() -> None:
    assert "Thresholds in instrument units: unknown" in " ".join(shown().split())


def test_warnings_may_be_left_out() -> None:
    assert "the drop rate is unknown" not in sort_plan_text(builders.sort_plan(), warnings=False)


def test_beads_and_day() -> None:
    plan = builders.sort_plan().model_dump(by_alias=True)
    late = {"goal": "hours", "value": 20.0, "wanted": 8.0, "remedy": "Beads would do."}
    plans = [plan["plans"][0] | {"misses": [late]}, plan["plans"][1]]
    text = " ".join(shown(plans=plans, enrichment_fold_for_day=12.0).split())
    assert "CD271 with at least 12-fold enrichment fit" in text
    assert "No enrichment by CD271 fits" in shown(plans=plans, enrichment_fold_for_day=None)
    assert "Beads cannot enrich all targets" in shown(plans=plans, enrichment_marker=None, enrichment_fold_for_day=None)
    assert "- hours 20 instead of 8 h. Beads would do." in shown(plans=plans, recommended=0)
    assert "- one-step would give hours 20." in shown(plans=plans)
    unknown = shown(cells=None)
    assert "Beads and the working day" not in unknown


def test_controls_and_order_list() -> None:
    text = shown(**builders.bench_lists())
    for part in (
        "Controls\n",
        "2 CD271 PE alone beads 5,000 - 100 every-dye",
        "3 tubes, 59,200 cells, 5.9 % of those that reach the sorter.",
        "2. ask whether the beads hold it.",
        "msc-pos CD45+CD31 FITC yes 7.0 26.4 PE",
        "msc-neg CD45+CD31 FITC no - <1 -",
        "- msc-pos, CD45+CD31 FITC: made up.",
        "CD271 PE above beads 99.9 >99.99 4.0 20,000",
        "CD271 PE 10 5 uL",
        "so the volumes for 2, 1 tests are unknown: CD45 FITC.",
        "- every-dye: one for every dye. Source: model rule.",
        "CD271 PE ME20.4 Testa - your stock 1 + 2 10 0",
        "CD45 FITC - - - - ? + 1 ? ?",
        "Unverified; ask the vendor first: CD45 FITC.",
        "CD271 PE - - L-1 2031-01-02 7",
        "Testa 1 2 200.00 30.00",
        "CD271 PE PE on B575 Other 120.00 0 0",
        "CD45 FITC BV421 on B575 Other 120.00 -0.25 -1.50",
    ):
        assert " ".join(part.split()) in " ".join(text.split()), part
    assert max(map(len, text.splitlines())) <= 80
    plain = shown()
    for title in ("Controls", "Order list", "Spares"):
        assert title not in plain


def test_wanted_cells_are_shown() -> None:
    plan = builders.sort_plan().model_dump(by_alias=True)
    plans = [p | {"hours_for_wanted": 1.5, "cells_needed": 2e7} for p in plan["plans"]]
    text = shown(plans=plans, goals=plan["goals"] | {"wanted_cells": 5000.0})
    assert "one-step: 5,000 cells in every tube take 1.50 hours and 20,000,000 cells." in text


def test_lines_fit() -> None:
    assert max(map(len, shown().splitlines())) <= 80


@settings(max_examples=30)
@given(strategies.hostile_texts)
def test_names_cannot_steer_the_terminal(name: str) -> None:
    plan = builders.sort_plan()
    target = plan.targets[0].model_copy(update={"name": name})
    border = plan.borders[0].model_copy(update={"upper": name, "lower": name, "fluorochrome": name})
    changes = {"problem": name, "cytometer": name, "targets": (target,), "borders": (border,)}
    text = sort_plan_text(plan.model_copy(update=changes))
    assert not {"\x1b", "\u202e", "\x00", "\u2028"} & set(text)


@settings(max_examples=30)
@given(strategies.hostile_texts)
def test_names_of_controls_and_products_cannot_steer_the_terminal(name: str) -> None:
    plan = builders.sort_plan(**builders.bench_lists())
    tubes = tuple(tube.model_copy(update={"name": name, "note": name}) for tube in plan.controls.tubes)
    fmo = tuple(d.model_copy(update={"target": name, "spread_from": (name,)}) for d in plan.controls.fmo)
    lines = tuple(line.model_copy(update={"vendor": name, "clone": name, "marker": name}) for line in plan.order.lines)
    controls = plan.controls.model_copy(update={"tubes": tubes, "fmo": fmo})
    order = plan.order.model_copy(update={"lines": lines})
    text = sort_plan_text(plan.model_copy(update={"controls": controls, "order": order}))
    assert not {"\x1b", "\u202e", "\x00", "\u2028"} & set(text)


def test_a_window_has_two_thresholds() -> None:
    plan = builders.sort_plan()
    window = {"side": "between", "high": 1e5, "high_positive_kept": 0.02, "high_fmo_percentile": 100.0}
    step = plan.targets[0].tree[3].model_copy(update=window)
    target = plan.targets[0].model_copy(update={"tree": (step,)})
    low, high = settings_of(plan, target)
    assert (low.gate, low.positive, low.fmo, low.times_p99) == ("CD271 PE above", 0.975, 99.87, 20000.5 / 5000)
    assert (high.gate, high.positive, high.fmo, high.times_p99) == ("CD271 PE below", 0.02, 100.0, 20.0)
    assert (high.unstained, high.signal, high.antibodies) == (None, None, 1e5)
    assert list(settings_of(plan, target.model_copy(update={"tree": plan.targets[0].tree[:2]}))) == []
