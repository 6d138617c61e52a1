"""Results around the optimum: alternatives, frontiers, and the cost of each demand."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panelopt.domain.base import Record
from panelopt.domain.result import Bound, Conflict, Result


class Alternative(Record):
    """One of several best panels that differ from each other.

    Distances are log10 ratios by which the panel falls short of the best values found; a panel below the floor of the
    sum may exceed the best sum.
    """

    rank: int = Field(ge=1)
    distance: Bound = Field(description="best value found minus that of this panel, objective 1 and 2")
    differs: int | None = Field(description="slots that differ from the nearest better panel; null for the first")
    result: Result


class Alternatives(Record):
    """The best panels, each pair differing in enough slots."""

    schema_version: Literal[1] = 1
    kind: Literal["alternatives"] = "alternatives"
    wanted: int
    differ: int
    complete: bool = Field(description="whether it is proven that there are no more, if fewer were found")
    alternatives: tuple[Alternative, ...]


class FrontierPoint(Record):
    """The best panel within one cap."""

    limit: float = Field(description="colours or price that the panel may have at most")
    result: Result


class Frontier(Record):
    """Best score for each number of colours or each budget."""

    schema_version: Literal[1] = 1
    kind: Literal["frontier"] = "frontier"
    by: Literal["colours", "price"]
    currency: str = ""
    complete: bool = Field(description="whether the last point is proven to end the frontier")
    points: tuple[FrontierPoint, ...]


class DemandCost(Record):
    """The gain in score without one demand."""

    demand: str
    message: str
    gain: Bound = Field(description="best without the demand minus best with it; null where unknown")
    status: str = Field(description="status of the search without the demand")


class Explanation(Record):
    """Why there is no panel, or what each demand costs."""

    schema_version: Literal[1] = 1
    kind: Literal["explanation"] = "explanation"
    result: Result
    conflicts: tuple[Conflict, ...] = ()
    costs: tuple[DemandCost, ...] = ()
