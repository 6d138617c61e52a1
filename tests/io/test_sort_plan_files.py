"""Sort plans as files: JSON by the shipped schema, gates as CSV; panels from results."""

from __future__ import annotations

import csv
import io
import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from hypothesis import example, given

from panelopt.domain.result import Result, SolveStatus
from panelopt.domain.sort_plan_record import SortPlan
from panelopt.errors import InputError
from panelopt.io.csv_table import parse_table
from panelopt.io.panel_csv import read_panel_rows
from panelopt.io.panel_files import panel_rows, read_panel
from panelopt.io.result_json import record_json, result_json
from panelopt.io.sort_plan_files import (
    CONTROL_COLUMNS,
    GATE_COLUMNS,
    ORDER_COLUMNS,
    controls_csv,
    gates_csv,
    order_csv,
    sort_plan_schema_json,
)
from tests import builders, strategies

SHIPPED = resources.files("panelopt.schemas") / "sort-plan.schema.json"


def test_shipped_schema_is_that_of_the_model() -> None:
    assert SHIPPED.read_text(encoding="utf-8") == sort_plan_schema_json(), "run `make schema`"


def test_plan_is_valid_and_readable_again() -> None:
    plan = builders.sort_plan(**builders.bench_lists())
    text = record_json(plan)
    schema = json.loads(SHIPPED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(text))
    assert SortPlan.model_validate_json(text) == plan


def test_gates_are_one_row_each() -> None:
    plan = builders.sort_plan()
    rows = parse_table(gates_csv(plan), "gates.csv", GATE_COLUMNS, GATE_COLUMNS)
    steps = [(target.name, step) for target in plan.targets for step in target.tree]
    assert [(row.cells["target"], row.cells["kind"]) for row in rows] == [(name, step.kind) for name, step in steps]
    for row, (_, step) in zip(rows, steps, strict=True):
        assert row.cells["low_antibodies"] == ("" if step.low is None else repr(step.low).removesuffix(".0"))
        assert float(row.cells["purity_so_far"]) == step.purity_so_far


@given(strategies.hostile_texts)
@example("x\r=1+1")
def test_no_cell_is_a_formula(name: str) -> None:
    plan = builders.sort_plan()
    target = plan.targets[0].model_copy(update={"name": name})
    text = gates_csv(plan.model_copy(update={"targets": (target,)}))
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert len(cells) % len(GATE_COLUMNS) == 0
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in cells)


def test_control_tubes_are_one_row_each() -> None:
    plan = builders.sort_plan(**builders.bench_lists())
    rows = parse_table(controls_csv(plan), "tubes.csv", CONTROL_COLUMNS, CONTROL_COLUMNS)
    assert [row.cells["tube"] for row in rows] == ["1", "2", "3"]
    assert [row.cells["kind"] for row in rows] == ["unstained", "single-stain", "fmo"]
    assert [row.cells["stained"] for row in rows] == ["", "CD271 PE", "CD271 PE; viability BV421"]
    assert [row.cells["cells"] for row in rows] == ["20000", "", "39200"]
    assert rows[1].cells["note"] == "ask whether the beads hold it"


def test_order_list_is_one_row_for_each_reagent() -> None:
    plan = builders.sort_plan(**builders.bench_lists())
    first, second = (row.cells for row in parse_table(order_csv(plan), "order.csv", ORDER_COLUMNS, ORDER_COLUMNS))
    assert (first["packs"], first["tests_on_shelf"], first["owned"]) == ("0", "7", "yes")
    assert first["titration"] == "10; 5 uL"
    assert first["lots"] == "lot L-1, expires 2031-01-02, 7 tests left"
    assert first["spares"] == "PE Other (worst +0.000, sum +0.000)"
    assert (second["packs"], second["price"], second["titration"], second["lots"]) == ("", "", "", "")
    assert second["spares"] == "BV421 Other (worst -0.250, sum -1.500)"


@given(strategies.hostile_texts, strategies.hostile_texts)
@example("x\r=1+1", "=1")
@example("@SUM(A1)", "+1")
def test_no_cell_of_controls_and_order_is_a_formula(name: str, other: str) -> None:
    plan = builders.sort_plan(**builders.bench_lists())
    tube = plan.controls.tubes[1].model_copy(update={"name": name, "markers": (other,), "note": other})
    spare = plan.order.lines[1].spares[0].model_copy(update={"fluorochrome": name, "vendor": other})
    lot = plan.order.lines[0].lots[0].model_copy(update={"lot": "", "vendor": name})
    line = plan.order.lines[1].model_copy(
        update={"clone": name, "vendor": other, "catalog_number": name, "spares": (spare,), "lots": (lot,)}
    )
    changed = plan.model_copy(
        update={
            "controls": plan.controls.model_copy(update={"tubes": (tube,)}),
            "order": plan.order.model_copy(update={"lines": (line,)}),
        }
    )
    for text, columns in ((controls_csv(changed), CONTROL_COLUMNS), (order_csv(changed), ORDER_COLUMNS)):
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert len(cells) == 2 * len(columns)
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in cells)


def test_negative_thresholds_are_read_back() -> None:
    plan = builders.sort_plan()
    step = plan.targets[0].tree[3].model_copy(update={"low": -12.5})
    target = plan.targets[0].model_copy(update={"tree": (step,)})
    text = gates_csv(plan.model_copy(update={"targets": (target,)}))
    (row,) = parse_table(text, "gates.csv", GATE_COLUMNS, GATE_COLUMNS)
    assert float(row.cells["low_antibodies"]) == -12.5


def test_panel_of_a_result_is_that_of_its_order_list(tmp_path: Path, result: Result) -> None:
    from panelopt.io.panel_csv import panel_csv

    (tmp_path / "result.json").write_text(result_json(result), encoding="utf-8")
    (tmp_path / "order.csv").write_text(panel_csv(result), encoding="utf-8")
    found, listed = read_panel(tmp_path / "result.json"), read_panel(tmp_path / "order.csv")
    assert listed == read_panel_rows(tmp_path / "order.csv")
    names = ("marker", "fluorochrome", "clone", "detector", "vendor", "catalog_number")
    assert [[getattr(row, n) for n in names] for row in found] == [[getattr(row, n) for n in names] for row in listed]


def test_result_without_a_panel_is_refused(result: Result) -> None:
    empty = result.model_copy(update={"panel": (), "status": SolveStatus.INFEASIBLE})
    with pytest.raises(InputError, match="has no panel; it is infeasible"):
        panel_rows(empty, "result.json")


def test_broken_result_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="not valid JSON"):
        read_panel(tmp_path / "x.json")
