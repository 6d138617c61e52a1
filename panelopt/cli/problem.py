"""``panelopt problem``: list, show, check and create problem files."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.cli.group import say_warning
from panelopt.cli.listing import format_options, json_text
from panelopt.cli.names import complete_problem
from panelopt.cli.output import emit
from panelopt.cli.problem_new import new


@click.group()
def problem() -> None:
    """Problems: populations, markers, goals, constraints."""


@problem.command("list")
@format_options("text", "json")
def list_(format_: str, output: Path | None) -> None:
    """List the shipped problems.

    \b
    Example:
      panelopt problem list
    """
    if format_ == "json":
        from panelopt.api.problems import shipped_problems

        emit(json_text([p.model_dump(mode="json") for p in shipped_problems()]), output)
    else:
        from panelopt.api.problems import listed_problems, problems_text

        emit(problems_text(listed_problems()), output)


@problem.command()
@click.argument("name", metavar="NAME|FILE", shell_complete=complete_problem)
@format_options("text", "json")
def show(name: str, format_: str, output: Path | None) -> None:
    """Show the populations, levels, markers and goals of a problem.

    \b
    Example:
      panelopt problem show bm-cd271-cd146
    """
    from panelopt.api.problems import find_problem, problem_text

    found = find_problem(name).problem
    emit(json_text(found.model_dump(mode="json")) if format_ == "json" else problem_text(found), output)


@problem.command()
@click.argument("name", metavar="NAME|FILE", shell_complete=complete_problem)
def check(name: str) -> None:
    """Check a problem file and report every fault.

    \b
    Example:
      panelopt problem check my.toml
    """
    from panelopt.api.problems import find_problem, unknown_markers

    found = find_problem(name)
    for marker, hint in unknown_markers(found.problem).items():
        message = f"marker {marker} is not in the table of marker names; only products of this spelling are found"
        say_warning(message, str(found.path), hint)
    populations = len(found.problem.population)
    emit(f"{found.path}: {len(found.problem.marker)} markers, {populations} populations, no faults\n", None)


problem.add_command(new)
