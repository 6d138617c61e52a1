"""Files of labelled events, read and joined: events by population, with every fault of all files at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from panelopt.errors import Finding, InputError
from panelopt.events.request import EventsRequest
from panelopt.io.event_fcs import FcsEvents
from panelopt.io.labelled_events import EventChannel, EventTable, check_size
from panelopt.io.open_events import open_events
from panelopt.optics.spectra import Array
from panelopt.registry.event_markers import marker_columns
from panelopt.report.safe_text import plain

MAX_NAME = 200
"""Characters of a population's name at most."""


@dataclass(slots=True)
class Pooled:
    """Events of all files.

    Attributes:
        columns: Column by marker, in the order of the first file.
        events: Signals by population, shape (events, markers), in the units of the files.
        samples: The same for each file with at least the smallest number of events.
        counts: Events by population.
        by_file: Events by population, for each file.
        left_out: Columns that were not read.
        remarks: What the user should know.
    """

    columns: dict[str, EventChannel] = field(default_factory=dict)
    events: dict[str, Array] = field(default_factory=dict)
    samples: dict[str, list[Array]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    by_file: list[dict[str, int]] = field(default_factory=list)
    left_out: tuple[str, ...] = ()
    remarks: list[Finding] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Labelled events of all files."""
        return sum(self.counts.values())

    def sample_counts(self, name: str) -> Iterator[tuple[int, int]]:
        """Yield, for each file, the events of a population and of all."""
        for counts in self.by_file:
            yield counts.get(name, 0), sum(counts.values())


def read_pooled(request: EventsRequest) -> tuple[Pooled, list[Finding]]:
    """Read all files and join their events.

    Returns:
        The events, and all faults; with faults the events may be incomplete.
    """
    pooled = Pooled()
    faults: list[Finding] = []
    parts: dict[str, list[Array]] = {}
    for path in request.paths:
        try:
            table, findings = _read(path, request, pooled)
        except InputError as error:
            faults += error.findings
            continue
        faults += findings or _not_finite(table, path, pooled.columns)
        faults += _split(table, path, request.unlabelled, pooled, parts)
    for name, arrays in parts.items():
        count = sum(map(len, arrays))
        pooled.counts[name] = count
        pooled.samples[name] = [array for array in arrays if len(array) >= request.min_events]
        if count < request.min_events:
            message = f"population {name} has {count} events, fewer than {request.min_events}"
            hint = "Record more, join populations, or lower --min-events."
            faults.append(Finding("few-events", message, hint=hint))
        if not faults:
            pooled.events[name] = np.concatenate(arrays)
    return pooled, faults


def _read(path: Path, request: EventsRequest, pooled: Pooled) -> tuple[EventTable, list[Finding]]:
    """Read one file, and say what is wrong with its columns; its markers must be those of the first file."""
    source = open_events(path, compensate=request.compensate)
    where = str(path)
    mapping = {**request.mapping, **dict.fromkeys(request.keep, "")}
    columns, left_out, findings = marker_columns(source.channels, mapping, request.population, where)
    if not columns and not findings:
        names = ", ".join(channel.name for channel in source.channels[:20])
        hint = f'Name them: --map "COLUMN=MARKER"; the first columns are {names}.'
        findings.append(Finding("no-marker", "no column shows a known marker", where, hint))
    for marker in dict.fromkeys([*pooled.columns, *columns]) if pooled.columns else ():
        if (marker in columns) != (marker in pooled.columns):
            owner = "this file" if marker in columns else "the first file"
            hint = 'Leave it out everywhere: --map "COLUMN=".'
            findings.append(Finding("other-markers", f"only {owner} has {marker}", where, hint))
    if not pooled.columns:
        pooled.columns = columns
        pooled.left_out = left_out
    wanted = [columns[marker].name for marker in pooled.columns if marker in columns]
    try:
        table = _kept(source.read(request.population, [*wanted, *request.keep]), request.keep)
    except InputError as error:
        raise InputError([*findings, *error.findings]) from None
    check_size(len(table.codes) + sum(sum(counts.values()) for counts in pooled.by_file), len(columns), where)
    if isinstance(source, FcsEvents) and source.note:
        pooled.remarks.append(Finding("data-sets", source.note, where))
    if isinstance(source, FcsEvents) and source.needs_compensation:
        message = "the file carries a spillover matrix, which is not applied: events are taken as they are stored"
        hint = "If they are not compensated, add --compensate."
        pooled.remarks.append(Finding("spillover", message, where, hint))
    return table, findings


def _kept(table: EventTable, keep: Mapping[str, float]) -> EventTable:
    """Return the events with the values that are asked for, without the columns that say so, which are the last."""
    if not keep:
        return table
    first = table.values.shape[1] - len(keep)
    chosen = (table.values[:, first:] == np.array(list(keep.values()))).all(axis=1)
    used, codes = np.unique(table.codes[chosen], return_inverse=True)
    missing = int(np.any(used < 0))  # -1 comes first
    names = tuple(table.names[code] for code in used[missing:])
    return EventTable(table.values[chosen, :first], names, codes - missing)


def _not_finite(table: EventTable, path: Path, columns: Mapping[str, EventChannel]) -> list[Finding]:
    findings = []
    for index, column in enumerate(columns.values()):
        wrong = np.flatnonzero(~np.isfinite(table.values[:, index]))
        if len(wrong):
            message = (
                f"column {column.name}: {len(wrong)} events hold no finite number, the first is event {wrong[0] + 1}"
            )
            findings.append(Finding("not-finite", message, str(path), "Remove these events, or leave the column out."))
    return findings


def _split(
    table: EventTable, path: Path, unlabelled: str, pooled: Pooled, parts: dict[str, list[Array]]
) -> list[Finding]:
    """Add the events of one file to their populations."""
    where = str(path)
    findings: list[Finding] = []
    labels = [plain(name).strip() for name in table.names]
    for raw, name in zip(table.names, labels, strict=True):
        if not name or len(name) > MAX_NAME or labels.count(name) > 1:
            shown = plain(raw)[:40] or repr(raw)[:40]
            reason = (
                "is too long" if len(name) > MAX_NAME else "cannot be told from another label" if name else "is empty"
            )
            findings.append(Finding("label", f"label {shown} {reason}", where, "Rename the population."))
    missing = int((table.codes < 0).sum())
    if missing and not unlabelled:
        message = f"{missing} of {len(table.codes)} events have no label"
        hint = "Label them, or name their population: --unlabelled NAME."
        findings.append(Finding("unlabelled-events", message, where, hint))
    if not len(table.codes):
        findings.append(Finding("no-events", "no events are left", where))
    rest = plain(unlabelled).strip()
    counts: dict[str, int] = {}
    for name in dict.fromkeys([*labels, *([rest] if rest and missing else [])]):
        codes = [code for code, label in enumerate(labels) if label == name] + ([-1] if name == rest else [])
        chosen = table.values[np.isin(table.codes, codes)]
        parts.setdefault(name, []).append(chosen)
        counts[name] = len(chosen)
    pooled.by_file.append(counts)
    return findings
