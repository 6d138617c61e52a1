"""What is asked of labelled events: files, and what their labels mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from panelopt.domain.calibration import Calibration

MIN_EVENTS = 30
"""Events that a population must have, unless asked otherwise."""


@dataclass(frozen=True, slots=True)
class EventsRequest:
    """What to read, and what the labels mean.

    Attributes:
        paths: Files; each is one sample.
        population: Column of the labels.
        targets, contaminants, ignored: Labels by role. With ``contaminants``, every label must be named; without, all
            others are contaminants.
        mapping: Marker by column, where the names do not tell; an empty marker leaves a column out.
        calibration: From the units of the files to antibodies.
        frequencies: Known shares of live single cells, in the place of counted ones.
        unlabelled: Name of the population of events without a label; empty: they are a fault.
        keep: Value by column: only events with these values are taken.
        compensate: Apply the spillover matrices of FCS files.
        min_events: Events that each population must have.
        id: Name of the problem.
    """

    paths: tuple[Path, ...]
    population: str
    targets: tuple[str, ...]
    contaminants: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    calibration: Calibration | None = None
    frequencies: Mapping[str, float] = field(default_factory=dict)
    unlabelled: str = ""
    keep: Mapping[str, float] = field(default_factory=dict)
    compensate: bool = False
    min_events: int = MIN_EVENTS
    id: str = "from-events"
