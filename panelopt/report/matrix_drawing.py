"""Matrices as pictures: numbers on their shades, with a colour bar."""

from __future__ import annotations

from panelopt.report.drawing import FONT_PX, Drawing, Number, shortened, text_px
from panelopt.report.matrix_shades import Shades
from panelopt.report.palette import EDGE, INK, ink_on
from panelopt.report.sheet import Column, Sheet

_LONGEST = 30
_GAP, _BAR, _BAR_PX, _STEPS = 16.0, 10.0, 240.0, 60
_MANY = 12
"""Columns from which the cells become smaller."""

_CELL_PX, _SMALL_CELL_PX = (46.0, 26.0), (32.0, 22.0)
_SMALL_PX = 9.5
_SLANT = -50.0  # degrees
_RISE, _RUN = 0.766, 0.643  # sine and cosine of the slant
_TICKS = 5


def matrix_drawing(sheet: Sheet, unit: str) -> Drawing:
    """Draw a matrix with its rows and columns named, its numbers written, and a colour bar below.

    Args:
        sheet: A matrix whose first column names the rows.
        unit: What the numbers are, at the colour bar.
    """
    columns = sheet.columns[1:]
    rows = [(str(row[0]), row[1:]) for row in sheet.rows]
    heads = [shortened(column.title, _LONGEST) for column in columns]
    names = [shortened(name, _LONGEST) for name, _ in rows]
    shown = [[column.shown(value) for column, value in zip(columns, row, strict=True)] for _, row in rows]
    size = FONT_PX if len(heads) <= _MANY else _SMALL_PX
    narrowest, down = _CELL_PX if len(heads) <= _MANY else _SMALL_CELL_PX
    step = max([narrowest, *(text_px(text, size) + 6 for line in shown for text in line)])
    left = max((text_px(name) for name in names), default=0.0) + 12
    longest = max((text_px(head) for head in heads), default=0.0)
    top = longest * _RISE + 14
    right = left + step * len(columns)
    base = top + down * len(rows)
    width = max(right + longest * _RUN, left + _BAR_PX + 2 * _GAP + text_px(unit))
    drawing = Drawing(width, base + 52, sheet.caption)
    for place, head in enumerate(heads):
        drawing.text(left + step * (place + 0.5) + 3, top - 6, head, turn=_SLANT)
    for place, name in enumerate(names):
        drawing.text(left - 8, top + down * (place + 0.5) + 4, name, anchor="end")
    shades = Shades.of(sheet)
    cells = [
        (left + step * across, top + down * line, shades.colour(float(value)), shown[line][across])
        for line, (_, row) in enumerate(rows)
        for across, value in enumerate(row)
        if isinstance(value, int | float)
    ]
    tiles: dict[str, list[tuple[float, float]]] = {}
    for x, y, colour, _ in cells:
        tiles.setdefault(colour, []).append((x, y))
    for colour, corners in tiles.items():
        drawing.tiles(corners, step, down, fill=colour)
    for ink in ("#000000", "#ffffff"):
        with drawing.group("heat", font_size=size, text_anchor="middle", fill=ink):
            for x, y, colour, text in cells:
                if ink_on(colour) == ink:
                    drawing.text(x + step / 2, y + down / 2 + 4, text)
    drawing.rect(left, top, right - left, base - top, "frame", fill="none", stroke=EDGE, stroke_width=1)
    _bar(drawing, shades, columns[0], left, base + _GAP, unit)
    return drawing


def _bar(drawing: Drawing, shades: Shades, column: Column, left: Number, top: Number, unit: str) -> None:
    """Draw the scale of colours with a few of its numbers."""
    for step in range(_STEPS):
        x = left + _BAR_PX * step / _STEPS
        colour = shades.colour(shades.value((step + 0.5) / _STEPS))
        drawing.rect(x, top, _BAR_PX / _STEPS + 0.4, _BAR, "", fill=colour)
    drawing.rect(left, top, _BAR_PX, _BAR, "frame", fill="none", stroke=EDGE, stroke_width=1)
    for tick in range(_TICKS):
        x = left + _BAR_PX * tick / (_TICKS - 1)
        drawing.line(x, top + _BAR, x, top + _BAR + 3, "edge", stroke=INK)
        text = column.shown(shades.value(tick / (_TICKS - 1)))
        drawing.text(x, top + _BAR + 14, text, anchor="middle", font_size=_SMALL_PX)
    drawing.text(left + _BAR_PX + _GAP, top + _BAR - 1, unit)
