"""Layout of text tables: column widths, and cells wrapped without breaking words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len, chop_cells

GAP = 2
"""Blanks between columns."""

_NARROW = 12
"""Columns are not narrowed further for the sake of columns that stay on one line."""

PIECES = re.compile(r"[_+/-]*[^\s_+/-]+[_+/-]*|[_+/-]+")
"""What stays on one line: words, and parts of names such as ``CD271+CD146-`` with the sign that ends them."""


def column_widths(cells: Sequence[Sequence[str]], whole: Sequence[bool], width: int) -> list[int]:
    """Return the width of each column so that a row fits.

    Args:
        cells: Rows, headers included.
        whole: Columns whose cells stay on one line while there is room.
        width: Maximum width of a row.
    """
    columns = range(len(whole))
    widths = [max(cell_len(row[i]) for row in cells) for i in columns]
    least = [max(_longest_piece(row[i]) for row in cells) for i in columns]
    room = max(width - GAP * (len(whole) - 1), len(whole))
    for limits in (
        [w if keep else max(low, min(w, _NARROW)) for w, keep, low in zip(widths, whole, least, strict=True)],
        least,
        [1] * len(whole),
    ):
        _shrink(widths, limits, room)
    return widths


def _shrink(widths: list[int], limits: Sequence[int], room: int) -> None:
    """Narrow the widest columns, none below its limit, until all fit."""
    while sum(widths) > room:
        wide = [i for i, (width, limit) in enumerate(zip(widths, limits, strict=True)) if width > limit]
        if not wide:
            return
        widths[max(wide, key=lambda i: (widths[i], i))] -= 1


def _longest_piece(text: str) -> int:
    return max((cell_len(piece) for piece in PIECES.findall(text)), default=1)


def cell_lines(text: str, width: int) -> list[str]:
    """Return a cell as lines, broken at blanks, then at the joints of names, and inside words only if nothing helps."""
    lines = [""]
    for word in text.split(" "):
        start = f"{lines[-1]} " if lines[-1] else ""
        if cell_len(start + word) <= width:
            lines[-1] = start + word
            continue
        pieces = [word] if cell_len(word) <= width else list(_joints(word, width))
        if lines[-1] and cell_len(start + pieces[0]) <= width:
            lines[-1] = start + pieces.pop(0)
        for piece in pieces:
            joined = lines[-1] + piece
            if piece is not pieces[0] and cell_len(joined) <= width:
                lines[-1] = joined
            elif lines[-1]:
                lines.append(piece)
            else:
                lines[-1] = piece
    return lines


def _joints(word: str, width: int) -> Iterator[str]:
    """Yield the pieces of a long word."""
    for piece in PIECES.findall(word):
        yield from chop_cells(piece, width) if cell_len(piece) > width else (piece,)


def padded(text: str, width: int, *, right: bool) -> str:
    """Return a line of a cell, filled with blanks."""
    blanks = " " * max(width - cell_len(text), 0)
    return blanks + text if right else text + blanks
