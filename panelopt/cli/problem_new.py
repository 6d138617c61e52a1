"""``panelopt problem new``: a draft problem file from a template, answers or labelled events."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panelopt.api.errors import PaneloptError, UsageError
from panelopt.cli.formats import PATH, check_suffix
from panelopt.cli.group import say, say_warning
from panelopt.cli.grouped import GroupedCommand
from panelopt.cli.listing import json_text
from panelopt.cli.output import emit

if TYPE_CHECKING:
    from panelopt.api.events import ProblemFromEvents

_EVENT_OPTIONS = (
    "population_column",
    "target",
    "contaminant",
    "ignore",
    "calibration",
    "map_",
    "frequency",
    "unlabelled",
    "keep",
    "compensate",
)


def _pairs(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """Split NAME=VALUE at the last equals sign; VALUE may be empty."""
    split = [text.rpartition("=") for text in value]
    for text, (name, sign, _) in zip(value, split, strict=True):
        if not sign or not name.strip():
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", ctx, param)
    return {name.strip(): part.strip() for name, _, part in split}


def _numbers(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, float]:
    """Split NAME=NUMBER."""
    numbers = {}
    for name, text in _pairs(ctx, param, value).items():
        try:
            numbers[name] = float(text)
        except ValueError:
            raise click.BadParameter(f"{text!r} is not a number", ctx, param) from None
        if not math.isfinite(numbers[name]):
            raise click.BadParameter(f"{text!r} is not a finite number", ctx, param)
    return numbers


@click.command(cls=GroupedCommand, short_help="Draft a problem file.")
@click.argument("files", nargs=-1, type=PATH, metavar="[FILE...]")
@click.option("-o", "--output", type=PATH, metavar="FILE.toml", help="Problem file to write. Default: stdout.")
@click.option("--force", is_flag=True, help="Overwrite the problem file if it exists.")
@click.option("--template", is_flag=True, help="Ask no questions; write a commented template.")
@click.option("--from-events", is_flag=True, help="Derive populations from labelled events in FILE...")
@click.option("--population-column", metavar="NAME", help="Column or channel with the population of each event.")
@click.option("--target", multiple=True, metavar="NAME", help="Population to sort; repeatable.")
@click.option(
    "--contaminant", multiple=True, metavar="NAME",
    help="Population to keep out; repeatable. Default: all populations not named otherwise.",
)  # fmt: skip
@click.option("--ignore", multiple=True, metavar="NAME", help="Population that does not matter; repeatable.")
@click.option(
    "--keep", multiple=True, callback=_numbers, metavar="COLUMN=X",
    help="Use only events with this value, e.g. is_doublet=0; repeatable.",
)  # fmt: skip
@click.option("--compensate", is_flag=True, help="Apply the spillover matrix of the FCS file.")
@click.option("--unlabelled", metavar="NAME", help="Population of events without a label. Default: report an error.")
@click.option(
    "--frequency", multiple=True, callback=_numbers, metavar="NAME=X",
    help="Known share of live single cells, instead of the counted one; repeatable.",
)  # fmt: skip
@click.option("--calibration", type=PATH, metavar="FILE", help="Calibration of signals to antibodies: TOML or CSV.")
@click.option(
    "--map", "map_", multiple=True, callback=_pairs, metavar="COLUMN=MARKER",
    help="Marker of a column; empty to drop the column; repeatable.",
)  # fmt: skip
@click.option(
    "--min-events", type=click.IntRange(min=2), default=30, show_default=True, metavar="N",
    help="Minimum events per population.",
)  # fmt: skip
@click.option(
    "--format", "format_", type=click.Choice(("text", "json")), default="text", show_default=True,
    help="Format of the event summary on stdout; needs -o.",
)  # fmt: skip
@click.option("--json", "format_", flag_value="json", help="Same as --format json.")
@click.pass_context
def new(
    ctx: click.Context,
    files: tuple[Path, ...],
    output: Path | None,
    force: bool,
    template: bool,
    from_events: bool,
    population_column: str | None,
    target: tuple[str, ...],
    contaminant: tuple[str, ...],
    ignore: tuple[str, ...],
    keep: dict[str, float],
    compensate: bool,
    unlabelled: str | None,
    frequency: dict[str, float],
    calibration: Path | None,
    map_: dict[str, str],
    min_events: int,
    format_: str,
) -> None:
    """Draft a problem file.

    On a terminal, the command asks a few questions. With --template, or without a terminal, it writes a commented
    template. With --from-events, it derives populations from labelled events: FCS, CSV, Parquet or AnnData (.h5ad).

    \b
    Examples:
      panelopt problem new -o my.toml
      panelopt problem new --template -o my.toml
      panelopt problem new --from-events cells.csv --target MSC -o my.toml
    """
    from panelopt.api.files import check_writable

    _check_usage(ctx, files, template=template, from_events=from_events)
    if output is not None:
        if output.exists() and not force and output.is_file():
            hint = "Choose another name, or add --force to overwrite."
            raise PaneloptError("this file already exists", where=str(output), hint=hint)
        check_suffix(output, ".toml")
        check_writable(output)
    if not from_events:
        emit(_first_text(output, ask=not template and sys.stdin.isatty()), output)
        _written(output)
        return
    if format_ == "json" and output is None:
        raise UsageError("a JSON summary needs -o FILE.toml", hint="Without -o, stdout carries the problem file.")
    from panelopt.api.events import EventsRequest, problem_from_events
    from panelopt.api.files import read_calibration
    from panelopt.api.problems import events_toml, problem_id

    request = EventsRequest(
        paths=files,
        population=population_column or "",
        targets=target,
        contaminants=contaminant,
        ignored=ignore,
        mapping=map_,
        calibration=None if calibration is None else read_calibration(calibration),
        frequencies=frequency,
        unlabelled=unlabelled or "",
        keep=keep,
        compensate=compensate,
        min_events=min_events,
        id=problem_id(output.stem if output else files[0].stem),
    )
    found = problem_from_events(request)
    emit(events_toml(found), output)
    if output is not None:
        emit(_summary(found, format_), None)
    for remark in found.remarks:
        say_warning(remark.message, remark.where, remark.hint)
    _written(output)


def _check_usage(ctx: click.Context, files: tuple[Path, ...], *, template: bool, from_events: bool) -> None:
    if from_events and template:
        raise UsageError("--template and --from-events exclude each other", hint="Remove one of them.")
    if from_events and not files:
        raise UsageError("no event file specified", hint="panelopt problem new --from-events FILE... -o FILE.toml")
    if from_events and not ctx.params["population_column"]:
        hint = "Add --population-column NAME: the column or channel with the population of each event."
        raise UsageError("no population column specified", hint=hint)
    if not from_events and (files or any(ctx.params[name] for name in _EVENT_OPTIONS)):
        raise UsageError("event files and options need --from-events", hint="Add --from-events.")


def _first_text(output: Path | None, *, ask: bool) -> str:
    if not ask:
        from panelopt.api.problems import TEMPLATE

        return TEMPLATE
    from panelopt.api.problems import answers_toml, problem_id
    from panelopt.cli.problem_questions import ask_answers

    return answers_toml(ask_answers(problem_id(output.stem) if output else "my-problem"))


def _summary(found: ProblemFromEvents, format_: str) -> str:
    if format_ == "json":
        return json_text(found.summary.model_dump(mode="json"))
    from panelopt.api.events import events_text

    return events_text(found.summary)


def _written(output: Path | None) -> None:
    if output is not None:
        say(f"Written: {output}")
