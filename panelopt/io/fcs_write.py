"""FCS 3.1 files written chunk by chunk: Spidlen et al. 2010, doi:10.1002/cyto.a.20825."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from panelopt.errors import PaneloptError
from panelopt.io.atomic import write_stream_atomic
from panelopt.io.fcs import MAX_FCS_BYTES

DEFAULT_RANGE = 262_144
"""Range of a parameter whose values stay below (18 bits, as most instruments state)."""

_HEADROOM = 1.05  # a range ends above the largest value, so that nothing looks saturated
_MOST_DIGITS = 40  # of a range: that of the largest number in 4 bytes

_BYTES = 4
_DELIMITER = "/"
_TEXT_BEGIN = 256
_LARGEST_IN_HEADER = 99_999_999  # 8 digits; beyond it the keywords alone say where the data are
_STANDARD = {"COM", "CYT", "DATE", "FIL", "SMNO", "SPILLOVER", "SRC", "SYS", "TIMESTEP"}

FloatTable = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FcsChannel:
    """One parameter of a file.

    Attributes:
        name: Short name ($PnN), unique in the file.
        label: What it shows ($PnS); may be empty.
        range: Least range ($PnR); where values reach it, the next power of two above them is written, as some readers
            cut off what lies beyond.
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
    begin = _TEXT_BEGIN + len(_text(channels, [_MOST_DIGITS * "9"] * len(channels), events, (size, size), keywords))
    place = (begin, begin + size - 1)

    def fill(file: BinaryIO) -> None:
        if not file.seekable():
            raise PaneloptError("an FCS file cannot go to a pipe or a device", where=str(path), hint="Name a file.")
        file.write(b" " * begin)
        written, tops = 0, np.zeros(len(channels))
        for chunk in chunks:
            table = np.ascontiguousarray(chunk, dtype="<f4")
            file.write(table.tobytes())
            written += table.size
            if table.size:
                tops = np.fmax(tops, table.max(axis=0))
        if written != len(channels) * events:
            message = f"{written:,} values were drawn, {len(channels) * events:,} were announced"
            raise PaneloptError(message, where=str(path))
        ranges = [str(_range(channel, float(top))) for channel, top in zip(channels, tops, strict=True)]
        text = _text(channels, ranges, events, place, keywords)
        data = place if place[1] <= _LARGEST_IN_HEADER else (0, 0)
        places = (_TEXT_BEGIN, _TEXT_BEGIN + len(text) - 1, *data, 0, 0)
        header = "FCS3.1    " + "".join(f"{place:8d}" for place in places)
        file.seek(0)
        file.write(header.encode("ascii").ljust(_TEXT_BEGIN) + text)

    write_stream_atomic(path, fill)


def _range(channel: FcsChannel, top: float) -> int:
    needed = min(top, float(np.finfo(np.float32).max)) * _HEADROOM
    return channel.range if needed < channel.range else 1 << int(np.ceil(np.log2(needed)))


def _text(
    channels: Sequence[FcsChannel],
    ranges: Sequence[str],
    events: int,
    place: tuple[int, int],
    keywords: Mapping[str, str],
) -> bytes:
    """Return the TEXT segment.

    Args:
        channels: Parameters.
        ranges: $PnR of each.
        events: Number of events.
        place: First and last byte of the data.
        keywords: Further keywords.
    """
    pairs = {
        **dict.fromkeys(("$BEGINANALYSIS", "$ENDANALYSIS", "$BEGINSTEXT", "$ENDSTEXT", "$NEXTDATA"), "0"),
        "$BEGINDATA": f"{place[0]:012d}",
        "$ENDDATA": f"{place[1]:012d}",
        "$BYTEORD": "1,2,3,4",
        "$DATATYPE": "F",
        "$MODE": "L",
        "$PAR": str(len(channels)),
        "$TOT": str(events),
    }
    for n, (channel, top) in enumerate(zip(channels, ranges, strict=True), start=1):
        pairs |= {f"$P{n}N": channel.name, f"$P{n}S": _clean(channel.label), f"$P{n}R": top}
        pairs |= {f"$P{n}B": str(8 * _BYTES), f"$P{n}E": "0,0"}
    pairs |= {f"${key}" if key in _STANDARD else key: _clean(value) for key, value in keywords.items()}
    cells = (cell.replace(_DELIMITER, 2 * _DELIMITER) for pair in pairs.items() if pair[1] for cell in pair)
    return "".join(f"{_DELIMITER}{cell}" for cell in cells).encode() + _DELIMITER.encode()


def _clean(value: str) -> str:
    shown = "".join(character if character.isprintable() else " " for character in value)
    return shown.strip().strip(_DELIMITER).strip()
