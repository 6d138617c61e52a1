"""FCS 3.1 files written chunk by chunk: Spidlen et al. 2010, doi:10.1002/cyto.a.20825.

`flowio` lays out header and keywords; it takes all events as one array, so it is given one that hands them over in
chunks.
"""

from __future__ import annotations

import io
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self, cast

import numpy as np
import numpy.typing as npt

from panelopt.errors import PaneloptError
from panelopt.io.atomic import write_stream_atomic
from panelopt.io.fcs import MAX_FCS_BYTES

DEFAULT_RANGE = 262_144
"""Range of a parameter whose values stay below (18 bits, as most instruments state)."""

_BYTES = 4
_DELIMITER = "/"

FloatTable = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FcsChannel:
    """One parameter of a file.

    Attributes:
        name: Short name ($PnN), unique in the file.
        label: What it shows ($PnS); may be empty.
        range: Values above are possible but unusual ($PnR).
    """

    name: str
    label: str = ""
    range: int = DEFAULT_RANGE


def clean_name(name: str) -> str:
    """Return a name as $PnN may hold it: printable, without the comma that separates names in $SPILLOVER."""
    return _clean(name.replace(",", "_")) or "_"


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return cleaned names, those that were there already with an underscore behind."""
    found: dict[str, None] = {}
    for name in names:
        cleaned = clean_name(name)
        while cleaned.casefold() in {other.casefold() for other in found}:
            cleaned += "_"
        found[cleaned] = None
    return tuple(found)


def matrix_text(names: Sequence[str], rows: npt.ArrayLike) -> str:
    """Return a square matrix as $SPILLOVER holds it: count, names of the columns, values row by row."""
    values = np.asarray(rows, dtype=float)
    return ",".join([str(len(names)), *names, *(repr(float(value)) for value in values.ravel())])


def fcs_bytes(channels: int, events: int) -> int:
    """Return the size of the data of a file."""
    return channels * events * _BYTES


def write_fcs(
    path: Path, channels: Sequence[FcsChannel], events: int, chunks: Iterable[FloatTable], keywords: Mapping[str, str]
) -> None:
    """Write an FCS 3.1 file, whole or not at all; values are linear floating-point numbers.

    Args:
        path: The file.
        channels: Parameters.
        events: Number of events.
        chunks: Tables (n, channels) with all events in order.
        keywords: Further keywords, without ``$`` in front. Control characters are left out, and so is a delimiter at
            either end of a value.

    Raises:
        PaneloptError: if the file cannot be written, would be larger than what is read back, or the chunks hold another
            number of events.
    """
    size = fcs_bytes(len(channels), events)
    if size > MAX_FCS_BYTES:
        message = f"{events:,} events of {len(channels)} parameters are {size:,} bytes, more than {MAX_FCS_BYTES:,}"
        raise PaneloptError(message, where=str(path), hint="Write fewer events.")
    text = {key: value for key, value in ((key, _clean(value)) for key, value in keywords.items()) if value}
    text |= {f"P{n}R": str(channel.range) for n, channel in enumerate(channels, start=1)}

    def fill(file: BinaryIO) -> None:
        if not file.seekable():
            raise PaneloptError("an FCS file cannot go to a pipe or a device", where=str(path), hint="Name a file.")
        import flowio

        data = _Chunks(len(channels), events, iter(chunks))
        labels = [_clean(channel.label) for channel in channels]
        flowio.create_fcs(file, data, [channel.name for channel in channels], labels, text)

    write_stream_atomic(path, fill)


class _Chunks(array):  # type: ignore[type-arg]  # not generic where the program runs
    """Stands for an array of all events: tells its length, and writes chunk after chunk when asked for its content."""

    def __new__(cls, *_arguments: object) -> Self:
        return cast("Self", super().__new__(cls, "f"))

    def __init__(self, width: int, events: int, chunks: Iterator[FloatTable]) -> None:
        self.width, self.events, self.chunks = width, events, chunks

    def __len__(self) -> int:
        return self.width * self.events

    def tofile(self, file: BinaryIO | io.BufferedIOBase) -> None:  # type: ignore[override]
        written = 0
        for chunk in self.chunks:
            file.write(np.ascontiguousarray(chunk, dtype="<f4").tobytes())
            written += chunk.size
        if written != len(self):
            raise PaneloptError(f"{written:,} values were drawn, {len(self):,} were announced")


def _clean(value: str) -> str:
    shown = "".join(character if character.isprintable() else " " for character in value)
    return shown.strip().strip(_DELIMITER).strip()
