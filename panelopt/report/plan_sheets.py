"""Tables of a sort plan: gating trees, plans, stages, missed goals, controls and order list."""

from __future__ import annotations

from collections.abc import Iterator

from panelopt.domain.sort_plan_record import SortPlan, SortStage, TargetPlan
from panelopt.report.result_text import GATE_WORDS
from panelopt.report.sheet import Column, Sheet, Titles, Value, sheet
from panelopt.report.sort_steps import largest_shares, stage_text, steps
from panelopt.report.text_tables import count, percent

_KINDS = {"fmo": "FMO", "single-stain": "single stain"}
"""Kinds of control tubes in words, where they differ."""

_LEAST = 1e-4
"""Smaller shares of misplaced cells are only said to be smaller."""


def tree_sheet(target: TargetPlan, key: str) -> Sheet:
    """Return the gating tree of one target, one step per row."""
    rows: list[tuple[Value, ...]] = [
        (
            number,
            step.kind,
            "+".join(step.markers),
            f"{step.fluorochrome} {step.detector}".strip(),
            "" if step.side is None else GATE_WORDS[step.side].format(low=count(step.low), high=count(step.high)),
            step.removes,
            step.yield_so_far,
            step.purity_so_far,
            largest_shares(step.shares),
        )
        for number, step in enumerate(target.tree, start=1)
    ]
    columns: Titles = (
        Column("Step", "number", 0),
        "Kind",
        "Marker",
        "Channel",
        "Gate (antibodies per cell)",
        Column("Removes %", "percent"),
        Column("Yield so far %", "percent"),
        Column("Purity so far %", "percent"),
        "Main contaminants",
    )
    return sheet(key, f"Gating tree of {target.name}", columns, rows)


def plan_sheets(plan: SortPlan) -> Iterator[Sheet]:
    """Yield the tables of a plan, except its gating trees."""
    yield _steps(plan)
    yield _tubes(plan)
    if len(plan.trade) > 1:
        yield _trade(plan)
    if plan.borders:
        yield _borders(plan)
    yield _stages(plan)
    yield _sorter(plan)
    if any(way.misses for way in plan.plans):
        yield _misses(plan)
    yield from _controls(plan)
    yield from _order(plan)


def _steps(plan: SortPlan) -> Sheet:
    columns: Titles = (Column("Step", "number", 0), "What to do")
    return sheet("steps", "What to do", columns, list(enumerate(steps(plan), start=1)))


def _trade(plan: SortPlan) -> Sheet:
    rows = [
        (one.event_rate_hz, one.hours, one.sort_yield, one.purity, one.cells_recovered, "yes" if one.chosen else "")
        for one in plan.trade
    ]
    columns: Titles = (
        Column("Events per second", "count"),
        Column("Hours", "number"),
        Column("Yield %", "percent"),
        Column("Purity %", "percent"),
        Column("Cells", "count"),
        "Rate of the plan",
    )
    note = "Yield, purity and cells are those of the worst tube."
    return sheet("trade", "Event rate: time, yield and purity", columns, rows, note=note)


def _borders(plan: SortPlan) -> Sheet:
    rows = [
        (
            border.upper,
            border.lower,
            f"{'+'.join(border.markers)} {border.fluorochrome}",
            border.value,
            border.low,
            border.high,
            border.upper_share,
            border.lower_share,
            border.cells,
        )
        for border in plan.borders
    ]
    columns: Titles = (
        "Above",
        "Below",
        "Marker",
        Column("Border", "count"),
        Column("Overlap from", "count"),
        Column("Overlap to", "count"),
        Column("Upper target in overlap %", "percent"),
        Column("Lower target in overlap %", "percent"),
        Column("Cells in overlap", "count"),
    )
    return sheet("borders", "Borders between tubes, antibodies per cell", columns, rows, heads=2)


def _sorter(plan: SortPlan) -> Sheet:
    s = plan.sorter
    values = {
        "ways": f"{s.ways}", "nozzle_um": "" if s.nozzle_um is None else f"{s.nozzle_um:g}",
        "pressure_psi": "" if s.pressure_psi is None else f"{s.pressure_psi:g}",
        "drop_volume_nl": "" if s.drop_volume_nl is None else f"{s.drop_volume_nl:.3g}",
        "max_event_rate_hz": count(s.max_event_rate_hz),
        "drop_rate_hz": count(s.drop_rate_hz), "mask_drops": f"{s.mask_drops:g}",
        "recovery": f"{percent(s.recovery)} %",
        "event_rate_hz": "see stages" if s.event_rate_hz is None else count(s.event_rate_hz),
    }  # fmt: skip
    titles = {
        "ways": "Tubes at once", "nozzle_um": "Nozzle, \u00b5m", "pressure_psi": "Pressure, psi",
        "drop_volume_nl": "Drop volume, nL", "max_event_rate_hz": "Maximum events per second",
        "drop_rate_hz": "Drops per second",
        "mask_drops": "Drops in which a coincident event counts", "recovery": "Recovery from the tube",
        "event_rate_hz": "Events per second",
    }  # fmt: skip
    rows = [(titles[name], values[name], s.origins.get(name, "")) for name in titles]
    rows.insert(0, ("Mode", s.mode, ""))
    rows.append(("Cells in the sample", "" if plan.cells is None else count(plan.cells), "problem"))
    return sheet("sorter", "Sorter settings", ("Setting", "Value", "From"), rows)


