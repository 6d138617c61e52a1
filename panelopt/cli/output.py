"""Writes results to stdout or files, warnings and errors to stderr, and sets the exit code.

The summary comes last, after all warnings: on stdout if the result is text there, else on stderr.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panelopt.cli.formats import STDOUT
from panelopt.cli.group import EXIT_INTERRUPTED, EXIT_LIMIT, say, say_error, say_warning
from panelopt.cli.terminal import coloured, fitted, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panelopt.api import Question
    from panelopt.api.designs import Conflict, Remark, Result
    from panelopt.cli.options import Settings

EXIT_INFEASIBLE = 3

TEXT_WIDTH = 80
"""Width of text results; narrower on a narrower terminal."""


def finish(result: Result, settings: Settings, question: Question) -> None:
    """Write the result, then warnings and the summary, and exit with its code."""
    outputs = settings.outputs or (STDOUT,)
    for path in outputs:
        if path != STDOUT:
            _write(result, question, path, settings.format_of(path))
    shown = [settings.format_of(path) for path in outputs if path == STDOUT]
    _print_notices(result, settings, listed="text" in shown)
    for format_ in shown:
        if format_ == "text":
            _show(result, settings)
        else:
            click.echo(rendered(result, format_), nl=False)
    if "text" not in shown and not settings.quiet:
        from panelopt.api.reporting import standing, verdict

        click.echo(coloured(fitted(verdict(result), sys.stderr), standing(result), sys.stderr), err=True)
    click.get_current_context().exit(exit_code(result))


def _show(result: Result, settings: Settings) -> None:
    """Write the first screen to stdout, all tables before it with --verbose; the verdict comes last."""
    from panelopt.api.designs import details_text, first_screen_text
    from panelopt.api.reporting import standing

    width = min(width_of(sys.stdout) or TEXT_WIDTH, TEXT_WIDTH)
    if settings.verbose:
        click.echo(details_text(result, width))
    if sys.stdout.isatty():
        click.echo()
    above, _, verdict = first_screen_text(result, width).rstrip("\n").rpartition("\n\n")
    click.echo(f"{above}\n\n{coloured(verdict, standing(result), sys.stdout)}")


def _write(result: Result, question: Question, path: Path, format_: str) -> None:
    from panelopt.api.files import write_bytes_atomic

    if format_ in ("html", "xlsx"):
        write_bytes_atomic(path, _report(result, question, format_))
    else:
        emit(rendered(result, format_), path)


def _report(result: Result, question: Question, format_: str) -> bytes:
    """Return the report as HTML or XLSX."""
    from panelopt import api

    found = api.report_of(question, result)
    if format_ == "html":
        from panelopt.api.reporting import report_html

        return report_html(found).encode("utf-8")
    from panelopt.api.reporting import report_xlsx

    return report_xlsx(found)


def rendered(result: Result, format_: str) -> str:
    """Return the result as text, JSON or CSV."""
    if format_ == "json":
        from panelopt.api.files import result_json

        return result_json(result)
    if format_ == "csv":
        from panelopt.api.files import panel_csv

        return panel_csv(result)
    from panelopt.api.designs import result_text

    return result_text(result)


def exit_code(result: Result) -> int:
    """Return the exit code of a result."""
    if result.solver.interrupted:
        return EXIT_INTERRUPTED
    return {"infeasible": EXIT_INFEASIBLE, "unknown": EXIT_LIMIT}.get(result.status.value, 0)


def _print_notices(result: Result, settings: Settings, *, listed: bool) -> None:
    if not settings.quiet:
        say_remarks(result.warnings, result.problem)
    if result.status == "infeasible":
        given, minimal = bool(result.panel), result.conflicts_minimal
        say_conflicts(() if listed else result.conflicts, given=given, minimal=minimal)
    elif result.solver.interrupted:
        say_error("interrupted; " + ("this is the best panel so far" if result.panel else "no panel was found yet"))
    elif result.status == "unknown":
        limit = "--memory-limit" if result.solver.out_of_memory else "--time-limit"
        say_error("no panel found within the time or memory limit", f"Raise {limit} or --max-colours.")
    files = [str(path) for path in settings.outputs if path != STDOUT]
    if files and not settings.quiet:
        say(f"Written: {', '.join(files)}")


def say_remarks(remarks: Iterable[Remark], problem: str = "") -> None:
    """List warnings merged by kind, the weightiest first, each with what to do.

    Args:
        remarks: The warnings.
        problem: Name of the problem, which is not repeated in each.
    """
    from panelopt.api.reporting import notices

    for notice in notices(remarks, problem):
        say_warning(f"{notice.title}: {' '.join(notice.texts)}")
        for remedy in notice.remedies:
            say(f"  Hint: {remedy}")


def say_conflicts(conflicts: Iterable[Conflict], *, given: bool, minimal: bool = True, wanted: str = "panel") -> None:
    """Say that a given panel breaks rules or that demands conflict, and list them.

    Args:
        conflicts: The rules or demands; none where stdout lists them.
        given: Whether they are rules that a given panel breaks.
        minimal: Whether all of the demands are known to be needed for the conflict.
        wanted: What the demands leave none of.
    """
    conflicts = tuple(conflicts)
    these = "These conflict:" if minimal else "These conflict (perhaps not a minimal set):"
    message = "the given panel breaks rules" if given else f"no {wanted} meets the demands (proven)"
    say_error(message if not conflicts else f"{message}:" if given else f"{message}. {these}")
    for conflict in conflicts:
        place = f" ({conflict.where})" if conflict.where else ""
        say(f"  - {conflict.demand}: {conflict.message}{place}")
    hint = "Change the panel, or use `panelopt improve`." if given else "Relax or remove one of the demands."
    say(f"Hint: {hint}")


def emit(text: str, output: Path | None) -> None:
    """Write text to a file, or to stdout."""
    if output in (None, STDOUT):
        click.echo(text, nl=False)
        return
    from panelopt.api.files import write_text_atomic

    write_text_atomic(output, text)
