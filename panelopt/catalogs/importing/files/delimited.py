"""Separated text into rows; a line whose quotes are broken is one rejected row and harms no other."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from panelopt.catalogs.importing.files.limits import MAX_LINE_CHARACTERS, MAX_RECORD_LINES, MAX_ROWS
from panelopt.catalogs.importing.files.raw import Fault, RawRow, checked, too_many_rows
from panelopt.errors import input_error

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_STATED = re.compile(r"sep=(.)\s*$", re.IGNORECASE)
_LOOK = 300
"""Records that are looked at to find the separator."""


def split_text(text: str, where: str, separator: str = "") -> tuple[list[RawRow], str, int]:
    """Split a text into rows.

    Args:
        text: Content of the file.
        where: File name for messages.
        separator: Separator that the user states; empty to find out.

    Returns:
        The rows with the line on which each begins, the separator, and the number of lines without any character.

    Raises:
        InputError: if a line or the whole is too long.
    """
    lines = list(io.StringIO(text, newline=""))
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE_CHARACTERS:
            message = f"the line has {len(line):,} characters, more than {MAX_LINE_CHARACTERS:,}"
            raise input_error("line-too-long", message, where=f"{where}:{number}", hint="Is this a list of products?")
    first = 0
    if lines and (stated := _STATED.match(lines[0])):
        separator, first = separator or stated.group(1), 1  # spreadsheets begin a file so
    separator = separator or _separator(lines[first:])
    rows = list(itertools.islice(_records(lines, separator, first), MAX_ROWS + 1))
    if len(rows) > MAX_ROWS:
        raise too_many_rows(where)
    return [row for row in rows if row.cells], separator, sum(not row.cells for row in rows)


def _records(lines: Sequence[str], separator: str, start: int = 0) -> Iterator[RawRow]:
    """Yield every record; a line without characters is a row without cells."""
    i = start
    while i < len(lines):
        if not lines[i].strip("\r\n"):
            yield RawRow(i + 1, ())
            i += 1
            continue
        ahead = range(i, min(i + MAX_RECORD_LINES, len(lines)))
        reader = csv.reader(map(lines.__getitem__, ahead), delimiter=separator, strict=True)
        try:
            cells, used = tuple(next(reader)), reader.line_num
            row = RawRow(i + 1, cells)
        except csv.Error as error:
            reason = "a quote is opened and never closed" if "end of data" in str(error) else "quotes are misplaced"
            row, used = RawRow(i + 1, (lines[i].rstrip("\r\n"),), Fault("broken quotes", reason)), 1
        yield checked(row)
        i += used


def _separator(lines: Sequence[str]) -> str:
    """Return the separator that gives most records the same number of cells, the larger number where two do."""
    best, choice = (0.0, 0), ","
    for separator in SEPARATORS:
        widths = Counter(len(row.cells) for row in itertools.islice(_records(lines, separator), _LOOK) if row.cells)
        widths.pop(1, None)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        # a tenth more or less is chance: title lines, commas in prose
        if (merit := (round(10 * count / min(_LOOK, len(lines))) / 10, width)) > best:
            best, choice = merit, separator
    return choice
