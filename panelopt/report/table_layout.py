"""Layout of text tables: column widths, and cells wrapped without breaking words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

GAP = 2
"""Blanks between columns."""

_NARROW = 12
"""Columns are not narrowed further for the sake of columns that stay on one line."""

PIECES = re.compile(r"[_+/-]*[^\s_+/-]+[_+/-]*|[_+/-]+")
"""What stays on one line: words, and parts of names such as ``CD271+CD146-`` with the sign that ends them."""


def text_width(text: str) -> int:
    """Return the columns of a terminal that a text takes; rich, which knows all scripts, is loaded where it must be."""
    if text.isascii() and text.isprintable():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def column_widths(cells: Sequence[Sequence[str]], whole: Sequence[bool], width: int) -> list[int]:
    """Return the width of each column so that a row fits.

    Args:
        cells: Rows, headers included.
        whole: Columns whose cells stay on one line while there is room.
        width: Maximum width of a row.
    """
    columns = range(len(whole))
    widths = [max(text_width(row[i]) for row in cells) for i in columns]
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
    return max((text_width(piece) for piece in PIECES.findall(text)), default=1)


def cell_lines(text: str, width: int) -> list[str]:
    """Return a cell as lines, broken at blanks, then at the joints of names, and inside words only if nothing helps."""
    lines = [""]
    for word in text.split(" "):
        start = f"{lines[-1]} " if lines[-1] else ""
        if text_width(start + word) <= width:
            lines[-1] = start + word
            continue
        pieces = [word] if text_width(word) <= width else list(_joints(word, width))
        if lines[-1] and text_width(start + pieces[0]) <= width:
            lines[-1] = start + pieces.pop(0)
        for piece in pieces:
            joined = lines[-1] + piece
            if piece is not pieces[0] and text_width(joined) <= width:
                lines[-1] = joined
            elif lines[-1]:
                lines.append(piece)
            else:
                lines[-1] = piece
    return lines


def _joints(word: str, width: int) -> Iterator[str]:
    """Yield the pieces of a long word."""
    for piece in PIECES.findall(word):
        yield from _chopped(piece, width) if text_width(piece) > width else (piece,)


def _chopped(piece: str, width: int) -> list[str]:
    from rich.cells import chop_cells

    return chop_cells(piece, width)


def padded(text: str, width: int, *, right: bool) -> str:
    """Return a line of a cell, filled with blanks."""
    blanks = " " * max(width - text_width(text), 0)
    return blanks + text if right else text + blanks
