"""Results of a simulation: files, populations, and what the planned gates find in the sample."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panelopt.domain.base import Record
from panelopt.domain.result import Remark

TubeKind = Literal["sample", "unstained", "single_stain", "fmo"]


class SimulatedFile(Record):
    """One FCS file."""

    path: str
    kind: TubeKind
    fluorochrome: str = Field(default="", description="the one present (single stain) or missing (fmo)")
    events: int


class SimulatedPopulation(Record):
    """One population of the sample."""

    code: int = Field(description="value of the parameter `population` in the files")
    name: str
    single_cells: int = Field(description="events of the sample that are one cell of this population")


class SimulatedTarget(Record):
    """What the gates of one target find in the sample."""

    name: str
    gate: str = Field(description="name of the gate in the Gating-ML file")
    events: int = Field(description="events inside the gates")
    target_events: int = Field(description="of these, single cells of the target and doublets of two of them")
    purity: float | None = Field(description="target_events / events; null without events")
    gate_yield: float | None = Field(
        alias="yield",
        serialization_alias="yield",
        description="share of the target's single cells inside the gates; null where the sample has none",
    )
    predicted_purity: float
    predicted_yield: float


class Simulation(Record):
    """Result of `simulate`."""

    schema_version: Literal[1] = 1
    kind: Literal["simulation"] = "simulation"
    panelopt_version: str
    problem: str
    cytometer: str
    seed: int
    files: tuple[SimulatedFile, ...]
    gates: str | None = Field(default=None, description="Gating-ML file")
    doublets: int = Field(description="events of the sample that are two cells")
    populations: tuple[SimulatedPopulation, ...]
    targets: tuple[SimulatedTarget, ...]
    warnings: tuple[Remark, ...] = ()
