"""Controls and order list of a plan, against the score of the panel with other dyes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from panelopt import api
from panelopt.api import Options, SortOptions
from panelopt.domain.reagents import Catalog
from panelopt.domain.sort_plan_record import SortPlan
from panelopt.errors import UsageError
from panelopt.io.panel_csv import PanelRow
from panelopt.planning.control_rules import CONTROL_SHARE
from panelopt.planning.tube import tubes_of
from panelopt.questions.scored_panel import score_rows
from panelopt.sorting.bench_lists import bench_lists
from tests import builders
from tests.answers.test_smallest_conflict import question
from tests.planning.helpers import STAINS, sample

ROWS = tuple(PanelRow(marker, dye) for marker, dye in STAINS.items())
PE_TEST = {"size": "250", "unit": "uL", "tests": "50"}


def planned(sort: SortOptions | None = None, rows: Any = ROWS, catalogs: Any = None, **changes: Any) -> SortPlan:
    changes.setdefault("sample", sample())
    return api.sort_plan(question(catalogs=catalogs, **changes), rows, sort)


def test_every_dye_has_its_tube_and_every_reagent_its_line() -> None:
    plan = planned()
    stained = [tube for tube in plan.controls.tubes if tube.kind in ("single-stain", "viability")]
    assert {tube.fluorochrome for tube in stained} == set(STAINS.values())
    assert {(line.marker, line.fluorochrome) for line in plan.order.lines} == set(STAINS.items())
    for line in plan.order.lines:
        assert line.marker in plan.panel[line.slot].markers
    gates = [(t.name, step.slot, step.side) for t in plan.targets for step in t.tree if step.slot is not None]
    assert [(d.target, d.slot, d.side) for d in plan.controls.fmo] == gates
    needed = {decision.slot for decision in plan.controls.fmo if decision.needed}
    assert needed == {tube.slot for tube in plan.controls.tubes if tube.kind == "fmo"}


def test_spares_cost_what_the_score_of_the_changed_panel_says() -> None:
    rows = ROWS[:3]
    populations = [p.model_dump() for p in builders.problem().population]
    for target in populations[:2]:
        target["levels"]["CD271"] = "mid"
    noisy = {"noise": {"electronic_pe": 100.0}}
    goal = {"leak": 1e-6, "purity": 0.9999, "yield_min": 0.5}
    asked = question(noisy, sample=sample(), goal=goal, population=populations)
    plan, before = api.sort_plan(asked, rows), api.score(asked, rows).objective
    assert before is not None
    changes = []
    for line in plan.order.lines:
        for spare in line.spares:
            changed = [
                replace(row, fluorochrome=spare.fluorochrome, detector=spare.detector)
                if row.marker == line.marker
                else row
                for row in rows
            ]
            after = api.score(asked, changed).objective
            assert after is not None
            assert spare.worst_change == pytest.approx(after.worst_log_ratio - before.worst_log_ratio, abs=1e-9)
            assert spare.sum_change == pytest.approx(after.sum_log_ratio - before.sum_log_ratio, abs=1e-9)
            changes.append(spare.worst_change)
    assert len(changes) >= 3
    assert min(changes) < -0.01


def test_spares_may_be_left_out() -> None:
    plan = planned(SortOptions(spares=0), ROWS[:3])
    assert all(line.spares == () for line in plan.order.lines)
    with pytest.raises(UsageError, match="spares"):
        SortOptions(spares=-1)
    with pytest.raises(UsageError, match="cells_per_test"):
        SortOptions(cells_per_test=0)


def test_packs_and_dilutions_come_from_the_pack() -> None:
    products = [builders.conjugate(*key, **(PE_TEST if key[1] == "PE" else {})) for key in STAINS.items()]
    plan = planned(
        SortOptions(cells_per_test=1e4), catalogs=[Catalog(name="shop", conjugates=tuple(products))], sample=sample()
    )
    by_dye = {line.fluorochrome: line for line in plan.order.lines}
    assert by_dye["PE"].tests_per_pack == 50
    assert by_dye["PE"].tests_sample == 100
    assert by_dye["PE"].packs == -(-(100 + by_dye["PE"].tests_controls) // 50)
    assert by_dye["FITC"].packs is None
    series = {t.fluorochrome: t for t in plan.controls.titrations}
    assert series["PE"].amounts == (20.0, 10.0, 5.0, 2.5, 1.25, 0.625)
    assert series["PE"].unit == "uL"
    assert series["FITC"].amounts == ()


def test_beads_before_the_sort_leave_fewer_cells_to_stain() -> None:
    beads = {"marker": "CD271", "fold": 50, "recovery": 0.5}
    few = SortOptions(cells_per_test=1e3)
    plan, bare = planned(few, sample=sample(enrichment=beads)), planned(few)
    weights = 0.01 * 50 + 0.01 * 50 + 0.93 + 0.05
    assert plan.cells_to_stain == pytest.approx(1e6 * 0.5 * weights / 50)
    assert plan.order.lines[0].tests_sample == math.ceil(1e3 * 0.5 * weights / 50)
    assert bare.order.lines[0].tests_sample == 1000
    assert planned(sample=sample(cells=None)).order.lines[0].tests_sample is None


def test_controls_leave_the_sample_to_the_sort() -> None:
    for cells in (1e3, 1e5, 1e9):
        controls = planned(sample=sample(cells=cells)).controls
        assert controls.share_of_sample is not None
        assert 0 < controls.share_of_sample <= controls.model_values["max_share_of_controls"] == CONTROL_SHARE


def test_cells_and_beads_of_the_plan_may_be_given() -> None:
    """As for a sample that beads enrich before the sort: fewer cells, and the fraction that they let through."""
    asked = question(sample=sample())
    judged_panel, options = score_rows(asked, ROWS, Options()), Options()
    assert judged_panel.score is not None
    tubes = tubes_of(judged_panel.arrays.instance, judged_panel.score)
    controls, order = bench_lists(
        asked, judged_panel, judged_panel.score, options, tubes, judged_panel.arrays.instance.phi,
        cells_per_test=1e6, spares=0, cells=4e4, bead_marker="CD271", control_share=0.1,
    )  # fmt: skip
    assert order.lines[0].tests_sample == 1
    assert controls.cells <= 0.1 * 4e4
    notes = [tube.note for tube in controls.tubes if tube.kind == "fmo"]
    assert notes
    assert all("the cells that the CD271 beads let through" in note for note in notes)


def test_lots_on_the_shelf_are_listed() -> None:
    lots = tuple(
        builders.conjugate("CD271", "PE", price=None, currency="", lot=f"L-{n}", tests_left=n, expires="2031-01-02")
        for n in (1, 2)
    )
    shelf = Catalog(name="shelf", inventory=True, conjugates=lots)
    plan = planned(catalogs=[shelf, builders.catalog()])
    (line,) = (line for line in plan.order.lines if line.marker == "CD271")
    assert line.owned
    assert line.tests_on_shelf == 3
    assert [lot.lot for lot in line.lots] == ["L-1", "L-2"]


def test_stated_tissue_names_the_unstained_cells() -> None:
    names = [tube.name for tube in planned(sample=sample(tissue="marrow")).controls.tubes]
    assert names[0] == "unstained cells, marrow"
