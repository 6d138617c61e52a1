"""``panelopt design --objective bleedthrough`` and ``complexity``: dyes, without cells or markers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from panelopt.api.errors import UsageError
from panelopt.cli.formats import PATH, STDOUT
from panelopt.cli.group import EXIT_INTERRUPTED, say, say_error, say_warning
from panelopt.cli.grouped import grouped
from panelopt.cli.options import TO_STDOUT, Settings

if TYPE_CHECKING:
    from panelopt.api.reporters import ReporterResult


_reporter_option = grouped("Reporters")

REPORTER_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _reporter_option(
        "--objective",
        type=click.Choice(["separation", "bleedthrough", "complexity"]),
        default="separation",
        show_default=True,
        help="bleedthrough: choose dyes and detectors only, without PROBLEM; complexity: dyes of low complexity index."
        " The options below apply to them.",
    ),
    _reporter_option("--colours", type=click.IntRange(min=1), metavar="N", help="Number of dyes."),
    _reporter_option("--spectra", type=PATH, metavar="FILE", help="Dye spectra, CSV. Default: the shipped dyes."),
    _reporter_option(
        "--brightness",
        type=PATH,
        metavar="FILE",
        help="Brightness of the dyes in --spectra: name,number. Default: 1.",
    ),
    _reporter_option("--dye", "dyes", multiple=True, metavar="NAME", help="Use this dye; repeatable."),
    _reporter_option("--exclude", multiple=True, metavar="NAME", help="Do not use this dye; repeatable."),
    _reporter_option(
        "--forbid-detector", "forbidden", multiple=True, metavar="NAME", help="Do not use this detector; repeatable."
    ),
    _reporter_option(
        "--emission",
        type=click.Choice(["peak", "area"]),
        default="peak",
        show_default=True,
        help="Normalisation of the emission curves in --spectra.",
    ),
)
"""Options of ``design`` for this objective."""


@dataclass(frozen=True, slots=True)
class Reporters:
    """The reporter options of a call."""

    objective: str
    colours: int | None
    spectra: Path | None
    brightness: Path | None
    dyes: tuple[str, ...]
    exclude: tuple[str, ...]
    forbidden: tuple[str, ...]
    emission: Literal["peak", "area"]

    def reject_without_objective(self) -> None:
        """Reject reporter options without an objective that they belong to.

        Raises:
            UsageError: if any was given.
        """
        given = {
            "--colours": self.colours,
            "--spectra": self.spectra,
            "--brightness": self.brightness,
            "--dye": self.dyes,
            "--exclude": self.exclude,
            "--forbid-detector": self.forbidden,
        }
        names = [name for name, value in given.items() if value]
        if names:
            message = f"{', '.join(names)} need --objective bleedthrough or complexity"
            raise UsageError(message, hint="Add it, or remove these options.")

    def reject_for_complexity(self) -> None:
        """Reject options that the complexity index does not ask for.

        Raises:
            UsageError: if any was given.
        """
        given = {"--spectra": self.spectra, "--brightness": self.brightness, "--forbid-detector": self.forbidden}
        names = [name for name, value in given.items() if value]
        if names:
            hint = "Bring spectra in by `panelopt dye import`, or signatures by --signatures."
            raise UsageError(f"{', '.join(names)} do not go with --objective complexity", hint=hint)


def design_low_complexity(asked: Reporters, settings: Settings) -> None:
    """Choose dyes of low complexity index and write how similar they are."""
    from panelopt.api.dyes import similarity_csv, similarity_json, similarity_text
    from panelopt.api.reporters import choose_low_complexity
    from panelopt.cli.listing import json_text
    from panelopt.cli.output import emit

    asked.reject_for_complexity()
    colours, cytometer = _needed(asked, settings)
    settings.check_outputs(TO_STDOUT)
    found = choose_low_complexity(cytometer, colours, asked.dyes, asked.exclude, settings.signatures)
    for path in settings.outputs or (STDOUT,):
        format_ = settings.format_of(path)
        if format_ == "json":
            text = json_text(similarity_json(found))
        else:
            text = similarity_csv(found) if format_ == "csv" else similarity_text(found)
        emit(text, None if path == STDOUT else path)


def _needed(asked: Reporters, settings: Settings) -> tuple[int, str]:
    """Return the number of colours and the cytometer.

    Raises:
        UsageError: if one is missing.
    """
    if asked.colours is None or settings.cytometer is None:
        lacking = "--colours N" if asked.colours is None else "--cytometer NAME or FILE"
        raise UsageError("the number of colours and the cytometer are required", hint=f"Add {lacking}.")
    return asked.colours, settings.cytometer


def design_reporters(asked: Reporters, settings: Settings) -> None:
    """Choose reporters, write the result, and exit with its code."""
    from panelopt.api import reporters as api
    from panelopt.cli.output import emit
    from panelopt.cli.progress import progress

    colours, cytometer = _needed(asked, settings)
    settings.check_outputs(TO_STDOUT)
    library = api.load_library(cytometer, asked.spectra, asked.brightness, asked.emission)
    options = api.ReporterOptions(
        colours=colours,
        dyes=asked.dyes,
        exclude=asked.exclude,
        forbid_detectors=asked.forbidden,
        time_limit_s=None if math.isinf(settings.time_limit) else settings.time_limit,
        workers=settings.workers,
        seed=settings.seed,
        memory_limit_mb=settings.memory_limit,
    )
    with progress(quiet=settings.quiet, verbose=settings.verbose) as listener:
        result = api.design_reporters(library, options, listener)
    for path in settings.outputs or (STDOUT,):
        emit(_rendered(result, settings.format_of(path)), None if path == STDOUT else path)
    _print_notices(result, settings)


def _rendered(result: ReporterResult, format_: str) -> str:
    if format_ == "json":
        from panelopt.api.files import record_json

        return record_json(result)
    if format_ == "csv":
        from panelopt.api.reporters import reporters_csv

        return reporters_csv(result)
    from panelopt.api.reporters import reporters_text

    return reporters_text(result)


def _print_notices(result: ReporterResult, settings: Settings) -> None:
    from panelopt.cli.output import EXIT_INFEASIBLE, say_conflicts

    context = click.get_current_context()
    if not settings.quiet:
        for remark in result.warnings:
            say_warning(remark.message, remark.where, remark.hint)
        files = [str(path) for path in settings.outputs if path != STDOUT]
        if files:
            say(f"Written: {', '.join(files)}")
    if result.conflicts:
        say_conflicts(result.conflicts, given=False)
        context.exit(EXIT_INFEASIBLE)
    if result.interrupted:
        say_error("interrupted; " + ("the best choice so far was written" if result.channels else "there is none yet"))
        context.exit(EXIT_INTERRUPTED)
