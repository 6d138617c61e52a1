"""``panelopt improve``."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.cli.formats import PATH
from panelopt.cli.grouped import GroupedCommand, demand_option
from panelopt.cli.names import problem_argument
from panelopt.cli.options import Settings, shared_options


@click.command(cls=GroupedCommand)
@problem_argument
@click.argument("panel", type=PATH)
@demand_option(
    "--max-changes", type=click.IntRange(min=0), required=True, metavar="N", help="Maximum number of changed reagents."
)
@shared_options("text", "json", "csv", "html", "xlsx")
def improve(problem: str, panel: Path, max_changes: int, settings: Settings) -> None:
    """Find the best panel for PROBLEM with at most N reagents changed from PANEL, a file as for `score`.

    \b
    Example:
      panelopt improve cv-cd106 panel.csv --max-changes 2 --cytometer aria-fusion
    """
    from panelopt import api
    from panelopt.api.files import read_panel
    from panelopt.cli.output import finish
    from panelopt.cli.progress import progress

    with progress(quiet=settings.quiet, verbose=settings.verbose) as listener:
        question = settings.load(problem)
        rows = read_panel(panel)
        options = settings.options()
        if settings.instance is not None:
            api.write_instance(question, settings.instance, options)
        result = api.improve(question, rows, max_changes, options, listener)
    finish(result, settings, question)
