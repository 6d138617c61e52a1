"""``panelopt simulate``."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.cli.names import problem_argument
from panelopt.cli.options import PATH, Named, question_options


@click.command(short_help="Draw events of a sample and its controls.")
@problem_argument
@click.argument("panel", type=PATH)
@click.option(
    "-o",
    "--output",
    type=PATH,
    required=True,
    metavar="FILE.fcs|FOLDER",
    help="File of the sample, with the controls beside it; or a folder for all.",
)
@click.option(
    "--events",
    type=click.IntRange(min=1),
    default=100_000,
    show_default=True,
    metavar="N",
    help="Events of the sample.",
)
@click.option(
    "--control-events",
    type=click.IntRange(min=1),
    default=20_000,
    show_default=True,
    metavar="N",
    help="Events of each control.",
)
@click.option(
    "--controls/--no-controls",
    default=True,
    show_default=True,
    help="Unstained cells, a single stain of every dye, and all dyes but one.",
)
@click.option(
    "--unmixed/--no-unmixed",
    default=True,
    show_default=True,
    help="On a spectral cytometer: unmixed channels beside the detectors.",
)
@click.option("--gates", type=PATH, metavar="FILE.xml", help="Also write the planned gates as Gating-ML 2.0.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    metavar="N",
    help="Random seed; equal seeds give equal files. Default: 0, with the date of today in the files.",
)
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Report."
)
@click.option("--json", "format_", flag_value="json", help="Same as --format json.")
@click.option("-q", "--quiet", is_flag=True, help="No warnings.")
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
    named: Named,
) -> None:
    """Draw events of PROBLEM stained with PANEL, as FCS 3.1 with the true population of each event.

    PANEL is a CSV file as for `score`, or the result JSON of `design`. What the planned gates find in the sample is
    reported beside what the score predicts.

    \b
    Examples:
      panelopt simulate cv-cd106 panel.csv --cytometer aria-fusion -o sample.fcs --no-controls
      panelopt simulate cv-cd106 panel.csv --cytometer aria-fusion -o events --gates gates.xml --seed 1
    """
    from panelopt import api
    from panelopt.cli.group import say_warning
    from panelopt.cli.output import emit
    from panelopt.io.panel_files import read_panel
    from panelopt.io.result_json import record_json
    from panelopt.report.simulation import simulation_text

    question = named.load(problem)
    asked = api.SimulateOptions(
        events=events,
        control_events=control_events,
        seed=seed,
        controls=controls,
        unmixed=unmixed,
        gates=gates,
    )
    found = api.simulate(question, read_panel(panel), output, asked)
    emit(record_json(found) if format_ == "json" else simulation_text(found), None)
    if not quiet:
        for remark in found.warnings:
            say_warning(remark.message, remark.where)
