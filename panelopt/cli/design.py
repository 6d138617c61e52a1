"""``panelopt design``."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.api.errors import UsageError
from panelopt.cli.formats import PATH, check_suffix
from panelopt.cli.grouped import GroupedCommand, output_option
from panelopt.cli.names import complete_problem
from panelopt.cli.options import Settings, shared_options


@click.command(cls=GroupedCommand)
@click.argument("problem", required=False, shell_complete=complete_problem)
@output_option(
    "--certificate",
    type=PATH,
    metavar="FILE.json.gz",
    help="Also write a certificate: all that `panelopt verify` needs to check the panel and its proof.",
)
@shared_options("text", "json", "csv", "html", "xlsx")
def design(problem: str | None, settings: Settings, certificate: Path | None) -> None:
    """Choose the best panel for PROBLEM, a problem file or the name of a shipped problem.

    \b
    Examples:
      panelopt design bm-cd271-cd146 --cytometer aria-fusion
      panelopt design my.toml --cytometer aria-iii -o result.json -o report.html
      panelopt design bm-cd271-cd146 --cytometer aria-fusion --lock CD271=APC
      panelopt design cv-cd106 --cytometer aria-fusion --certificate proof.json.gz
    """
    from panelopt import api
    from panelopt.api.files import check_writable
    from panelopt.cli.output import finish
    from panelopt.cli.progress import progress

    if problem is None:
        hint = "Give a file or the name of a shipped problem (see `panelopt problem list`)."
        raise UsageError("no PROBLEM specified", hint=hint)
    if certificate is not None:
        check_suffix(certificate, ".json", ".gz")
        check_writable(certificate)
    with progress(quiet=settings.quiet, verbose=settings.verbose) as listener:
        question = settings.load(problem)
        options = settings.options()
        if settings.instance is not None:
            api.write_instance(question, settings.instance, options)
        if certificate is None:
            result = api.design(question, options, listener)
        else:
            result, proof = api.design_certified(question, options, listener)
            api.write_certified(proof, certificate)
    finish(result, settings, question)
