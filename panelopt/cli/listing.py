"""Options of the commands that show what is shipped or found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

from panelopt.cli.options import PATH
from panelopt.errors import Finding

Command = TypeVar("Command", bound=Callable[..., Any])


def format_options(*formats: str) -> Callable[[Command], Command]:
    """Return a decorator that adds --format with these choices, --json and --output."""
    choices = click.Choice(formats)
    options = (
        click.option("--format", "format_", type=choices, default="text", show_default=True, help="Output format."),
        click.option("--json", "format_", flag_value="json", help="Same as --format json."),
        click.option("-o", "--output", type=PATH, metavar="PATH", help="Write to a file instead."),
    )

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def json_text(value: Any) -> str:
    """Return a JSON document."""
    return json.dumps(value, indent=2, allow_nan=False) + "\n"


def findings_json(findings: tuple[Finding, ...]) -> list[dict[str, str]]:
    """Return findings as JSON objects."""
    return [{"code": f.code, "message": f.message, "where": f.where, "hint": f.hint} for f in findings]
