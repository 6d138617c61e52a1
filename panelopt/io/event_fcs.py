"""Labelled events from FCS files: an integer parameter tells the population, keywords tell its name.

Signals are linear and as they were stored, unless the spillover matrix of the file is to be applied: compensated
signals are ``events @ inverse(matrix)``, with one row of the matrix for each dye.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from panelopt.domain.base import repeated
from panelopt.errors import input_error
from panelopt.io.channel_names import split_channel
from panelopt.io.fcs import FcsFile, read_fcs
from panelopt.io.labelled_events import EventChannel, EventTable, check_columns, check_size, coded
from panelopt.io.spillover_files import spillover_from_keyword, spillover_text
from panelopt.optics.spectra import Array


class FcsEvents:
    """Events of an FCS file.

    Args:
        path: The file; it is read at once.
        compensate: Apply the spillover matrix of the file.

    Raises:
        InputError: also if it is to be compensated, and has no matrix or one that does not fit its channels.
    """

    def __init__(self, path: Path, *, compensate: bool = False) -> None:
        self._file = read_fcs(path)
        self._where = str(path)
        self._events = self._file.events
        self._compensated: tuple[int, ...] = ()
        check_size(len(self._events), len(self._file.channels), self._where)
        if compensate:
            self._events, self._compensated = compensated(self._file, self._where)
        self.needs_compensation = not compensate and has_spillover(self._file)
        self.note = self._file.note

    @property
    def channels(self) -> tuple[EventChannel, ...]:
        """Parameters with short and long name."""
        names = zip(self._file.channels, self._file.labels, strict=True)
        return tuple(EventChannel(*name, place in self._compensated) for place, name in enumerate(names))

    def read(self, population: str, columns: Sequence[str]) -> EventTable:
        """Read channels by short name; see :class:`panelopt.io.labelled_events.EventSource`."""
        check_columns(self.channels, [population, *columns], self._where)
        place = [self._file.channels.index(name) for name in columns]
        numbers = self._file.events[:, self._file.channels.index(population)]
        names, codes = coded(self._labels(numbers, population), self._where)
        return EventTable(self._events[:, place], names, codes)

    def _labels(self, numbers: Array, population: str) -> list[str | None]:
        labelled = numbers[~np.isnan(numbers)]
        if (wrong := labelled[labelled != np.round(labelled)]).size or np.isinf(labelled).any():
            message = f"{population} holds {(wrong[0] if wrong.size else np.inf):g}, which is no code of a population"
            raise input_error("label-type", message, where=self._where, hint="Populations are numbered 0, 1, 2, ...")
        names = population_names(self._file.keywords, population)
        found = [int(code) for code in np.unique(labelled)]
        unnamed = [code for code in found if code not in names]
        if names and unnamed:
            message = f"populations {', '.join(map(str, unnamed))} have no name in the keywords of the file"
            hint = f"The keyword {population}_{unnamed[0]} would name it."
            raise input_error("unnamed-population", message, where=self._where, hint=hint)
        return [None if np.isnan(code) else names.get(int(code), str(int(code))) for code in numbers]


def population_names(keywords: Mapping[str, str], population: str) -> dict[int, str]:
    """Return names of populations by code: keywords such as ``population_3``, in any case and with any prefix."""
    pattern = re.compile(rf"(?:.*[ _.-])?{re.escape(population.casefold())}[ _.-]?(\d{{1,9}})")
    matches = ((pattern.fullmatch(key.casefold()), value) for key, value in keywords.items())
    return {int(match.group(1)): value for match, value in matches if match and value.strip()}


def has_spillover(file: FcsFile) -> bool:
    """Whether an FCS file carries a spillover matrix with anything off its diagonal."""
    parts = spillover_text(file.keywords).split(",")
    count = int(parts[0]) if parts[0].strip().isdecimal() and len(parts[0]) < 5 else 0
    return sum(bool(part.strip().strip("+-.0eE")) for part in parts[1 + count :]) > count


def compensated(file: FcsFile, where: str) -> tuple[Array, tuple[int, ...]]:
    """Return the events with the spillover matrix of the file applied to its channels; the others stay as they are.

    Args:
        file: The file.
        where: Its name for the messages.

    Returns:
        Shape (events, channels), and the places of the channels that were compensated.

    Raises:
        InputError: if the file has no matrix, or one that is wrong or names channels that the file lacks.
    """
    text = spillover_text(file.keywords)
    if not text:
        hint = "Leave --compensate out if its events are compensated or unmixed."
        raise input_error("no-spillover", "the file has no spillover matrix", where=where, hint=hint)
    matrix = spillover_from_keyword(text, f"{where}: $SPILLOVER")
    columns = tuple(_places(matrix.columns, file, where))
    if shared := repeated(columns):
        message = f"the spillover matrix names the channel {file.channels[shared[0]]} twice"
        raise input_error("duplicate-detector", message, where=where, hint="Export the file again.")
    events = file.events.copy()
    events[:, columns] = np.linalg.solve(matrix.values.T, events[:, columns].T).T
    return events, columns


def _places(names: Sequence[str], file: FcsFile, where: str) -> Iterator[int]:
    """Yield the place of each channel that a matrix names: by short name, else long name, else number.

    Raises:
        InputError: if the file lacks a channel, or has two of the name.
    """
    numbers = {str(n): n - 1 for n in range(1, len(file.channels) + 1)}
    by_number = all(name in numbers and name not in file.channels for name in names)
    for name in names:
        found = [numbers[name]] if by_number else _called(name, file)
        if len(found) != 1:
            problem = "which the file lacks" if not found else f"a name of {len(found)} channels"
            message = f"the spillover matrix names {name}, {problem}"
            raise input_error("unknown-channel", message, where=where, hint="Export the file again.")
        yield found[0]


def _called(name: str, file: FcsFile) -> list[int]:
    exact = [
        [place for place, channel in enumerate(names) if channel == name] for names in (file.channels, file.labels)
    ]
    detector, kind = split_channel(name)
    close = [
        place
        for place, (other, recorded) in enumerate(map(split_channel, file.channels))
        if other == detector and not (kind and recorded)  # an area is no height
    ]
    return next(filter(None, [*exact, close]), [])
