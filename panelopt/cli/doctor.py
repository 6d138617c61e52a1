"""``panelopt doctor``."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.cli.listing import format_options, json_text
from panelopt.cli.output import emit


@click.command()
@format_options("text", "json")
def doctor(format_: str, output: Path | None) -> None:
    """Show versions and paths, and check that catalogs, cache and a small design work.

    Exit code 1 means that a check failed. Include the output in bug reports.

    \b
    Example:
      panelopt doctor
    """
    from panelopt.api.installation import examine, installation_text

    found = examine()
    emit(json_text(found.model_dump(mode="json")) if format_ == "json" else installation_text(found), output)
    click.get_current_context().exit(0 if found.works else 1)
