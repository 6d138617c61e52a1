"""Building blocks of text reports: tables and wrapped lines, plain characters only."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Sequence
from typing import Literal

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from panelopt.report.safe_text import plain

DEFAULT_WIDTH = 80
"""Default line width of a report."""

# only a line of hyphens under the header: works in every terminal and encoding
_BOX = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)

_GAP = 2
_NARROW = 12

Align = Literal["left", "right"]


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
    """Return a table; long cells are wrapped, never cut.

    Args:
        headers: Column titles.
        rows: Cells, as many as headers; control characters are removed and markup is not interpreted.
        align: One letter per column, ``l`` or ``r``; missing ones are ``l``. Columns with capital letters are not
            wrapped if there is room.
        width: Maximum line width.
    """
    cells = [[plain(cell) for cell in row] for row in rows]
    longest = [max(len(line[index]) for line in ([*headers], *cells)) for index in range(len(headers))]
    whole = _unbroken([align[index : index + 1].isupper() for index in range(len(headers))], longest, width)
    grid = Table(box=_BOX, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="")
    for index, header in enumerate(headers):
        justify: Align = "right" if align[index : index + 1] in ("r", "R") else "left"
        grid.add_column(Text(header), justify=justify, overflow="fold", no_wrap=whole[index])
    for row in cells:
        grid.add_row(*map(Text, row))
    screen = io.StringIO()
    Console(file=screen, width=width, color_system=None, force_terminal=False, legacy_windows=False).print(grid)
    return _trimmed(screen.getvalue())


def _unbroken(wanted: Sequence[bool], longest: Sequence[int], width: int) -> list[bool]:
    """Return which columns can stay unwrapped so that the others keep :data:`_NARROW` characters each."""
    whole = list(wanted)
    while any(whole):
        kept = sum(size if keep else min(size, _NARROW) for size, keep in zip(longest, whole, strict=True))
        if kept + _GAP * len(longest) <= width:
            break
        whole[max((index for index, keep in enumerate(whole) if keep), key=lambda index: longest[index])] = False
    return whole


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


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines())
