"""Sorter settings: from the call, the instrument, the problem or model values, each with its origin."""

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
"""Numbers outside are treated as typing errors."""

MAX_MASK_DROPS = 100.0
"""Sorters deflect one to three drops for a cell."""

MODEL_MASK_DROPS = 2.0
"""Model value: one drop and half of each neighbour."""

MODEL_RECOVERY = 0.3
"""Sutermaster et al. 2019, PMC6338736: sorting lost about 70 % of the cells."""

CELLS_PER_TEST = 1e6
"""Model value: vendors state one test for up to a million cells."""

SPARES = 3
"""Spare products of each kind listed per reagent."""


@dataclass(frozen=True, slots=True)
class SortOptions:
    """Sort options of the call; None = from the instrument, the problem or the model.

    Attributes:
        mode: Sort mode.
        stages: ``one``: sort once; ``two``: also plan two steps; ``auto``: plan two steps if one misses a goal.
        event_rate_hz, drop_rate_hz: Events and drops per second.
        nozzle_um: Nozzle.
        mask_drops: Drops in which a coincident event counts.
        ways: Tubes filled at once.
        overlap: ``split`` gives overlapping gates of two tubes a common border; otherwise they are rejected.
        recovery: Recovered fraction of the deflected cells.
        hours: Length of the working day.
        wanted_cells: Recovered cells wanted in every tube.
        bead_marker, bead_fold, bead_recovery: Beads of a plan in two steps.
        calibration: Signal of antibodies on the instrument.
        cells_per_test: Cells stained by one test of a reagent.
        control_share: Maximum share of the cells on the sorter for control tubes.
        spares: Spare products listed per reagent, with the same dye and with other dyes each.
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
                raise UsageError(f"{name} must be a fraction of at most 1, not {value:g}")
        if self.mask_drops is not None and self.mask_drops > MAX_MASK_DROPS:
            raise UsageError(f"mask_drops must be at most {MAX_MASK_DROPS:g}, not {self.mask_drops:g}")
        if self.bead_fold is not None and self.bead_fold <= 1:
            raise UsageError(f"bead_fold must be above 1, not {self.bead_fold:g}: beads are there to enrich")
        if self.bead_fold is not None and self.bead_fold > MOST_FOLD:
            raise UsageError(f"bead_fold must be at most {MOST_FOLD:g}, not {self.bead_fold:g}")

    @property
    def asks_for_beads(self) -> bool:
        """Whether any bead option is set."""
        return any(value is not None for value in (self.bead_marker, self.bead_fold, self.bead_recovery))


def check_sortable(problem: Problem, cytometer: Cytometer, options: SortOptions) -> None:
    """Reject questions that cannot be sorted.

    Raises:
        InputError: if the instrument does not sort, the problem has no populations, or a name is unknown.
        UsageError: if bead options are given although the problem states an enrichment.
    """
    if not cytometer.sorter:
        hint = "`panelopt cytometer list --sorters` shows the sorters."
        raise input_error("no-sorter", f"{cytometer.name} does not sort", where=cytometer.id, hint=hint)
    if problem.is_marker_list:
        hint = "Add populations with frequencies to the problem; see docs/problems.md."
        raise input_error("no-populations", "a list of markers cannot be sorted", where=problem.id, hint=hint)
    if problem.sample.enrichment is not None and options.asks_for_beads:
        hint = "Change sample.enrichment in the problem file, or remove the bead options."
        raise UsageError("the problem already states an enrichment", where=problem.id, hint=hint)
    markers = [marker.name for marker in problem.marker]
    if options.bead_marker is not None and options.bead_marker not in markers:
        hint = did_you_mean(options.bead_marker, markers) or f"Markers: {', '.join(markers)}."
        message = f"{options.bead_marker} is not a marker of the problem"
        raise input_error("unknown-marker", message, where=problem.id, hint=hint)


def check_calibration(calibration: Calibration, cytometer: Cytometer, dyes: list[str]) -> None:
    """Reject a calibration that names an unknown detector or fluorochrome.

    Raises:
        InputError: with every unknown name.
    """
    detectors = [detector.name for detector in cytometer.detector]
    findings = []
    for number, channel in enumerate(calibration.channel):
        name, known = (channel.detector, detectors) if channel.detector else (channel.fluorochrome, dyes)
        if name not in known:
            message = f"{cytometer.name} has no detector {name}" if channel.detector else f"unknown dye {name}"
            where = f"calibration: channel[{number}]"
            findings.append(Finding("unknown-channel", message, where, did_you_mean(name, known)))
    if findings:
        raise InputError(findings)


def sorter_of(problem: Problem, cytometer: Cytometer, options: SortOptions) -> Sorter:
    """Return the sorter settings with the origin of each number.

    Raises:
        UsageError: if events exceed drops, or ways exceed those of the instrument.
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
            (targets, "unknown: one per target"),
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
    """Return the drop rate of a nozzle with its origin."""
    stated = nozzle.row.drop_rate_hz if nozzle.row else None
    if nozzle.size_um is None:  # a file may state a drop rate without a nozzle
        stated = cytometer.drop_rate_hz
    return _first((asked_hz, "option"), (stated, nozzle.source), (model_drop_rate_hz(nozzle.model_um), "model value"))


