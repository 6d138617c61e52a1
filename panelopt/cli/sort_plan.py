"""``panelopt sort-plan``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from panelopt.api.errors import UsageError
from panelopt.cli.demands import finite
from panelopt.cli.formats import PATH, STDOUT, check_suffix
from panelopt.cli.group import say
from panelopt.cli.grouped import GroupedCommand, grouped, output_option
from panelopt.cli.names import problem_argument
from panelopt.cli.options import Command, Settings, shared_options

_sort_option = grouped("Sort")

_POSITIVE = click.FloatRange(min=0, min_open=True)
_FRACTION = click.FloatRange(min=0, max=1, min_open=True)


def _number(
    name: str, metavar: str, help_: str, kind: click.FloatRange = _POSITIVE, default: float | None = None
) -> Callable[[Command], Command]:
    return _sort_option(
        name,
        type=kind,
        callback=finite,
        metavar=metavar,
        help=help_,
        default=default,
        show_default=default is not None,
    )


@click.command("sort-plan", cls=GroupedCommand)
@problem_argument
@click.argument("panel", type=PATH)
@_sort_option(
    "--mode",
    type=click.Choice(["purity", "yield", "single"]),
    default="purity",
    show_default=True,
    help="What the sorter does when cells are too close to each other.",
)
@_sort_option(
    "--stages",
    type=click.Choice(["auto", "one", "two"]),
    default="auto",
    show_default=True,
    help="When to plan two-step sorts; auto: if one step misses a goal.",
)
@_number("--event-rate", "HZ", "Events per second. Default: a compromise between time and yield.")
@_number("--drop-rate", "HZ", "Drops per second. Default: from the cytometer, else a model value.")
@_number("--nozzle", "UM", "Nozzle in micrometres. Default: the cytometer's usual one, or a wider one for large cells.")
@_number("--mask-drops", "N", "Drops in which a coincident event counts. Default: 2.")
@_sort_option("--ways", type=click.IntRange(1, 64), metavar="N", help="Tubes per pass; more targets need more passes.")
@_sort_option(
    "--overlap",
    type=click.Choice(["split", "refuse"]),
    default="split",
    show_default=True,
    help="If one cell could pass the gates of two tubes: set a common border, or reject.",
)
@_number("--recovery", "X", "Share of the deflected cells recovered from the tube. Default: 0.3.", _FRACTION)
@_number("--hours", "H", "Length of the working day.", default=8.0)
@_number("--wanted-cells", "N", "Recovered cells required in every tube. Default: all.")
@_sort_option("--bead-marker", metavar="NAME", help="Marker for bead enrichment before the sort. Default: the best.")
@_number("--bead-fold", "X", "Enrichment by the beads. Default: 150.", click.FloatRange(min=1, min_open=True))
@_number("--bead-recovery", "X", "Share of the target cells that the beads keep. Default: 0.92.", _FRACTION)
@_sort_option(
    "--calibration",
    type=PATH,
    metavar="FILE",
    help="Signal per antibody by detector or fluorochrome (.toml, .csv), for thresholds in instrument units.",
)
@_number("--cells-per-test", "N", "Cells stained by one test of a reagent.", default=1e6)
@_number("--control-share", "X", "Maximum share of the sample used for controls.", _FRACTION, 0.05)
@_sort_option(
    "--spares",
    type=click.IntRange(0, 50),
    default=3,
    show_default=True,
    metavar="N",
    help="Spare products per reagent, with the same dye and with other dyes; 0: none, and faster.",
)
@output_option("--controls-csv", type=PATH, metavar="FILE", help="Also write the control tubes.")
@output_option("--order-csv", type=PATH, metavar="FILE", help="Also write the order list.")
@shared_options("text", "json", "csv")
def sort_plan(problem: str, panel: Path, calibration: Path | None, settings: Settings, **sort: Any) -> None:
    """Plan the sort of PANEL for PROBLEM: gates in order, purity, yield, cells, hours, controls and order list.

    PANEL is a CSV file as for `score`, or the result JSON of `design`.

    \b
    Examples:
      panelopt sort-plan bm-cd271-cd146 result.json --cytometer aria-fusion
      panelopt sort-plan cv-cd106 panel.csv --cytometer aria-fusion -o gates.csv
      panelopt sort-plan cv-cd106 panel.csv --cytometer aria-fusion --ways 1
    """
    from panelopt import api
    from panelopt.api import sorting as files
    from panelopt.api.files import check_writable, read_calibration, read_panel
    from panelopt.api.sorting import SortOptions
    from panelopt.cli.output import EXIT_INFEASIBLE, emit, say_conflicts, say_remarks

    asked_tables = ((sort["controls_csv"], files.controls_csv), (sort["order_csv"], files.order_csv))
    tables = [(path, table) for path, table in asked_tables if path is not None]
    _check_apart([*settings.outputs, *(path for path, _ in tables)])
    for path, _ in tables:
        check_suffix(path, ".csv")
        check_writable(path)
    question = settings.load(problem)
    rows = read_panel(panel)
    options = settings.options()
    if settings.instance is not None:
        api.write_instance(question, settings.instance, options)
    asked = SortOptions(
        mode=sort["mode"],
        stages=sort["stages"],
        event_rate_hz=sort["event_rate"],
        drop_rate_hz=sort["drop_rate"],
        nozzle_um=sort["nozzle"],
        mask_drops=sort["mask_drops"],
        ways=sort["ways"],
        overlap=sort["overlap"],
        recovery=sort["recovery"],
        hours=sort["hours"],
        wanted_cells=sort["wanted_cells"],
        bead_marker=sort["bead_marker"],
        bead_fold=sort["bead_fold"],
        bead_recovery=sort["bead_recovery"],
        calibration=read_calibration(calibration) if calibration else None,
        cells_per_test=sort["cells_per_test"],
        control_share=sort["control_share"],
        spares=sort["spares"],
    )
    plan = api.sort_plan(question, rows, asked, options)
    for path in settings.outputs or (STDOUT,):
        emit(_rendered(plan, settings.format_of(path), warnings=path != STDOUT), None if path == STDOUT else path)
    for path, table in tables:
        emit(table(plan), path)
    if not settings.quiet:
        say_remarks(plan.warnings, plan.problem)
        if written := [str(path) for path in (*settings.outputs, *(path for path, _ in tables)) if path != STDOUT]:
            say(plan.summary())
            say(f"Written: {', '.join(written)}")
    if plan.conflicts:
        say_conflicts(plan.conflicts, given=True)
        click.get_current_context().exit(EXIT_INFEASIBLE)


def _check_apart(paths: Sequence[Path]) -> None:
    """Reject two results with the same path."""
    for path in paths:
        if sum(path.absolute() == other.absolute() for other in paths) > 1:
            hint = "Give -o, --controls-csv and --order-csv different file names."
            raise UsageError("two results would be written to the same file", where=str(path), hint=hint)


def _rendered(plan: Any, format_: str, *, warnings: bool) -> str:
    """Return the plan as text, JSON or the CSV of its gates."""
    from panelopt.api.files import record_json
    from panelopt.api.sorting import gates_csv, sort_plan_text

    if format_ == "json":
        return record_json(plan)
    return gates_csv(plan) if format_ == "csv" else sort_plan_text(plan, warnings=warnings)
