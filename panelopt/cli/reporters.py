"""``panelopt reporters``: dyes and detectors, without cells or markers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from panelopt.api.errors import UsageError
from panelopt.cli.formats import PATH, STDOUT, check_outputs, format_for
from panelopt.cli.group import EXIT_INTERRUPTED, say, say_error, say_warning
from panelopt.cli.grouped import GroupedCommand, grouped, input_option
from panelopt.cli.options import SEARCH, TO_STDOUT, cytometer_option, output_options

if TYPE_CHECKING:
    from panelopt.api.reporters import ReporterResult

_FOREIGN = {
    "bleedthrough": ("signatures",),
    "complexity": (
        "spectra", "brightness", "emission", "forbidden", "time_limit", "memory_limit", "workers", "seed",
    ),
}  # fmt: skip
"""By objective, the options that do not apply to it."""

_HINTS = {
    "bleedthrough": "Pass spectra with --spectra, or choose --objective complexity.",
    "complexity": "Pass signatures with --signatures. The search does a fixed amount of work and takes no limits.",
}

_reporter_option = grouped("Reporters")

_OPTIONS = (
    cytometer_option(required=True),
    _reporter_option("--colours", type=click.IntRange(min=1), required=True, metavar="N", help="Number of dyes."),
    _reporter_option(
        "--objective",
        type=click.Choice(list(_FOREIGN)),
        default="bleedthrough",
        show_default=True,
        help="bleedthrough: dyes and detectors of little bleed-through, proven; complexity: dyes of low complexity"
        " index.",
    ),
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
    input_option(
        "--signatures",
        metavar="PATH",
        multiple=True,
        help="Measured signatures (see `panelopt dye import`) of the dyes to choose from; repeatable.",
    ),
    _reporter_option(
        "--emission",
        type=click.Choice(["peak", "area"]),
        default="peak",
        show_default=True,
        help="Normalisation of the emission curves in --spectra.",
    ),
    *SEARCH,
    *output_options(*TO_STDOUT),
)


@dataclass(frozen=True, slots=True)
class ReporterCall:
    """The options of a call."""

    objective: str
    cytometer: str
    colours: int
    spectra: Path | None
    brightness: Path | None
    dyes: tuple[str, ...]
    exclude: tuple[str, ...]
    forbidden: tuple[str, ...]
    signatures: tuple[str, ...]
    emission: Literal["peak", "area"]
    time_limit: float
    memory_limit: float | None
    workers: int
    seed: int
    format: str | None
    outputs: tuple[Path, ...]
    quiet: bool
    verbose: bool

    def reject_foreign(self, context: click.Context) -> None:
        """Reject options that do not apply to the objective, or to the shipped dyes.

        Raises:
            UsageError: if any was given.
        """
        spelt = {param.name: param.opts[0] for param in context.command.params if param.name}
        given = [n for n in spelt if context.get_parameter_source(n) is ParameterSource.COMMANDLINE]
        if foreign := [spelt[name] for name in given if name in _FOREIGN[self.objective]]:
            named, verb = ", ".join(foreign), "does" if len(foreign) == 1 else "do"
            message = f"{named} {verb} not go with --objective {self.objective}"
            raise UsageError(message, hint=_HINTS[self.objective])
        if self.spectra is None and "emission" in given:
            raise UsageError("--emission applies to --spectra only", hint="Add --spectra, or remove --emission.")


def _with_options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return click.command(cls=GroupedCommand)(command)


@_with_options
def reporters(**given: Any) -> None:
    """Choose N dyes for N detectors with the least bleed-through, or N dyes of low complexity index.

    It needs no problem: there are no cells and no markers (docs/reporter-selection.md).

    \b
    Examples:
      panelopt reporters --cytometer fortessa --colours 5
      panelopt reporters --cytometer fortessa --colours 5 --spectra spectra.csv
      panelopt reporters --objective complexity --cytometer aurora-5l --colours 20
    """
    call = ReporterCall(**given)
    call.reject_foreign(click.get_current_context())
    check_outputs(call.outputs, call.format, TO_STDOUT)
    if call.objective == "complexity":
        from panelopt.api.reporters import choose_low_complexity

        alike = choose_low_complexity(call.cytometer, call.colours, call.dyes, call.exclude, call.signatures)
        _write(call, lambda format_: _similarity(alike, format_))
    else:
        found = _little_bleedthrough(call)
        _write(call, lambda format_: _channels(found, format_))
        _end(found, call)


def _little_bleedthrough(call: ReporterCall) -> ReporterResult:
    from panelopt.api import reporters as api
    from panelopt.cli.progress import progress

    library = api.load_library(call.cytometer, call.spectra, call.brightness, call.emission)
    options = api.ReporterOptions(
        colours=call.colours,
        dyes=call.dyes,
        exclude=call.exclude,
        forbid_detectors=call.forbidden,
        time_limit_s=None if math.isinf(call.time_limit) else call.time_limit,
        workers=call.workers,
        seed=call.seed,
        memory_limit_mb=call.memory_limit,
    )
    with progress(quiet=call.quiet, verbose=call.verbose) as listener:
        return api.design_reporters(library, options, listener)


def _write(call: ReporterCall, rendered: Callable[[str], str]) -> None:
    from panelopt.cli.output import emit

    for path in call.outputs or (STDOUT,):
        emit(rendered(format_for(path, call.format, TO_STDOUT)), None if path == STDOUT else path)


def _similarity(found: Any, format_: str) -> str:
    from panelopt.api.dyes import similarity_csv, similarity_json, similarity_text
    from panelopt.cli.listing import json_text

    if format_ == "json":
        return json_text(similarity_json(found))
    return similarity_csv(found) if format_ == "csv" else similarity_text(found)


def _channels(found: ReporterResult, format_: str) -> str:
    from panelopt.api.files import record_json
    from panelopt.api.reporters import reporters_csv, reporters_text

    if format_ == "json":
        return record_json(found)
    return reporters_csv(found) if format_ == "csv" else reporters_text(found)


def _end(found: ReporterResult, call: ReporterCall) -> None:
    """Write messages to stderr, and exit with the code of the search."""
    from panelopt.cli.output import EXIT_INFEASIBLE, say_conflicts

    context = click.get_current_context()
    if not call.quiet:
        for remark in found.warnings:
            say_warning(remark.message, remark.where, remark.hint)
        files = [str(path) for path in call.outputs if path != STDOUT]
        if files:
            say(f"Written: {', '.join(files)}")
    if found.conflicts:
        shown = [format_for(path, call.format, TO_STDOUT) for path in call.outputs or (STDOUT,) if path == STDOUT]
        say_conflicts(() if "text" in shown else found.conflicts, given=False, wanted="choice")
        context.exit(EXIT_INFEASIBLE)
    if found.interrupted:
        say_error("interrupted; " + ("the best choice so far was written" if found.channels else "there is none yet"))
        context.exit(EXIT_INTERRUPTED)