def _limits(nozzle: ChosenNozzle, drop_rate_hz: float) -> dict[str, tuple[float | None, str]]:
    """Return pressure, maximum event rate and drop volume of a nozzle, each with its origin."""
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
    """Return the first known number with its origin; the last is always known."""
    return next((value, origin) for value, origin in values if value is not None)


def _check_limits(cytometer: Cytometer, options: SortOptions, drop_rate_hz: float) -> None:
    """Reject more ways or events than the instrument supports."""
    if options.ways is not None and cytometer.sort_ways is not None and options.ways > cytometer.sort_ways:
        message = f"{cytometer.name} fills {cytometer.sort_ways} tubes at once, not {options.ways}"
        raise UsageError(message, where=cytometer.id, hint="Lower --ways; further targets are sorted in more passes.")
    if options.event_rate_hz is not None and options.event_rate_hz > drop_rate_hz:
        message = f"{options.event_rate_hz:,.0f} events per second exceed the {drop_rate_hz:,.0f} drops per second"
        raise UsageError(message, hint="Lower --event-rate, or set --drop-rate.")


def sorter_remarks(problem: Problem, cytometer: Cytometer, sorter: Sorter) -> list[Finding]:
    """Return warnings about the settings."""
    remarks = []
    if sorter.origins["drop_rate_hz"] == "model value":
        message = (
            f"the drop rate of {cytometer.name} is unknown; {sorter.drop_rate_hz:,.0f} per second is a model value"
        )
        remarks.append(Finding("unknown-drop-rate", message, cytometer.id, "Set it with --drop-rate."))
    if sorter.origins["ways"].startswith("unknown"):
        message = f"the number of sort ways of {cytometer.name} is unknown; all targets are sorted at once"
        remarks.append(Finding("unknown-ways", message, cytometer.id, "Set it with --ways."))
    most = sorter.max_event_rate_hz
    if sorter.event_rate_hz is not None and most is not None and sorter.event_rate_hz > most:
        message = f"{sorter.event_rate_hz:,.0f} events per second exceed the recommended maximum of {most:,.0f}"
        remarks.append(Finding("fast-events", message, cytometer.id, f"Source: {sorter.origins['max_event_rate_hz']}."))
    asked = sorter.origins["nozzle_um"] == "option"
    remarks += nozzle_remarks(problem, cytometer, sorter.nozzle_um, asked=asked)
    return remarks


def beads_of(options: SortOptions, marker: str | None) -> Enrichment | None:
    """Return the beads of a two-step plan; None if no marker is suitable."""
    if marker is None:
        return None
    return Enrichment(
        marker=marker, fold=options.bead_fold or BEAD_FOLD, recovery=options.bead_recovery or BEAD_RECOVERY
    )


def beads_source(options: SortOptions, marker: str) -> str:
    """Return the sources of bead enrichment and recovery."""
    known = (
        "Cuthbert et al. 2015, PMC4356586" if marker == KNOWN_BEADS else f"model value, known for {KNOWN_BEADS} only"
    )
    fold = "option" if options.bead_fold else known
    recovery = "option" if options.bead_recovery else "Sutermaster et al. 2019, PMC6338736"
    return f"fold: {fold}; recovery: {recovery}"