def _tubes(plan: SortPlan) -> Sheet:
    rows = [
        (f"{way.kind}{' (recommended)' if index == plan.recommended and len(plan.plans) > 1 else ''}", tube.target,
         way.hours, tube.cells_recovered, tube.purity, tube.sort_yield, 1 - tube.survival, largest_shares(tube.shares))
        for index, way in enumerate(plan.plans)
        for tube in way.tubes
    ]  # fmt: skip
    columns: Titles = (
        "Plan",
        "Tube",
        Column("Hours", "number"),
        Column("Cells recovered", "count"),
        Column("Purity %", "percent"),
        Column("Yield of the sort %", "percent"),
        Column("Aborted %", "percent"),
        "Main contaminants",
    )
    return sheet("tubes", "Plans and their tubes, coincidence included", columns, rows, heads=2, note=plan.summary())


def _stages(plan: SortPlan) -> Sheet:
    rows = [
        (way.kind, index, _stage(stage), ", ".join(stage.targets), stage.events, stage.event_rate_hz, stage.hours)
        for way in plan.plans
        for index, stage in enumerate(way.stages, start=1)
    ]
    columns: Titles = (
        "Plan",
        Column("Stage", "number", 0),
        "What",
        "Tubes",
        Column("Events", "count"),
        Column("Events per second", "count"),
        Column("Hours", "number"),
    )
    return sheet("stages", "Stages of each plan", columns, rows, heads=2)


def _stage(stage: SortStage) -> str:
    return stage_text(stage) + (f" ({stage.enrichment.source})" if stage.enrichment is not None else "")


def _misses(plan: SortPlan) -> Sheet:
    rows = [
        (way.kind, miss.target or "", miss.goal, *(_goal(miss.goal, x) for x in (miss.value, miss.wanted)),
         miss.remedy, largest_shares(miss.limited_by))
        for way in plan.plans
        for miss in way.misses
    ]  # fmt: skip
    columns: Titles = ("Plan", "Target", "Goal", "Reached", "Required", "What would help", "Limited by")
    return sheet("misses", "Missed goals", columns, rows, heads=2)


def _goal(goal: str, value: float | None) -> str:
    if value is None:
        return ""
    return {"hours": f"{count(value)} h", "cells": count(value)}.get(goal, f"{percent(value)} %")


def _controls(plan: SortPlan) -> Iterator[Sheet]:
    controls = plan.controls
    if controls.tubes:
        rows = [
            (t.name, _KINDS.get(t.kind, t.kind), t.carrier, t.events, t.parent, t.cells, t.volume_ul, t.tests, t.note)
            for t in controls.tubes
        ]
        columns: Titles = (
            "Tube",
            "Kind",
            "Carrier",
            Column("Events", "count"),
            "After gate",
            Column("Cells", "count"),
            Column("Volume (\u00b5L)", "count"),
            Column("Tests", "number"),
            "Note",
        )
        yield sheet("controls", "Control tubes", columns, rows)
    if controls.fmo:
        decided = [
            (d.target, "+".join(d.markers), d.fluorochrome, d.side, "needed" if d.needed else "not needed",
             _misplaced(d.misplaced), d.shift, d.yield_without, d.purity_without, d.reason)
            for d in controls.fmo
        ]  # fmt: skip
        columns = (
            "Target",
            "Marker",
            "Fluorochrome",
            "Gate",
            "FMO tube",
            Column("Misplaced %", "percent"),
            Column("Shift by spread (antibodies)", "count"),
            Column("Yield without %", "percent"),
            Column("Purity without %", "percent"),
            "Why",
        )
        yield sheet("fmo", "Gates that need an FMO control", columns, decided, heads=2)
    if controls.titrations:
        series = [
            (t.marker, t.fluorochrome, t.clone, ", ".join(f"{fold:g}" for fold in t.folds),
             ", ".join(f"{amount:g}" for amount in t.amounts), t.unit)
            for t in controls.titrations
        ]  # fmt: skip
        columns = ("Marker", "Fluorochrome", "Clone", "Tests", "Amounts", "Unit")
        yield sheet("titration", "Titration series", columns, series, heads=2).without_unknown()


def _misplaced(share: float | None) -> Value:
    return "<0.01" if share is not None and share < _LEAST else share


def _order(plan: SortPlan) -> Iterator[Sheet]:
    if plan.order.lines:
        rows = [
            (o.marker, o.fluorochrome, o.clone, o.vendor, o.catalog_number, f"{o.size} {o.unit}".strip(),
             o.tests_sample, o.tests_controls, o.tests_titration, o.tests_on_shelf, o.packs, o.price, o.currency,
             "; ".join(f"{s.fluorochrome} {s.clone} {s.vendor} {s.catalog_number}".strip() for s in o.spares))
            for o in plan.order.lines
        ]  # fmt: skip
        columns: Titles = (
            "Marker",
            "Fluorochrome",
            "Clone",
            "Vendor",
            "Catalog number",
            "Pack",
            Column("Tests: sample", "number", 1),
            Column("controls", "number", 1),
            Column("titration", "number", 1),
            Column("in your stock", "number", 0),
            Column("Packs", "number", 0),
            Column("Price", "number"),
            "Currency",
            "Spares",
        )
        note = "Empty cells are unknown. Spares are listed only with a `panelopt sort-plan` result (--plan)."
        yield sheet("order", "Order list: tests and packs", columns, rows, heads=2, note=note).without_unknown()
    if plan.order.vendors:
        bought = [
            (v.vendor, v.lines, v.packs, v.price if v.unknown_prices < v.lines else None, v.unknown_prices, v.shipping)
            for v in plan.order.vendors
        ]
        columns = (
            "Vendor",
            Column("Reagents", "number", 0),
            Column("Packs", "number", 0),
            Column("Price", "number"),
            Column("Unknown prices", "number", 0),
            Column("Shipping", "number"),
        )
        yield sheet("vendors", "Purchases by vendor", columns, bought).without_unknown()
