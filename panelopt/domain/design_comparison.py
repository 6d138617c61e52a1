"""Comparison of two designs: the differences and their effect on each target.

Field names and nesting are the JSON of `report A.json B.json`; see ``docs/report.md``.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panelopt.domain.base import Record
from panelopt.domain.result import Result

ChangeKind = Literal["same", "product", "detector", "fluorochrome", "role", "added", "removed"]


class ReagentUse(Record):
    """How one design stains a marker."""

    fluorochrome: str
    detector: str
    laser_nm: float
    role: str
    clone: str = ""
    vendor: str = ""
    catalog_number: str = ""
    price: float | None = Field(default=None, description="of one pack; null if unknown")
    currency: str = ""


class MarkerChange(Record):
    """One marker in both designs."""

    marker: str
    change: ChangeKind = Field(description="the first of role, fluorochrome, detector and product that differs")
    first: ReagentUse | None = Field(default=None, description="null where the first design does not stain it")
    second: ReagentUse | None = Field(default=None, description="null where the second design does not stain it")


class NumberChange(Record):
    """One number of both designs; null where it is unknown."""

    name: str
    unit: str = ""
    first: float | None = None
    second: float | None = None

    @property
    def change(self) -> float | None:
        """Second minus first; None where one is unknown."""
        return None if self.first is None or self.second is None else self.second - self.first


class PairChange(Record):
    """How well a target is separated from a contaminant (log10), in both designs."""

    contaminant: str
    first: float | None = Field(default=None, description="null where the first design does not know the pair")
    second: float | None = Field(default=None, description="null where the second design does not know the pair")
    first_limit: str = ""
    second_limit: str = ""


class TargetChange(Record):
    """One target in both designs."""

    name: str
    numbers: tuple[NumberChange, ...]
    gates_first: tuple[str, ...] = Field(default=(), description="gates, in words")
    gates_second: tuple[str, ...] = Field(default=(), description="gates, in words")
    pairs: tuple[PairChange, ...] = Field(default=(), description="largest change first")


class DesignComparison(Record):
    """Two results and their differences."""

    schema_version: Literal[1] = 1
    kind: Literal["comparison"] = "comparison"
    panelopt_version: str
    names: tuple[str, str] = Field(description="files of the two results")
    first: Result
    second: Result
    questions: tuple[str, ...] = Field(default=(), description="what differs between the questions, in sentences")
    objectives: tuple[NumberChange, ...]
    markers: tuple[MarkerChange, ...] = Field(description="in the order of the first panel, then of the second")
    targets: tuple[TargetChange, ...]

    @property
    def changed(self) -> tuple[MarkerChange, ...]:
        """Markers that the designs stain differently."""
        return tuple(marker for marker in self.markers if marker.change != "same")
