"""Options that choose products of catalogs, and the choice."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from panelopt.cli.catalog_remarks import warn_of_catalogs
from panelopt.cli.group import say, say_warning
from panelopt.frozen import dataclass

if TYPE_CHECKING:
    from panelopt.api.catalogs import Catalog, Hit, Query

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--problem", metavar="NAME|FILE", help="Also the markers of this problem."),
    click.option("--dye", "--dyes", "dyes", multiple=True, metavar="DYE", help="Fluorochrome; repeatable."),
    click.option("--vendor", "vendors", multiple=True, metavar="VENDOR", help="Vendor; repeatable."),
    click.option("--clone", "clones", multiple=True, metavar="CLONE", help="Clone; repeatable."),
    click.option("--in-stock", is_flag=True, help="Only products listed as in stock, and your stock."),
    click.option("--inventory", metavar="PATH", help="Catalog folder of your stock."),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What products must be like."""

    problem: str | None
    dyes: tuple[str, ...]
    vendors: tuple[str, ...]
    clones: tuple[str, ...]
    in_stock: bool
    inventory: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Products that fit.

    Attributes:
        catalogs: What was searched.
        query: What was looked for.
        hits: What fits.
    """

    catalogs: tuple[Catalog, ...]
    query: Query
    hits: tuple[Hit, ...]

    def talk(self) -> None:
        """Say which patterns fit nothing, and that there is no answer."""
        from panelopt.api.catalogs import unmatched

        for kind, pattern, hint in unmatched(self.catalogs, self.query):
            of = "these markers" if self.query.markers and kind != "marker" else "the catalogs"
            say_warning(f"no product of {of} fits {kind} {pattern!r}", hint=hint)
        if not self.hits:
            say("No product fits.")


def filter_options(command: Command) -> Command:
    """Add the options that choose products to a command; it receives them as one argument ``filters``."""
    names = [field.name for field in fields(Filters)]

    @functools.wraps(command)
    def wrapper(*args: Any, **given: Any) -> Any:
        given["filters"] = Filters(**{name: given.pop(name) for name in names})
        return command(*args, **given)

    decorated: Any = wrapper
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return cast("Command", decorated)


def choose(markers: tuple[str, ...], catalogs: tuple[str, ...], filters: Filters) -> Choice:
    """Return the products of some catalogs that fit.

    Args:
        markers: Names or patterns; none = all.
        catalogs: Names or paths; none = all but the synthetic ones.
        filters: What products must be like.

    Raises:
        PaneloptError: if a catalog or the problem cannot be read.
    """
    from panelopt.api.catalogs import Query, find_catalogs, fluorochrome_names, marker_names, search

    if filters.problem is not None:
        from panelopt.api.problems import find_problem

        wanted = find_problem(filters.problem).problem.marker
        markers += tuple(marker.name for marker in wanted if marker.role != "forbidden")
    query = Query(
        markers, filters.dyes, filters.vendors, filters.clones, filters.in_stock,
        marker_names(), fluorochrome_names(),
    )  # fmt: skip
    found, remarks = find_catalogs(catalogs, filters.inventory, query.known_markers)
    warn_of_catalogs(remarks)
    return Choice(tuple(found), query, search(found, query))
