"""DATA segments of FCS files: where they lie, how events are stored, and what they mean on a linear scale.

HEADER and TEXT both say where the data lie, and instruments get one of them wrong: by one byte, by the length of the
HEADER, or not at all beyond 99,999,999 bytes. How long the data are follows from the number of events; a place that
does not fit is passed over, and if two fit, the data tell (:func:`find_data`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from panelopt.io.fcs_text import whole_number
from panelopt.optics.spectra import Array

Bytes = npt.NDArray[np.uint8]
Span = tuple[int, int]
"""First and last byte, from the beginning of the data set."""

MAX_FCS_PARAMETERS = 4000
"""Files with more parameters are refused: data sets are compared parameter by parameter."""

_FLOAT_BYTES = {"F": 4, "D": 8}
_MOST_INTEGER_BYTES = 8
_FILLERS = (b"\x00", b" ")
_LARGEST = 1e30  # no instrument counts so far: larger floating-point numbers were read at the wrong place


class FcsFault(Exception):
    """Why a data set cannot be read.

    Args:
        reason: In words that follow "the file".
        damaged: Whether the file is at fault; else it is sound, but of a kind that is not read.
    """

    def __init__(self, reason: str, *, damaged: bool = True) -> None:
        super().__init__(reason)
        self.damaged = damaged


@dataclass(frozen=True, slots=True)
class Parameter:
    """How one parameter is stored.

    Attributes:
        kind: I (unsigned integer), F or D (floating point).
        width: Bytes of a value.
        range: $PnR; infinite where it is no number.
        decades, offset: $PnE; 0 decades = linear.
        gain: $PnG.
    """

    kind: str
    width: int
    range: float
    decades: float
    offset: float
    gain: float

    @property
    def top(self) -> float:
        """Largest value that the parameter can show, on the linear scale; infinite where unknown."""
        if self.decades:
            return float(self.linear(np.array([self.range - 1]))[0])
        return self.range / self.gain

    def linear(self, values: Array) -> Array:
        """Return stored values x on the linear scale: ``10^(decades * x / range) * offset``, or ``x / gain``."""
        if self.decades:
            with np.errstate(over="ignore"):
                return np.asarray(10 ** (self.decades * values / self.range) * self.offset)
        return values if self.gain == 1 else values / self.gain


@dataclass(frozen=True, slots=True)
class Layout:
    """How the events of a data set are stored.

    Attributes:
        parameters: By channel.
        big: Whether the first byte of a number is its highest.
        events: Number of events, None where the file does not say.
    """

    parameters: tuple[Parameter, ...]
    big: bool
    events: int | None

    @property
    def width(self) -> int:
        """Bytes of one event."""
        return sum(parameter.width for parameter in self.parameters)


def read_layout(keywords: Mapping[str, str]) -> Layout:
    """Return how the events are stored.

    Raises:
        FcsFault: if a required keyword is missing, or the events are stored as nothing here reads.
    """
    mode = keywords.get("mode", "L").strip().upper()
    if mode != "L":
        raise FcsFault(f"holds a histogram ($MODE {mode[:20]}), not single events", damaged=False)
    count = whole_number(keywords.get("par", ""))
    if not count:
        raise FcsFault("has a $PAR that does not tell the number of parameters")
    if count > MAX_FCS_PARAMETERS:
        raise FcsFault(f"has more than {MAX_FCS_PARAMETERS:,} parameters", damaged=False)
    kind = keywords.get("datatype", "").strip().upper()
    parameters = tuple(_parameter(keywords, n, kind) for n in range(1, count + 1))
    total = keywords.get("tot", "")
    events = whole_number(total)
    if events is None and total.strip():
        raise FcsFault(f"states {total.strip()[:20]!r} events ($TOT)")
    return Layout(parameters, _is_big(keywords.get("byteord", ""), parameters), events)


def _parameter(keywords: Mapping[str, str], n: int, kind: str) -> Parameter:
    bits = keywords.get(f"p{n}b")
    if bits is None:
        raise FcsFault(f"lacks the keyword $P{n}B")
    kind = keywords.get(f"p{n}datatype", "").strip().upper() or kind
    limit = _number(keywords.get(f"p{n}r", "")) or np.inf
    if kind in _FLOAT_BYTES:  # always linear, whatever $PnE says: FCS 3.1, 3.2.20
        width, decades, offset = _FLOAT_BYTES[kind], 0.0, 1.0
    elif kind == "I":
        width = _integer_bytes(bits, n, keywords.get("sys", ""))
        decades, offset = _amplification(keywords.get(f"p{n}e", ""))
    else:
        raise FcsFault(f"stores values of the type {kind[:20]!r} ($DATATYPE); I, F and D are read", damaged=False)
    if decades and limit == np.inf:
        raise FcsFault(f"stores logarithms in parameter {n}, but $P{n}R gives no range")
    is_time = keywords.get(f"p{n}n", "").strip().casefold() == "time"  # some state a gain for the clock as well
    gain = _number("" if is_time else keywords.get(f"p{n}g", "")) or 1.0
    return Parameter(kind, width, limit, decades, offset, gain)


def _integer_bytes(text: str, n: int, system: str) -> int:
    bits = whole_number(text) or 0
    if bits == 10 and system.strip().casefold() == "cxp":
        bits = 16  # Beckman Coulter CXP states the resolution and stores 16 bits
    if bits % 8 or not 0 < bits <= 8 * _MOST_INTEGER_BYTES:
        raise FcsFault(f"stores values of {text.strip()[:20]!r} bits ($P{n}B); whole bytes are read", damaged=False)
    return bits // 8


def _amplification(text: str) -> tuple[float, float]:
    decades, _, offset = text.partition(",")
    found = _number(decades)
    return (found, _number(offset) or 1.0) if found else (0.0, 1.0)


def _number(text: str) -> float | None:
    """Return a finite number above 0; None for anything else, such as NA."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < np.inf else None


