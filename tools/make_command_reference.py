"""Writes ``docs/commands.md``: every command with its arguments and options, as the program itself states them.

Run from the root of the source tree: ``python tools/make_command_reference.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from panelopt.cli import main
from panelopt.cli.grouped import option_groups

TARGET = Path(__file__).resolve().parents[1] / "docs" / "commands.md"

HEAD = """# Commands

This page is written by `python tools/make_command_reference.py`; do not edit it by hand.

The result goes to stdout and nothing else does; progress (only on a terminal), warnings and errors go to stderr.
PROBLEM is a file or the name of a shipped problem, PANEL a CSV file (see [catalogs](catalogs.md#panels-as-csv)).
Exit codes are listed in the [README](../README.md#exit-codes).
"""


def reference() -> str:
    """Return the text of the page."""
    parts = [HEAD.rstrip()]
    for path, command in commands(main):
        parts.append(_section(path, command))
    return "\n\n".join(parts) + "\n"


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command below a group with its path, in the order of the help page."""
    for name in group.commands:
        command = group.commands[name]
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def _is_help(option: click.Option) -> bool:
    return bool({"--help", "--help-all"} & set(option.opts))


def _section(path: tuple[str, ...], command: click.Command) -> str:
    context = click.Context(command, info_name=" ".join(("panelopt", *path)), help_option_names=["-h", "--help"])
    usage = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    text, _, example = (command.help or "").partition("\b")
    lines = [f"## panelopt {' '.join(path)}", f"    {usage}", _joined(text)]
    shown = [line.strip() for line in example.splitlines() if line.strip().startswith("panelopt ")]
    if shown:
        lines.append("```console\n" + "\n".join(f"$ {line}" for line in shown) + "\n```")
    for title, options in option_groups(command, context).items():
        rows = [_row(option, context) for option in options if not _is_help(option)]
        if rows:
            lines.append(f"| {title.lower() or 'option'} | meaning |\n|---|---|\n" + "\n".join(rows))
    return "\n\n".join(lines)


def _joined(text: str) -> str:
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return "\n\n".join(part for part in paragraphs if part)


def _row(option: click.Option, context: click.Context) -> str:
    names, meaning = option.get_help_record(context) or (", ".join(option.opts), option.help or "")
    cells = (names.replace("|", "\\|"), meaning.replace("|", "\\|"))
    return f"| `{cells[0]}` | {cells[1]} |"


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
