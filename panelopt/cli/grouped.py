"""Commands whose help lists options in groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

REST = "Other options"
"""Title for options without a group."""

_FIRST, _LAST = ("Input", "Demands"), ("Search", "Output", "Reporters")


class GroupedOption(click.Option):
    """An option listed under a group title.

    Args:
        group: Group title.
    """

    def __init__(self, *args: Any, group: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group


class GroupedCommand(click.Command):
    """A command whose help lists options by group: inputs and demands first, search and output last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the option groups into the help."""
        for title, options in option_groups(self, ctx).items():
            records = [record for option in options if (record := option.get_help_record(ctx)) is not None]
            if records:
                with formatter.section(title or "Options"):
                    formatter.write_dl(records)


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
