"""The command line: click commands, one a file; everything heavy is imported inside the commands."""

from __future__ import annotations

import click


@click.group()
@click.version_option(package_name="panelopt")
def main() -> None:
    """Choose marker panels for cell sorting, with a proof of how good they are."""
