"""``panelopt dye``: the fluorochromes that are shipped."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.cli.listing import format_options, json_text
from panelopt.cli.output import emit


@click.group()
def dye() -> None:
    """Fluorochromes: excitation, emission, brightness."""


@dye.command("list")
@format_options("text", "json")
def list_(format_: str, output: Path | None) -> None:
    """List the shipped fluorochromes.

    \b
    Example:
      panelopt dye list
    """
    from panelopt import registry
    from panelopt.report.listings import dyes_text

    dyes = registry.fluorochromes()
    emit(json_text([d.model_dump(mode="json") for d in dyes]) if format_ == "json" else dyes_text(dyes), output)


@dye.command()
@click.argument("name")
@format_options("text", "json")
def show(name: str, format_: str, output: Path | None) -> None:
    """Show what is known of a fluorochrome, by name or alias, and from which source.

    \b
    Example:
      panelopt dye show BV421
    """
    from panelopt import registry
    from panelopt.report.listings import dye_text

    found = registry.find_fluorochrome(name)
    emit(json_text(found.model_dump(mode="json")) if format_ == "json" else dye_text(found), output)
