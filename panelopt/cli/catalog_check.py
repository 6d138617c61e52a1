"""``panelopt catalog check``: everything that is wrong with a catalog, at once."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.api.errors import InputError
from panelopt.cli.listing import format_options, json_text
from panelopt.cli.output import emit


@click.command()
@click.argument("catalogs", nargs=-1, metavar="[NAME|PATH]...")
@click.option("--inventory", is_flag=True, help="They are inventories, which may have lots and dates.")
@click.option("--strict", is_flag=True, help="Remarks count as faults.")
@format_options("text", "json")
def check(catalogs: tuple[str, ...], inventory: bool, strict: bool, format_: str, output: Path | None) -> None:
    """Check catalogs row by row and report every fault; without a name all that are found.

    Faults must be put right (exit code 1). Remarks are for a person to look at; the catalog can be used as it is.

    \b
    Example:
      panelopt catalog check ./my-inventory
    """
    from panelopt.api.catalogs import check_catalogs, check_json, check_text

    checked = check_catalogs(catalogs, inventory=inventory)
    if format_ == "json":
        emit(json_text([check_json(entry) for entry in checked]), output)
    else:
        emit("".join(map(check_text, checked)), output)
    if any(entry.faults or (strict and entry.remarks) for entry in checked):
        click.get_current_context().exit(InputError.exit_code)
