"""``panelopt alternatives``, ``frontier`` and ``explain``: answers around the optimum."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from panelopt.cli.group import EXIT_INTERRUPTED
from panelopt.cli.names import problem_argument
from panelopt.cli.options import Settings, shared_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from panelopt.domain.around import Alternatives, Explanation, Frontier
    from panelopt.domain.result import Result

    Answer = TypeVar("Answer", Alternatives, Explanation, Frontier)


@click.command(short_help="List the best panels that differ from each other.")
@problem_argument
@click.option(
    "-n", "count", type=click.IntRange(min=1), default=3, show_default=True, metavar="N", help="Panels wanted."
)
@click.option(
    "--differ",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="K",
    help="Slots that differ at least.",
)
@shared_options
def alternatives(problem: str, count: int, differ: int, settings: Settings) -> None:
    """List the N best panels for PROBLEM, each pair differing in at least K slots, with the distance from the best.

    \b
    Example:
      panelopt alternatives bm-cd271-cd146 -n 3 --differ 2 --cytometer aria-fusion
    """
    from panelopt import api
    from panelopt.cli.progress import progress
    from panelopt.report.around import alternatives_text

    formats = _formats(settings)
    question = settings.load(problem)
    with progress(quiet=settings.quiet, verbose=settings.verbose) as listener:
        found = api.alternatives(question, count, differ, settings.options(), listener)
    _finish(found, alternatives_text, [entry.result for entry in found.alternatives], formats)


@click.command(short_help="Show the best score for each number of colours or each budget.")
@problem_argument
@click.option("--by", type=click.Choice(["colours", "price"]), required=True, help="What is limited.")
@shared_options
def frontier(problem: str, by: str, settings: Settings) -> None:
    """Show the best score for PROBLEM within each number of colours, or for each price that changes it.

    \b
    Examples:
      panelopt frontier bm-cd271-cd146 --by colours --cytometer aria-fusion
      panelopt frontier bm-cd271-cd146 --by price --catalog synthetic-prices --cytometer aria-fusion
    """
    from panelopt import api
    from panelopt.cli.progress import progress
    from panelopt.report.around import frontier_text

    formats = _formats(settings)
    question = settings.load(problem)
    with progress(quiet=settings.quiet, verbose=settings.verbose) as listener:
        found = api.frontier(question, "price" if by == "price" else "colours", settings.options(), listener)
    _finish(found, frontier_text, [point.result for point in found.points], formats)


@click.command(short_help="Say which demands clash, or what each one costs.")
@problem_argument
@shared_options
def explain(problem: str, settings: Settings) -> None:
    """Name the smallest set of demands of PROBLEM that clash; where none do, what each demand costs in score.

    \b
    Example:
      panelopt explain bm-cd271-msca1-gmp --cytometer aria-fusion --time-limit 10
    """
    from panelopt import api
    from panelopt.cli.progress import progress
    from panelopt.report.around import explanation_text

    formats = _formats(settings)
    question = settings.load(problem)
    with progress(quiet=settings.quiet, verbose=settings.verbose) as listener:
        found = api.explain(question, settings.options(), listener)
    _finish(found, explanation_text, [found.result], formats)


def _formats(settings: Settings) -> list[tuple[Path | None, str]]:
    """Return where the answer goes and in which format, before the long search begins."""
    from panelopt.errors import UsageError

    outputs = settings.outputs or (None,)
    formats = [(path, settings.format_of(path) if path else settings.format or "text") for path in outputs]
    if any(format_ == "csv" for _, format_ in formats):
        raise UsageError("this answer has no CSV form", hint="Use --format text or json.")
    return formats


def _finish(
    found: Answer,
    as_text: Callable[[Answer], str],
    results: Iterable[Result],
    formats: Iterable[tuple[Path | None, str]],
) -> None:
    """Write the answer; the first result decides the exit code, an interruption overrides it."""
    from panelopt.cli.output import emit, exit_code
    from panelopt.io.result_json import record_json

    for path, format_ in formats:
        emit(record_json(found) if format_ == "json" else as_text(found), path)
    codes = [exit_code(result) for result in results]
    click.get_current_context().exit(EXIT_INTERRUPTED if EXIT_INTERRUPTED in codes else codes[0])
