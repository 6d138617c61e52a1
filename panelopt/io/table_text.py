"""Text tables as instruments, viewers and spreadsheets write them: packed or not, whatever separates their cells."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from pathlib import Path

from panelopt.errors import input_error
from panelopt.io.documents import read_text

MAX_LIBRARY_BYTES = 20_000_000
"""Larger libraries are refused, also after unpacking."""

MAX_CELLS = 4_000_000
"""Most cells of a table that is kept whole; a row counts for two more, as an empty one takes memory too."""

_ROW_CELLS = 2
_SEEN, _SEEN_LINES, _MOST = 100_000, 50, 0.8
_QUOTED = re.compile(r'"[^"]*"')
_POINT = re.compile(r"\s*[-+]?\d*\.\d+(?:[eE][-+]?\d+)?\s*")
_COMMA = re.compile(r"\s*[-+]?\d+,\d+(?:[eE][-+]?\d+)?\s*")
_CERTAIN_COMMA = re.compile(r"\s*[-+]?(?:0\d*,\d+|\d+,(?:\d{1,2}|\d{4,}))(?:[eE][-+]?\d+)?\s*")


def library_text(path: Path) -> str:
    """Return the text of a CSV file, unpacked if it is gzipped.

    Raises:
        InputError: if it cannot be read, is too large or is damaged.
    """
    if path.suffix.lower() != ".gz":
        return read_text(path, MAX_LIBRARY_BYTES)
    try:
        with gzip.open(path) as packed:
            content = packed.read(MAX_LIBRARY_BYTES + 1)
    except FileNotFoundError:
        raise input_error("missing-file", "no such file", where=str(path), hint="Check the path.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise input_error("corrupt-file", f"not a readable gzip file: {error}", where=str(path)) from None
    if len(content) > MAX_LIBRARY_BYTES:
        raise input_error("file-too-large", f"more than {MAX_LIBRARY_BYTES:,} bytes unpacked", where=str(path))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise input_error("encoding", f"byte {error.start} is not UTF-8", where=str(path)) from None


def csv_rows(text: str, where: str) -> list[list[str]]:
    """Split a CSV text into rows of cells; commas, tabs or semicolons separate them.

    With tabs or semicolons numbers may have a decimal comma, which becomes a point.

    Raises:
        InputError: if it is not CSV, or has more than :data:`MAX_CELLS` cells.
    """
    separator = separator_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    rows: list[list[str]] = []
    left = MAX_CELLS
    try:
        for row in reader:
            left -= len(row) + _ROW_CELLS
            if left < 0:
                message = f"the table has more than {MAX_CELLS:,} cells"
                raise input_error("file-too-large", message, where=f"{where}:{len(rows)}", hint="Split it.")
            rows.append(row)
    except csv.Error as error:
        raise input_error("csv-syntax", f"not valid CSV: {error}", where=f"{where}:{reader.line_num}") from None
    return rows if separator == "," else _with_points(rows)


def separator_of(text: str) -> str:
    """Return what separates the cells: a tab or a semicolon that is in most of the first lines, else a comma."""
    lines = [_QUOTED.sub("", line) for line in text[:_SEEN].splitlines()[:_SEEN_LINES] if line.strip()]
    for separator in "\t;":
        having = [line for line in lines if separator in line]
        if len(having) > _MOST * len(lines) and having[0].count(separator) >= having[0].count(","):
            return separator
    return ","


def _with_points(rows: list[list[str]]) -> list[list[str]]:
    """Cells with a decimal point for a decimal comma, unless it may as well stand between thousands."""
    cells = [cell for row in rows for cell in row if "," in cell or "." in cell]
    if any(map(_POINT.fullmatch, cells)) or not any(map(_CERTAIN_COMMA.fullmatch, cells)):
        return rows
    return [[cell.replace(",", ".") if _COMMA.fullmatch(cell) else cell for cell in row] for row in rows]
