"""``panelopt robust``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panelopt.cli.demands import finite
from panelopt.cli.formats import PATH, STDOUT, check_suffix
from panelopt.cli.grouped import GroupedCommand, grouped, output_option
from panelopt.cli.names import problem_argument
from panelopt.cli.options import Settings, shared_options

if TYPE_CHECKING:
    from panelopt.api.robustness import RobustResult


_scenario_option = grouped("Scenarios")


@click.command(cls=GroupedCommand)
@problem_argument
@_scenario_option(
    "--scenarios",
    type=click.IntRange(1, 1_000_000),
    metavar="N",
    help="Scenarios in which to choose the panel. Default: 512; 16 with --worst-case.",
)
@_scenario_option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True),
    callback=finite,
    default=0.9,
    show_default=True,
    metavar="Q",
    help="Share of the scenarios in which the score must hold.",
)
@_scenario_option("--worst-case", is_flag=True, help="Maximise the worst scenario instead, with a proven bound.")
@_scenario_option("--fixed-gates", is_flag=True, help="Use the nominal gates in every scenario.")
@_scenario_option(
    "--check",
    type=click.IntRange(1, 1_000_000),
    default=512,
    show_default=True,
    metavar="N",
    help="Fresh scenarios for evaluating the panels.",
)
@_scenario_option(
    "--sobol",
    type=click.IntRange(0, 2**20),
    default=128,
    show_default=True,
    metavar="N",
    help="Base samples of the Sobol indices, a power of two; 0: none.",
)
@output_option("--picture", type=PATH, metavar="FILE.svg", help="Draw distributions and indices to this file.")
@shared_options("text", "json", "csv")
def robust(
    problem: str,
    scenarios: int | None,
    share: float,
    worst_case: bool,
    fixed_gates: bool,
    check: int,
    sobol: int,
    picture: Path | None,
    settings: Settings,
) -> None:
    """Choose a panel for PROBLEM whose score holds when levels, light and frequencies are uncertain.

    The [uncertainty] table of the problem states what is uncertain and by how much. The time limit covers the search;
    evaluating the panels takes extra time. CSV output contains the chosen panel.

    \b
    Examples:
      panelopt robust bm-cd271-cd146 --cytometer aria-fusion
      panelopt robust uc-cd106 --cytometer aria-fusion --worst-case --scenarios 8
    """
    from panelopt import api
    from panelopt.api.files import check_writable
    from panelopt.cli.progress import progress

    wanted = api.RobustOptions(scenarios, share, worst_case, fixed_gates, check, sobol)
    if picture is not None:
        check_suffix(picture, ".svg")
        check_writable(picture)
    with progress(quiet=settings.quiet, verbose=settings.verbose) as listener:
        question = settings.load(problem)
        options = settings.options()
        if settings.instance is not None:
            api.write_instance(question, settings.instance, options)
        found = api.robust(question, wanted, options, listener)
    _write(found, settings)
    if picture is not None and found.candidates:
        from panelopt.api.files import write_bytes_atomic
        from panelopt.api.robustness import robust_picture

        write_bytes_atomic(picture, robust_picture(found))
    _end(found, settings)


def _write(found: RobustResult, settings: Settings) -> None:
    from panelopt.api.files import panel_csv, record_json
    from panelopt.api.robustness import robust_text
    from panelopt.cli.output import emit

    for path in settings.outputs or (STDOUT,):
        format_ = settings.format_of(path)
        if format_ == "json":
            text = record_json(found)
        elif format_ == "csv":
            text = panel_csv(found.candidates[0].result if found.candidates else found.nominal)
        else:
            text = robust_text(found)
        emit(text, None if path == STDOUT else path)


def _end(found: RobustResult, settings: Settings) -> None:
    """Write messages to stderr, and exit with the code of the nominal search."""
    from panelopt.cli.group import EXIT_INTERRUPTED, say_error
    from panelopt.cli.output import exit_code, say_conflicts, say_remarks

    if not settings.quiet:
        say_remarks(found.nominal.warnings, found.problem)
    code = EXIT_INTERRUPTED if found.interrupted else exit_code(found.nominal)
    if found.nominal.status == "infeasible":
        say_conflicts(found.nominal.conflicts, given=False)
    elif found.interrupted:
        say_error("interrupted; the best panel so far was written")
    elif not found.candidates:
        say_error("no panel found within the time or memory limit", "Raise --time-limit or --max-colours.")
    click.get_current_context().exit(code)
