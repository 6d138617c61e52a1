"""What the operator does, step by step, and the rates and borders to choose from. Text, 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.domain.sort_plan_record import Plan, SortPlan, SortStage, TubeOutcome, duration
from panelopt.report.tables import count, number, percent, table, wrapped


def steps_text(plan: SortPlan, width: int) -> str:
    """Return the recommended plan as numbered steps."""
    lines = steps(plan)
    return "\n".join(wrapped(line, "    ", width, first=f"{i:>2}. ") for i, line in enumerate(lines, start=1))


def steps(plan: SortPlan) -> tuple[str, ...]:
    """Return what the operator does in the recommended plan, one sentence a step."""
    return tuple(_steps(plan, plan.plans[plan.recommended]))


def _steps(plan: SortPlan, taken: Plan) -> Iterable[str]:
    for stage in taken.stages:
        if stage.enrichment is not None:
            beads = stage.enrichment
            yield (
                f"Take {count(plan.cells)} cells through beads for {beads.marker}: {beads.fold:g}-fold, "
                f"{percent(beads.recovery)} % of the wanted cells kept."
            )
    tests = next((line.tests_sample for line in plan.order.lines), None)
    used = "" if tests is None else f", {count(tests)} test{'s' if tests > 1 else ''} of each reagent"
    yield f"Stain {count(plan.cells_to_stain)} cells with the panel{used}."
    if plan.controls.tubes:
        fmo = [tube.name for tube in plan.controls.tubes if tube.kind == "fmo"]
        listed = f", among them {', '.join(fmo)}" if fmo else ""
        yield f"Prepare {len(plan.controls.tubes)} control tubes{listed}: {count(plan.controls.cells)} cells."
    for stage in taken.stages:
        if stage.kind == "sort":
            yield _sort(plan, stage)
    yield from (_collected(tube) for tube in taken.tubes)


def _sort(plan: SortPlan, stage: SortStage) -> str:
    nozzle = [] if plan.sorter.nozzle_um is None else [f"nozzle of {plan.sorter.nozzle_um:g} um"]
    nozzle += [] if plan.sorter.pressure_psi is None else [f"{plan.sorter.pressure_psi:g} psi"]
    part = f", part {stage.pass_number} of the sample" if (stage.pass_number or 1) > 1 else ""
    gates = " with loose gates" if stage.gates == "loose" else ""
    how = "".join(f", {one}" for one in nozzle)
    time = "" if stage.hours is None else f": {duration(stage.hours)}"
    return (
        f"Sort {', '.join(stage.targets)} in {stage.mode} mode{gates}{part}{how}, "
        f"{count(stage.event_rate_hz)} events a second{time}."
    )


def _collected(tube: TubeOutcome) -> str:
    volume = ""
    if tube.volume_ml is not None and tube.collection_tubes is not None:
        volume = f", in {_volume(tube.volume_ml)} of drops"
        if tube.collection_tubes > 1:
            volume += f" ({tube.collection_tubes} tubes of {tube.collection_tube_ml:g} mL)"
    cells = "" if tube.cells_recovered is None else f"{count(tube.cells_recovered)} cells, "
    again = tube.purity_second_sort
    twice = "" if again is None else f"; sorted once more {percent(again)} %, with fewer cells"
    return f"Expect of {tube.target}: {cells}{percent(tube.purity)} % pure{volume}{twice}."


def _volume(volume_ml: float) -> str:
    return f"{volume_ml:.2g} mL" if volume_ml >= 0.1 else f"{1000 * volume_ml:.2g} uL"


def trade_text(plan: SortPlan, width: int) -> str:
    """Return hours, yield and purity of the recommended plan at each event rate; empty where the rate was given."""
    if len(plan.trade) < 2:
        return ""
    rows = [
        (
            f"{count(one.event_rate_hz)}{' *' if one.chosen else ''}",
            "-" if one.hours is None else duration(one.hours),
            percent(one.sort_yield),
            percent(one.purity),
            count(one.cells_recovered),
        )
        for one in plan.trade
    ]
    note = "* The rate of the plan. Yield, purity and cells: of the tube that has least."
    headers = ("Events/s", "Time", "Yield %", "Purity %", "Cells")
    return table(headers, rows, "RRRRR", width) + "\n" + wrapped(note, width=width)


def borders_text(plan: SortPlan, width: int) -> str:
    """Return where the gates of two tubes would overlap, and the border that they got."""
    lines = [
        f"{border.upper} and {border.lower} part on {'+'.join(border.markers)} {border.fluorochrome} at "
        f"{count(border.value)} antibodies, where their predicted distributions cross. Both could reach from "
        f"{count(border.low)} to {count(border.high)}: there lie {percent(border.upper_share)} and "
        f"{percent(border.lower_share)} % of their cells"
        + (f", {count(border.cells)} that reach the sorter." if border.cells is not None else ".")
        for border in plan.borders
    ]
    return "\n".join(wrapped(line, width=width) for line in lines)


def run_text(taken: Plan, width: int) -> str:
    """Return what the instrument uses during the recommended plan; empty where nothing is known of it."""
    known = [
        f"{number(value, 0)} mL of {what}"
        for value, what in ((taken.sheath_ml, "sheath"), (taken.sample_ml, "stained sample at 1e7 cells per mL"))
        if value is not None and value >= 0.5
    ]
    return wrapped(f"It takes {' and '.join(known)}.", width=width) if known else ""
