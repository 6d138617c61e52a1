"""Control tubes of a sort: which are needed, on what, with how many cells, and why; and which are not.

Field names and nesting are a part of the JSON of `sort-plan`; see ``docs/sort-plan.md``.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panelopt.domain.base import Record
from panelopt.domain.result import GateSide

ControlKind = Literal["unstained", "single-stain", "viability", "fmo"]
Carrier = Literal["cells", "beads"]


class ControlRule(Record):
    """A rule behind the controls."""

    name: str
    text: str
    source: str = Field(description="where the rule is from; `model rule` where no source was read")


class ControlTube(Record):
    """One tube."""

    name: str
    kind: ControlKind
    carrier: Carrier
    slot: int | None = Field(default=None, description="index into `panel` of the slot in question, from 0")
    markers: tuple[str, ...] = Field(default=(), description="stained alone, or left out of an FMO tube")
    fluorochrome: str = ""
    stained: tuple[int, ...] = Field(default=(), description="slots whose reagents are in the tube")
    events: float = Field(description="events of `share` to be recorded")
    share: float | None = Field(
        default=None, description="of the cells that count in the tube, fraction; null if unknown"
    )
    parent: str = Field(default="", description="of an FMO tube the gate whose cells count; empty: all singlets")
    own_events: float | None = Field(
        default=None, description="of an FMO tube the events that reach the gate itself; null for other tubes"
    )
    cells: float | None = Field(default=None, description="cells to stain; null for beads")
    volume_ul: float = Field(description="staining volume, microlitres")
    tests: float = Field(description="tests of each reagent in the tube")
    rules: tuple[str, ...] = Field(description="names of the rules that ask for the tube, or for its carrier")
    note: str = ""


class FmoDecision(Record):
    """Whether a gate needs a tube with all reagents but its own."""

    target: str
    slot: int
    markers: tuple[str, ...]
    fluorochrome: str
    side: GateSide
    needed: bool
    misplaced: float | None = Field(
        default=None,
        description="least share of the target lost and of the other side passed, over all thresholds; null: no cells "
        "on the other side",
    )
    other_side: float | None = Field(
        default=None, description="cells on the other side for each target cell that reaches the gate"
    )
    splits_from: tuple[str, ...] = Field(default=(), description="targets from whose tube the gate splits this one")
    low: float | None = Field(default=None, description="threshold with all dyes, antibodies; null: open")
    high: float | None = Field(default=None, description="threshold with all dyes, antibodies; null: open")
    shift: float = Field(description="by how far the spread of the other dyes moves the gate, antibodies")
    yield_without: float = Field(description="gate yield of the target if the spread is left out of the threshold")
    purity_without: float = Field(description="purity in that case")
    yield_change: float = Field(description="that yield against the planned one, relative")
    purity_change: float = Field(description="that purity against the planned one, relative")
    spread_from: tuple[str, ...] = Field(default=(), description="dyes that give most of the spread, largest first")
    reason: str


class Titration(Record):
    """A series of dilutions of one reagent."""

    marker: str
    fluorochrome: str
    clone: str = ""
    vendor: str = ""
    catalog_number: str = ""
    amount: float | None = Field(default=None, description="of one test as the pack states it; null if unknown")
    unit: str = ""
    folds: tuple[float, ...] = Field(description="amounts of the series in tests")
    amounts: tuple[float, ...] = Field(default=(), description="the series in `unit`; empty if unknown")


class Controls(Record):
    """All controls of a panel."""

    tubes: tuple[ControlTube, ...] = ()
    fmo: tuple[FmoDecision, ...] = Field(default=(), description="one for each gate of each target")
    titrations: tuple[Titration, ...] = ()
    rules: tuple[ControlRule, ...] = ()
    cells: float = Field(default=0.0, description="for all tubes on cells")
    share_of_sample: float | None = Field(
        default=None, description="the same as a fraction of what reaches the sorter; null if unknown"
    )
    model_values: dict[str, float] = Field(default_factory=dict, description="numbers without a source")
