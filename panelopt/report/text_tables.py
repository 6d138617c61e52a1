"""Building blocks of text reports: tables and wrapped lines, plain characters only."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from panelopt.report.safe_text import plain
from panelopt.report.table_layout import GAP, cell_lines, column_widths, padded

DEFAULT_WIDTH = 80
"""Default line width of a report."""


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with a fixed number of decimals, or a hyphen if unknown."""
    if value is None:
        return "-"
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if not text.strip("-0.") else text  # no negative zero


def percent(fraction: float | None) -> str:
    """Return a fraction as a percentage with the significant digits: ``98.2``, ``99.97``, ``0.0021``."""
    if fraction is None:
        return "-"
    share = 100 * fraction
    if 0 < share < 0.1:
        return f"{share:.2g}"
    return f"{share:.2f}" if 99 < share < 100 else f"{share:.1f}"


def count(value: float | None) -> str:
    """Return a large number to three significant digits, with thousands separators."""
    if value is None:
        return "-"
    return f"{float(f'{value:.3g}'):,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], align: str = "", width: int = DEFAULT_WIDTH) -> str:
    """Return a table; long cells are wrapped between words, never cut.

    Args:
        headers: Column titles.
        rows: Cells, as many as headers; control characters are removed and markup is not interpreted.
        align: One letter per column, ``l`` or ``r``; missing ones are ``l``. Columns with capital letters are not
            wrapped if there is room.
        width: Maximum line width.
    """
    cells = [[plain(cell) for cell in row] for row in (headers, *rows)]
    right = [align[index : index + 1] in ("r", "R") for index in range(len(headers))]
    widths = column_widths(cells, [align[index : index + 1].isupper() for index in range(len(headers))], width)
    lines = [line for row in cells for line in _row(row, widths, right)]
    head = len(list(_row(cells[0], widths, right)))
    rule = "-" * (sum(widths) + GAP * (len(widths) - 1))
    return "\n".join([*lines[:head], rule, *lines[head:]])


def _row(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> Iterator[str]:
    """Yield the lines of a row."""
    columns = [cell_lines(cell, width) for cell, width in zip(row, widths, strict=True)]
    for parts in zip_longest(*columns, fillvalue=""):
        line = (padded(part, size, right=to_right) for part, size, to_right in zip(parts, widths, right, strict=True))
        yield (" " * GAP).join(line).rstrip()


def wrapped(text: str, indent: str = "", width: int = DEFAULT_WIDTH, first: str | None = None) -> str:
    """Return ``text`` wrapped at ``width``; control characters are removed."""
    return textwrap.fill(
        plain(text),
        width,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def section(title: str, body: str) -> str:
    """Return a titled block; empty if the body is empty."""
    return f"{title}\n{body}" if body else ""


def blocks(parts: Iterable[str]) -> str:
    """Join the non-empty blocks with blank lines; the text ends in a newline."""
    return "\n\n".join(part.rstrip("\n") for part in parts if part) + "\n"
