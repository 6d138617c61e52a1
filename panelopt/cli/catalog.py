"""``panelopt catalog``: vendor catalogs and lab inventories."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.cli.catalog_remarks import warn_of_catalogs
from panelopt.cli.lazy_commands import LazyGroup
from panelopt.cli.listing import format_options, json_text
from panelopt.cli.output import emit

COMMANDS = {
    "check": ("panelopt.cli.catalog_check:check", "Check catalogs row by row and report every fault."),
    "search": ("panelopt.cli.catalog_search:search", "Search the catalogs for conjugates of a marker."),
    "import": ("panelopt.cli.catalog_import:import_", "Bring in a vendor list, registry export or inventory."),
    "export": ("panelopt.cli.catalog_export:export", "Write the products of catalogs into one file."),
}
"""Place and one-line help of the commands in other files."""


@click.group(cls=LazyGroup, sections={"Commands": COMMANDS})
def catalog() -> None:
    """Vendor catalogs and lab inventories."""


@catalog.command("list")
@format_options("text", "json")
def list_(format_: str, output: Path | None) -> None:
    """List the catalogs that are found: folders of PANELOPT_CATALOGS, plug-ins, built-in ones.

    \b
    Example:
      panelopt catalog list
    """
    from panelopt.api.catalogs import catalog_json, catalog_sources, catalogs_text, readable_catalogs

    sources, findings = catalog_sources()
    listed = []
    for source in sources:
        catalogs, remarks = readable_catalogs([source])
        findings += remarks
        listed += [(read, source) for read in catalogs]
    warn_of_catalogs(findings)
    if format_ == "json":
        emit(json_text([catalog_json(c, s.kind, s.folder, synthetic=s.synthetic) for c, s in listed]), output)
    else:
        emit(catalogs_text([(c, s.kind) for c, s in listed]), output)
