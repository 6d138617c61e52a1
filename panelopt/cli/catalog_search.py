"""``panelopt catalog search``: what can be bought."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panelopt.cli.catalog_filters import Filters, choose, filter_options
from panelopt.cli.group import say
from panelopt.cli.grouped import GroupedCommand
from panelopt.cli.listing import format_options, json_text
from panelopt.cli.output import emit

if TYPE_CHECKING:
    from panelopt.api.catalogs import Hit, Query

SHOWN = 50
"""Products in a table if no limit is given."""


@click.command(cls=GroupedCommand)
@click.argument("markers", nargs=-1, metavar="[MARKER]...")
@click.option(
    "--catalog",
    "catalogs",
    multiple=True,
    metavar="NAME|PATH",
    help="Catalog to search; repeatable. Default: all but the synthetic ones.",
)
@filter_options
@click.option("--by-marker", is_flag=True, help="The fluorochromes that exist for each marker, not the products.")
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help=f"Products at most. Default: {SHOWN} in a table, else all."
)
@format_options("text", "csv", "json")
def search(
    markers: tuple[str, ...],
    filters: Filters,
    catalogs: tuple[str, ...],
    by_marker: bool,
    limit: int | None,
    format_: str,
    output: Path | None,
) -> None:
    """Search the catalogs for conjugates of a marker, in any of its names, or by pattern (* and ?).

    \b
    Example:
      panelopt catalog search CD146 --dye "BV*"
      panelopt catalog search --problem bm-cd271-cd146 --by-marker
    """
    choice = choose(markers, catalogs, filters)
    if by_marker:
        emit(_offers(choice.hits, choice.query, format_), output)
    else:
        emit(_products(choice.hits, format_, limit), output)
    choice.talk()


def _products(hits: tuple[Hit, ...], format_: str, limit: int | None) -> str:
    from panelopt.api.catalogs import conjugates_csv, hits_json, hits_text

    limit = SHOWN if limit is None and format_ == "text" else limit
    shown = hits[:limit]
    if len(shown) < len(hits):
        say(f"{len(hits) - len(shown):,} more products; --limit shows more of them.")
    if format_ == "json":
        return json_text(hits_json(shown))
    return conjugates_csv([hit.conjugate for hit in shown]) if format_ == "csv" else hits_text(shown)


def _offers(hits: tuple[Hit, ...], query: Query, format_: str) -> str:
    from panelopt.api.catalogs import offers, offers_json, offers_text
    from panelopt.api.files import write_table

    found = offers(hits, query.plain_markers)
    if format_ == "json":
        return json_text(offers_json(found))
    if format_ == "text":
        return offers_text(found)
    rows = ((offer.marker, dye, str(count)) for offer in found for dye, count in offer.fluorochromes or (("", 0),))
    columns = ("marker", "fluorochrome", "products")
    return write_table(columns, (dict(zip(columns, row, strict=True)) for row in rows))
