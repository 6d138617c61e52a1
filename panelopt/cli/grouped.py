"""Commands whose help lists options in groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

REST = "Other options"
"""Title for options without a group."""

_FIRST, _LAST = ("Input", "Demands"), ("Search", "Output")


SHOWN = 10
"""Most options that ``--help`` lists."""

MAIN = (
    "--cytometer", "--catalog", "--inventory", "--output", "--time-limit", "--lock", "--require", "--forbid",
    "--max-colours", "--budget",
)  # fmt: skip
"""Options that several commands share and most calls need, the most needed first."""

_LEAST_SHARED = 5
_ALL = "panelopt.cli.help_all"


class GroupedOption(click.Option):
    """An option listed under a group title.

    Args:
        group: Group title.
    """

    def __init__(self, *args: Any, group: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group


class GroupedCommand(click.Command):
    """A command whose help lists options by group: inputs and demands first, search and output last.

    ``--help`` lists the options that most calls need, ``--help-all`` all of them.
    """

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters, with ``--help-all`` where ``--help`` leaves options out."""
        found = super().get_params(ctx)
        return found if len(_options(found)) <= SHOWN else [*found, _help_all()]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the option groups into the help."""
        every = _options(self.get_params(ctx))
        shown = main_options(every)
        complete = ctx.meta.get(_ALL, False) or len(shown) == len(every)
        for title, options in option_groups(self, ctx).items():
            listed = [one for one in options if complete or one in shown]
            if records := [record for one in listed if (record := one.get_help_record(ctx)) is not None]:
                with formatter.section(title or "Options"):
                    formatter.write_dl(records)
        if not complete:
            with formatter.section("More"):
                left = len(every) - len(shown)
                further = "1 further option" if left == 1 else f"{left} further options"
                formatter.write_text(f"`{ctx.command_path} --help-all` lists {further}.")


def main_options(options: Sequence[click.Option]) -> list[click.Option]:
    """Return the options that most calls need, at most :data:`SHOWN`; all where there are no more."""
    if len(options) <= SHOWN:
        return list(options)
    common = (*_FIRST, *_LAST)
    own = [o for o in options if o.required or getattr(o, "group", REST) not in common]
    shared = [o for name in MAIN for o in options if name in o.opts and o not in own]
    return [*own[: SHOWN - min(len(shared), _LEAST_SHARED)], *shared][:SHOWN]


def _options(params: Iterable[click.Parameter]) -> list[click.Option]:
    """Return the options without those that print help."""
    return [p for p in params if isinstance(p, click.Option) and not {"--help", "--help-all"} & set(p.opts)]


def _help_all() -> click.Option:
    def show(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            ctx.meta[_ALL] = True
            click.echo(ctx.get_help())
            ctx.exit()

    return click.Option(
        ["--help-all"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help="Show all options and exit.",
    )


def option_groups(command: click.Command, ctx: click.Context) -> dict[str, list[click.Option]]:
    """Return the options of a command by group title, in help order.

    Commands of other classes have one untitled group.
    """
    groups: dict[str, list[click.Option]] = {}
    for param in command.get_params(ctx):
        if isinstance(param, click.Option):
            title = getattr(param, "group", "") if isinstance(command, GroupedCommand) else ""
            groups.setdefault(title, []).append(param)
    rest = groups.pop("", [])
    own = [title for title in groups if title not in (*_FIRST, *_LAST)]
    found = {title: groups[title] for title in (*_FIRST, *own, *_LAST) if title in groups}
    return {**found, (REST if found else ""): rest} if rest else found


def grouped(group: str) -> Callable[..., Callable[[Any], Any]]:
    """Return :func:`click.option` for one group."""

    def option(*declarations: str, **settings: Any) -> Callable[[Any], Any]:
        return click.option(*declarations, cls=GroupedOption, group=group, **settings)

    return option


input_option = grouped("Input")
demand_option = grouped("Demands")
search_option = grouped("Search")
output_option = grouped("Output")
