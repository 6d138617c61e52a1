"""What a report shows besides the result: computed by the library, drawn by the renderers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from panelopt.domain.alternatives_result import Alternatives
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.problem_record import Problem
from panelopt.domain.reagents import Fluorochrome
from panelopt.domain.result import Result
from panelopt.domain.sort_plan_record import SortPlan
from panelopt.optics.spectral_similarity import Similarity

FloatArray = npt.NDArray[np.float64]

Section = Literal["problem", "cytometer", "optics", "gating", "plan", "limits", "alternatives", "catalogs"]
"""Parts of a report that need more than the result."""

LimitState = Literal["binds", "free", "missed"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input and its hash.

    Attributes:
        kind: ``result``, ``problem``, ``cytometer``, ``catalog``, ...
        name: Name or path.
        recorded: SHA-256 that the result names; empty where it names none.
        found: SHA-256 of what the report was made with; empty where it was not found.
        note: What the reader should know.
    """

    kind: str
    name: str
    recorded: str = ""
    found: str = ""
    note: str = ""

    @property
    def state(self) -> str:
        """Return in a word or two whether the report was made with what the result was made with."""
        if not self.found:
            return "not read"
        if not self.recorded:
            return "not recorded"
        return "equal" if self.recorded == self.found else "DIFFERS"


@dataclass(frozen=True, slots=True, eq=False)
class Optics:
    """Dyes of the panel on the instrument.

    Attributes:
        cytometer: The instrument.
        dyes: Dye of each of the n slots.
        excitation: (L, n) relative excitation by laser, in the order of the cytometer.
        similarity: Cosine and hotspot, on all detectors.
        spreading: (n, n) predicted spillover spreading: row = stained dye, column = dye that suffers; square roots
            of antibodies. None where the dyes cannot be told apart.
    """

    cytometer: Cytometer
    dyes: tuple[Fluorochrome, ...]
    excitation: FloatArray
    similarity: Similarity | None
    spreading: FloatArray | None


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """Simulated cells of one population that passed all earlier gates.

    Attributes:
        population: Name.
        drawn: Cells that were drawn.
        x, y: (n,) estimated antibodies of those that are left.
        inside: How many of these lie in the gates of the plot.
    """

    population: str
    drawn: int
    x: FloatArray
    y: FloatArray
    inside: int


@dataclass(frozen=True, slots=True)
class GateAxis:
    """One axis of a plot: a slot, and the gate on it if there is one.

    Attributes:
        label: Markers and fluorochrome.
        unit: Antibodies below which the axis is linear.
        low, high: Thresholds, antibodies; None on the open side.
        gated: Whether there is a gate.
    """

    label: str
    unit: float
    low: float | None
    high: float | None
    gated: bool


@dataclass(frozen=True, slots=True, eq=False)
class GatePlot:
    """Two gates, or a gate and another slot, and the cells that come to them."""

    x: GateAxis
    y: GateAxis
    clouds: tuple[Cloud, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TargetPlots:
    """Plots of one target, in the order of its gates.

    Attributes:
        target: Name of the tube.
        population: Population that is wanted.
        plots: One for each two gates.
        named: Populations worth an own colour: those that limit purity most, the worst first.
    """

    target: str
    population: str
    plots: tuple[GatePlot, ...]
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """One demand or limit of the question, and how the panel stands to it.

    Attributes:
        name: What is limited.
        value: What the panel has; None if unknown.
        limit: What is allowed or wanted; None if unlimited.
        kind: How numbers are shown: ``number``, ``percent`` or ``count``.
        state: ``binds``: at the limit; ``free``: room is left; ``missed``: the demand is not met.
        note: What that means.
    """

    name: str
    value: float | None
    limit: float | None
    kind: Literal["number", "percent", "count"]
    state: LimitState
    note: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one number, or one kind of numbers, comes from."""

    quantity: str
    of: str
    origin: Literal["measured", "fitted", "class median", "model", "stated", "computed", "proven", "unknown"]
    source: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """Everything that a report shows.

    Attributes:
        result: The answer.
        problem, optics, plan, alternatives: None where they could not be had; ``missing`` says why.
        plots: Simulated gates, by target.
        seed: Of the simulation.
        limits: What binds.
        origins: Where the numbers come from.
        inputs: Files and hashes.
        missing: Why a part is not there.
        notices: What the reader should know of a part that is there.
    """

    result: Result
    problem: Problem | None = None
    optics: Optics | None = None
    plan: SortPlan | None = None
    alternatives: Alternatives | None = None
    plots: tuple[TargetPlots, ...] = ()
    seed: int = 0
    limits: tuple[Limit, ...] = ()
    origins: tuple[Origin, ...] = ()
    inputs: tuple[InputFile, ...] = ()
    missing: Mapping[Section, str] = field(default_factory=dict)
    notices: Mapping[Section, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Title of the problem; its name where the problem is not known."""
        return (self.problem.title if self.problem else "") or self.result.problem
