"""Options that several commands share."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from panelopt.api.errors import UsageError
from panelopt.cli.demands import DEMANDS, DemandOptions, finite
from panelopt.cli.formats import PATH, check_outputs, check_suffix, format_for, shown
from panelopt.cli.grouped import input_option, output_option, search_option
from panelopt.cli.names import complete_catalog, complete_cytometer
from panelopt.frozen import dataclass

if TYPE_CHECKING:
    from panelopt.api import Options, Question

Command = TypeVar("Command", bound=Callable[..., Any])
Kind = TypeVar("Kind")

TO_STDOUT = ("text", "json", "csv")
"""Formats that can go to stdout."""


def _time(ctx: click.Context, param: click.Parameter, value: float) -> float:
    """Reject NaN; infinity means no time limit."""
    if math.isnan(value):
        raise click.BadParameter(f"{value} is not a number", ctx, param)
    return value


@dataclass(frozen=True, slots=True)
class InputOptions:
    """The inputs named on the command line."""

    cytometer: str | None
    catalogs: tuple[str, ...]
    inventory: str | None
    signatures: tuple[str, ...]

    def load(self, problem: str) -> Question:
        """Read and validate all inputs.

        Raises:
            PaneloptError: if an input is missing or wrong.
        """
        from panelopt.api import load

        if self.cytometer is None:
            hint = "Add --cytometer NAME or FILE; `panelopt cytometer list` shows the names."
            raise UsageError("no cytometer specified", hint=hint)
        return load(
            problem,
            cytometer=self.cytometer,
            catalogs=self.catalogs,
            inventory=self.inventory,
            signatures=self.signatures,
        )


@dataclass(frozen=True, slots=True)
class Settings(InputOptions):
    """The shared options of a call."""

    time_limit: float
    memory_limit: float | None
    tolerance: float
    workers: int
    seed: int
    format: str | None
    outputs: tuple[Path, ...]
    instance: Path | None
    quiet: bool
    verbose: bool
    demanded: DemandOptions
    formats: tuple[str, ...]

    def load(self, problem: str) -> Question:
        """Read and validate all inputs.

        Raises:
            PaneloptError: if an input is missing or wrong, or an output cannot be written.
        """
        from panelopt.api.files import check_writable

        check_suffix(self.instance, ".npz")
        check_outputs(self.outputs, self.format, self.formats)
        if self.instance is not None:
            check_writable(self.instance)
        if self.demanded.only_inventory and self.inventory is None:
            raise UsageError("--only-inventory requires an inventory", hint="Add --inventory PATH.")
        return InputOptions.load(self, problem)

    def options(self) -> Options:
        """Return the search options."""
        from panelopt.api import Options

        return Options(
            time_limit_s=None if math.isinf(self.time_limit) else self.time_limit,
            tolerance=self.tolerance,
            workers=self.workers,
            seed=self.seed,
            memory_limit_mb=self.memory_limit,
            **self.demanded.values(),
        )

    def format_of(self, path: Path) -> str:
        """Return the format of an output (see :func:`~panelopt.cli.formats.format_for`)."""
        return format_for(path, self.format, self.formats)


def cytometer_option(*, required: bool = False) -> Callable[[Any], Any]:
    """Return the option that names the instrument."""
    return input_option(
        "--cytometer",
        required=required,
        metavar="NAME|FILE",
        shell_complete=complete_cytometer,
        help="Instrument; see `panelopt cytometer list`.",
    )


_QUESTION = (
    cytometer_option(),
    input_option(
        "--catalog",
        "catalogs",
        shell_complete=complete_catalog,
        metavar="NAME|PATH",
        multiple=True,
        help="Catalog to choose from; repeatable. Default: all but the synthetic ones.",
    ),
    input_option("--inventory", metavar="PATH", help="Catalog folder of your stock; these reagents cost nothing."),
    input_option(
        "--signatures",
        metavar="PATH",
        multiple=True,
        help="Measured signatures (see `panelopt dye import`) that replace computed ones; repeatable.",
    ),
)

SEARCH = (
    search_option(
        "--time-limit",
        type=click.FloatRange(min=0, min_open=True),
        callback=_time,
        default=60.0,
        show_default=True,
        metavar="S",
        help="Time limit of the search in seconds; inf: run until optimality is proven.",
    ),
    search_option(
        "--memory-limit",
        type=click.FloatRange(min=0, min_open=True),
        callback=finite,
        metavar="MB",
        help="Stop the search when the process uses this much memory. Default: none.",
    ),
    search_option(
        "--workers",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Solver threads; the answer does not depend on them. Default: one per core.",
    ),
    search_option(
        "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, metavar="N", help="Random seed."
    ),
)
"""Options of every search."""

_TOLERANCE = search_option(
    "--tolerance",
    type=click.FloatRange(min=0),
    callback=finite,
    default=0.02,
    show_default=True,
    metavar="X",
    help="Distance from the proven bound at which a panel counts as optimal (log10).",
)

_INSTANCE = output_option("--instance", type=PATH, metavar="FILE.npz", help="Also write the numeric instance.")


def output_options(*formats: str) -> tuple[Callable[[Any], Any], ...]:
    """Return the options for where and how a result is written.

    Args:
        formats: Formats that the command writes.
    """
    choices = [format_ for format_ in TO_STDOUT if format_ in formats]
    return (
        output_option("--format", type=click.Choice(choices), help="Default: from the suffix of the file, else text."),
        output_option("--json", "format", flag_value="json", help="Same as --format json."),
        output_option(
            "-o",
            "--output",
            "outputs",
            type=PATH,
            multiple=True,
            metavar="PATH",
            help=f"Write the result to a file; repeatable ({shown(formats)}); -: stdout.",
        ),
        output_option("-q", "--quiet", is_flag=True, help="Hide progress and warnings."),
        output_option("-v", "--verbose", is_flag=True, help="Print each search step, even without a terminal."),
    )


def shared_options(*formats: str) -> Callable[[Command], Command]:
    """Add the shared options to a command, which receives them as the argument ``settings``.

    Args:
        formats: Formats that the command writes.
    """
    options = (*_QUESTION, *DEMANDS, *SEARCH, _TOLERANCE, *output_options(*formats), _INSTANCE)
    names = [field.name for field in fields(Settings) if field.name not in ("demanded", "formats")]

    def settings(given: dict[str, Any]) -> Settings:
        demanded = _taken(given, DemandOptions)
        return Settings(**{name: given.pop(name) for name in names}, demanded=demanded, formats=formats)

    return lambda command: _with_options(command, options, settings=settings)


def question_options(command: Command) -> Command:
    """Add the input options to a command, which receives them as the argument ``named``."""
    return _with_options(command, _QUESTION, named=lambda given: _taken(given, InputOptions))


def demand_options(command: Command) -> Command:
    """Add the demand options to a command, which receives them as the argument ``demanded``."""
    return _with_options(command, DEMANDS, demanded=lambda given: _taken(given, DemandOptions))


def _taken(given: dict[str, Any], kind: Callable[..., Kind]) -> Kind:
    """Pop the fields of a class from the given options and build it."""
    return kind(**{field.name: given.pop(field.name) for field in fields(cast("Any", kind))})


def _with_options(
    command: Command, options: Sequence[Callable[[Any], Any]], **makers: Callable[[dict[str, Any]], Any]
) -> Command:
    """Add options to a command, which receives the objects that the makers build from them."""

    @functools.wraps(command)
    def wrapper(*args: Any, **given: Any) -> Any:
        made = {name: make(given) for name, make in makers.items()}
        return command(*args, **made, **given)

    decorated: Any = wrapper
    for option in reversed(options):
        decorated = option(decorated)
    return cast("Command", decorated)
