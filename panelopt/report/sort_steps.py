"""Steps for the operator, and the rates and borders to choose from, as text."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.domain.sort_plan_record import Plan, Share, SortPlan, SortStage, TubeOutcome, duration
from panelopt.report.text_tables import count, number, percent, table, wrapped


def steps_text(plan: SortPlan, width: int) -> str:
    """Return the recommended plan as numbered steps."""
    lines = steps(plan)
    return "\n".join(wrapped(line, "    ", width, first=f"{i:>2}. ") for i, line in enumerate(lines, start=1))


def steps(plan: SortPlan) -> tuple[str, ...]:
    """Return the steps of the recommended plan, one sentence each."""
    return tuple(_steps(plan, plan.plans[plan.recommended]))


def _steps(plan: SortPlan, taken: Plan) -> Iterable[str]:
    for stage in taken.stages:
        if stage.enrichment is not None:
            beads = stage.enrichment
            yield (
                f"Enrich {count(plan.cells)} cells with beads for {beads.marker}: {beads.fold:g}-fold, "
                f"{percent(beads.recovery)} % of the target cells kept."
            )
    tests = next((line.tests_sample for line in plan.order.lines), None)
    used = "" if tests is None else f", {count(tests)} test{'s' if tests > 1 else ''} of each reagent"
    yield f"Stain {count(plan.cells_to_stain)} cells with the panel{used}."
    if plan.controls.tubes:
        fmo = [tube.name for tube in plan.controls.tubes if tube.kind == "fmo"]
        listed = f", including FMO controls ({', '.join(fmo)})" if fmo else ""
        yield f"Prepare {len(plan.controls.tubes)} control tubes{listed}: {count(plan.controls.cells)} cells."
    for stage in taken.stages:
        if stage.kind == "sort":
            yield _sort(plan, stage)
    yield from (_collected(tube) for tube in taken.tubes)


def _sort(plan: SortPlan, stage: SortStage) -> str:
    nozzle = [] if plan.sorter.nozzle_um is None else [f"{plan.sorter.nozzle_um:g} \u00b5m nozzle"]
    nozzle += [] if plan.sorter.pressure_psi is None else [f"{plan.sorter.pressure_psi:g} psi"]
    gates = " with loose gates" if stage.gates == "loose" else ""
    how = "".join(f", {one}" for one in nozzle)
    time = "" if stage.hours is None else f": {duration(stage.hours)}"
    return (
        f"Sort {', '.join(stage.targets)} in {stage.mode} mode{gates}{_part(stage)}{how}, "
        f"{count(stage.event_rate_hz)} events/s{time}."
    )


def stage_text(stage: SortStage) -> str:
    """Return what a stage does, in a few words."""
    if stage.enrichment is not None:
        beads = stage.enrichment
        return f"beads for {beads.marker}, {beads.fold:g}-fold, {percent(beads.recovery)} % kept"
    return f"sort in {stage.mode} mode, {stage.gates} gates{_part(stage)}"


def largest_shares(shares: Iterable[Share], named: int = 3) -> str:
    """Return the populations with the largest shares, in percent; empty if there are none."""
    worst = sorted((s for s in shares if s.share > 0), key=lambda s: (-s.share, s.population))[:named]
    return ", ".join(f"{share.population} {percent(share.share)} %" for share in worst)


def _part(stage: SortStage) -> str:
    return f", part {stage.pass_number} of the sample" if (stage.pass_number or 1) > 1 else ""


def _collected(tube: TubeOutcome) -> str:
    volume = ""
    if tube.volume_ml is not None and tube.collection_tubes is not None:
        volume = f", in {_volume(tube.volume_ml)}"
        if tube.collection_tubes > 1:
            volume += f" ({tube.collection_tubes} tubes of {tube.collection_tube_ml:g} mL)"
    cells = "" if tube.cells_recovered is None else f"{count(tube.cells_recovered)} cells, "
    again = tube.purity_second_sort
    twice = "" if again is None else f"; {percent(again)} % after a second sort, with fewer cells"
    return f"Expect for {tube.target}: {cells}{percent(tube.purity)} % pure{volume}{twice}."


def _volume(volume_ml: float) -> str:
    return f"{volume_ml:.2g} mL" if volume_ml >= 0.1 else f"{1000 * volume_ml:.2g} \u00b5L"


def trade_text(plan: SortPlan, width: int) -> str:
    """Return time, yield and purity of the recommended plan at each event rate; empty if the rate was given."""
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
    note = "* Recommended rate. Yield, purity and cells are those of the worst tube."
    headers = ("Events/s", "Time", "Yield %", "Purity %", "Cells")
    return table(headers, rows, "RRRRR", width) + "\n" + wrapped(note, width=width)


def borders_text(plan: SortPlan, width: int) -> str:
    """Return where the gates of two tubes would overlap, and the border between them."""
    lines = [
        f"{border.upper} and {border.lower} are separated by {'+'.join(border.markers)} {border.fluorochrome} at "
        f"{count(border.value)} antibodies, where their predicted distributions cross. Their gates would overlap from "
        f"{count(border.low)} to {count(border.high)}, which holds {percent(border.upper_share)} and "
        f"{percent(border.lower_share)} % of their cells"
        + (f": {count(border.cells)} cells that reach the sorter." if border.cells is not None else ".")
        for border in plan.borders
    ]
    return "\n".join(wrapped(line, width=width) for line in lines)


def run_text(taken: Plan, width: int) -> str:
    """Return the sheath and sample volumes of the recommended plan; empty if unknown."""
    known = [
        f"{number(value, 0)} mL of {what}"
        for value, what in ((taken.sheath_ml, "sheath"), (taken.sample_ml, "stained sample at 1e7 cells per mL"))
        if value is not None and value >= 0.5
    ]
    return wrapped(f"The sort uses {' and '.join(known)}.", width=width) if known else ""
