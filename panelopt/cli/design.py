"""``panelopt design``."""

from __future__ import annotations

import click

from panelopt.cli.names import problem_argument
from panelopt.cli.options import Settings, shared_options


@click.command(short_help="Choose the best panel.")
@problem_argument
@shared_options
def design(problem: str, settings: Settings) -> None:
    """Choose the best panel for PROBLEM, a problem file or the name of a shipped problem.

    \b
    Examples:
      panelopt design bm-cd271-cd146 --cytometer aria-fusion
      panelopt design my.toml --cytometer aria-iii --max-colours 8 -o result.json -o order.csv
    """
    from panelopt import api
    from panelopt.cli.output import finish
    from panelopt.cli.progress import progress

    question = settings.load(problem)
    options = settings.options()
    if settings.instance is not None:
        api.write_instance(question, settings.instance, options)
    with progress(quiet=settings.quiet, verbose=settings.verbose) as listener:
        result = api.design(question, options, listener)
    finish(result, settings)
