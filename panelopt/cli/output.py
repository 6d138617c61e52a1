"""Results go to stdout or to files; warnings, summary and errors to stderr; the status becomes the exit code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panelopt.cli.group import EXIT_INTERRUPTED, EXIT_LIMIT, say, say_error, say_warning
from panelopt.cli.options import STDOUT, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panelopt.domain.result import Conflict, Result

EXIT_INFEASIBLE = 3


def finish(result: Result, settings: Settings) -> None:
    """Write the result, say what must be known, and end with the exit code of the result."""
    for path in settings.outputs or (STDOUT,):
        shown = path == STDOUT
        emit(rendered(result, settings.format_of(path), warnings=not shown), None if shown else path)
    _talk(result, settings)
    click.get_current_context().exit(exit_code(result))


def rendered(result: Result, format_: str, *, warnings: bool) -> str:
    """Return the result as text, JSON or CSV."""
    if format_ == "json":
        from panelopt.io.result_json import result_json

        return result_json(result)
    if format_ == "csv":
        from panelopt.io.panel_csv import panel_csv

        return panel_csv(result)
    from panelopt.report.text import result_text

    return result_text(result, warnings=warnings)


def exit_code(result: Result) -> int:
    """Return the exit code that belongs to a result."""
    if result.solver.interrupted:
        return EXIT_INTERRUPTED
    return {"infeasible": EXIT_INFEASIBLE, "unknown": EXIT_LIMIT}.get(result.status.value, 0)


def _talk(result: Result, settings: Settings) -> None:
    if not settings.quiet:
        for remark in result.warnings:
            say_warning(remark.message, remark.where)
    if result.status == "infeasible":
        say_conflicts(result.conflicts, given=bool(result.panel))
    elif result.solver.interrupted:
        say_error("interrupted; " + ("the best panel so far was written" if result.panel else "no panel was found yet"))
    elif result.status == "unknown":
        limit = "--memory-limit" if result.solver.out_of_memory else "--time-limit"
        say_error("no panel was found within the limits", f"Raise {limit}, or --max-colours.")
    files = [str(path) for path in settings.outputs if path != STDOUT]
    if files and not settings.quiet:
        if exit_code(result) == 0:
            say(result.summary())
        say(f"Written: {', '.join(files)}")


def say_conflicts(conflicts: Iterable[Conflict], *, given: bool) -> None:
    """Say which rules a given panel breaks, or which demands clash."""
    broken = "the given panel breaks rules:"
    say_error(broken if given else "no panel meets the demands; this is proven. These clash:")
    for conflict in conflicts:
        place = f" ({conflict.where})" if conflict.where else ""
        say(f"  - {conflict.demand}: {conflict.message}{place}")
    hint = "Change the panel, or let `panelopt improve` do it." if given else "Relax or remove one of them."
    say(f"Hint: {hint}")


def emit(text: str, output: Path | None) -> None:
    """Write text to a file, or to stdout."""
    if output in (None, STDOUT):
        click.echo(text, nl=False)
        return
    from panelopt.io.atomic import write_text_atomic

    write_text_atomic(output, text)
