"""``panelopt alternatives``, ``frontier`` and ``explain``: other panels, trade-offs and conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from panelopt.cli.formats import STDOUT
from panelopt.cli.group import EXIT_INTERRUPTED
from panelopt.cli.grouped import GroupedCommand, search_option
from panelopt.cli.names import problem_argument
from panelopt.cli.options import Settings, shared_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from panelopt.api.designs import Alternatives, Explanation, Frontier, Result

    Answer = TypeVar("Answer", Alternatives, Explanation, Frontier)


@click.command(cls=GroupedCommand)
@problem_argument
@search_option(
    "-n", "count", type=click.IntRange(min=1), default=3, show_default=True, metavar="N", help="Number of panels."
)
@search_option(
    "--differ",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="K",
    help="Minimum number of slots in which any two panels differ.",
)
@shared_options("text", "json")
def alternatives(problem: str, count: int, differ: int, settings: Settings) -> None:
    """List the N best panels for PROBLEM that differ pairwise in at least K slots, and how far each is from the best.

    \b
    Example:
      panelopt alternatives bm-cd271-cd146 -n 3 --differ 2 --cytometer aria-fusion
    """
    from panelopt import api
    from panelopt.api.designs import alternatives_text
    from panelopt.cli.progress import progress

    with progress(quiet=settings.quiet, verbose=settings.verbose) as listener:
        question = settings.load(problem)
        found = api.alternatives(question, count, differ, settings.options(), listener)
    _finish(found, alternatives_text, [entry.result for entry in found.alternatives], _formats(settings))


@click.command(cls=GroupedCommand)
@problem_argument
@search_option("--by", type=click.Choice(["colours", "price"]), required=True, help="Quantity to constrain.")
@shared_options("text", "json")
def frontier(problem: str, by: str, settings: Settings) -> None:
    """Show the best score for PROBLEM at each number of colours, or at each price where the score changes.

    \b
    Examples:
      panelopt frontier bm-cd271-cd146 --by colours --cytometer aria-fusion
      panelopt frontier cv-cd106 --by price --cytometer aria-fusion
    """
    from panelopt import api
    from panelopt.api.designs import frontier_text
    from panelopt.cli.progress import progress

    with progress(quiet=settings.quiet, verbose=settings.verbose) as listener:
        question = settings.load(problem)
        found = api.frontier(question, "price" if by == "price" else "colours", settings.options(), listener)
    _finish(found, frontier_text, [point.result for point in found.points], _formats(settings))


@click.command(cls=GroupedCommand)
@problem_argument
@shared_options("text", "json")
def explain(problem: str, settings: Settings) -> None:
    """Name a smallest set of conflicting demands of PROBLEM; if there is none, show what each demand costs in score.

    \b
    Example:
      panelopt explain bm-cd271-msca1-gmp --cytometer aria-fusion --time-limit 10
    """
    from panelopt import api
    from panelopt.api.designs import explanation_text
    from panelopt.cli.progress import progress

    with progress(quiet=settings.quiet, verbose=settings.verbose) as listener:
        question = settings.load(problem)
        found = api.explain(question, settings.options(), listener)
    _finish(found, explanation_text, [found.result], _formats(settings))


def _formats(settings: Settings) -> list[tuple[Path, str]]:
    """Return each output path and its format."""
    return [(path, settings.format_of(path)) for path in settings.outputs or (STDOUT,)]


def _finish(
    found: Answer,
    as_text: Callable[[Answer], str],
    results: Iterable[Result],
    formats: Iterable[tuple[Path, str]],
) -> None:
    """Write the answer; the first result sets the exit code, unless a search was interrupted."""
    from panelopt.api.files import record_json
    from panelopt.cli.output import emit, exit_code

    for path, format_ in formats:
        emit(record_json(found) if format_ == "json" else as_text(found), path)
    codes = [exit_code(result) for result in results]
    click.get_current_context().exit(EXIT_INTERRUPTED if EXIT_INTERRUPTED in codes else codes[0])
