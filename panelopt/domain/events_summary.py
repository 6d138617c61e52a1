"""What labelled events say about populations: numbers for a problem file, and how far they can be trusted."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panelopt.domain.base import Record
from panelopt.domain.problem_record import Level, LevelWord


class MarkerSummary(Record):
    """One marker in one population."""

    marker: str
    column: str = Field(description="channel or column that was read")
    median: float = Field(description="median signal, in the units of the file")
    cv: float = Field(description="robust coefficient of variation of a log-normal; 0 where the median is not positive")
    not_positive: float = Field(description="share of events at or below zero")
    misfit: float | None = Field(
        description="largest distance between the distribution and the fitted log-normal; null where values at or "
        "below zero make it meaningless"
    )
    level: LevelWord | Level | None = Field(description="as in the problem file; null = left out, unknown")


class Correlation(Record):
    """Rank correlation (Spearman) of two markers over the cells of one population."""

    markers: tuple[str, str]
    spearman: float
    notable: bool = Field(description="at least 0.3, and more than three standard errors from zero")


class PopulationSummary(Record):
    """One population."""

    name: str
    role: Literal["target", "contaminant", "ignore"]
    events: int
    frequency: float
    markers: tuple[MarkerSummary, ...]
    correlations: tuple[Correlation, ...]


class EventsSummary(Record):
    """Everything that was found in the files."""

    problem: str
    files: tuple[str, ...]
    events: int
    calibrated: tuple[str, ...] = Field(description="markers whose levels are antibodies per cell")
    left_out: tuple[str, ...] = Field(description="columns that were not read")
    populations: tuple[PopulationSummary, ...]