def _is_big(text: str, parameters: tuple[Parameter, ...]) -> bool:
    order = [whole_number(part) for part in text.split(",")]
    rising = list(range(1, len(order) + 1))
    if order == rising[::-1] and len(order) > 1:
        return True
    if order == rising or all(parameter.width == 1 for parameter in parameters):
        return False
    raise FcsFault(
        f"stores bytes in the order {text.strip()[:40]!r} ($BYTEORD); rising and falling are read", damaged=False
    )


def find_data(file: BinaryIO, start: int, spans: list[Span], taken: list[Span], layout: Layout) -> Span:
    """Return where the data lie.

    Args:
        file: The file.
        start: Where the data set begins.
        spans: What HEADER and TEXT say, in this order.
        taken: HEADER and TEXT themselves.
        layout: How events are stored.

    Raises:
        FcsFault: if no place fits, or two do and nothing tells which is meant.
    """
    end = file.seek(0, 2) - start
    stated = [(first, last) for first, last in spans if 0 < first < last]
    found: list[Span] = []
    for first, last in stated:
        size = last - first + 1
        whole = size // layout.width * layout.width if layout.events is None else layout.events * layout.width
        if first + whole > end:
            continue
        # the last byte may be stated one too late or too early, or padding be counted
        fits = size in (whole - 1, whole, whole + 1) or (
            size > whole and _blank(file, start, first + whole, min(last, end - 1))
        )
        free = all(last_taken <= first or first + whole <= first_taken for first_taken, last_taken in taken)
        if whole and fits and free:
            found.append((first, first + whole - 1))
    found = list(dict.fromkeys(found))
    if len(found) > 1:
        found = [span for span in found if _holds_data(file, start, span, found, layout)] or found
    if not found:
        raise FcsFault(_no_place(stated, layout, end))
    if len(found) > 1:
        places = " and ".join(f"{first}-{last}" for first, last in found)
        raise FcsFault(f"places the data at {places} (HEADER, TEXT), and nothing tells which is right")
    return found[0]


def _no_place(stated: list[Span], layout: Layout, end: int) -> str:
    places = ", ".join(f"bytes {first}-{last}" for first, last in dict.fromkeys(stated)) or "no bytes at all"
    events = "" if layout.events is None else f", {layout.events:,} events need {layout.events * layout.width:,}"
    return f"states {places} for the data{events}, and it has {end:,} bytes"


def _holds_data(file: BinaryIO, start: int, span: Span, others: list[Span], layout: Layout) -> bool:
    """Whether the part of a span that another does not share holds data, and the numbers in it make sense."""
    for other in others:
        edge = (span[0], min(span[1], other[0] - 1)) if span < other else (max(span[0], other[1] + 1), span[1])
        if span != other and _blank(file, start, *edge):
            return False
    rows = min((span[1] - span[0] + 1) // layout.width, 1000)
    values = read_values(file, start + span[0], rows, layout, masked=False)
    tops = np.array([min(p.range, _LARGEST) if p.kind == "I" else _LARGEST for p in layout.parameters])
    return bool(np.mean(np.abs(values) <= tops) > 0.99)


def _blank(file: BinaryIO, start: int, first: int, last: int) -> bool:
    file.seek(start + first)
    content = file.read(max(last - first + 1, 0))
    return any(not content.strip(filler) for filler in _FILLERS)


def read_values(file: BinaryIO, place: int, events: int, layout: Layout, *, masked: bool = True) -> Array:
    """Return stored values, shape (events, channels).

    Args:
        file: The file.
        place: Its byte where the first event begins.
        events: How many to read.
        layout: How they are stored.
        masked: Drop the bits of integers above $PnR, as the standard asks.

    Raises:
        FcsFault: if the file ends before.
    """
    file.seek(place)
    content = np.frombuffer(file.read(events * layout.width), dtype=np.uint8)
    if content.size != events * layout.width:
        raise FcsFault("ends within the data")
    rows = content.reshape(events, layout.width)
    values = np.empty((events, len(layout.parameters)))
    first = 0
    for column, parameter in enumerate(layout.parameters):
        cells = rows[:, first : first + parameter.width]
        first += parameter.width
        if parameter.kind == "I":
            values[:, column] = _integers(cells, layout.big, parameter.range if masked else np.inf)
        else:
            order = ">" if layout.big else "<"
            with np.errstate(invalid="ignore"):  # some bits are no number
                values[:, column] = np.ascontiguousarray(cells).view(f"{order}f{parameter.width}")[:, 0]
    return values


def _integers(cells: Bytes, big: bool, limit: float) -> npt.NDArray[np.uint64]:
    width = cells.shape[1]
    wide = np.zeros((len(cells), _MOST_INTEGER_BYTES), dtype=np.uint8)
    wide[:, _MOST_INTEGER_BYTES - width :] = cells if big else cells[:, ::-1]
    numbers = wide.view(">u8")[:, 0]
    bits = 0 if limit >= 2.0**63 else int(np.ceil(limit) - 1).bit_length()
    return numbers & np.uint64((1 << bits) - 1) if 0 < bits < 8 * width else numbers
