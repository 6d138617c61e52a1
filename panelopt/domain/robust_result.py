"""A panel chosen under uncertainty: the distribution of its score, and the unknowns that matter most."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panelopt.domain.base import Record
from panelopt.domain.result import Result
from panelopt.domain.uncertainty import Uncertainty


class Interval(Record):
    """A 95 % interval; null where an end is not finite."""

    low: float | None
    high: float | None


class Distribution(Record):
    """Values over scenarios (log10)."""

    quantiles: dict[str, float | None] = Field(
        description="by probability, from `0` to `1`; null where the panel cannot be used"
    )
    holds: float | None = Field(description="reached in the chosen share of the scenarios; null: not reached at all")
    holds_interval: Interval = Field(description="95 % bootstrap interval of `holds`")


class RobustCandidate(Record):
    """One panel in all scenarios drawn to check it."""

    name: str
    is_nominal: bool = Field(description="whether `design` chooses it, with every number as in the problem")
    is_best: bool = Field(description="whether it holds most in the scenarios of the choice")
    result: Result
    worst_log_ratio: Distribution = Field(description="objective 1")
    sum_log_ratio: Distribution = Field(description="objective 2")
    regret: Distribution = Field(
        description="objective 1 of the best of the listed panels minus this one; `holds`: not exceeded in the share"
    )
    usable: float = Field(description="share of scenarios in which dyes can be told apart and gates meet the demands")
    reaches_goal: float = Field(
        description="share of the scenarios in which every tube is as pure as the goal asks, by the claims"
    )
    values: tuple[float | None, ...] = Field(description="objective 1 in each scenario, for pictures")


class Influence(Record):
    """Share of the variance of objective 1 due to an unknown, alone (first order) and with all others (total)."""

    unknown: str
    kind: str
    members: int = Field(default=1, description="unknowns that are counted together")
    first: float
    first_interval: Interval
    total: float
    total_interval: Interval


class Sensitivity(Record):
    """Sobol indices of the chosen panel's objective 1."""

    base: int = Field(description="base samples; the panel was scored (groups + 2) times as often")
    variance: float = Field(description="variance of objective 1 over the scenarios")
    screened: int = Field(description="unknowns tried one at a time to find those that matter")
    influences: tuple[Influence, ...]


class WorstCase(Record):
    """The best panel for the worst of a finite set of scenarios, with a proven bound."""

    scenarios: int = Field(description="scenarios of the set; in the first, all is as in the problem")
    status: Literal["optimal", "feasible", "infeasible", "unknown"]
    best: float | None = Field(description="objective 1 of the best panel in its worst scenario")
    bound: float | None = Field(description="proven bound on objective 1 of any panel in its worst scenario")
    gap: float | None
    scenario: int | None = Field(description="scenario in which the best panel is worst, from 0")
    active: int = Field(description="scenarios that the proof needed")
    iterations: int
    nominal: float | None = Field(description="the nominal panel in its worst scenario of the set")
    chosen: float | None = Field(description="the chosen panel in its worst scenario of the set")
    wall_s: float


class RobustResult(Record):
    """The panel whose score holds, with the one that `design` chooses and other candidates."""

    schema_version: Literal[1] = 1
    kind: Literal["robust"] = "robust"
    problem: str
    cytometer: str
    goal: Literal["share", "worst-case"]
    share: float = Field(description="share of the scenarios in which the score must hold")
    scenarios: int = Field(description="scenarios in which the panel was chosen")
    checked_in: int = Field(description="other scenarios, in which the candidates were scored for this report")
    seed: int
    gates: Literal["chosen", "fixed"] = Field(
        description="chosen: set anew in each scenario; fixed: sides of the nominal gates, thresholds follow the cells"
    )
    uncertainty: Uncertainty
    nominal: Result = Field(description="the answer of `design`, with its proof")
    candidates: tuple[RobustCandidate, ...] = Field(description="the chosen panel first")
    slack: float = Field(description="how much less than the best panel the chosen one may hold, log10")
    gain: Distribution | None = Field(
        default=None, description="objective 1 of the chosen panel minus that of the nominal panel, by scenario"
    )
    worst_case: WorstCase | None = None
    sensitivity: Sensitivity | None = None
    interrupted: bool = Field(
        default=False, description="whether the user stopped a search; only the panels found so far are scored"
    )
    wall_s: float
