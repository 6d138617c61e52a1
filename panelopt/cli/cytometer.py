"""``panelopt cytometer``: the instruments that are shipped."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.cli.listing import format_options, json_text
from panelopt.cli.output import emit


@click.group()
def cytometer() -> None:
    """Instruments: lasers, detectors, filters."""


@cytometer.command("list")
@click.option("--sorters", is_flag=True, help="Only instruments that sort.")
@format_options("text", "json")
def list_(sorters: bool, format_: str, output: Path | None) -> None:
    """List the shipped cytometers.

    \b
    Example:
      panelopt cytometer list --sorters
    """
    from panelopt import registry
    from panelopt.report.listings import cytometers_text

    found = [c for c in map(registry.find_cytometer, registry.cytometer_names()) if c.sorter or not sorters]
    emit(json_text([c.model_dump(mode="json") for c in found]) if format_ == "json" else cytometers_text(found), output)


@cytometer.command()
@click.argument("name", metavar="NAME|FILE")
@format_options("text", "json", "toml")
def show(name: str, format_: str, output: Path | None) -> None:
    """Show lasers and detectors of a cytometer; as TOML a start for your own.

    \b
    Examples:
      panelopt cytometer show aria-fusion
      panelopt cytometer show aria-fusion --format toml -o mine.toml
    """
    from panelopt import registry
    from panelopt.io.cytometer_files import cytometer_toml
    from panelopt.report.listings import cytometer_text

    found = registry.find_cytometer(name)
    if format_ == "json":
        emit(json_text(found.model_dump(mode="json")), output)
    else:
        emit(cytometer_toml(found) if format_ == "toml" else cytometer_text(found), output)
