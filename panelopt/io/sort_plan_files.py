"""Sort plans as files: the gates as CSV, and the JSON Schema of the whole."""

from __future__ import annotations

import json
from typing import Any

from panelopt.domain.sort_plan import GateStep, SortPlan, TargetPlan
from panelopt.io.csv_table import number_text, write_table
from panelopt.io.result_json import SCHEMA_DIALECT

GATE_COLUMNS = (
    "target", "step", "kind", "markers", "fluorochrome", "detector", "side", "low_antibodies", "high_antibodies",
    "low_signal", "high_signal", "signal_unit", "removes", "yield_so_far", "purity_so_far",
)  # fmt: skip
"""Columns of the gates; unknown values are empty."""


def gates_csv(plan: SortPlan) -> str:
    """Return the gating trees as CSV text, one row for each step; formula-like cells are escaped."""
    return write_table(
        GATE_COLUMNS,
        (_cells(target, number, step) for target in plan.targets for number, step in enumerate(target.tree, start=1)),
    )


def sort_plan_schema() -> dict[str, Any]:
    """Return the JSON Schema of a sort plan (draft 2020-12)."""
    return {"$schema": SCHEMA_DIALECT, **SortPlan.model_json_schema(by_alias=True, mode="serialization")}


def sort_plan_schema_json() -> str:
    """Return the text of the shipped file ``panelopt/schemas/sort-plan.schema.json``."""
    return json.dumps(sort_plan_schema(), indent=2, sort_keys=True) + "\n"


def _cells(target: TargetPlan, number: int, step: GateStep) -> dict[str, str]:
    return {
        "target": target.name,
        "step": str(number),
        "kind": step.kind,
        "markers": "+".join(step.markers),
        "fluorochrome": step.fluorochrome,
        "detector": step.detector,
        "side": step.side or "",
        "low_antibodies": number_text(step.low),
        "high_antibodies": number_text(step.high),
        "low_signal": number_text(step.low_signal),
        "high_signal": number_text(step.high_signal),
        "signal_unit": step.signal_unit or "",
        "removes": number_text(step.removes),
        "yield_so_far": number_text(step.yield_so_far),
        "purity_so_far": number_text(step.purity_so_far),
    }
