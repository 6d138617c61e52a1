"""Options that override or extend the demands of a problem file."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any

import click

from panelopt.cli.grouped import demand_option, input_option
from panelopt.frozen import dataclass

LONGEST_NAME = 200
"""Longer names are rejected, as in problem files."""

Lock = tuple[str, str, str]
"""Marker, fluorochrome and detector; any detector if empty."""


@dataclass(frozen=True, slots=True)
class DemandOptions:
    """The demands given on the command line; fields are options."""

    today: datetime | None
    locks: tuple[Lock, ...]
    require: tuple[str, ...]
    forbid: tuple[str, ...]
    exclude_dyes: tuple[str, ...]
    exclude_tandems: bool
    vendors: tuple[str, ...]
    only_inventory: bool
    allow_unverified: bool
    max_colours: int | None
    budget: float | None
    allow_unknown_price: bool
    require_goal: bool
    max_spillover: float | None
    slack: float | None

    @property
    def any(self) -> bool:
        """Whether any demand was given."""
        given = (getattr(self, field.name) for field in fields(self))
        return any(value is not None and value is not False and value != () for value in given)

    def values(self) -> dict[str, Any]:
        """Return the demands as keyword arguments of :class:`panelopt.api.Options`."""
        from panelopt.api.designs import Locked

        found = {field.name: getattr(self, field.name) for field in fields(self)}
        found["locks"] = tuple(Locked(marker=m, fluorochrome=dye, detector=detector) for m, dye, detector in self.locks)
        found["today"] = self.today.date() if self.today else None
        return found


def finite(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    """Reject infinity and NaN."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a finite number", ctx, param)
    return value


def _locks(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[Lock, ...]:
    """Split MARKER=DYE@DETECTOR."""
    found = []
    for text in value:
        marker, _, rest = text.partition("=")
        dye, at, detector = rest.partition("@")
        parts = (marker.strip(), dye.strip(), detector.strip())
        if not marker.strip() or not dye.strip() or (at and not detector.strip()):
            raise click.BadParameter(f"{text!r} is not MARKER=DYE or MARKER=DYE@DETECTOR", ctx, param)
        if max(map(len, parts)) > LONGEST_NAME:
            raise click.BadParameter(f"a name has more than {LONGEST_NAME} characters", ctx, param)
        found.append(parts)
    return tuple(found)


spillover_option = demand_option(
    "--max-spillover",
    type=click.FloatRange(min=0, min_open=True),
    callback=finite,
    metavar="X",
    help="Maximum light of a dye in another dye's detector, relative to its light in its own. Default: 1.",
)

DEMANDS: tuple[Callable[[Any], Any], ...] = (
    input_option(
        "--today",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="DATE",
        help="Exclude inventory lots that expire before this date. Default: today.",
    ),
    demand_option(
        "--lock",
        "locks",
        multiple=True,
        callback=_locks,
        metavar="MARKER=DYE[@DETECTOR]",
        help="Use this reagent; repeatable.",
    ),
    demand_option("--require", multiple=True, metavar="MARKER", help="Stain this marker; repeatable."),
    demand_option("--forbid", multiple=True, metavar="MARKER", help="Do not stain this marker; repeatable."),
    demand_option(
        "--exclude-dye", "exclude_dyes", multiple=True, metavar="NAME", help="Do not use this dye; repeatable."
    ),
    demand_option("--exclude-tandems", is_flag=True, help="Do not use tandem dyes."),
    demand_option("--vendor", "vendors", multiple=True, metavar="NAME", help="Buy only from this vendor; repeatable."),
    demand_option("--only-inventory", is_flag=True, help="Use only reagents from your stock."),
    demand_option("--allow-unverified", is_flag=True, help="Allow products that no source confirms."),
    demand_option("--max-colours", type=click.IntRange(min=1), metavar="N", help="Maximum number of fluorochromes."),
    demand_option(
        "--budget",
        type=click.FloatRange(min=0),
        callback=finite,
        metavar="X",
        help="Maximum price of all packs, shipping included.",
    ),
    demand_option("--allow-unknown-price", is_flag=True, help="With --budget, allow products without a price."),
    demand_option("--require-goal", is_flag=True, help="Accept only panels that meet the purity goal."),
    spillover_option,
    demand_option(
        "--slack",
        type=click.FloatRange(0, 3),
        callback=finite,
        metavar="X",
        help="How far below the best score (log10) a panel still counts as equally good. Default: 0.02.",
    ),
)
"""The demand options, in help order."""
