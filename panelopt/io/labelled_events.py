"""Labelled events: single cells with measured signals and the name of their population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from panelopt.errors import Finding, InputError, did_you_mean, input_error
from panelopt.optics.spectra import Array

MAX_EVENT_VALUES = 100_000_000
"""Events times channels of one file at most (0.8 GB in memory)."""

MAX_LABELS = 1000
"""More different labels than this are no populations: the column holds something else."""

NO_LABEL = frozenset({"NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None"})
"""Texts by which R, pandas and spreadsheets say that there is none."""

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EventChannel:
    """One column of an event file: its name, and its long name.

    The long name of an FCS parameter ($PnS) says what is stained, and is empty where nothing is; a table has only one
    name for a column, which is both.

    Attributes:
        name: Short name.
        title: Long name.
        compensated: The spillover matrix of the file was applied to it.
    """

    name: str
    title: str = ""
    compensated: bool = False


@dataclass(frozen=True, slots=True)
class EventTable:
    """Events of one file.

    Attributes:
        values: Signals in the units of the file, shape (events, channels asked for); NaN where the file has no number.
        names: Labels, in order of appearance.
        codes: Index into ``names`` of each event, -1 where it has no label.
    """

    values: Array
    names: tuple[str, ...]
    codes: Codes


class EventSource(Protocol):
    """An event file that has been opened: its columns are known, its events not yet read."""

    @property
    def channels(self) -> tuple[EventChannel, ...]:
        """All columns, the one with the labels included."""

    def read(self, population: str, columns: Sequence[str]) -> EventTable:
        """Read some columns, and the labels from another one.

        Raises:
            InputError: with what is wrong with the labels, or if the file is damaged or too large.
        """


def check_size(events: int, columns: int, where: str) -> None:
    """Refuse what would not fit into memory, before it is read.

    Raises:
        InputError: beyond :data:`MAX_EVENT_VALUES`.
    """
    if events * (columns + 1) > MAX_EVENT_VALUES:
        message = f"{events:,} events of {columns} channels are more than {MAX_EVENT_VALUES:,} values"
        raise input_error("too-many-events", message, where=where, hint="Take a random part of the events.")


def check_columns(channels: Sequence[EventChannel], wanted: Sequence[str], where: str) -> None:
    """Check that columns exist, and that no name stands for two of them.

    Raises:
        InputError: with one finding for each fault.
    """
    names = [channel.name for channel in channels]
    findings = [
        Finding(
            "unknown-column",
            f"there is no column {name}",
            where,
            did_you_mean(name, names) or f"The file has {', '.join(names[:40])}.",
        )
        for name in wanted
        if name not in names
    ]
    findings += [
        Finding("duplicate-column", f"column {name} appears {names.count(name)} times", where, "Rename one of them.")
        for name in dict.fromkeys(wanted)
        if names.count(name) > 1
    ]
    if findings:
        raise InputError(findings)


def coded(labels: Any, where: str) -> tuple[tuple[str, ...], Codes]:
    """Return different labels in order of appearance, and the index of each event's.

    Args:
        labels: Array or series of texts; None, NaN, blanks and :data:`NO_LABEL` are missing.
        where: File name for the message.

    Raises:
        InputError: if there are more than :data:`MAX_LABELS`.
    """
    import pandas as pd

    codes, found = pd.factorize(np.asarray(labels, dtype=object), use_na_sentinel=True)
    names: dict[str, int] = {}
    place = np.full(len(found) + 1, -1, dtype=np.int64)  # the last entry serves code -1
    for i, label in enumerate(found):
        text = str(label).strip()
        if text and text not in NO_LABEL:
            place[i] = names.setdefault(text, len(names))
    if len(names) > MAX_LABELS:
        message = f"{len(names):,} different labels are more than {MAX_LABELS:,}"
        raise input_error("too-many-labels", message, where=where, hint="Name the column with the populations.")
    return tuple(names), place[codes]
