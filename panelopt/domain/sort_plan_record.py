"""The plan of a sort: gates in order, the result of each step, cells, hours, and missed goals.

Field names and nesting are the JSON of `sort-plan`; see ``docs/sort-plan.md``.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panelopt.domain.base import Record
from panelopt.domain.control_tubes import Controls
from panelopt.domain.panel_records import PanelSlot
from panelopt.domain.reagent_order import Order
from panelopt.domain.result import Conflict, GateSide, Remark
from panelopt.domain.tube_robustness import Robustness

SortMode = Literal["purity", "yield", "single"]
StepKind = Literal["scatter", "singlets", "viability", "dump", "marker"]
PlanKind = Literal["one-step", "beads", "two-sorts"]
GoalName = Literal["purity", "share", "yield", "hours", "cells"]


class Share(Record):
    """Share of one kind of cells among all cells that are left."""

    population: str
    share: float = Field(description="single cells and doublets together, fraction")
    doublets: float = Field(default=0.0, description="the part in doublets with a target cell, fraction")


class GateStep(Record):
    """One step of a gating tree; numbers after the step, by the plain probabilities."""

    kind: StepKind
    slot: int | None = Field(default=None, description="index into `panel`, from 0; null for scatter and singlets")
    markers: tuple[str, ...] = ()
    fluorochrome: str = ""
    detector: str = ""
    side: GateSide | None = None
    low: float | None = Field(default=None, description="antibodies per cell; null on the open side")
    high: float | None = Field(default=None, description="antibodies per cell; null on the open side")
    low_signal: float | None = Field(default=None, description="the same in `signal_unit`; null without calibration")
    high_signal: float | None = Field(default=None, description="the same in `signal_unit`; null without calibration")
    signal_unit: str | None = Field(default=None, description="unit of the instrument; null without calibration")
    low_positive_kept: float | None = Field(
        default=None, description="positive cells of the slot's single stain above `low`, fraction; null: none known"
    )
    high_positive_kept: float | None = Field(default=None, description="the same above `high`")
    low_fmo_percentile: float | None = Field(
        default=None, description="cells that reach the gate below `low` in its FMO tube, percent; null: no threshold"
    )
    high_fmo_percentile: float | None = Field(default=None, description="the same below `high`")
    low_unstained_percentile: float | None = Field(
        default=None, description="all single cells below `low` without any dye, percent; null: no threshold"
    )
    high_unstained_percentile: float | None = Field(default=None, description="the same below `high`")
    fmo_p99: float | None = Field(
        default=None, description="99th percentile of the cells that reach the gate in its FMO tube, antibodies"
    )
    unstained_p99: float | None = Field(
        default=None, description="99th percentile of all single cells without any dye, antibodies"
    )
    removes: float = Field(description="share of the remaining contaminants that the step removes, fraction")
    yield_so_far: float = Field(description="target cells left, fraction")
    purity_so_far: float = Field(description="target cells among all cells left, fraction")
    shares: tuple[Share, ...] = Field(description="of each contaminant, in the order of the problem")


class TubePrediction(Record):
    """What passes all gates of one target."""

    frequency: float = Field(description="target cells among all events before the gates, fraction")
    gate_yield: float = Field(
        alias="yield", serialization_alias="yield", description="target cells that pass, fraction"
    )
    purity: float
    shares: tuple[Share, ...]


class EnrichmentUse(Record):
    """A pre-enrichment step with beads."""

    marker: str
    fold: float
    recovery: float
    source: str = Field(description="where fold and recovery come from")


class TargetPlan(Record):
    """Gating tree of one target."""

    name: str
    tree: tuple[GateStep, ...]
    prediction: TubePrediction = Field(description="for the input of the recommended plan's first sort")
    without_enrichment: TubePrediction | None = Field(
        default=None, description="the same gates on the sample before any beads; null if there are none"
    )


class SortStage(Record):
    """One run of the sorter, or one step with beads."""

    kind: Literal["beads", "sort"]
    mode: SortMode | None = None
    targets: tuple[str, ...] = Field(default=(), description="tubes that are filled")
    pass_number: int | None = Field(default=None, description="which part of the sample, from 1; null for beads")
    enrichment: EnrichmentUse | None = None
    events: float | None = Field(default=None, description="events that the stage gets; null if cells are unknown")
    event_rate_hz: float | None = None
    hours: float | None = None
    gates: Literal["all", "loose", ""] = Field(default="", description="`loose`: each gate costs the target less")


class TubeOutcome(Record):
    """The content of one tube."""

    target: str
    purity: float = Field(description="with coincident passengers, fraction")
    purity_second_sort: float | None = Field(
        default=None,
        description="expected of the gates after one more sort through the same ones, fraction; null if not computed",
    )
    sort_yield: float = Field(description="of the target cells on the first sorter, those in the last tube's drops")
    overall_yield: float = Field(description="of the target cells in the sample, those recovered from the tube")
    survival: float = Field(description="gated cells that coincidence does not discard in the last sort, fraction")
    abort_rate_hz: float = Field(description="gated cells discarded for coincidence in the last sort, per second")
    passengers: float = Field(description="ungated cells in the drops of one gated cell, last sort")
    gated: float = Field(description="events of the last sort that fall into the gates, fraction")
    cells_deflected: float | None = Field(default=None, description="target cells in the tube's drops")
    cells_recovered: float | None = Field(default=None, description="target cells after the loss of the sort")
    volume_ml: float | None = Field(default=None, description="of the drops in the tube, mL; null if unknown")
    collection_tube_ml: float | None = Field(default=None, description="size of its tube, mL; null if unknown")
    collection_tubes: int | None = Field(default=None, description="tubes that the drops fill; null if unknown")
    shares: tuple[Share, ...] = Field(description="of everything that is not the target, passengers included")


class Miss(Record):
    """A missed goal, and what would reach it."""

    goal: GoalName
    target: str | None = Field(default=None, description="null for a goal of the whole plan")
    value: float | None = Field(description="what is reached; null if unknown")
    wanted: float
    limited_by: tuple[Share, ...] = Field(default=(), description="contaminants that make up most of the impurity")
    enrichment_marker: str | None = None
    enrichment_fold: float | None = Field(
        default=None, description="smallest sufficient fold of beads by that marker; null if none suffices"
    )
    event_rate_hz: float | None = Field(default=None, description="sufficient event rate")
    cells: float | None = Field(default=None, description="sufficient cells at the start")
    remedy: str


class Plan(Record):
    """One way to sort: one step or two."""

    kind: PlanKind
    stages: tuple[SortStage, ...]
    tubes: tuple[TubeOutcome, ...]
    hours: float | None = Field(description="for the whole sample; null if cells are unknown")
    hours_for_wanted: float | None = Field(default=None, description="until every tube holds the wanted cells")
    cells_needed: float | None = Field(default=None, description="cells at the start for the wanted cells")
    sheath_ml: float | None = Field(default=None, description="sheath used by the sort, mL; null if unknown")
    sample_ml: float | None = Field(default=None, description="stained sample at 1e7 cells per mL; null if unknown")
    misses: tuple[Miss, ...] = ()

    @property
    def reaches_goals(self) -> bool:
        """Whether every goal is reached."""
        return not self.misses


class TradeOff(Record):
    """The recommended plan at another event rate."""

    event_rate_hz: float = Field(description="of its first sort")
    hours: float | None = Field(description="on the sorter; null if cells are unknown")
    sort_yield: float = Field(description="smallest of all tubes, fraction")
    purity: float = Field(description="smallest of all tubes, fraction")
    cells_recovered: float | None = Field(description="smallest of all tubes; null if cells are unknown")
    chosen: bool = Field(description="whether the plan takes this rate")


class TubeBorder(Record):
    """Where the gates of two tubes would overlap, and the border set between them."""

    upper: str = Field(description="target above the border")
    lower: str = Field(description="target below it")
    slot: int = Field(description="index into `panel`, from 0")
    markers: tuple[str, ...]
    fluorochrome: str
    value: float = Field(description="antibodies per cell")
    low: float = Field(description="lower end of the interval that both gates reach, antibodies per cell")
    high: float = Field(description="upper end of that interval, antibodies per cell")
    upper_share: float = Field(description="of the upper target's cells, those in that interval, fraction")
    lower_share: float = Field(description="of the lower target's cells, those in that interval, fraction")
    cells: float | None = Field(description="cells of both targets in that interval that reach the sorter")


class SortGoals(Record):
    """Goals of the sort."""

    purity: float
    yield_min: float
    hours: float = Field(description="working day")
    wanted_cells: float | None = Field(default=None, description="recovered cells wanted in every tube")


class Sorter(Record):
    """Settings of the sorter, with the origin of each number."""

    mode: SortMode
    drop_rate_hz: float
    nozzle_um: float | None
    pressure_psi: float | None = Field(default=None, description="sheath pressure, psi; null if unknown")
    max_event_rate_hz: float | None = Field(default=None, description="largest sensible rate of events, Hz")
    drop_volume_nl: float | None = Field(default=None, description="volume of a deflected drop, nL")
    mask_drops: float = Field(description="drops in which coincidence counts")
    ways: int = Field(description="tubes filled at once")
    recovery: float = Field(description="deflected cells recovered from the tube, fraction")
    event_rate_hz: float | None = Field(description="as given; null: chosen for each run, see `stages`")
    origins: dict[str, str] = Field(description="where each number comes from")


class SortPlan(Record):
    """Result of `sort-plan`."""

    schema_version: Literal[1] = 1
    kind: Literal["sort-plan"] = "sort-plan"
    panelopt_version: str
    problem: str
    problem_sha256: str = ""
    cytometer: str
    panel: tuple[PanelSlot, ...]
    goals: SortGoals
    sorter: Sorter
    cells: float | None = Field(description="cells in the sample; null if unknown")
    enrichment: EnrichmentUse | None = Field(default=None, description="pre-enrichment that the problem states")
    calibration: str | None = Field(default=None, description="source of the calibration; null without one")
    targets: tuple[TargetPlan, ...]
    passes: tuple[tuple[str, ...], ...] = Field(description="targets that are sorted at once, pass by pass")
    plans: tuple[Plan, ...] = Field(description="one step first")
    recommended: int = Field(description="index into `plans`, from 0; gates, controls and order list follow this plan")
    trade: tuple[TradeOff, ...] = Field(default=(), description="the recommended plan at other event rates")
    borders: tuple[TubeBorder, ...] = Field(default=(), description="where gates of two tubes would overlap")
    cells_to_stain: float | None = Field(default=None, description="after any beads, for the recommended plan")
    robustness: Robustness | None = Field(
        default=None, description="the panel in samples of what is uncertain, beads of the recommended plan included"
    )
    enrichment_fold_for_day: float | None = Field(
        default=None, description="smallest fold of beads that brings the one-step plan into the working day; 1: none"
    )
    enrichment_marker: str | None = Field(default=None, description="marker of those beads")
    controls: Controls = Field(default=Controls(), description="control tubes, titrations and the rules behind them")
    order: Order = Field(default=Order(), description="order list with spares")
    conflicts: tuple[Conflict, ...] = Field(default=(), description="rules that the panel violates")
    warnings: tuple[Remark, ...] = ()

    def summary(self) -> str:
        """Return one sentence on the recommended plan, its yield and time, and whether it reaches the goals."""
        plan = self.plans[self.recommended]
        taken = duration(plan.hours if plan.hours_for_wanted is None else plan.hours_for_wanted)
        fewest = min((t.cells_recovered for t in plan.tubes if t.cells_recovered is not None), default=None)
        tubes, least = ("the tube", "") if len(plan.tubes) == 1 else ("each tube", "at least ")
        purest = 100 * min(tube.purity for tube in plan.tubes)
        digits = 2 if purest > 99 else 1
        cells = "" if fewest is None else f"holds {least}{float(f'{fewest:.3g}'):,.0f} cells and "
        end = "every goal is reached" if plan.reaches_goals else f"{len(plan.misses)} of the goals are missed"
        if len(plan.misses) == 1:
            end = "one of the goals is missed"
        return f"{self._way(plan)} takes {taken}; {tubes} {cells}is {least}{purest:.{digits}f} % pure; {end}."

    def _way(self, plan: Plan) -> str:
        beads = next((stage.enrichment for stage in plan.stages if stage.enrichment is not None), None)
        sort = "A fast sort and a second one" if plan.kind == "two-sorts" else "One sort"
        return f"{sort} after beads for {beads.marker}" if beads is not None else sort


def duration(hours: float | None) -> str:
    """Return a duration for people: ``20 min``, ``3.5 h``."""
    if hours is None:
        return "an unknown time"
    minutes = 60 * hours
    if minutes < 1:
        return "less than a minute"
    return f"{minutes:.0f} min" if minutes < 99.5 else f"{hours:.3g} h"
