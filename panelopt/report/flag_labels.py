"""Labels above marks on a line: each starts at its pole, and no pole crosses another label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panelopt.report.drawing import FONT_PX, Drawing, Number, text_px
from panelopt.report.palette import EDGE

_LANE_PX = 14.0
_GAP_PX = 10.0
_BOLD = 1.12  # bold letters are wider


@dataclass(frozen=True, slots=True)
class Flag:
    """A label to place.

    Attributes:
        x: Place of its pole.
        text: Words.
        bold: Whether it stands out.
    """

    x: float
    text: str
    bold: bool = False

    @property
    def right(self) -> float:
        """Where the last letter ends."""
        return self.x + 4 + text_px(self.text) * (_BOLD if self.bold else 1.0)


def lanes(flags: Sequence[Flag]) -> list[int]:
    """Return the lane of each label, 0 the lowest.

    A label runs to the right of its pole, so it must be above all that start below it; then poles cross no label.
    """
    found = [0] * len(flags)
    order = sorted(range(len(flags)), key=lambda i: flags[i].x)
    for place in range(len(order) - 1, -1, -1):
        own = flags[order[place]]
        under = [found[i] for i in order[place + 1 :] if flags[i].x < own.right + _GAP_PX]
        found[order[place]] = max(under, default=-1) + 1
    return found


def flags_height(flags: Sequence[Flag]) -> float:
    """Return the height of all lanes."""
    return _LANE_PX * (max(lanes(flags), default=-1) + 1)


def draw_flags(drawing: Drawing, flags: Sequence[Flag], base: Number, feet: Sequence[Number]) -> None:
    """Draw labels above a line.

    Args:
        drawing: The picture.
        flags: Labels.
        base: Line above which the lanes begin.
        feet: Lower end of each pole, at or below ``base``.
    """
    for flag, lane, foot in zip(flags, lanes(flags), feet, strict=True):
        y = base - _LANE_PX * lane - 4
        drawing.line(flag.x, y - FONT_PX + 2, flag.x, foot, "frame", stroke=EDGE, stroke_width=1)
        drawing.text(flag.x + 4, y, flag.text, font_weight="bold" if flag.bold else "normal")
