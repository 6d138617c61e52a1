"""TEXT segments of FCS files as instruments write them: Spidlen et al. 2010, doi:10.1002/cyto.a.20825.

A doubled delimiter stands for the delimiter itself, and keywords may not be empty. Instruments leave values empty all
the same, and then two delimiters meet as well. Which is meant depends on where they meet: behind a key, the value is
empty; within a value, the delimiter is part of it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import BinaryIO

_PADDING = b" \t\r\n\x00"
_NO_DELIMITER = b"$_" + bytes(range(48, 58)) + bytes(range(65, 91)) + bytes(range(97, 123)) + _PADDING
_MOST_DIGITS = 18

MAX_TEXT_BYTES = 50_000_000
"""Larger TEXT segments are refused."""


def whole_number(text: str | bytes) -> int | None:
    """Return a whole number that is not negative; None for anything else."""
    shown = text.decode("latin-1") if isinstance(text, bytes) else text
    digits = shown.strip(" \t\r\n\x00")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


def read_keywords(file: BinaryIO, start: int, first: int, last: int, delimiter: bytes = b"") -> dict[str, str]:
    """Read a TEXT segment; the places may be off by one.

    Args:
        file: The file.
        start: Where the data set begins.
        first: First byte of the segment from there on.
        last: Its last byte.
        delimiter: What it must begin with; whatever it begins with where left out.

    Returns:
        Values by lower-case key without ``$``; empty if there is no such segment. A key with ``$`` goes before one
        without, and the last of equal keys counts.
    """
    if not 0 < first < last or last - first > MAX_TEXT_BYTES:
        return {}
    file.seek(start + first - 1)
    content = file.read(last - first + 2)
    begin = next((i for i in (1, 0, 2) if _begins(content[i : i + 1], delimiter)), None)
    return {} if begin is None else parse_keywords(content[begin:])


def read_delimiter(file: BinaryIO, place: int) -> bytes:
    """Return the delimiter of a TEXT segment whose place may be off by one; empty if there is none."""
    file.seek(place - 1)
    near = file.read(3)
    return next((near[i : i + 1] for i in (1, 0, 2) if _begins(near[i : i + 1], b"")), b"")


def _begins(byte: bytes, delimiter: bytes) -> bool:
    return byte == delimiter if delimiter else bool(byte) and byte not in _NO_DELIMITER


def parse_keywords(segment: bytes) -> dict[str, str]:
    """Return the keywords of a TEXT segment that begins with its delimiter; see :func:`read_keywords`."""
    text = segment.decode("latin-1")
    for end in (len(segment), len(segment) - 1):  # the last byte may be the first of what follows
        with suppress(UnicodeDecodeError):
            text = segment[:end].decode()
            break
    delimiter, parts = text[:1], text[1:].split(text[:1])
    if not parts[-1].strip(" \t\r\n\x00"):
        parts.pop()
    standard: dict[str, str] = {}
    own: dict[str, str] = {}
    place = 0
    while place + 1 < len(parts):
        key, value = parts[place].strip(), parts[place + 1]
        place += 2
        if not key:
            place -= 1
            continue
        while place + 1 < len(parts) and not parts[place]:
            value += delimiter + parts[place + 1]
            place += 2
        (standard if key.startswith("$") else own)[key.lower().removeprefix("$")] = value
    return own | standard
