"""``panelopt sweep``."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panelopt.cli.formats import PATH, check_folder_name
from panelopt.cli.group import EXIT_INTERRUPTED, say, say_error

if TYPE_CHECKING:
    from panelopt.api.sweeps import Engine, SweepSummary


@click.command()
@click.argument("spec", type=PATH, metavar="SPEC")
@click.option(
    "-o", "--output", "folder", type=PATH, required=True, metavar="FOLDER",
    help="Folder for cells, results and tables; an existing sweep is continued.",
)  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes. Default: one per core.")
@click.option("--scheduler", metavar="ADDRESS", help="Solve on this Dask cluster; needs the extra `dask`.")
@click.option("--status", is_flag=True, help="Only report the progress of the sweep, even while it runs.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the summary.",
)
@click.option("--json", "format_", flag_value="json", help="Same as --format json.")
@click.option("-q", "--quiet", is_flag=True, help="Hide progress and warnings.")
@click.option("-v", "--verbose", is_flag=True, help="Print one line per cell, even without a terminal.")
def sweep(
    spec: Path,
    folder: Path,
    jobs: int | None,
    scheduler: str | None,
    status: bool,
    format_: str,
    quiet: bool,
    verbose: bool,
) -> None:
    """Design panels for the grid in SPEC, a TOML file, into FOLDER. Run the same command again to resume.

    Finished cells are kept while their inputs stay the same; failed cells are retried. Exit code 1 means that a cell
    failed; the other cells are done.

    \b
    Examples:
      panelopt sweep sweep.toml -o sweep-output
      panelopt sweep sweep.toml -o sweep-output --status
      panelopt sweep sweep.toml -o sweep-output --scheduler tcp://head-node:8786
    """
    from panelopt.api.sweeps import sweep as run
    from panelopt.api.sweeps import sweep_status, sweep_text
    from panelopt.cli.listing import json_text
    from panelopt.cli.sweep_progress import sweep_progress

    check_folder_name(folder)
    if status:
        summary = sweep_status(spec, folder)
    else:
        engine = _engine(jobs, scheduler)
        with sweep_progress(quiet=quiet, verbose=verbose) as listener:
            summary = run(spec, folder, engine=engine, listener=listener)
    click.echo(json_text(summary.model_dump(mode="json")) if format_ == "json" else sweep_text(summary), nl=False)
    if status:
        return
    _print_notices(summary, quiet=quiet)
    failed = bool(summary.failures)
    click.get_current_context().exit(EXIT_INTERRUPTED if summary.interrupted else int(failed))


def _engine(jobs: int | None, scheduler: str | None) -> Engine:
    from panelopt.api.errors import UsageError
    from panelopt.api.installation import available_cores
    from panelopt.api.sweeps import LocalEngine

    if scheduler is None:
        return LocalEngine(jobs or available_cores())
    if jobs is not None:
        raise UsageError("--jobs applies to this machine", hint="Remove it; the cluster has its own workers.")
    from panelopt.api.sweeps import DaskEngine

    engine = DaskEngine(scheduler)
    # Dask logs tracebacks of errors that the error message already reports
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    return engine


def _print_notices(summary: SweepSummary, *, quiet: bool) -> None:
    from panelopt.api.sweeps import TABLES

    if summary.interrupted:
        hint = "Run the same command again to resume."
        say_error(f"interrupted; finished cells are kept, {summary.missing:,} cells are missing", hint)
    elif summary.failures:
        say_error(
            f"{len(summary.failures):,} of {summary.cells:,} cells failed", "Run the same command again to retry."
        )
    if not quiet:
        say(f"Written: {', '.join(str(Path(summary.folder) / name) for name in TABLES)}")
