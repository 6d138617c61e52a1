"""Options that several commands share, and what they mean."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from panelopt.cli.names import complete_catalog, complete_cytometer
from panelopt.errors import UsageError

if TYPE_CHECKING:
    from panelopt.api import Options, Question

Command = TypeVar("Command", bound=Callable[..., Any])

STDOUT = Path("-")
"""Stands for stdout where an output file is named."""

FORMATS = ("text", "json", "csv")
_SUFFIXES = {".json": "json", ".csv": "csv", ".txt": "text"}


def finite(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    """Refuse infinity and what is no number."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a finite number", ctx, param)
    return value


def _time(ctx: click.Context, param: click.Parameter, value: float) -> float:
    """Refuse what is no number; infinity means "no limit"."""
    if math.isnan(value):
        raise click.BadParameter(f"{value} is not a number", ctx, param)
    return value


@dataclass(frozen=True, slots=True)
class Named:
    """What a question is made of, as the command line names it."""

    cytometer: str | None
    catalogs: tuple[str, ...]
    inventory: str | None
    signatures: tuple[str, ...]

    def load(self, problem: str) -> Question:
        """Read and validate everything that was named.

        Raises:
            PaneloptError: if an input is missing or wrong.
        """
        from panelopt.api import load

        if self.cytometer is None:
            hint = "Add --cytometer NAME or FILE; `panelopt cytometer list` shows the names."
            raise UsageError("no cytometer is named", hint=hint)
        return load(
            problem,
            cytometer=self.cytometer,
            catalogs=self.catalogs,
            inventory=self.inventory,
            signatures=self.signatures,
        )


@dataclass(frozen=True, slots=True)
class Settings(Named):
    """The shared options of one call."""

    max_colours: int | None
    budget: float | None
    allow_unknown_price: bool
    require_goal: bool
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
    prefer_inventory: float | None
    today: datetime | None

    def load(self, problem: str) -> Question:
        """Read and validate everything that was named.

        Raises:
            PaneloptError: if an input is missing or wrong, or an output cannot be written.
        """
        from panelopt.io.atomic import check_writable

        for path in (*self.outputs, *([self.instance] if self.instance else [])):
            if path != STDOUT:
                check_writable(path)
        return Named.load(self, problem)

    def options(self) -> Options:
        """Return the options of the search."""
        from panelopt.api import Options

        return Options(
            time_limit_s=None if math.isinf(self.time_limit) else self.time_limit,
            tolerance=self.tolerance,
            workers=self.workers,
            seed=self.seed,
            max_colours=self.max_colours,
            budget=self.budget,
            allow_unknown_price=self.allow_unknown_price,
            require_goal=self.require_goal,
            memory_limit_mb=self.memory_limit,
            prefer_inventory=self.prefer_inventory,
            today=self.today.date() if self.today else None,
        )

    def format_of(self, path: Path) -> str:
        """Return the format for a file: what was given, else what its suffix says, else text."""
        return self.format or _SUFFIXES.get(path.suffix.lower(), "text")


PATH = click.Path(path_type=Path, readable=False)
"""A path as it is given; a file that cannot be read is no wrong usage, and told by its reader."""

_QUESTION = (
    click.option(
        "--cytometer",
        metavar="NAME|FILE",
        shell_complete=complete_cytometer,
        help="Instrument: see `panelopt cytometer list`.",
    ),
    click.option(
        "--catalog",
        "catalogs",
        shell_complete=complete_catalog,
        metavar="NAME|PATH",
        multiple=True,
        help="Catalog to choose from; repeatable. Default: all but the synthetic ones.",
    ),
    click.option("--inventory", metavar="PATH", help="Catalog folder of what is on your shelf: costs nothing."),
    click.option(
        "--signatures",
        metavar="PATH",
        multiple=True,
        help="Measured signatures (`panelopt dye import`) in the place of computed ones; repeatable.",
    ),
)

_SHARED = (
    *_QUESTION,
    click.option(
        "--prefer-inventory",
        type=click.FloatRange(min=0),
        callback=finite,
        metavar="X",
        help="Buy as few products as possible; the sum of log ratios may fall by X for it.",
    ),
    click.option(
        "--today",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="DATE",
        help="Day on which lots of the inventory must not have expired. Default: today.",
    ),
    click.option("--max-colours", type=click.IntRange(min=1), metavar="N", help="Fluorochromes at most."),
    click.option(
        "--budget",
        type=click.FloatRange(min=0),
        callback=finite,
        metavar="X",
        help="Price of all packs, and of deliveries, at most.",
    ),
    click.option("--allow-unknown-price", is_flag=True, help="With a budget: allow products of unknown price."),
    click.option("--require-goal", is_flag=True, help="Make the purity goal a demand."),
    click.option(
        "--time-limit",
        type=click.FloatRange(min=0, min_open=True),
        callback=_time,
        default=60.0,
        show_default=True,
        metavar="S",
        help="Seconds of search; inf: until it is proven.",
    ),
    click.option(
        "--memory-limit",
        type=click.FloatRange(min=0, min_open=True),
        callback=finite,
        metavar="MB",
        help="Memory of the process at which the search ends. Default: none.",
    ),
    click.option(
        "--tolerance",
        type=click.FloatRange(min=0),
        callback=finite,
        default=0.02,
        show_default=True,
        metavar="X",
        help="Distance to the proven limit at which a panel counts as optimal (log10).",
    ),
    click.option(
        "--workers",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Threads of the solver; the answer does not depend on them. Default: one for each core.",
    ),
    click.option(
        "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, metavar="N", help="Random seed."
    ),
    click.option("--format", type=click.Choice(FORMATS), help="Default: by the suffix of the file, else text."),
    click.option("--json", "format", flag_value="json", help="Same as --format json."),
    click.option(
        "-o",
        "--output",
        "outputs",
        type=PATH,
        multiple=True,
        metavar="PATH",
        help="Write the result to a file instead; repeatable (.json, .csv, .txt); -: stdout.",
    ),
    click.option("--instance", type=PATH, metavar="FILE.npz", help="Also write the numeric instance."),
    click.option("-q", "--quiet", is_flag=True, help="No progress and no warnings."),
    click.option("-v", "--verbose", is_flag=True, help="Each step of the search, also without a terminal."),
)


def shared_options(command: Command) -> Command:
    """Add the shared options to a command; it receives them as one argument ``settings``."""
    return _with_options(command, _SHARED, Settings, "settings")


def question_options(command: Command) -> Command:
    """Add the options that name a question to a command; it receives them as one argument ``named``."""
    return _with_options(command, _QUESTION, Named, "named")


def _with_options(command: Command, options: Sequence[Callable[[Any], Any]], kind: type[Named], name: str) -> Command:
    names = [field.name for field in fields(kind)]

    @functools.wraps(command)
    def wrapper(*args: Any, **given: Any) -> Any:
        given[name] = kind(**{option: given.pop(option) for option in names})
        return command(*args, **given)

    decorated: Any = wrapper
    for option in reversed(options):
        decorated = option(decorated)
    return cast("Command", decorated)
