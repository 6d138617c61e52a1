"""Options that say on the command line what a problem file can say."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from panelopt.cli.grouped import demand_option

if TYPE_CHECKING:
    from panelopt.domain.problem import Locked

LONGEST_NAME = 200
"""Longer names are refused, as in problem files."""

Lock = tuple[str, str, str]
"""Marker, fluorochrome and detector; an empty detector leaves it open."""


def finite(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    """Refuse infinity and what is no number."""
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


def locked(locks: tuple[Lock, ...]) -> tuple[Locked, ...]:
    """Return locked reagents as a problem has them."""
    from panelopt.domain.problem import Locked

    return tuple(Locked(marker=marker, fluorochrome=dye, detector=detector) for marker, dye, detector in locks)


spillover_option = demand_option(
    "--max-spillover",
    type=click.FloatRange(min=0, min_open=True),
    callback=finite,
    metavar="X",
    help="Light that a dye may give in the detector of another dye, relative to the other's own. Default: 1.",
)

DEMANDS: tuple[Callable[[Any], Any], ...] = (
    demand_option(
        "--lock",
        "locks",
        multiple=True,
        callback=_locks,
        metavar="MARKER=DYE[@DETECTOR]",
        help="Reagent that must be used; repeatable.",
    ),
    demand_option("--require", multiple=True, metavar="MARKER", help="Marker that must be stained; repeatable."),
    demand_option("--forbid", multiple=True, metavar="MARKER", help="Marker that must not be stained; repeatable."),
    demand_option(
        "--exclude-dye", "exclude_dyes", multiple=True, metavar="NAME", help="Dye that must not be used; repeatable."
    ),
    demand_option("--exclude-tandems", is_flag=True, help="Use no tandem dyes."),
    demand_option("--vendor", "vendors", multiple=True, metavar="NAME", help="Buy only from this vendor; repeatable."),
    demand_option("--only-inventory", is_flag=True, help="Use what is on your shelf, and nothing else."),
    demand_option("--allow-unverified", is_flag=True, help="Also products that no source shows."),
    demand_option("--max-colours", type=click.IntRange(min=1), metavar="N", help="Fluorochromes at most."),
    demand_option(
        "--budget",
        type=click.FloatRange(min=0),
        callback=finite,
        metavar="X",
        help="Price of all packs, and of deliveries, at most.",
    ),
    demand_option("--allow-unknown-price", is_flag=True, help="With a budget: allow products of unknown price."),
    demand_option("--require-goal", is_flag=True, help="Make the purity goal a demand."),
    spillover_option,
    demand_option(
        "--slack",
        type=click.FloatRange(0, 3),
        callback=finite,
        metavar="X",
        help="How much worse (log10) than the best a panel may be and count as good; 0: the best itself. Default: 0.1.",
    ),
)
"""Demands of a call, in the order of the help."""
