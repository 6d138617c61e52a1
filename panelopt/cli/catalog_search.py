"""``panelopt catalog search``: what can be bought."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panelopt.cli.catalog_remarks import warn_of_catalogs
from panelopt.cli.group import say, say_warning
from panelopt.cli.listing import format_options, json_text
from panelopt.cli.output import emit

if TYPE_CHECKING:
    from panelopt.domain.catalog_search import Hit, Query
    from panelopt.domain.reagents import Catalog

SHOWN = 50
"""Products in a table if no limit is given."""


@click.command()
@click.argument("markers", nargs=-1, metavar="[MARKER]...")
@click.option("--problem", metavar="NAME|FILE", help="Also the markers of this problem.")
@click.option("--dye", "dyes", multiple=True, metavar="DYE", help="Fluorochrome; repeatable.")
@click.option("--vendor", "vendors", multiple=True, metavar="VENDOR", help="Vendor; repeatable.")
@click.option("--clone", "clones", multiple=True, metavar="CLONE", help="Clone; repeatable.")
@click.option("--in-stock", is_flag=True, help="Only what is listed as in stock, or is on the own shelf.")
@click.option(
    "--catalog",
    "catalogs",
    multiple=True,
    metavar="NAME|PATH",
    help="Catalog to search; repeatable. Default: all but the synthetic ones.",
)
@click.option("--inventory", metavar="PATH", help="Also what is on your shelf.")
@click.option("--by-marker", is_flag=True, help="The fluorochromes that exist for each marker, not the products.")
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help=f"Products at most. Default: {SHOWN} in a table, else all."
)
@format_options("text", "csv", "json")
def search(
    markers: tuple[str, ...],
    problem: str | None,
    dyes: tuple[str, ...],
    vendors: tuple[str, ...],
    clones: tuple[str, ...],
    in_stock: bool,
    catalogs: tuple[str, ...],
    inventory: str | None,
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
    from panelopt import registry
    from panelopt.domain.catalog_search import Query
    from panelopt.domain.catalog_search import search as find

    if problem is not None:
        wanted = registry.find_problem(problem).problem.marker
        markers += tuple(marker.name for marker in wanted if marker.role != "forbidden")
    query = Query(markers, dyes, vendors, clones, in_stock, registry.marker_names(), registry.fluorochrome_names())
    found, remarks = registry.find_catalogs(catalogs, inventory, query.known_markers)
    warn_of_catalogs(remarks)
    hits = find(found, query)
    if by_marker:
        emit(_offers(hits, query, format_), output)
    else:
        emit(_products(hits, format_, limit), output)
    _talk(found, query, hits)


def _products(hits: tuple[Hit, ...], format_: str, limit: int | None) -> str:
    from panelopt.io.conjugates_csv import conjugates_csv
    from panelopt.report.catalog_tables import hits_json, hits_text

    limit = SHOWN if limit is None and format_ == "text" else limit
    shown = hits[:limit]
    if len(shown) < len(hits):
        say(f"{len(hits) - len(shown):,} more products; --limit shows more of them.")
    if format_ == "json":
        return json_text(hits_json(shown))
    return conjugates_csv([hit.conjugate for hit in shown]) if format_ == "csv" else hits_text(shown)


def _offers(hits: tuple[Hit, ...], query: Query, format_: str) -> str:
    from panelopt.domain.catalog_search import offers
    from panelopt.io.csv_table import write_table
    from panelopt.report.catalog_tables import offers_json, offers_text

    found = offers(hits, query.plain_markers)
    if format_ == "json":
        return json_text(offers_json(found))
    if format_ == "text":
        return offers_text(found)
    rows = ((offer.marker, dye, str(count)) for offer in found for dye, count in offer.fluorochromes or (("", 0),))
    columns = ("marker", "fluorochrome", "products")
    return write_table(columns, (dict(zip(columns, row, strict=True)) for row in rows))


def _talk(catalogs: tuple[Catalog, ...], query: Query, hits: tuple[Hit, ...]) -> None:
    """Say which patterns fit nothing, and that there is no answer."""
    from panelopt.domain.catalog_search import unmatched

    for kind, pattern, hint in unmatched(catalogs, query):
        of = "these markers" if query.markers and kind != "marker" else "the catalogs"
        say_warning(f"no product of {of} fits {kind} {pattern!r}", hint=hint)
    if not hits:
        say("No product fits.")
