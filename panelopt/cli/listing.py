"""Options of the commands that list data."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from panelopt.api.errors import Finding
from panelopt.cli.formats import PATH, format_for, shown
from panelopt.cli.grouped import output_option

Command = TypeVar("Command", bound=Callable[..., Any])


def format_options(*formats: str) -> Callable[[Command], Command]:
    """Return a decorator that adds --format with these choices, --json and --output; a suffix implies the format."""
    choices = click.Choice(formats)
    help_ = "Default: from the suffix of the file, else text."
    options = (
        output_option("--format", "format_", type=choices, help=help_),
        output_option("--json", "format_", flag_value="json", help="Same as --format json."),
        output_option("-o", "--output", type=PATH, metavar="PATH", help=f"Write to a file ({shown(formats)})."),
    )

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def wrapper(*args: Any, format_: str | None, output: Path | None, **given: Any) -> Any:
            return command(*args, format_=format_for(output, format_, formats), output=output, **given)

        decorated: Any = wrapper
        for option in reversed(options):
            decorated = option(decorated)
        return cast("Command", decorated)

    return decorate


def json_text(value: Any) -> str:
    """Return a JSON document."""
    return json.dumps(value, indent=2, allow_nan=False) + "\n"


def findings_json(findings: tuple[Finding, ...]) -> list[dict[str, str]]:
    """Return findings as JSON objects."""
    return [{"code": f.code, "message": f.message, "where": f.where, "hint": f.hint} for f in findings]
