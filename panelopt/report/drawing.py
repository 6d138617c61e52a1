"""Small SVG drawings; all names are escaped, and every mark can have a tooltip."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from panelopt.report.safe_text import plain

Number = float | int

_LINE: dict[str, str | Number] = {"fill": "none"}


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
        path = "".join(f"M{_n(x)} {_n(y)}h0" for x, y in points)
        if path:
            self._add("path", f'd="{path}"', class_, tip, {**_LINE, "stroke_linecap": "round", **style})

    def text(
        self,
        x: Number,
        y: Number,
        words: str,
        class_: str = "t",
        *,
        anchor: str = "start",
        turn: Number = 0,
        **style: str | Number,
    ) -> None:
        """Add text; ``turn`` is the clockwise rotation in degrees."""
        turned = f' transform="rotate({_n(turn)} {_n(x)} {_n(y)})"' if turn else ""
        place = f'x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}"{turned}'
        attributes = _attributes({"fill": "#1b1f24", "font_size": 11, **style})
        self.parts.append(f'<text {place} class="{class_}"{attributes}>{escape(plain(words))}</text>')

    def markup(self) -> Markup:
        """Return the SVG element."""
        size = f'viewBox="0 0 {_n(self.width)} {_n(self.height)}" width="{_n(self.width)}" height="{_n(self.height)}"'
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(plain(self.title))}" '
            'font-family="system-ui, sans-serif">'
        )
        return Markup("".join([head, *self.parts, "</svg>"]))  # noqa: S704  all text in it is escaped

    def file(self) -> bytes:
        """Return the picture as an SVG file; the same marks give the same bytes."""
        return f'<?xml version="1.0" encoding="utf-8"?>\n{self.markup()}\n'.encode()

    def _add(self, kind: str, place: str, class_: str, tip: str, style: dict[str, str | Number]) -> None:
        start = f'<{kind} {place} class="{class_}"{_attributes(style)}'
        self.parts.append(f"{start}><title>{escape(plain(tip))}</title></{kind}>" if tip else f"{start}/>")


def shortened(words: str, longest: int) -> str:
    """Return a text of at most ``longest`` characters; tooltip and table have the rest."""
    clean = plain(words)
    return clean if len(clean) <= longest else clean[: longest - 1] + "\u2026"


def _attributes(style: dict[str, str | Number]) -> str:
    # names and values come from this package, never from a file
    return "".join(f' {name.replace("_", "-")}="{v if isinstance(v, str) else _n(v)}"' for name, v in style.items())


def _n(value: Number) -> str:
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"
