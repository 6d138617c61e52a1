"""CSV files in blocks of whole records, so that a large one is never held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from panelopt.io.csv_layout import UnusualError

_NEWLINE, _QUOTE = b'\n"'

MAX_RECORD_BYTES = 1_000_000
"""Longer records are unusual: most likely a quote was never closed."""


def csv_blocks(parts: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yield blocks of whole records, each preceded by the header of the file, and the number of lines left out between.

    A record ends at a line break with an even number of quotes before it. Files whose quotes do not enclose whole cells
    may be divided elsewhere; :func:`panelopt.io.csv_layout.csv_layout` declines them.

    Args:
        parts: Content of the file, divided anywhere.

    Raises:
        UnusualError: if a record has more than :data:`MAX_RECORD_BYTES`.
    """
    header, rest, lines = b"", b"", 0
    for part in parts:
        rest += part
        if end := _end_of_records(rest):
            block, rest = rest[:end], rest[end:]
            yield header + block, max(0, lines - 1)
            lines += _count(block, _NEWLINE)
            header = header or block[: block.index(b"\n") + 1]
        elif len(rest) > len(part) + MAX_RECORD_BYTES:
            raise UnusualError("long records")
    if rest:
        yield header + rest, max(0, lines - 1)


def _end_of_records(data: bytes) -> int:
    """Return where the last whole record ends; 0 if there is none."""
    end = data.rfind(b"\n")
    quotes = _count(data[: max(end, 0)], _QUOTE)
    while end >= 0 and quotes % 2:
        above = data.rfind(b"\n", 0, end)
        quotes -= data.count(b'"', max(above, 0), end)
        end = above
    return end + 1


def _count(data: bytes, sign: int) -> int:
    return int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == sign))
