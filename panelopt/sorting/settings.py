"""How a sort is run: what the call says, what instrument and problem say, and model values, each with its origin."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from panelopt.domain.calibration import Calibration
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.problem_record import MOST_FOLD, Enrichment, Problem
from panelopt.domain.sort_plan_record import Sorter, SortMode
from panelopt.errors import Finding, InputError, UsageError, did_you_mean, input_error
from panelopt.planning.beads import BEAD_FOLD, BEAD_RECOVERY, KNOWN_BEADS
from panelopt.planning.control_rules import CONTROL_SHARE
from panelopt.sorting.nozzles import (
    MODEL_EVENTS_A_DROP,
    ChosenNozzle,
    choose_nozzle,
    model_drop_rate_hz,
    model_drop_volume_nl,
    nozzle_remarks,
)

Stages = Literal["auto", "one", "two"]

SMALLEST, LARGEST = 1e-6, 1e15
"""Numbers outside are slips of the pen, whatever they mean."""

MAX_MASK_DROPS = 100.0
"""Sorters deflect one to three drops for a cell."""

MODEL_MASK_DROPS = 2.0
"""Model value: a drop and half of each neighbour."""

MODEL_RECOVERY = 0.3
"""Sutermaster et al. 2019, PMC6338736: a sort lost about 70 % of the cells."""

CELLS_PER_TEST = 1e6
"""Model value: vendors state the amount of one test for up to a million cells."""

SPARES = 3
"""Spare products of each kind that are listed for a reagent."""


@dataclass(frozen=True, slots=True)
class SortOptions:
    """What the call says about the sort; None = what instrument, problem or model say.

    Attributes:
        mode: Sort mode.
        stages: ``one``: sort once; ``two``: plans of two steps beside it; ``auto``: those where one step misses a goal.
        event_rate_hz, drop_rate_hz: Events and drops per second.
        nozzle_um: Nozzle.
        mask_drops: Drops in which coincidence counts.
        ways: Tubes filled at once.
        overlap: Gates of two tubes that one cell could pass are split at a common border, or refused.
        recovery: Deflected cells that are got back, fraction.
        hours: Working day.
        wanted_cells: Recovered cells wanted in every tube.
        bead_marker, bead_fold, bead_recovery: Beads of a plan in two steps.
        calibration: Signal of antibodies on the instrument.
        cells_per_test: Cells that one test of a reagent stains.
        control_share: Largest share of the cells on the sorter that the control tubes may take.
        spares: Spare products of the same dye, and as many of other dyes, that are listed for a reagent.
    """

    mode: SortMode = "purity"
    stages: Stages = "auto"
    event_rate_hz: float | None = None
    drop_rate_hz: float | None = None
    nozzle_um: float | None = None
    mask_drops: float | None = None
    ways: int | None = None
    overlap: Literal["split", "refuse"] = "split"
    recovery: float | None = None
    hours: float = 8.0
    wanted_cells: float | None = None
    bead_marker: str | None = None
    bead_fold: float | None = None
    bead_recovery: float | None = None
    calibration: Calibration | None = None
    cells_per_test: float = CELLS_PER_TEST
    control_share: float = CONTROL_SHARE
    spares: int = SPARES

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "spares":
                if value < 0:
                    raise UsageError(f"spares must not be negative, not {value}")
            elif isinstance(value, int | float) and not SMALLEST <= value <= LARGEST:
                raise UsageError(
                    f"{field.name} must be a positive number, from {SMALLEST:g} to {LARGEST:g}; not {value}"
                )
        for name in ("recovery", "bead_recovery", "control_share"):
            value = getattr(self, name)
            if value is not None and value > 1:
                raise UsageError(f"{name} is a fraction of at most 1, not {value:g}")
        if self.mask_drops is not None and self.mask_drops > MAX_MASK_DROPS:
            raise UsageError(f"mask_drops must be at most {MAX_MASK_DROPS:g}, not {self.mask_drops:g}")
        if self.bead_fold is not None and self.bead_fold <= 1:
            raise UsageError(f"bead_fold must be above 1, not {self.bead_fold:g}: beads are there to enrich")
        if self.bead_fold is not None and self.bead_fold > MOST_FOLD:
            raise UsageError(f"bead_fold must be at most {MOST_FOLD:g}, not {self.bead_fold:g}")

    @property
    def asks_for_beads(self) -> bool:
        """Whether something is said of beads."""
        return any(value is not None for value in (self.bead_marker, self.bead_fold, self.bead_recovery))


def check_sortable(problem: Problem, cytometer: Cytometer, options: SortOptions) -> None:
    """Refuse what cannot be sorted.

    Raises:
        InputError: if the instrument does not sort, the problem has no populations, or a name is unknown.
        UsageError: if beads are asked for where the problem states its own.
    """
    if not cytometer.sorter:
        hint = "`panelopt cytometer list` shows the sorters."
        raise input_error("no-sorter", f"{cytometer.name} does not sort", where=cytometer.id, hint=hint)
    if problem.is_marker_list:
        hint = "Give the problem populations with frequencies: docs/problems.md."
        raise input_error("no-populations", "a list of markers cannot be sorted", where=problem.id, hint=hint)
    if problem.sample.enrichment is not None and options.asks_for_beads:
        hint = "Change sample.enrichment in the problem file, or leave the options for beads out."
        raise UsageError("the problem states a pre-enrichment of its own", where=problem.id, hint=hint)
    markers = [marker.name for marker in problem.marker]
    if options.bead_marker is not None and options.bead_marker not in markers:
        hint = did_you_mean(options.bead_marker, markers) or f"Markers: {', '.join(markers)}."
        message = f"{options.bead_marker} is not a marker of the problem"
        raise input_error("unknown-marker", message, where=problem.id, hint=hint)


def check_calibration(calibration: Calibration, cytometer: Cytometer, dyes: list[str]) -> None:
    """Refuse a calibration that names an unknown detector or fluorochrome.

    Raises:
        InputError: with every unknown name.
    """
    detectors = [detector.name for detector in cytometer.detector]
    findings = []
    for number, channel in enumerate(calibration.channel):
        name, known = (channel.detector, detectors) if channel.detector else (channel.fluorochrome, dyes)
        if name not in known:
            message = f"{cytometer.name} has no detector {name}" if channel.detector else f"{name} is no known dye"
            where = f"calibration: channel[{number}]"
            findings.append(Finding("unknown-channel", message, where, did_you_mean(name, known)))
    if findings:
        raise InputError(findings)


def sorter_of(problem: Problem, cytometer: Cytometer, options: SortOptions) -> Sorter:
    """Return how the sorter is run, with the origin of each number.

    Raises:
        UsageError: if there are more events than drops, or more ways than the instrument has.
    """
    nozzle = choose_nozzle(problem, cytometer, options.nozzle_um)
    targets = sum(population.role == "target" for population in problem.population)
    known_ways = [ways for ways in (problem.goal.sort_ways, cytometer.sort_ways) if ways is not None]
    drops = _drop_rate(cytometer, nozzle, options.drop_rate_hz)
    chosen: dict[str, tuple[float | None, str]] = {
        "drop_rate_hz": drops,
        **_limits(nozzle, drops[0]),
        "mask_drops": _first((options.mask_drops, "option"), (MODEL_MASK_DROPS, "model value")),
        "ways": _first(
            (options.ways, "option"),
            (min(known_ways, default=None), "problem and cytometer"),
            (targets, "unknown: as many as targets"),
        ),
        "recovery": _first((options.recovery, "option"), (MODEL_RECOVERY, "Sutermaster et al. 2019, PMC6338736")),
    }
    _check_limits(cytometer, options, drops[0])
    return Sorter.model_validate(
        {
            **{name: value for name, (value, _) in chosen.items()},
            "mode": options.mode,
            "nozzle_um": nozzle.size_um,
            "event_rate_hz": options.event_rate_hz,
            "origins": {
                **{name: origin for name, (_, origin) in chosen.items()},
                "nozzle_um": nozzle.origin,
                "event_rate_hz": "option" if options.event_rate_hz else "model value: chosen for the yield",
            },
        }
    )


def _drop_rate(cytometer: Cytometer, nozzle: ChosenNozzle, asked_hz: float | None) -> tuple[float, str]:
    """Return the drops per second of a nozzle, with their origin."""
    stated = nozzle.row.drop_rate_hz if nozzle.row else None
    if nozzle.size_um is None:  # a file may state a drop rate without a nozzle
        stated = cytometer.drop_rate_hz
    return _first((asked_hz, "option"), (stated, nozzle.source), (model_drop_rate_hz(nozzle.model_um), "model value"))


def _limits(nozzle: ChosenNozzle, drop_rate_hz: float) -> dict[str, tuple[float | None, str]]:
    """Return pressure, largest event rate and drop volume of a nozzle, each with its origin."""
    row, source = nozzle.row, nozzle.source
    pressure, events, volume = (
        (row.pressure_psi, row.max_event_rate_hz, row.drop_volume_nl) if row else (None, None, None)
    )
    return {
        "pressure_psi": (pressure, "unknown" if pressure is None else source),
        "max_event_rate_hz": _first((events, source), (drop_rate_hz * MODEL_EVENTS_A_DROP, "model value")),
        "drop_volume_nl": _first((volume, source), (model_drop_volume_nl(nozzle.model_um), "model value")),
    }


def _first(*values: tuple[float | None, str]) -> tuple[float, str]:
    """Return the first known number with its origin; the last one is always known."""
    return next((value, origin) for value, origin in values if value is not None)


def _check_limits(cytometer: Cytometer, options: SortOptions, drop_rate_hz: float) -> None:
    """Refuse more ways or events than the instrument can have."""
    if options.ways is not None and cytometer.sort_ways is not None and options.ways > cytometer.sort_ways:
        message = f"{cytometer.name} sorts {cytometer.sort_ways} ways at once, not {options.ways}"
        raise UsageError(message, where=cytometer.id, hint="Lower --ways; more targets are sorted in passes.")
    if options.event_rate_hz is not None and options.event_rate_hz > drop_rate_hz:
        message = f"{options.event_rate_hz:,.0f} events per second are more than the {drop_rate_hz:,.0f} drops"
        raise UsageError(message, hint="Lower --event-rate, or state the sorter's --drop-rate.")


def sorter_remarks(problem: Problem, cytometer: Cytometer, sorter: Sorter) -> list[Finding]:
    """Return what the user should know about the settings."""
    remarks = []
    if sorter.origins["drop_rate_hz"] == "model value":
        message = (
            f"the drop rate of {cytometer.name} is unknown; {sorter.drop_rate_hz:,.0f} per second is a model value"
        )
        remarks.append(Finding("unknown-drop-rate", message, cytometer.id, "Give yours with --drop-rate."))
    if sorter.origins["ways"].startswith("unknown"):
        message = f"the sort ways of {cytometer.name} are unknown; all targets are sorted at once"
        remarks.append(Finding("unknown-ways", message, cytometer.id, "Give them with --ways."))
    most = sorter.max_event_rate_hz
    if sorter.event_rate_hz is not None and most is not None and sorter.event_rate_hz > most:
        message = f"{sorter.event_rate_hz:,.0f} events per second are more than the {most:,.0f} that make sense"
        remarks.append(Finding("fast-events", message, cytometer.id, f"From: {sorter.origins['max_event_rate_hz']}."))
    asked = sorter.origins["nozzle_um"] == "option"
    remarks += nozzle_remarks(problem, cytometer, sorter.nozzle_um, asked=asked)
    return remarks


def beads_of(options: SortOptions, marker: str | None) -> Enrichment | None:
    """Return the beads of a plan in two steps; None where no marker can serve."""
    if marker is None:
        return None
    return Enrichment(
        marker=marker, fold=options.bead_fold or BEAD_FOLD, recovery=options.bead_recovery or BEAD_RECOVERY
    )


def beads_source(options: SortOptions, marker: str) -> str:
    """Return where fold and recovery of the beads of the call come from."""
    known = "Cuthbert et al. 2015, PMC4356586" if marker == KNOWN_BEADS else f"model value, known of {KNOWN_BEADS} only"
    fold = "option" if options.bead_fold else known
    recovery = "option" if options.bead_recovery else "Sutermaster et al. 2019, PMC6338736"
    return f"fold: {fold}; recovery: {recovery}"
