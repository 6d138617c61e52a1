"""Events and keywords of FCS files (2.0, 3.0, 3.1, 3.2).

The standard: Spidlen et al. 2010, doi:10.1002/cyto.a.20825, and Spidlen et al. 2021, doi:10.1002/cyto.a.24225. No
package reads all that instruments in use write, and where they refuse or misread, they differ: hence own code, which is
compared with them in the tests. ``docs/fcs.md`` tells what is read, and how.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

import numpy as np
from scipy.stats import rankdata

from panelopt.errors import input_error
from panelopt.io.fcs_data import FcsFault, Layout, find_data, read_layout, read_values
from panelopt.io.fcs_text import read_delimiter, read_keywords, whole_number
from panelopt.optics.spectra import Array

MAX_FCS_BYTES = 2_000_000_000
"""Larger FCS files are refused."""

MAX_FCS_VALUES = 500_000_000
"""Events times channels at most (4 GB in memory), as many as the largest file holds in 4 bytes each."""

_HINT = "Export the file again from the acquisition software; was it cut off when it was copied?"
_HEADER_BYTES = 58
_MOST_SETS = 100
_BEYOND = 1.01  # values so far above $PnR show that it is no end of the scale
_PILE = 5  # so many equal floating-point numbers at the top were cut off there
_COMPARED = 2000  # events by which two data sets are compared
_SAME = 0.9  # rank correlation of the same events at two resolutions, at least; of others it is near 0


@dataclass(frozen=True, slots=True)
class FcsFile:
    """One data set.

    Attributes:
        channels: Short names ($PnN); P and the number where a parameter has none.
        labels: Long names ($PnS), empty where there is none.
        events: Shape (events, channels), linear, uncompensated; NaN where the file has no number.
        tops: Shape (channels,): largest value of each ($PnR) in the units of ``events``; infinite if unknown.
        keywords: Lower-case keywords without ``$``.
        note: What the user should know of how the file was read; mostly empty.
    """

    channels: tuple[str, ...]
    labels: tuple[str, ...]
    events: Array
    tops: Array
    keywords: Mapping[str, str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class _DataSet:
    start: int
    keywords: dict[str, str]
    layout: Layout
    place: int
    events: int
    text_end: int


def is_fcs(path: Path) -> bool:
    """Whether a file begins as an FCS file does."""
    try:
        return _start(path) == b"FCS"
    except OSError:
        return False


def read_fcs(path: Path) -> FcsFile:
    """Read an FCS file; of data sets that hold the same events, as list-mode files of Beckman Coulter do, the finest.

    Raises:
        InputError: if it is missing, no FCS file, cut off, damaged, or holds data sets with different events.
    """
    where = str(path)
    if not path.is_file():
        raise input_error("missing-file", "no such file", where=where, hint="Check the path.")
    if path.stat().st_size > MAX_FCS_BYTES:
        raise input_error("file-too-large", f"more than {MAX_FCS_BYTES:,} bytes", where=where)
    try:
        start = _start(path)
    except OSError as error:
        raise input_error("unreadable-file", error.strerror or "cannot be read", where=where) from None
    if start != b"FCS":
        hint = "It must begin with FCS2.0 or FCS3.x."
        raise input_error("not-fcs", "this is not an FCS file", where=where, hint=hint)
    try:
        with path.open("rb") as file:
            sets = _data_sets(file)
            sets = [found for found in sets if found.events] or sets[:1]
            _check_same(file, sets)
            chosen = max(sets, key=_fineness)
            values = read_values(file, chosen.place, chosen.events, chosen.layout)
    except FcsFault as fault:
        if not fault.damaged:
            hint = "Export it from the acquisition software, one file for each tube, as FCS 3.0 or later."
            raise input_error("unknown-fcs", f"the file {fault}", where=where, hint=hint) from None
        message = f"the file is cut off or damaged: it {fault}"
        raise input_error("corrupt-fcs", message, where=where, hint=_HINT) from None
    if not chosen.events:
        raise input_error("no-events", "the file has no events", where=where, hint="Record the control again.")
    note = "" if len(sets) == 1 else f"of {len(sets)} data sets with the same events, the finest was read"
    return _linear(chosen, values, note)


def _fineness(found: _DataSet) -> float:
    return float(np.median([parameter.range for parameter in found.layout.parameters]))


def _linear(found: _DataSet, values: Array, note: str) -> FcsFile:
    keywords, parameters = found.keywords, found.layout.parameters
    names = range(1, len(parameters) + 1)
    channels = tuple(keywords.get(f"p{n}n", "").strip() or f"P{n}" for n in names)
    labels = tuple(keywords.get(f"p{n}s", "").strip() for n in names)
    tops = np.array([parameter.top for parameter in parameters])
    for column, parameter in enumerate(parameters):
        values[:, column] = parameter.linear(values[:, column])
        if parameter.kind != "I":
            tops[column] = _end(values[:, column], tops[column])
    clock = next((i for i, name in reversed(list(enumerate(channels))) if name.casefold() == "time"), None)
    step = _step(keywords.get("timestep", ""))
    if clock is not None:
        values[:, clock] *= step
        tops[clock] *= step
    return FcsFile(channels, labels, values, tops, MappingProxyType(keywords), note)


def _end(values: Array, stated: float) -> float:
    """Return where a scale of floating-point numbers ends.

    Programs that write such files often state some range and go beyond it. The end is then where values pile up.
    """
    highest = float(np.fmax.reduce(values, initial=-np.inf))
    if highest <= _BEYOND * stated:
        return stated
    return highest if (values == highest).sum() >= _PILE else np.inf


def _step(text: str) -> float:
    """Seconds of a tick of the clock; 1 where the file states none that is a number."""
    try:
        value = float(text)
    except ValueError:
        return 1.0
    return value if 0 < value < np.inf else 1.0


def _data_sets(file: BinaryIO) -> list[_DataSet]:
    found = [_data_set(file, 0)]
    while (further := whole_number(found[-1].keywords.get("nextdata", "")) or 0) > 0:
        place = found[-1].start + further
        file.seek(place)
        if file.read(3) != b"FCS":  # some write anything there
            break
        if len(found) == _MOST_SETS:
            raise FcsFault(f"holds more than {_MOST_SETS} data sets", damaged=False)
        if place <= found[-1].text_end:  # data sets that share their TEXT multiply the memory that it takes
            raise FcsFault("holds a data set within the TEXT of another")
        found.append(_data_set(file, place))
    return found


def _data_set(file: BinaryIO, start: int) -> _DataSet:
    file.seek(start)
    header = file.read(_HEADER_BYTES)
    places = [whole_number(header[first : first + 8]) or 0 for first in range(10, 42, 8)]
    keywords = read_keywords(file, start, places[0], places[1])
    if not keywords:
        raise FcsFault("has no TEXT segment where its HEADER says")
    delimiter = read_delimiter(file, start + places[0])
    further = [whole_number(keywords.get(key, "")) or 0 for key in ("beginstext", "endstext")]
    more = read_keywords(file, start, further[0], further[1], delimiter)
    keywords = more | keywords
    text_end = start + max(places[1], further[1] if more else 0)
    layout = read_layout(keywords)
    if layout.events == 0:
        return _DataSet(start, keywords, layout, start, 0, text_end)
    text = [whole_number(keywords.get(key, "")) or 0 for key in ("begindata", "enddata")]
    taken = [(0, _HEADER_BYTES - 1), (places[0], places[1])]
    first, last = find_data(file, start, [(places[2], places[3]), (text[0], text[1])], taken, layout)
    events = (last - first + 1) // layout.width
    if events * len(layout.parameters) > MAX_FCS_VALUES:
        raise FcsFault(f"holds more than {MAX_FCS_VALUES:,} values: take a random part", damaged=False)
    return _DataSet(start, keywords, layout, start + first, events, text_end)


def _check_same(file: BinaryIO, sets: list[_DataSet]) -> None:
    """Raise where data sets hold different events: one tube after the other, which nobody could tell apart later."""
    counts = [found.events for found in sets]
    if len(set(counts)) > 1 or (len(sets) > 1 and not _are_same(file, sets)):
        shown = ", ".join(f"{count:,}" for count in counts)
        raise FcsFault(f"holds {len(sets)} data sets with different events ({shown})", damaged=False)


def _are_same(file: BinaryIO, sets: list[_DataSet]) -> bool:
    """Whether all data sets show the same events: most parameters of each rank them as one of the last set does."""
    count = min(sets[0].events, _COMPARED)
    last = _ranks(file, sets[-1], count)
    matches = (np.abs(_ranks(file, one, count).T @ last).max(axis=1, initial=0.0) for one in sets[:-1])
    return all(match.size and np.median(match) > _SAME for match in matches)


def _ranks(file: BinaryIO, found: _DataSet, count: int) -> Array:
    """Return standardized ranks of the first events in the parameters that vary, shape (events, parameters)."""
    order = rankdata(np.nan_to_num(read_values(file, found.place, count, found.layout)), axis=0)
    spread = order.std(axis=0)
    return np.asarray((order - order.mean(axis=0))[:, spread > 0] / spread[spread > 0] / np.sqrt(count))


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(3)
