"""``panelopt simulate``."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.cli.demands import spillover_option
from panelopt.cli.formats import PATH, check_folder_name, check_suffix
from panelopt.cli.grouped import GroupedCommand, grouped, output_option
from panelopt.cli.names import problem_argument
from panelopt.cli.options import InputOptions, question_options

_event_option = grouped("Events")


@click.command(cls=GroupedCommand)
@problem_argument
@click.argument("panel", type=PATH)
@output_option(
    "-o",
    "--output",
    type=PATH,
    required=True,
    metavar="FILE.fcs|FOLDER",
    help="File of the sample, with the controls next to it; or a folder for all.",
)
@_event_option(
    "--events",
    type=click.IntRange(min=1),
    default=100_000,
    show_default=True,
    metavar="N",
    help="Events in the sample.",
)
@_event_option(
    "--control-events",
    type=click.IntRange(min=1),
    default=20_000,
    show_default=True,
    metavar="N",
    help="Events in each control.",
)
@_event_option(
    "--controls/--no-controls",
    default=True,
    show_default=True,
    help="Unstained cells, single stains and FMO controls.",
)
@_event_option(
    "--unmixed/--no-unmixed",
    default=True,
    show_default=True,
    help="On a spectral cytometer: add unmixed channels to the detectors.",
)
@output_option("--gates", type=PATH, metavar="FILE.xml", help="Also write the planned gates as Gating-ML 2.0.")
@_event_option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    metavar="N",
    help="Random seed; equal seeds give identical files. Default: 0, with today's date in the files.",
)
@output_option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Report."
)
@output_option("--json", "format_", flag_value="json", help="Same as --format json.")
@output_option("-q", "--quiet", is_flag=True, help="Hide warnings.")
@spillover_option
@question_options
def simulate(
    problem: str,
    panel: Path,
    output: Path,
    events: int,
    control_events: int,
    controls: bool,
    unmixed: bool,
    gates: Path | None,
    seed: int | None,
    format_: str,
    quiet: bool,
    max_spillover: float | None,
    named: InputOptions,
) -> None:
    """Simulate events of PROBLEM stained with PANEL, as FCS 3.1 with the true population of each event.

    PANEL is a CSV file as for `score`, or the result JSON of `design`. The command reports how the planned gates
    perform on the simulated sample, next to the predictions of the score.

    \b
    Examples:
      panelopt simulate cv-cd106 panel.csv --cytometer aria-fusion -o sample.fcs
      panelopt simulate cv-cd106 panel.csv --cytometer aria-fusion -o events
    """
    from panelopt import api
    from panelopt.api.files import read_panel, record_json
    from panelopt.api.simulation import simulation_text
    from panelopt.cli.output import emit, say_remarks

    check_suffix(gates, ".xml")
    if output.suffix.lower() != ".fcs":
        check_folder_name(output)
    question = named.load(problem)
    asked = api.SimulateOptions(
        events=events,
        control_events=control_events,
        seed=seed,
        controls=controls,
        unmixed=unmixed,
        gates=gates,
    )
    options = api.Options(max_spillover=max_spillover)
    found = api.simulate(question, read_panel(panel), output, asked, options)
    emit(record_json(found) if format_ == "json" else simulation_text(found), None)
    if not quiet:
        say_remarks(found.warnings, found.problem)
