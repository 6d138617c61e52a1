"""What a call demands beside its problem."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from panelopt.domain.base import Record
from panelopt.domain.problem_record import MOST_SLACK, Locked


class Demands(Record):
    """Demands of the call; null or empty: those of the problem alone."""

    max_colours: int | None = None
    budget: float | None = None
    allow_unknown_price: bool = False
    require_goal: bool = False
    today: date | None = None
    locks: tuple[Locked, ...] = Field(default=(), description="reagents that must be used, in addition to the problem")
    require: tuple[str, ...] = Field(default=(), description="markers that must be stained")
    forbid: tuple[str, ...] = Field(default=(), description="markers that must not be stained")
    exclude_dyes: tuple[str, ...] = Field(default=(), description="fluorochromes that must not be used")
    exclude_tandems: bool = False
    vendors: tuple[str, ...] = Field(default=(), description="the only vendors to buy from")
    only_inventory: bool = Field(default=False, description="only what is in stock")
    allow_unverified: bool = Field(default=False, description="also products that no source shows")
    slack: float | None = Field(
        default=None, ge=0.0, le=MOST_SLACK, description="log10 within which panels count as equally good"
    )
    max_spillover: float | None = Field(
        default=None,
        gt=0.0,
        description="most light of a dye in the detector of another one, as a multiple of the light in its own",
    )
