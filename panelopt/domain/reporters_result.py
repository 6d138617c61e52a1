"""Result of a choice of reporters by bleed-through; field names and nesting are its JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panelopt.domain.base import Record
from panelopt.domain.result import Conflict, Remark, SolveStatus


class ReporterLevels(Record):
    """Values, bounds or gaps of the four levels of the objective; null where unknown."""

    channels_without_signal: int | None = None
    channels_below_limit: int | None = Field(default=None, description="bleed-through below 10 % of the signal")
    mean_signal: float | None = Field(default=None, description="geometric mean of the signals")
    mean_bleed_through: float | None = None


class ReporterChannel(Record):
    """One dye on its detector."""

    fluorochrome: str
    detector: str
    laser_nm: float
    signal: float
    bleed_through: float = Field(description="light of all other chosen dyes in this detector, unit of the signal")
    share: float | None = Field(description="bleed-through by signal; null without signal")
    below_limit: bool


class ReporterResult(Record):
    """Result of `reporters`."""

    schema_version: Literal[1] = 1
    kind: Literal["reporters"] = "reporters"
    panelopt_version: str
    cytometer: str
    library: str = Field(description="where the dyes come from")
    colours: int = Field(description="dyes that were to be chosen")
    dyes: int = Field(description="dyes that could be chosen")
    detectors: int = Field(description="detectors that could be used")
    signal_unit: str
    status: SolveStatus
    value: ReporterLevels = ReporterLevels.model_construct()
    bound: ReporterLevels = Field(
        default=ReporterLevels(),
        description="bound of each level, given the values of earlier levels",
    )
    gap: ReporterLevels = Field(default=ReporterLevels(), description="distance of value and bound, none negative")
    unique: bool = Field(default=False, description="whether ties were broken by proof: every run gives this choice")
    channels: tuple[ReporterChannel, ...] = ()
    signals: tuple[tuple[float, ...], ...] = Field(
        default=(), description="light of each chosen dye (row) in each chosen detector (column), in channel order"
    )
    wall_s: float = 0.0
    deterministic_time: float = 0.0
    seed: int = 0
    interrupted: bool = False
    out_of_memory: bool = False
    conflicts: tuple[Conflict, ...] = ()
    warnings: tuple[Remark, ...] = ()

    def summary(self) -> str:
        """Return one sentence on what was found and how good it is proven to be."""
        if not self.channels:
            proven = self.status is SolveStatus.INFEASIBLE
            return "No choice meets the demands; this is proven." if proven else "No choice was found in time."
        return (
            f"{len(self.channels)} dyes, {self.value.channels_below_limit} channels with bleed-through below 10 % of "
            f"their signal; {self.status.value}."
        )
