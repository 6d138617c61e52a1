"""Commands that are imported when they are used, so that a quick command does not wait for the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any

import click

_LONGEST = 200
"""Most letters of a one-line help, which is wrapped."""


class LazyCommands(MutableMapping[str, click.Command]):
    """The commands of a group by name.

    Args:
        places: By name of each command, where it is, as ``module:attribute``, and its one-line help.
    """

    def __init__(self, places: Mapping[str, tuple[str, str]]) -> None:
        self._entries: dict[str, click.Command | tuple[str, str]] = dict(places)

    def __getitem__(self, name: str) -> click.Command:
        entry = self._entries[name]
        if isinstance(entry, click.Command):
            return entry
        place, short_help = entry
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        command.short_help = short_help
        self._entries[name] = command
        return command

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._entries[name] = command

    def __delitem__(self, name: str) -> None:
        del self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def short_help(self, name: str) -> str:
        """Return the one-line help of a command, without importing it."""
        entry = self._entries[name]
        return entry.get_short_help_str(_LONGEST) if isinstance(entry, click.Command) else entry[1]


class LazyGroup(click.Group):
    """A group whose help does not import its commands.

    Args:
        sections: By title in the help, its commands, as for :class:`LazyCommands`.
    """

    def __init__(self, *args: Any, sections: Mapping[str, Mapping[str, tuple[str, str]]], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._sections = {title: tuple(places) for title, places in sections.items()}
        self._lazy = LazyCommands({name: place for places in sections.values() for name, place in places.items()})
        self.commands = self._lazy

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  of click
        """Write the commands by section into the help."""
        width = max(map(len, self._lazy))
        for title, names in self._sections.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), self._lazy.short_help(name)) for name in names])
