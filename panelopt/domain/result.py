"""The result: status, objective, bound, panel and gates.

Field names and nesting are the result JSON; see ``docs/result.md``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from panelopt.domain.base import Record
from panelopt.domain.demands import Demands
from panelopt.domain.panel_records import BestPanel, GivenUp, PanelChange, PanelSlot, Practicality, VendorDelivery
from panelopt.domain.tube_robustness import Robustness


class SolveStatus(StrEnum):
    """How the search ended."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


GateSide = Literal["above", "below", "between"]


class CatalogUse(Record):
    """A catalog that was used."""

    name: str
    version: str = ""
    sha256: str = ""
    rows: int = 0
    origin: str = ""


class Objective(Record):
    """Value of a panel: log10 ratios of target to contaminant (no unit), colours, price of one pack each."""

    worst_log_ratio: float
    sum_log_ratio: float
    colours: int
    price: float | None = Field(default=None, description="sum of the known prices; null if none is known")
    shipping: float | None = Field(
        default=None, description="cost of all deliveries; null where the problem names none"
    )
    total_price: float | None = Field(default=None, description="price and shipping")
    to_buy: int = Field(default=0, description="reagents that are not in stock")
    currency: str = ""
    unknown_prices: int = Field(default=0, description="reagents whose price is unknown")


class Bound(Record):
    """Two numbers about objective 1 and 2; null where nothing is proven."""

    worst_log_ratio: float | None = None
    sum_log_ratio: float | None = None


class Gate(Record):
    """One gate of a target; thresholds in antibodies per cell, null on the open side."""

    slot: int = Field(description="index into `panel`, from 0")
    markers: tuple[str, ...]
    fluorochrome: str
    side: GateSide
    low: float | None = None
    high: float | None = None


class TargetResult(Record):
    """The expected content of one tube."""

    name: str
    frequency: float
    gate_yield: float = Field(alias="yield", serialization_alias="yield")
    purity: float = Field(description="predicted by the plain probabilities")
    purity_at_least: float = Field(description="what the claims guarantee")
    purity_second_sort: float | None = Field(
        default=None, description="expected after a second sort through the same gates; null for marker lists"
    )
    expected_cells: float | None = Field(default=None, description="cells in the tube, after recovery; null if unknown")
    gates: tuple[Gate, ...]


class PairResult(Record):
    """How well one target is separated from one contaminant (log10)."""

    target: str
    contaminant: str
    log_ratio: float
    single: float
    doublet: float | None = Field(default=None, description="null where no doublet term applies")
    rejection: float
    limited_by: Literal["single", "doublet", "cap"]


class Channel(Record):
    """Noise of one slot: s.d. in antibodies, by population (worst over the targets it is seen from)."""

    fluorochrome: str
    detector: str
    noise: dict[str, float]
    ols_noise: dict[str, float]


class Spectral(Record):
    """Similarity metrics of the panel; among equally good spectral panels the one of least complexity is chosen."""

    complexity_index: float | None = None
    max_similarity: float | None = None
    most_similar: tuple[str, str] | None = None
    hotspot_max: float | None = None


class ModelSize(Record):
    """Size of the solver's model."""

    variables: int = 0
    constraints: int = 0


class SolverStats(Record):
    """Work of the search."""

    wall_s: float = 0.0
    build_s: float = 0.0
    deterministic_time: float = 0.0
    iterations: int = 0
    cuts: int = 0
    seed: int = 0
    workers: int = 1
    time_limit_s: float | None = None
    tolerance: float = 0.02
    interrupted: bool = False
    memory_limit_mb: float | None = None
    out_of_memory: bool = Field(default=False, description="whether the memory limit ended the search")
    hurried: bool = Field(
        default=False, description="whether the clock ended any part of the search, so that another run may differ"
    )
    model: ModelSize = ModelSize.model_construct()


class Conflict(Record):
    """One demand of a conflict; without it the rest can be met."""

    demand: str
    message: str
    where: str = ""


class Remark(Record):
    """A remark for the user."""

    code: str
    message: str
    where: str = ""
    hint: str = Field(default="", description="what to do; empty where nothing helps")

    @property
    def text(self) -> str:
        """What is wrong and what to do, in one paragraph."""
        if not self.hint:
            return self.message
        return f"{self.message}{'' if self.message.endswith('.') else '.'} {self.hint}"


class Provenance(Record):
    """Origin of the numbers."""

    defaults_used: tuple[str, ...] = Field(default=(), description="model defaults used for unknown values")
    brightness: dict[str, str] = Field(default_factory=dict, description="origin of each dye's brightness")
    levels: dict[str, int] = Field(default_factory=dict, description="antigen levels, counted by their source")
    signatures: dict[str, str] = Field(
        default_factory=dict, description="origin of each dye's measured signature; other signatures are computed"
    )


class Result(Record):
    """Result of `design`, `score` and `improve`."""

    schema_version: Literal[1] = 1
    panelopt_version: str
    problem: str
    problem_sha256: str = ""
    cytometer: str
    cytometer_sha256: str = ""
    fluorochromes_sha256: str = Field(default="", description="of the optics of all dyes")
    signatures_sha256: str = Field(default="", description="of the measured signatures; empty: none")
    catalogs: tuple[CatalogUse, ...] = ()
    demands: Demands = Field(default_factory=Demands, description="demands of the call")
    status: SolveStatus
    objective: Objective | None = None
    bound: Bound = Bound.model_construct()
    best: BestPanel = Field(default=BestPanel(), description="best values found in step 1 and step 2, and their panel")
    given_up: GivenUp | None = Field(default=None, description="what was given up of the best panel; null: none known")
    practical: Practicality | None = Field(default=None, description="what the panel asks of the bench")
    robustness: Robustness | None = Field(
        default=None, description="the panel in samples of what is uncertain; null for marker lists"
    )
    gap: Bound = Field(default=Bound(), description="bound minus best")
    floor: float | None = Field(default=None, description="floor on objective 1 to which the bound on `sum` refers")
    panel: tuple[PanelSlot, ...] = ()
    changes: tuple[PanelChange, ...] | None = Field(
        default=None, description="`improve`: what differs from the given panel; null: none was given"
    )
    deliveries: tuple[VendorDelivery, ...] = Field(
        default=(), description="what is bought from each vendor, where the problem names the cost of shipping"
    )
    targets: tuple[TargetResult, ...] = ()
    pairs: tuple[PairResult, ...] = ()
    channels: tuple[Channel, ...] = ()
    spectral: Spectral = Spectral.model_construct()
    solver: SolverStats = SolverStats.model_construct()
    provenance: Provenance = Provenance.model_construct()
    conflicts: tuple[Conflict, ...] = ()
    conflicts_minimal: bool = Field(
        default=True,
        description="whether dropping any one of `conflicts` is known to suffice; false: perhaps not all are needed",
    )
    warnings: tuple[Remark, ...] = ()

    @property
    def conflicts_title(self) -> str:
        """Title of the list of conflicts."""
        if self.panel:
            return "Rules that the panel violates"
        return "Conflicting demands" if self.conflicts_minimal else "Conflicting demands (perhaps not minimal)"
