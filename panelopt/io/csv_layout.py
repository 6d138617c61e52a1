"""Finds the records of a CSV file with array operations; unusual files are rejected."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_CHUNK = 1 << 20
_TAB, _NEWLINE, _RETURN, _FIRST_PRINTED, _QUOTE, _COMMA = 9, 10, 13, 32, 34, 44
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Positions = npt.NDArray[np.int64]
Found = npt.NDArray[np.bool_]


class UnusualError(Exception):
    """The content is not plain enough for the columnar reader; the row reader decides on it."""


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """Records of a CSV file.

    Attributes:
        header: Column names, stripped.
        body: Position of the first byte after the header.
        line: (rows,) line on which each record begins, without blank lines; the header is line 1.
        multiline: Whether quoted cells contain line breaks.
    """

    header: tuple[str, ...]
    body: int
    line: Positions
    multiline: bool


def csv_layout(data: bytes) -> CsvLayout:
    """Find the records of a CSV file with unambiguous quoting.

    Quotes must enclose whole cells, lines must end in a line feed (optionally after a carriage return), and control
    characters must not occur.

    Args:
        data: Content of the file.

    Raises:
        UnusualError: if the content differs.
    """
    bytes_ = np.frombuffer(data, dtype=np.uint8)
    control = _positions(bytes_, lambda part: part < _FIRST_PRINTED)
    newlines, returns = (control[bytes_[control] == mark] for mark in (_NEWLINE, _RETURN))
    tabs = np.count_nonzero(bytes_[control] == _TAB)
    if len(newlines) + len(returns) + tabs < len(control) or b"\x7f" in data:
        raise UnusualError("control characters")
    if len(returns) and (returns[-1] == len(data) - 1 or (bytes_[returns + 1] != _NEWLINE).any()):
        raise UnusualError("line ends")
    quotes = _positions(bytes_, lambda part: part == _QUOTE)
    begin = len(_BYTE_ORDER_MARK) if data.startswith(_BYTE_ORDER_MARK) else 0
    if not _encloses_cells(bytes_, quotes, begin):
        raise UnusualError("quotes inside cells")
    outside = np.flatnonzero(np.searchsorted(quotes, newlines) % 2 == 0)
    if not len(outside) or outside[0]:
        raise UnusualError("no single-line header")
    start = newlines[outside] + 1
    if data.startswith(_BYTE_ORDER_MARK, int(start[0])):
        raise UnusualError("byte-order mark in a cell")  # pyarrow drops it, as what it reads begins there
    end = np.append(newlines[outside][1:], len(data))
    length = end - start
    length[(length == 1) & (bytes_[np.minimum(start, len(data) - 1)] == _RETURN)] = 0
    return CsvLayout(
        header=tuple(name.strip() for name in _header(data[begin : newlines[0]])),
        body=int(start[0]),
        line=(outside + 2)[length > 0],
        multiline=len(outside) < len(newlines),
    )


def _header(line: bytes) -> list[str]:
    try:
        return next(csv.reader([line.decode()], strict=True), [])
    except (csv.Error, UnicodeDecodeError):
        raise UnusualError("header") from None


def _positions(bytes_: npt.NDArray[np.uint8], wanted: Callable[[npt.NDArray[np.uint8]], Found]) -> Positions:
    parts = [np.flatnonzero(wanted(bytes_[i : i + _CHUNK])) + i for i in range(0, len(bytes_), _CHUNK)]
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def _encloses_cells(bytes_: npt.NDArray[np.uint8], quotes: Positions, begin: int) -> bool:
    """Whether quotes open at the start and close at the end of cells; a doubled quote inside closes and reopens."""
    if not len(quotes):
        return True
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    before = bytes_[opening - 1]
    if opening[0] == begin:
        before[0] = _NEWLINE
    after = bytes_[np.minimum(closing + 1, len(bytes_) - 1)]
    if closing[-1] == len(bytes_) - 1:
        after[-1] = _NEWLINE
    may_open, may_close = np.zeros(256, dtype=bool), np.zeros(256, dtype=bool)
    may_open[[_COMMA, _NEWLINE, _QUOTE]] = True
    may_close[[_COMMA, _NEWLINE, _RETURN, _QUOTE]] = True
    return bool(may_open[before].all() and may_close[after].all())
