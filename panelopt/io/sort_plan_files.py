"""Sort plans as CSV (gates, controls, order list), and their JSON Schema."""

from __future__ import annotations

import json
from typing import Any

from panelopt.domain.control_tubes import ControlTube, Titration
from panelopt.domain.reagent_order import OrderLine, Spare, StockLot
from panelopt.domain.sort_plan_record import GateStep, SortPlan, TargetPlan
from panelopt.io.csv_table import number_text, write_table
from panelopt.io.result_json import SCHEMA_DIALECT

GATE_COLUMNS = (
    "target", "step", "kind", "markers", "fluorochrome", "detector", "side", "low_antibodies", "high_antibodies",
    "low_signal", "high_signal", "signal_unit", "low_positive_kept", "high_positive_kept", "low_fmo_percentile",
    "high_fmo_percentile", "low_unstained_percentile", "high_unstained_percentile", "fmo_p99", "unstained_p99",
    "removes", "yield_so_far", "purity_so_far",
)  # fmt: skip
"""Columns of the gates; unknown values are empty."""

_GATE_NUMBERS = GATE_COLUMNS[GATE_COLUMNS.index("low_positive_kept") :]
"""Columns that contain the field of the same name."""

CONTROL_COLUMNS = (
    "tube", "name", "kind", "carrier", "markers", "fluorochrome", "stained", "events", "share", "parent",
    "own_events", "cells", "volume_ul", "tests", "rules", "note",
)  # fmt: skip
"""Columns of the control tubes; unknown values are empty."""

ORDER_COLUMNS = (
    "marker", "fluorochrome", "clone", "vendor", "catalog_number", "price", "currency", "size", "unit",
    "tests_per_pack", "tests_sample", "tests_controls", "tests_titration", "titration", "owned", "tests_on_shelf",
    "lots", "packs", "availability", "spares",
)  # fmt: skip
"""Columns of the order list; unknown values are empty."""


def gates_csv(plan: SortPlan) -> str:
    """Return the gating trees as CSV, one row per step; formula-like cells are escaped."""
    return write_table(
        GATE_COLUMNS,
        (_cells(target, number, step) for target in plan.targets for number, step in enumerate(target.tree, start=1)),
    )


def controls_csv(plan: SortPlan) -> str:
    """Return the control tubes as CSV, one row each; formula-like cells are escaped."""
    return write_table(
        CONTROL_COLUMNS, (_tube_cells(plan, number, tube) for number, tube in enumerate(plan.controls.tubes, start=1))
    )


def order_csv(plan: SortPlan) -> str:
    """Return the order list as CSV, one row per reagent; formula-like cells are escaped."""
    series = {(t.marker, t.fluorochrome): t for t in plan.controls.titrations}
    return write_table(
        ORDER_COLUMNS, (_line_cells(line, series.get((line.marker, line.fluorochrome))) for line in plan.order.lines)
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
        **{name: number_text(getattr(step, name)) for name in _GATE_NUMBERS},
    }


def _tube_cells(plan: SortPlan, number: int, tube: ControlTube) -> dict[str, str]:
    slots = [plan.panel[index] for index in tube.stained]
    everything = "; ".join(f"{'+'.join(slot.markers)} {slot.fluorochrome}" for slot in slots)
    alone = f"{'+'.join(tube.markers)} {tube.fluorochrome}".strip()
    return {
        "tube": str(number),
        "name": tube.name,
        "kind": tube.kind,
        "carrier": tube.carrier,
        "markers": "+".join(tube.markers),
        "fluorochrome": tube.fluorochrome,
        "stained": everything if tube.kind == "fmo" else alone,
        "events": number_text(tube.events),
        "share": number_text(tube.share),
        "parent": tube.parent,
        "own_events": number_text(tube.own_events),
        "cells": number_text(tube.cells),
        "volume_ul": number_text(tube.volume_ul),
        "tests": number_text(tube.tests),
        "rules": "; ".join(tube.rules),
        "note": tube.note,
    }


def _line_cells(line: OrderLine, series: Titration | None) -> dict[str, str]:
    texts = ("marker", "fluorochrome", "clone", "vendor", "catalog_number", "currency", "size", "unit", "availability")
    numbers = ("price", "tests_per_pack", "tests_sample", "tests_controls", "tests_titration")
    whole = ("tests_on_shelf", "packs")
    amounts = "; ".join(f"{amount:g}" for amount in series.amounts) if series else ""
    return {
        **{name: getattr(line, name) for name in texts},
        **{name: number_text(getattr(line, name)) for name in numbers},
        **{name: "" if getattr(line, name) is None else str(getattr(line, name)) for name in whole},
        "owned": "yes" if line.owned else "no",
        "titration": f"{amounts} {series.unit}" if series and amounts else "",
        "lots": "; ".join(map(_lot, line.lots)),
        "spares": "; ".join(map(_spare, line.spares)),
    }


def _lot(lot: StockLot) -> str:
    expires = f"expires {lot.expires.isoformat()}" if lot.expires else ""
    left = "tests left unknown" if lot.tests_left is None else f"{lot.tests_left} tests left"
    return ", ".join(filter(None, (f"lot {lot.lot}" if lot.lot else "", lot.vendor, lot.clone, expires, left)))


def _spare(spare: Spare) -> str:
    name = " ".join(filter(None, (spare.fluorochrome, spare.clone, spare.vendor, spare.catalog_number)))
    return f"{name} (worst {spare.worst_change:+.3f}, sum {spare.sum_change:+.3f})"
