"""The question: populations, markers, goals and constraints."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from panelopt.domain.base import Fraction, Identifier, Name, NonNegative, Positive, Record, Text, repeated, within
from panelopt.domain.panel_constraints import PanelConstraints
from panelopt.domain.reagents import VIABILITY_MARKER
from panelopt.domain.uncertainty import Uncertainty

LevelWord = Literal["-", "low", "dim", "mid", "bright", "very_bright"]

FREQUENCY_TOLERANCE = 1e-9
"""By how much the sum of all frequencies may exceed one."""

LEAST_FREQUENCY = 1e-12
"""Rarer cells are rejected: no sort sees 1e12 events, and logarithms stay within their range."""

MOST_ANTIBODIES = 1e12
"""Higher levels are rejected: far beyond any cell, and squares of light stay within their range."""

MOST_FOLD = 1e12
"""Stronger enrichment is rejected."""

MOST_MARKERS = 500
"""Most markers of a problem."""

MOST_POPULATIONS = 200
"""Most populations of a problem: time grows with the pairs of targets and others."""

MOST_SLACK = 3.0
"""Largest slack (log10): panels whose contaminants differ by more are not equally good."""

MOST_TARGETS = 32
"""Most targets of a problem: no instrument sorts more than 16 populations at once."""

ENZYME_CUTS: dict[str, frozenset[str]] = {
    # Tsuji et al. 2017, PMC5657749: 30 min of digestion; TrypLE cut none of the antigens tested.
    "none": frozenset(),
    "tryple": frozenset(),
    "trypsin": frozenset({"CD44", "CD55", "CD73", "CD105", "CD140a", "CD140b", "CD201"}),
    "collagenase": frozenset({"CD140a"}),
}
"""Markers removed from the cell surface by a preparation, by enzyme."""


class Level(Record):
    """Antibodies bound per cell (ABC) for one marker in one population: a log-normal distribution."""

    abc: NonNegative = Field(le=MOST_ANTIBODIES, description="median antibodies bound per cell")
    cv: NonNegative = Field(default=0.5, le=5.0, description="coefficient of variation, s.d. / mean")
    low: NonNegative | None = Field(default=None, le=MOST_ANTIBODIES, description="lower end of what `abc` may be")
    high: NonNegative | None = Field(default=None, le=MOST_ANTIBODIES, description="upper end of what `abc` may be")
    source: Text = ""


DEFAULT_LEVELS: dict[str, Level] = {
    word: Level.model_construct(abc=abc, cv=cv, source="model")
    for word, abc, cv in (
        ("-", 100.0, 0.5),
        ("low", 1000.0, 0.8),
        ("dim", 3000.0, 0.8),
        ("mid", 15000.0, 0.7),
        ("bright", 60000.0, 0.55),
        ("very_bright", 250000.0, 0.45),
    )
}
"""Level words, unless a problem redefines them (model values)."""


class Enrichment(Record):
    """A pre-enrichment step before the sort, e.g. beads."""

    marker: Name
    fold: Positive = Field(le=MOST_FOLD, description="enrichment of cells with the marker against cells without")
    recovery: Fraction = Field(default=1.0, description="share of the wanted cells that survive the step")


class Sample(Record):
    """The sample put on the sorter."""

    tissue: Text = ""
    state: Literal["live", "fixed"] = "live"
    dissociation: Literal["none", "trypsin", "tryple", "collagenase"] = "none"
    preparation: Text = Field(default="", description="remarks on how the cells were obtained")
    cells: Positive | None = Field(default=None, description="cells at the start")
    dead_fraction: float = Field(default=0.0, ge=0.0, lt=1.0, description="dead cells among all events")
    doublet_fraction: Fraction = Field(default=0.05, description="doublets before scatter gating; model default")
    doublet_residual: Fraction | None = Field(
        default=None, description="doublets left after scatter gating, per event; default a tenth of doublet_fraction"
    )
    cv_autofluorescence: NonNegative = Field(default=0.5, description="CV of autofluorescence within a population")
    enrichment: Enrichment | None = None

    @property
    def delta(self) -> float:
        """Doublets left after scatter gating, per event."""
        return self.doublet_fraction / 10 if self.doublet_residual is None else self.doublet_residual


class Goal(Record):
    """What the sort must achieve."""

    purity: Annotated[float, within(1e-6, 1, open_end=True)] = Field(
        default=0.95, description="share of target cells in a tube"
    )
    yield_min: float = Field(default=0.80, ge=0.0, le=1.0, description="smallest acceptable gate yield of a target")
    gate_loss: Annotated[float, within(1e-4, 0.15)] = Field(
        default=0.02, description="target cells that one gate may cost (eps)"
    )
    leak: float = Field(default=1e-3, gt=0.0, lt=0.5, description="smallest pass probability one gate may claim")
    leak_total: float = Field(
        default=1e-5,
        ge=0.0,
        lt=0.5,
        description="smallest share that all gates of a tube may claim to let pass; 0: none",
    )
    slack: float = Field(
        default=0.02, ge=0.0, le=MOST_SLACK, description="how much worse (log10) a panel may be and still count as good"
    )
    max_gates: int | None = Field(default=None, ge=1, description="gates per target")
    sort_ways: int | None = Field(default=None, ge=1, description="tubes filled at once")


class Marker(Record):
    """A marker and its role in the panel."""

    name: Name
    aliases: tuple[Name, ...] = ()
    role: Literal["candidate", "forbidden", "dump", "viability"] = "candidate"
    required: bool = Field(default=False, description="must be in exactly one slot, alone or in the dump")
    level: LevelWord | Level | None = Field(default=None, description="expected level, in problems without populations")
    note: Text = ""
    source: Text = ""

    @model_validator(mode="before")
    @classmethod
    def _required_is_a_flag(cls, data: object) -> object:
        if isinstance(data, dict) and data.get("role") == "required":
            return {**data, "role": "candidate", "required": True}
        return data

    @model_validator(mode="after")
    def _role_fits(self) -> Marker:
        if self.role == "forbidden" and self.required:
            raise ValueError("a marker cannot be forbidden and required at once")
        if (self.role == "viability") != (self.name == VIABILITY_MARKER):
            raise ValueError(f"the role viability belongs to the marker {VIABILITY_MARKER!r} alone")
        return self


class Population(Record):
    """A kind of cell in the sample."""

    name: Name
    role: Literal["target", "contaminant", "ignore"]
    frequency: float = Field(gt=0.0, le=1.0, description="share of live single cells")
    frequency_low: float | None = Field(default=None, gt=0.0, le=1.0)
    frequency_high: float | None = Field(default=None, gt=0.0, le=1.0)
    max_share: float | None = Field(default=None, gt=0.0, lt=1.0, description="largest share of any tube")
    autofluorescence: NonNegative = Field(default=1.0, description="relative to a lymphocyte")
    diameter_um: Positive | None = None
    levels: dict[Name, LevelWord | Level] = Field(default_factory=dict, description="by marker; missing = unknown")
    level_sources: dict[Name, Text] = Field(default_factory=dict, description="origin of level words, by marker")
    note: Text = ""

    @field_validator("frequency", "frequency_low", "frequency_high")
    @classmethod
    def _is_no_less_than_can_be_sorted(cls, value: float | None) -> float | None:
        if value is not None and value < LEAST_FREQUENCY:
            raise ValueError(f"cells rarer than {LEAST_FREQUENCY:g} cannot be sorted; leave the population out")
        return value

    source: Text = ""


class Locked(Record):
    """A reagent that must be used."""

    marker: Name
    fluorochrome: Name
    clone: Text = ""
    catalog_number: Text = ""
    vendor: Text = ""
    detector: Text = ""

    @property
    def option(self) -> str:
        """The equivalent command-line option; it names no clone and no product."""
        place = f"@{self.detector}" if self.detector else ""
        return f"--lock {self.marker}={self.fluorochrome}{place}"


class Problem(Record):
    """A complete question."""

    schema_version: Literal[1] = 1
    id: Identifier
    title: Text = ""
    description: Text = ""
    sources: tuple[Text, ...] = ()
    sample: Sample = Sample.model_construct()
    goal: Goal = Goal.model_construct()
    limits: PanelConstraints = PanelConstraints.model_construct()
    level_words: dict[LevelWord, Level] = Field(default_factory=dict, description="redefined level words")
    uncertainty: Uncertainty = Uncertainty.model_construct()
    marker: tuple[Marker, ...] = Field(min_length=1, max_length=MOST_MARKERS)
    population: tuple[Population, ...] = Field(default=(), max_length=MOST_POPULATIONS)
    locked: tuple[Locked, ...] = ()

    @field_validator("marker", "population")
    @classmethod
    def _names_are_unique(cls, value: tuple[Marker, ...] | tuple[Population, ...]) -> object:
        for name in repeated(item.name for item in value):
            raise ValueError(f"{name} is listed twice")
        return value

    @model_validator(mode="after")
    def _is_a_question(self) -> Problem:
        known = {marker.name for marker in self.marker}
        for population in self.population:
            unknown = sorted(set(population.levels) - known)
            if unknown:
                raise ValueError(f"population {population.name} has levels for unlisted markers: {', '.join(unknown)}")
        if not self.population:
            missing = [m.name for m in self.marker if m.level is None and m.role == "candidate"]
            if missing:
                raise ValueError(f"without populations every marker needs a level; missing: {', '.join(missing)}")
            played = [m.level for m in self.marker if m.level is not None and m.role != "forbidden"]
            if not any(self.resolve(level).abc for level in played):
                raise ValueError("no marker has a level above 0, so there is nothing to tell apart")
            return self
        targets = sum(p.role == "target" for p in self.population)
        if not 1 <= targets <= MOST_TARGETS:
            raise ValueError(f"{targets} populations have the role target; there must be 1 to {MOST_TARGETS}")
        others = [p for p in self.population if p.role != "ignore"]
        if len(others) < 2 and self.sample.dead_fraction == 0:
            raise ValueError("at least one contaminant is needed")
        total = sum(p.frequency for p in self.population)
        if total > 1 + FREQUENCY_TOLERANCE:
            raise ValueError(f"the frequencies sum to {total:.6g}, which is above 1")
        return self

    @property
    def is_marker_list(self) -> bool:
        """Whether only markers with levels are given, and no populations."""
        return not self.population

    def resolve(self, level: LevelWord | Level) -> Level:
        """Return the numbers of a level word (as redefined by the problem), or the level itself."""
        if isinstance(level, Level):
            return level
        return self.level_words.get(level, DEFAULT_LEVELS[level])
