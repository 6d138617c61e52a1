"""What a report shows in addition to the result: computed by the library, drawn by the renderers."""

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
from panelopt.domain.robust_result import RobustResult
from panelopt.domain.sort_plan_record import SortPlan
from panelopt.optics.spectral_similarity import Similarity

FloatArray = npt.NDArray[np.float64]

Section = Literal["problem", "cytometer", "optics", "gating", "plan", "limits", "alternatives", "catalogs"]
"""Parts of a report that need more than the result."""

LimitState = Literal["binds", "free", "missed"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """An input and its hash.

    Attributes:
        kind: ``result``, ``problem``, ``cytometer``, ``catalog``, ...
        name: Name or path.
        recorded: SHA-256 stored in the result; empty if none.
        found: SHA-256 of the input used for the report; empty if not found.
        note: Note for the reader.
    """

    kind: str
    name: str
    recorded: str = ""
    found: str = ""
    note: str = ""

    @property
    def state(self) -> str:
        """Whether report and result used the same input, in a word or two."""
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
        excitation: (L, n) relative excitation by laser, in cytometer order.
        light: (D, n) photoelectrons per antibody, by detector in cytometer order.
        similarity: Cosine and hotspot over all detectors.
        spreading: (n, n) predicted spillover spreading: row = stained dye, column = affected dye; square roots of
            antibodies. None if the dyes cannot be separated.
    """

    cytometer: Cytometer
    dyes: tuple[Fluorochrome, ...]
    excitation: FloatArray
    light: FloatArray
    similarity: Similarity | None
    spreading: FloatArray | None


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """Simulated cells of one population that passed all previous gates.

    Attributes:
        population: Name.
        drawn: Cells drawn.
        x, y: (n,) estimated antibodies of the cells left.
        inside: Number of these inside the gates of the plot.
    """

    population: str
    drawn: int
    x: FloatArray
    y: FloatArray
    inside: int


@dataclass(frozen=True, slots=True)
class GateAxis:
    """One axis of a plot: a slot or a scatter parameter, and its gate if any.

    Attributes:
        label: Markers and fluorochrome, or the scatter parameter.
        unit: Antibodies below which the axis is linear; None: linear throughout.
        low, high: Thresholds, antibodies or units of scatter; None on the open side.
        gated: Whether the axis has a gate.
    """

    label: str
    unit: float | None
    low: float | None
    high: float | None
    gated: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """What a gate does to the sample; all fractions.

    Attributes:
        share: Of the cells that reach it, those that pass.
        kept: Of the target cells that reach it, those that pass; None if there is no single target.
        purity: Target cells among all that pass; None as above.
    """

    share: float
    kept: float | None = None
    purity: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GatePlot:
    """Two gates, or a gate and another slot, with the cells that reach them.

    Attributes:
        name: Names of the gates: ``CD271+ CD146-``.
        x, y: Axes.
        clouds: Equal numbers of cells of each population, before the previous gates.
        sample: The same populations in the proportions in which they reach the plot; empty if unknown.
        passage: What the gates do to the sample; None if unknown.
    """

    name: str
    x: GateAxis
    y: GateAxis
    clouds: tuple[Cloud, ...]
    sample: tuple[Cloud, ...] = ()
    passage: Passage | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TargetPlots:
    """Plots of one target, in gate order.

    Attributes:
        target: Name of the tube.
        population: Target population.
        plots: One per pair of gates.
        named: Populations shown in a colour: those that reduce purity most, worst first.
    """

    target: str
    population: str
    plots: tuple[GatePlot, ...]
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """One demand or constraint of the question, and where the panel stands.

    Attributes:
        name: Constrained quantity.
        value: Value of the panel; None if unknown.
        limit: Allowed or requested value; None if unconstrained.
        kind: Number format: ``number``, ``percent`` or ``count``.
        state: ``binds``: at the bound; ``free``: slack remains; ``missed``: the demand is not met.
        note: Explanation.
    """

    name: str
    value: float | None
    limit: float | None
    kind: Literal["number", "percent", "count"]
    state: LimitState
    note: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a number, or a kind of numbers, comes from."""

    quantity: str
    of: str
    origin: Literal["measured", "fitted", "class median", "model", "stated", "computed", "proven", "unknown"]
    source: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """Everything that a report shows.

    Attributes:
        result: The answer.
        problem, optics, plan, alternatives: None if unavailable; ``missing`` says why.
        robust: The scenarios behind the result, where it was chosen under uncertainty.
        scatter: Simulated scatter and singlets, the same for all targets; None if unavailable.
        plots: Simulated gates by target.
        seed: Seed of the simulation.
        limits: Constraints and how close the panel is to each.
        origins: Where the numbers come from.
        inputs: Files and hashes.
        missing: Why a part is missing.
        notices: Caveats about a part.
    """

    result: Result
    problem: Problem | None = None
    optics: Optics | None = None
    plan: SortPlan | None = None
    alternatives: Alternatives | None = None
    robust: RobustResult | None = None
    scatter: TargetPlots | None = None
    plots: tuple[TargetPlots, ...] = ()
    seed: int = 0
    limits: tuple[Limit, ...] = ()
    origins: tuple[Origin, ...] = ()
    inputs: tuple[InputFile, ...] = ()
    missing: Mapping[Section, str] = field(default_factory=dict)
    notices: Mapping[Section, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Title of the problem, or its name if the problem is unknown."""
        return (self.problem.title if self.problem else "") or self.result.problem
