"""A sort plan as text."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.domain.result import Result
from panelopt.domain.robust_result import RobustResult
from panelopt.domain.sort_plan_record import GateStep, Miss, Plan, SortPlan, TargetPlan, TubePrediction, duration
from panelopt.report.controls_text import controls_text
from panelopt.report.first_screen_text import warnings_text
from panelopt.report.gate_settings import settings_text
from panelopt.report.order_text import order_text
from panelopt.report.result_text import GATE_WORDS, result_text
from panelopt.report.robust_text import robust_text
from panelopt.report.sort_steps import borders_text, largest_shares, run_text, stage_text, steps_text, trade_text
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, count, number, percent, section, table, wrapped

_UNGATED = {"scatter": "debris out (not in the model)", "singlets": "doublets out"}


def sort_plan_text(plan: SortPlan, *, warnings: bool = True, width: int = DEFAULT_WIDTH) -> str:
    """Return a plan as text.

    Args:
        plan: What to show.
        warnings: Whether to list the warnings.
        width: Maximum line width.
    """
    return blocks(
        [
            _head(plan, width),
            section("What to do", steps_text(plan, width)),
            section("Event rate: time, yield and purity", trade_text(plan, width)),
            *(block for target in plan.targets for block in _gates(plan, target, width)),
            section("Borders between tubes", borders_text(plan, width)),
            section("What passes the gates", _predictions(plan, width)),
            section("Plans compared", _plans(plan, width)),
            section("Stages", _stages(plan, width)),
            section("Missed goals", _misses(plan, width)),
            section("Beads and the working day", _beads(plan, width)),
            controls_text(plan.controls, width),
            order_text(plan.order, width),
            section("Sorter", _sorter(plan, width)),
            section("Warnings", warnings_text(plan, width) if warnings else ""),
        ]
    )


def _head(plan: SortPlan, width: int) -> str:
    """Return what was planned, what the recommended plan achieves, and how robust that is."""
    sure = "" if plan.robustness is None else plan.robustness.summary()
    lines = (f"{plan.problem} on {plan.cytometer}", plan.summary(), sure)
    return "\n".join(wrapped(line, width=width) for line in lines if line)


def report_text(
    result: Result, plan: SortPlan | None, robust: RobustResult | None = None, width: int = DEFAULT_WIDTH
) -> str:
    """Return a result with its scenarios and its sort plan, where known, as text."""
    parts = [
        result_text(result, width=width),
        robust_text(robust, width) if robust is not None and robust.candidates else "",
        sort_plan_text(plan, width=width) if plan is not None else "",
    ]
    return "\n".join(filter(None, parts))


def _sorter(plan: SortPlan, width: int) -> str:
    sorter, origins = plan.sorter, plan.sorter.origins
    rows = [
        ("Mode", sorter.mode, ""),
        ("Tubes at once", str(sorter.ways), origins["ways"]),
        ("Nozzle, \u00b5m", number(sorter.nozzle_um, 0), origins["nozzle_um"]),
        ("Pressure, psi", number(sorter.pressure_psi, 0), origins.get("pressure_psi", "")),
        ("Drops per second", count(sorter.drop_rate_hz), origins["drop_rate_hz"]),
        ("Drop volume, nL", number(sorter.drop_volume_nl, 2), origins.get("drop_volume_nl", "")),
        ("Maximum events per second", count(sorter.max_event_rate_hz), origins.get("max_event_rate_hz", "")),
        ("Events per second", count(sorter.event_rate_hz), origins["event_rate_hz"]),
        ("Drops in which a coincident event counts", f"{sorter.mask_drops:g}", origins["mask_drops"]),
        ("Recovery from the tube, %", percent(sorter.recovery), origins["recovery"]),
        ("Cells in the sample", count(plan.cells), "problem" if plan.cells else "unknown"),
    ]
    return table(("", "Value", "From"), rows, "lrl", width)


# ---- gates


def _gates(plan: SortPlan, target: TargetPlan, width: int) -> tuple[str, str]:
    """Return the gating tree of a target, and where to set its gates."""
    tree = wrapped(f"Gates of {target.name}, in antibodies per cell", width=width)
    places = wrapped(f"Where to set each gate of {target.name}", width=width)
    return section(tree, _tree(target, width)), section(places, settings_text(plan, target, width))


def _tree(target: TargetPlan, width: int) -> str:
    rows = [
        (
            str(index),
            step.kind,
            _gate(step),
            percent(step.removes),
            percent(step.yield_so_far),
            percent(step.purity_so_far),
            largest_shares(step.shares, 1) or "-",
        )
        for index, step in enumerate(target.tree, start=1)
    ]
    headers = ("#", "Step", "Gate", "Removes %", "Yield %", "Purity %", "Main contaminants")
    return table(headers, rows, "rLlrRRl", width)


def _gate(step: GateStep) -> str:
    if step.side is None:
        return _UNGATED.get(step.kind, "")
    limits = GATE_WORDS[step.side].format(low=count(step.low), high=count(step.high))
    return f"{'+'.join(step.markers)} {step.fluorochrome} {limits}"


def _predictions(plan: SortPlan, width: int) -> str:
    rows = []
    for target in plan.targets:
        rows.append((target.name, *_prediction(target.prediction)))
        if target.without_enrichment is not None:
            rows.append((f"{target.name}, without beads", *_prediction(target.without_enrichment)))
    headers = ("Target", "Frequency %", "Yield %", "Purity %", "Main contaminants")
    return table(headers, rows, "lRRRl", width)


def _prediction(found: TubePrediction) -> tuple[str, str, str, str]:
    return (
        percent(found.frequency),
        percent(found.gate_yield),
        percent(found.purity),
        largest_shares(found.shares) or "-",
    )


# ---- plans


def _plans(plan: SortPlan, width: int) -> str:
    rows = []
    for index, way in enumerate(plan.plans):
        mark = f"{way.kind} *" if index == plan.recommended and len(plan.plans) > 1 else way.kind
        for place, tube in enumerate(way.tubes):
            first = place == 0
            rows.append(
                (
                    mark if first else "",
                    duration(way.hours) if first else "",
                    tube.target,
                    count(tube.cells_recovered),
                    percent(tube.purity),
                    percent(tube.sort_yield),
                    percent(1 - tube.survival),
                    number(tube.abort_rate_hz),
                )
            )
    headers = ("Plan", "Time", "Tube", "Cells", "Purity %", "Yield %", "Aborted %", "Aborts/s")
    text = table(headers, rows, "LRlRRRRR", width)
    used = run_text(plan.plans[plan.recommended], width)
    notes = ["Cells: recovered from the tube. Yield: share of the target cells at the first sorter that is deflected."]
    if len(plan.plans) > 1:
        notes.insert(0, "* Recommended: fewest missed goals, then most cells.")
    if plan.goals.wanted_cells is not None:
        notes += [_wanted(plan, way) for way in plan.plans]
    return text + "".join("\n" + wrapped(note, width=width) for note in notes) + (f"\n{used}" if used else "")


def _wanted(plan: SortPlan, way: Plan) -> str:
    wanted, needed = count(plan.goals.wanted_cells), count(way.cells_needed)
    return f"{way.kind}: {wanted} cells in every tube take {number(way.hours_for_wanted)} hours and {needed} cells."


def _stages(plan: SortPlan, width: int) -> str:
    rows = [
        (
            way.kind,
            f"{index}. {stage_text(stage)}",
            ", ".join(stage.targets) or "-",
            count(stage.events),
            count(stage.event_rate_hz),
            "-" if stage.hours is None else duration(stage.hours),
        )
        for way in plan.plans
        for index, stage in enumerate(way.stages, start=1)
    ]
    headers = ("Plan", "Stage", "Tubes", "Events", "Events/s", "Time")
    beads = {stage.enrichment.source for way in plan.plans for stage in way.stages if stage.enrichment}
    notes = "".join("\n" + wrapped(f"Bead values: {source}.", width=width) for source in sorted(beads))
    return table(headers, rows, "LllRRR", width) + notes


def _misses(plan: SortPlan, width: int) -> str:
    """Return each goal that the recommended plan misses, and one line per other plan."""
    lines = []
    for index, way in enumerate(plan.plans):
        if index == plan.recommended:
            lines += [_missed(miss, width) for miss in way.misses]
        elif way.misses:
            lines.append(wrapped(f"{way.kind} would give {_short(way.misses)}.", "    ", width, first="  - "))
    return "\n".join(lines)


def _short(misses: Iterable[Miss]) -> str:
    """Return the values reached for missed goals: ``purity 78.9 and 79.1 %, hours 18.5``."""
    reached: dict[str, list[str]] = {}
    for miss in misses:
        reached.setdefault(miss.goal, []).append(_bare(miss, miss.value))
    shares = ("purity", "share", "yield")
    return ", ".join(f"{goal} {' and '.join(found)}{' %' if goal in shares else ''}" for goal, found in reached.items())


def _missed(miss: Miss, width: int) -> str:
    where = f"{miss.target}: " if miss.target else ""
    unit = {"hours": " h", "cells": " cells"}.get(miss.goal, " %")
    text = f"{where}{miss.goal} {_bare(miss, miss.value)} instead of {_bare(miss, miss.wanted)}{unit}. {miss.remedy}"
    if miss.limited_by:
        text += f" Limited by {largest_shares(miss.limited_by)}."
    return wrapped(text, "    ", width, first="  - ")


def _bare(miss: Miss, value: float | None) -> str:
    return (count if miss.goal in ("hours", "cells") else percent)(value)


def _beads(plan: SortPlan, width: int) -> str:
    if plan.cells is None and plan.goals.wanted_cells is None:
        return ""
    day = f"a working day of {plan.goals.hours:g} h"
    first = plan.plans[0]
    if all(miss.goal != "hours" for miss in first.misses):
        text = f"The one-step plan fits into {day} without beads."
    elif plan.enrichment_marker is None:
        text = "Beads cannot enrich all targets: no marker is on every target, or the problem states a depletion."
    elif plan.enrichment_fold_for_day is None:
        text = f"No enrichment by {plan.enrichment_marker} fits the one-step plan into {day}."
    else:
        fold = f"{plan.enrichment_fold_for_day:.3g}-fold"
        text = f"Beads for {plan.enrichment_marker} with at least {fold} enrichment fit the one-step plan into {day}."
    return wrapped(text, width=width)
