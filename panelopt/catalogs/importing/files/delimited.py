"""Separated text into rows; a line whose quotes are broken is one rejected row and harms no other."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from panelopt.catalogs.importing.files.limits import MAX_LINE_CHARACTERS, MAX_RECORD_LINES, MAX_STREAMED_ROWS
from panelopt.catalogs.importing.files.raw import Fault, RawRow, RowStream, checked, too_many_rows
from panelopt.errors import input_error

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_STATED = re.compile(r"sep=(.)\s*$", re.IGNORECASE)
_LOOK = 300
"""Records that are looked at to find the separator."""

_PLAIN_LINE = 100_000
"""Longer lines go to the module for CSV, which refuses cells that are too long."""


def split_text(text: str, where: str, separator: str = "") -> tuple[list[RawRow], str, int]:
    """Split a text that is held as a whole: rows, separator, and the number of lines without any character."""
    stream, found = stream_text(lambda: io.StringIO(text, newline=""), where, separator)
    rows = list(stream)
    return rows, found, stream.empty_lines


def stream_text(lines: Callable[[], Iterable[str]], where: str, separator: str = "") -> tuple[RowStream, str]:
    """Split a text into rows.

    Args:
        lines: Begins a pass over the lines of the file, with their ends.
        where: File name for messages.
        separator: Separator that the user states; empty to find out.

    Returns:
        The rows with the line on which each begins, and the separator. A pass raises InputError if a line, or the
        whole, is too long.
    """
    head = list(itertools.islice(lines(), _LOOK * MAX_RECORD_LINES))
    first = 0
    if head and (stated := _STATED.match(head[0])):
        separator, first = separator or stated.group(1), 1  # spreadsheets begin a file so
    separator = separator or _separator(head[first:])

    def rows() -> Iterator[RawRow]:
        records = _records(itertools.islice(_checked_lines(lines(), where), first, None), separator, first)
        for count, row in enumerate(records, 1):
            if count > MAX_STREAMED_ROWS:
                raise too_many_rows(where, MAX_STREAMED_ROWS)
            yield row

    return RowStream(rows), separator


def _checked_lines(lines: Iterable[str], where: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE_CHARACTERS:
            message = f"the line has {len(line):,} characters, more than {MAX_LINE_CHARACTERS:,}"
            raise input_error("line-too-long", message, where=f"{where}:{number}", hint="Is this a list of products?")
        yield line


def _records(lines: Iterable[str], separator: str, before: int = 0) -> Iterator[RawRow]:
    """Yield every record; a line without characters is a row without cells.

    Args:
        lines: Lines with their ends.
        separator: What separates cells.
        before: Lines of the file that stand above.
    """
    source, ahead, number = iter(lines), deque[str](), before + 1
    while True:
        if not ahead and (following := next(source, None)) is not None:
            ahead.append(following)
        if not ahead:
            return
        line, used = ahead[0], 1
        if not line.strip("\r\n"):
            yield RawRow(number, ())
        elif '"' not in line and len(line) < _PLAIN_LINE and "\r" not in line.rstrip("\r\n"):
            yield checked(RawRow(number, tuple(line.rstrip("\r\n").split(separator))))
        else:
            ahead.extend(itertools.islice(source, MAX_RECORD_LINES - len(ahead)))
            reader = csv.reader(iter(ahead), delimiter=separator, strict=True)
            try:
                cells, used = tuple(next(reader)), reader.line_num
                row = RawRow(number, cells)
            except csv.Error as error:
                reason = "a quote is opened and never closed" if "end of data" in str(error) else "quotes are misplaced"
                fault = Fault("broken quotes", reason)
                if "field larger" in str(error):
                    fault = Fault("cell too long", f"a cell has more than {csv.field_size_limit():,} characters")
                row, used = RawRow(number, (line.rstrip("\r\n"),), fault), 1
            yield checked(row)
        for _ in range(used):
            ahead.popleft()
        number += used


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
