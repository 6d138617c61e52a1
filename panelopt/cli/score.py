"""``panelopt score``."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.cli.formats import PATH
from panelopt.cli.grouped import GroupedCommand
from panelopt.cli.names import problem_argument
from panelopt.cli.options import Settings, shared_options


@click.command(cls=GroupedCommand)
@problem_argument
@click.argument("panel", type=PATH)
@shared_options("text", "json", "csv", "html", "xlsx")
def score(problem: str, panel: Path, settings: Settings) -> None:
    """Score PANEL for PROBLEM; `design` maximises the same score.

    PANEL is a CSV file with the columns marker and fluorochrome (clone, detector, vendor and catalog_number are
    optional), or the result JSON of `design`.

    \b
    Example:
      panelopt score bm-cd271-cd146 panel.csv --cytometer aria-fusion
    """
    from panelopt import api
    from panelopt.api.files import read_panel
    from panelopt.cli.output import finish

    question = settings.load(problem)
    rows = read_panel(panel)
    options = settings.options()
    if settings.instance is not None:
        api.write_instance(question, settings.instance, options)
    finish(api.score(question, rows, options), settings, question)
