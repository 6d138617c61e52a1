"""``panelopt sort-plan``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from panelopt.cli.group import say, say_warning
from panelopt.cli.options import STDOUT, Command, Settings, finite, shared_options

_POSITIVE = click.FloatRange(min=0, min_open=True)
_FRACTION = click.FloatRange(min=0, max=1, min_open=True)


def _number(
    name: str, metavar: str, help_: str, kind: click.FloatRange = _POSITIVE, default: float | None = None
) -> Callable[[Command], Command]:
    return click.option(
        name,
        type=kind,
        callback=finite,
        metavar=metavar,
        help=help_,
        default=default,
        show_default=default is not None,
    )


@click.command("sort-plan", short_help="Plan the sort of a given panel.")
@click.argument("problem")
@click.argument("panel", type=click.Path(path_type=Path))
@click.option(
    "--mode",
    type=click.Choice(["purity", "yield", "single"]),
    default="purity",
    show_default=True,
    help="What the sorter does with cells that come too close to each other.",
)
@click.option(
    "--stages",
    type=click.Choice(["auto", "one", "two"]),
    default="auto",
    show_default=True,
    help="Plans of two steps: where one step misses a goal, never, or always.",
)
@_number("--event-rate", "HZ", "Events per second. Default: as fast as the yield allows.")
@_number("--drop-rate", "HZ", "Drops per second. Default: the cytometer's, else a model value.")
@_number("--nozzle", "UM", "Nozzle in micrometres. Default: the cytometer's nearest to 100.")
@_number("--mask-drops", "N", "Drops in which coincidence counts. Default: 2.")
@click.option("--ways", type=click.IntRange(1, 64), metavar="N", help="Tubes filled at once; more targets: passes.")
@click.option(
    "--overlap",
    type=click.Choice(["refuse", "split"]),
    default="refuse",
    show_default=True,
    help="Gates of two tubes that one cell could pass: refuse them, or give them a common border.",
)
@_number("--recovery", "X", "Share of the deflected cells that you get back. Default: 0.3.", _FRACTION)
@_number("--hours", "H", "Working day.", default=8.0)
@_number("--wanted-cells", "N", "Recovered cells wanted in every tube. Default: all.")
@click.option("--bead-marker", metavar="NAME", help="Marker of beads before the sort. Default: the best one.")
@_number("--bead-fold", "X", "Enrichment by the beads. Default: 150.", click.FloatRange(min=1, min_open=True))
@_number("--bead-recovery", "X", "Share of the wanted cells that the beads keep. Default: 0.92.", _FRACTION)
@click.option(
    "--calibration",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Signal of antibodies by detector or fluorochrome (.toml, .csv), for thresholds in the instrument's units.",
)
@shared_options
def sort_plan(problem: str, panel: Path, calibration: Path | None, settings: Settings, **sort: Any) -> None:
    """Plan the sort of PANEL for PROBLEM: gates in order, purity, yield, cells and hours, one step or two.

    PANEL is a CSV file as for `score`, or the result JSON of `design`.

    \b
    Examples:
      panelopt sort-plan bm-cd271-cd146 result.json --cytometer aria-fusion --overlap split
      panelopt sort-plan bm-cd271-cd146 panel.csv --cytometer aria-fusion --ways 1 -o gates.csv -o plan.json
    """
    from panelopt import api
    from panelopt.api.sort_settings import SortOptions
    from panelopt.cli.output import EXIT_INFEASIBLE, emit, say_conflicts
    from panelopt.io.calibration_files import read_calibration
    from panelopt.io.panel_files import read_panel

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
    )
    plan = api.sort_plan(question, rows, asked, options)
    for path in settings.outputs or (STDOUT,):
        emit(_rendered(plan, settings.format_of(path), warnings=path != STDOUT), None if path == STDOUT else path)
    if not settings.quiet:
        for remark in plan.warnings:
            say_warning(remark.message, remark.where)
        if files := [str(path) for path in settings.outputs if path != STDOUT]:
            say(plan.summary())
            say(f"Written: {', '.join(files)}")
    if plan.conflicts:
        say_conflicts(plan.conflicts, given=True)
        click.get_current_context().exit(EXIT_INFEASIBLE)


def _rendered(plan: Any, format_: str, *, warnings: bool) -> str:
    """Return the plan as text, JSON or the CSV of its gates."""
    from panelopt.io.result_json import record_json
    from panelopt.io.sort_plan_files import gates_csv
    from panelopt.report.sort_plan import sort_plan_text

    if format_ == "json":
        return record_json(plan)
    return gates_csv(plan) if format_ == "csv" else sort_plan_text(plan, warnings=warnings)
