"""Small SVG drawings; all names are escaped, and every mark can have a tooltip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
from markupsafe import Markup, escape

from panelopt.report.palette import INK
from panelopt.report.safe_text import plain

Number = float | int

_LINE: dict[str, str | Number] = {"fill": "none"}

FONT_PX = 11.0
"""Size of text without another one."""

_LETTER_EM = 0.62
"""Width of a letter in sizes of the font: that of DejaVu Sans, wider than most (model value)."""


class Drawing:
    """A drawing of fixed size in its own units; it scales with the page.

    Colours are set twice: as attributes for print and PDF, and by class for the page, whose style sheet may replace
    them in dark mode.

    Args:
        width, height: Size, about one pixel per unit.
        title: Description for screen readers.
    """

    def __init__(self, width: Number, height: Number, title: str) -> None:
        self.width, self.height, self.title = width, height, title
        self.parts: list[str] = []

    def rect(
        self, x: Number, y: Number, width: Number, height: Number, class_: str, *, tip: str = "", **style: str | Number
    ) -> None:
        """Add a rectangle; ``tip`` is its tooltip."""
        size = f'x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 0))}" height="{_n(max(height, 0))}"'
        self._add("rect", size, class_, tip, style)

    def tiles(
        self, corners: Iterable[tuple[float, float]], width: Number, height: Number, **style: str | Number
    ) -> None:
        """Add rectangles of one size as one path, each by its upper left corner."""
        outline = f"h{_n(width)}v{_n(height)}h{_n(-width)}z"
        self._add("path", f'd="{"".join(f"M{_n(x)} {_n(y)}{outline}" for x, y in corners)}"', "", "", style)

    def line(self, x1: Number, y1: Number, x2: Number, y2: Number, class_: str, **style: str | Number) -> None:
        """Add a straight line."""
        self._add("line", f'x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"', class_, "", style)

    def curve(
        self, points: Iterable[tuple[float, float]], class_: str, *, tip: str = "", **style: str | Number
    ) -> None:
        """Add a line through points."""
        path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        self._add("path", f'd="{path}"', class_, tip, {**_LINE, **style})

    def dots(self, points: Iterable[tuple[float, float]], class_: str, *, tip: str = "", **style: str | Number) -> None:
        """Add dots as one path of zero-length segments, drawn round by their line caps."""
        path, last = "", (0.0, 0.0)
        for x, y in points:
            away = _n(y - last[1])
            # the steps from dot to dot are shorter than the places
            path += f"m{_n(x - last[0])}{'' if away.startswith('-') else ' '}{away}h0"
            last = (x, y)
        if path:
            self._add("path", f'd="{path}"', class_, tip, {**_LINE, "stroke_linecap": "round", **style})

    def text(
        self,
        x: Number,
        y: Number,
        words: str,
        class_: str = "",
        *,
        anchor: str = "start",
        turn: Number = 0,
        **style: str | Number,
    ) -> None:
        """Add text; ``turn`` is the clockwise rotation in degrees."""
        turned = f' transform="rotate({_n(turn)} {_n(x)} {_n(y)})"' if turn else ""
        side = f' text-anchor="{anchor}"' if anchor != "start" else ""
        place = f'x="{_n(x)}" y="{_n(y)}"{side}{turned}'
        kind = f' class="{class_}"' if class_ else ""
        self.parts.append(f"<text {place}{kind}{_attributes(style)}>{escape(plain(words))}</text>")

    @contextmanager
    def group(self, class_: str, *, tip: str = "", **style: str | Number) -> Iterator[None]:
        """Put what is drawn inside into one group; its style and tooltip hold where a mark has none of its own."""
        self.parts.append(f'<g class="{class_}"{_attributes(style)}>{_title(tip)}')
        yield
        self.parts.append("</g>")

    def markup(self) -> Markup:
        """Return the SVG element."""
        size = f'viewBox="0 0 {_n(self.width)} {_n(self.height)}" width="{_n(self.width)}" height="{_n(self.height)}"'
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(plain(self.title))}" '
            f'font-family="system-ui, sans-serif" font-size="{_n(FONT_PX)}" fill="{INK}">'
        )
        return Markup("".join([head, *self.parts, "</svg>"]))  # noqa: S704  all text in it is escaped

    def file(self) -> bytes:
        """Return the picture as an SVG file; the same marks give the same bytes."""
        return f'<?xml version="1.0" encoding="utf-8"?>\n{self.markup()}\n'.encode()

    def _add(self, kind: str, place: str, class_: str, tip: str, style: dict[str, str | Number]) -> None:
        named = f' class="{class_}"' if class_ else ""
        start = f"<{kind} {place}{named}{_attributes(style)}"
        self.parts.append(f"{start}>{_title(tip)}</{kind}>" if tip else f"{start}/>")


def text_px(words: str, font_px: Number = FONT_PX) -> float:
    """Return about the width of a text; that of most fonts is smaller."""
    return len(plain(words)) * _LETTER_EM * font_px


def simplified(points: Sequence[tuple[float, float]], tolerance: float) -> list[tuple[float, float]]:
    """Return a line of fewer points that is nowhere further than ``tolerance`` from the given one.

    D. H. Douglas and T. K. Peucker, Cartographica 10:112-122 (1973), doi:10.3138/FM57-6770-U75U-7727.
    """
    place = np.asarray(points)
    kept, left = {0, len(points) - 1}, [(0, len(points) - 1)]
    while left:
        first, last = left.pop()
        along = place[last] - place[first]
        length = float(np.hypot(*along))
        off = place[first : last + 1] - place[first]
        far = np.abs(along[0] * off[:, 1] - along[1] * off[:, 0]) / length if length else np.hypot(*off.T)
        middle = first + int(far.argmax())
        if last - first > 1 and far.max() > tolerance:
            kept.add(middle)
            left += [(first, middle), (middle, last)]
    return [points[i] for i in sorted(kept)]


def shortened(words: str, longest: int) -> str:
    """Return a text of at most ``longest`` characters; tooltip and table have the rest."""
    clean = plain(words)
    return clean if len(clean) <= longest else clean[: longest - 1] + "\u2026"


def _title(tip: str) -> str:
    return f"<title>{escape(plain(tip))}</title>" if tip else ""


def _attributes(style: dict[str, str | Number]) -> str:
    # names and values come from this package, never from a file
    return "".join(f' {name.replace("_", "-")}="{v if isinstance(v, str) else _n(v)}"' for name, v in style.items())


@lru_cache(maxsize=4096)
def _n(value: Number) -> str:
    text = f"{value:.1f}"
    if text[-2:] != ".0":
        return text
    return text[:-2] if text != "-0.0" else "0"
