"""``panelopt verify``."""

from __future__ import annotations

import math
from pathlib import Path

import click

from panelopt.api.errors import UsageError
from panelopt.cli.demands import DemandOptions, finite
from panelopt.cli.formats import PATH, STDOUT
from panelopt.cli.group import EXIT_LIMIT, say_error, say_warning
from panelopt.cli.grouped import GroupedCommand, demand_option, grouped, input_option
from panelopt.cli.listing import format_options
from panelopt.cli.names import complete_catalog, complete_cytometer
from panelopt.cli.options import demand_options

EXIT_WRONG = 1

_work_option = grouped("Checks")


@click.command(cls=GroupedCommand)
@click.argument("certificate", type=PATH)
@input_option("--problem", metavar="NAME|FILE", help="Compare with this problem; needs --cytometer.")
@input_option(
    "--cytometer", metavar="NAME|FILE", shell_complete=complete_cytometer, help="Compare with this instrument."
)
@input_option(
    "--catalog",
    "catalogs",
    metavar="NAME|PATH",
    multiple=True,
    shell_complete=complete_catalog,
    help="Compare with this catalog; repeatable. Default: all but the synthetic ones.",
)
@input_option("--inventory", metavar="PATH", help="Compare with this inventory.")
@input_option("--signatures", metavar="PATH", multiple=True, help="Compare with these measured signatures; repeatable.")
@_work_option(
    "--time-limit",
    type=click.FloatRange(min=0),
    default=300.0,
    show_default=True,
    metavar="S",
    help="Seconds for proving each of the two bounds again; inf: no time limit.",
)
@_work_option(
    "--panels",
    type=click.IntRange(0, 1_000_000),
    default=200,
    show_default=True,
    metavar="N",
    help="Random panels on which to test the bounds on claims.",
)
@_work_option("--workers", type=click.IntRange(min=0), default=0, metavar="N", help="Threads. Default: one per core.")
@_work_option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, metavar="N", help="Random seed."
)
@demand_option(
    "--tolerance",
    type=click.FloatRange(min=0),
    callback=finite,
    metavar="X",
    help="Tolerance of the design. Default: 0.02.",
)
@demand_options
@format_options("text", "json")
def verify(
    certificate: Path,
    problem: str | None,
    cytometer: str | None,
    catalogs: tuple[str, ...],
    inventory: str | None,
    signatures: tuple[str, ...],
    time_limit: float,
    panels: int,
    workers: int,
    seed: int,
    format_: str,
    output: Path | None,
    tolerance: float | None,
    demanded: DemandOptions,
) -> None:
    """Check CERTIFICATE, a file written by `design --certificate`, without running the search.

    The score, the bounds on claims and the capped panels are recomputed, and both bounds are proven from the
    certificate alone. With --problem and --cytometer, inputs and demands are compared as well; repeat the demand
    options of the design. Without them, the verdict covers only the numbers in the file: "verified, inputs not
    checked". Exit code 0: verified; 1: something is wrong; 4: nothing is wrong, but a bound was not proven in time.

    \b
    Examples:
      panelopt verify proof.json.gz
      panelopt verify proof.json.gz --problem cv-cd106 --cytometer aria-fusion
    """
    from panelopt import api
    from panelopt.api.certificates import read_certificate, verification_text
    from panelopt.api.files import check_writable, record_json
    from panelopt.cli.output import emit

    if math.isnan(time_limit):
        raise UsageError("the time limit is not a number")
    if (problem is None) != (cytometer is None):
        raise UsageError("--problem and --cytometer must be used together")
    if problem is None and (catalogs or inventory or signatures or demanded.any or tolerance is not None):
        raise UsageError("catalogs, inventory, signatures and demands need --problem and --cytometer")
    if output not in (None, STDOUT):
        check_writable(output)
    question = None
    if problem is not None and cytometer is not None:
        question = api.load(problem, cytometer=cytometer, catalogs=catalogs, inventory=inventory, signatures=signatures)
    limit = None if math.isinf(time_limit) else time_limit
    options = api.VerifyOptions(limit, panels, workers, seed)
    demands = api.Options(tolerance=0.02 if tolerance is None else tolerance, **demanded.values())
    found = api.verify(read_certificate(certificate), question, options, demands)
    emit(record_json(found) if format_ == "json" else verification_text(found), output)
    if found.status == "wrong":
        say_error("the certificate is wrong")
    elif found.status == "undecided":
        say_error("nothing is wrong, but some bounds were not proven again", "Raise --time-limit.")
    elif found.status != "verified":
        hint = "Add --problem and --cytometer, and the demand options of the design."
        say_warning("the numbers were not compared with the input files", hint=hint)
    click.get_current_context().exit({"wrong": EXIT_WRONG, "undecided": EXIT_LIMIT}.get(found.status, 0))
