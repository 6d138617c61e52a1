"""``panelopt catalog export``: catalogs as one file."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.api.errors import UsageError
from panelopt.cli.catalog_filters import Choice, Filters, choose, filter_options
from panelopt.cli.formats import PATH, STDOUT
from panelopt.cli.group import say
from panelopt.cli.grouped import GroupedCommand
from panelopt.cli.listing import json_text
from panelopt.cli.output import emit

_FORMATS = ("csv", "xlsx", "json", "parquet")
_TEXT = frozenset({"csv", "json"})


@click.command(cls=GroupedCommand)
@click.argument("catalogs", nargs=-1, metavar="[NAME|PATH]...")
@click.option(
    "-o",
    "--output",
    type=PATH,
    required=True,
    metavar="FILE",
    help="File to write (.csv, .xlsx, .json, .parquet); -: stdout.",
)
@click.option("--format", "format_", type=click.Choice(_FORMATS), help="Default: by the suffix of the file.")
@click.option("--marker", "--markers", "markers", multiple=True, metavar="MARKER", help="Marker; repeatable.")
@filter_options
def export(
    catalogs: tuple[str, ...], output: Path, format_: str | None, markers: tuple[str, ...], filters: Filters
) -> None:
    """Write the products of catalogs into one file, with the name and source of their catalog.

    Without a name all catalogs but the synthetic ones are taken. Filters are those of `catalog search`.

    \b
    Example:
      panelopt catalog export msc-reagents -o reagents.xlsx
      panelopt catalog export --markers CD271 --dyes "BV*" -o choice.csv
    """
    from panelopt.api.files import check_writable, write_bytes_atomic

    kind = _format_of(output, format_)
    if output != STDOUT:
        check_writable(output)
    choice = choose(markers, catalogs, filters)
    content = _content(choice, kind)
    if isinstance(content, bytes):
        write_bytes_atomic(output, content)
    else:
        emit(content, output)
    choice.talk()
    if output != STDOUT:
        say(f"Written: {output} ({len(choice.hits):,} products)")


def _format_of(output: Path, format_: str | None) -> str:
    kind = format_ or output.suffix.lower().removeprefix(".")
    if output == STDOUT:
        kind = format_ or "csv"
        if kind not in _TEXT:
            raise UsageError(f"{kind} is not text and cannot go to stdout", hint="Name a file with -o.")
    if kind not in _FORMATS:
        hint = "Use .csv, .xlsx, .json or .parquet, or add --format."
        raise UsageError("the suffix of the file names no known format", where=str(output), hint=hint)
    return kind


def _content(choice: Choice, kind: str) -> str | bytes:
    from panelopt.api import catalogs as files
    from panelopt.api.catalogs import hits_json

    sources = {catalog.name: catalog.source for catalog in choice.catalogs}
    if kind == "json":
        return json_text([{"catalog_source": sources[hit["catalog"]], **hit} for hit in hits_json(choice.hits)])
    if kind == "csv":
        return files.export_csv(choice.hits, sources)
    return files.export_xlsx(choice.hits, sources) if kind == "xlsx" else files.export_parquet(choice.hits, sources)
