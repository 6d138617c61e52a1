"""Colours that colour-blind readers can distinguish, in light and dark pages and in print.

Every stroke has a contrast of at least 3 : 1 with its page (WCAG 2.2, criterion 1.4.11).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

PAGE, DARK_PAGE = "#ffffff", "#14171b"
"""Grounds of light pages and print, and of dark pages."""

INK, EDGE = "#1b1f24", "#767d86"
"""Main lines and text, and lines that stand back, on paper."""

# hues of M. Okabe and K. Ito, Color Universal Design (2008), https://jfly.uni-koeln.de/color/, darker or lighter until
# they stand out from their page; violet replaces their sky blue, which is too close to blue at equal lightness
SERIES = ("#0072B2", "#D55E00", "#008A66", "#B9408F", "#7A5C00", "#5B3FD6")
"""On light pages and in print: the target population in blue, then contaminants, worst first."""

DARK_SERIES = ("#3D9BE0", "#E8702A", "#1FB58A", "#E08BC0", "#F0B429", "#A79BFF")
"""The same on dark pages."""

REST, DARK_REST = "#6E747C", "#9AA3AD"
"""All other populations: grey."""

_DENSER = (0.0, 0.35, 0.65)
"""Share of ink in the colour of crowded dots, by level."""

_LUMINANCE = (0.135, 0.285)
"""Range in which a colour has a contrast of 3 with both pages."""

# approximate colours of the visible spectrum by nm, for orientation only
_HUES = (
    (340, (0.45, 0.35, 0.60)), (400, (0.50, 0.20, 0.75)), (440, (0.25, 0.30, 0.90)), (490, (0.10, 0.70, 0.90)),
    (520, (0.15, 0.75, 0.35)), (570, (0.75, 0.80, 0.15)), (590, (0.98, 0.75, 0.15)), (620, (0.97, 0.45, 0.15)),
    (660, (0.88, 0.15, 0.15)), (740, (0.60, 0.08, 0.12)), (880, (0.38, 0.10, 0.16)),
)  # fmt: skip

# anchors of cividis at equal steps: J. R. Nunez, C. R. Anderton and R. S. Renslow, PLoS ONE 13:e0199239 (2018),
# doi:10.1371/journal.pone.0199239
_CIVIDIS = ("#00224e", "#1a386f", "#434e6c", "#61656f", "#7d7c78", "#9b9476", "#bcae6c", "#dec958", "#fee838")


def shade(fraction: float) -> str:
    """Return the heat map colour of a fraction between 0 (dark blue) and 1 (yellow)."""
    place = min(max(fraction, 0.0), 1.0) * (len(_CIVIDIS) - 1)
    low = min(math.floor(place), len(_CIVIDIS) - 2)
    return _mixed(_CIVIDIS[low], _CIVIDIS[low + 1], place - low)


def crowded(colour: str, level: int) -> str:
    """Return the colour of dots among others on paper: the more crowded, the closer to ink.

    Args:
        colour: Colour of a dot that stands alone.
        level: From 0 (alone) to 2.
    """
    return _mixed(colour, INK, _DENSER[level])


def hue(nm: float) -> str:
    """Return the approximate colour of a wavelength, for fills."""
    corners = [float(corner) for corner, _ in _HUES]
    parts = [float(np.interp(nm, corners, [colour[part] for _, colour in _HUES])) for part in range(3)]
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)


def hue_stroke(nm: float) -> str:
    """Return the approximate colour of a wavelength, so dark or light that lines stand out from both pages."""
    colour = hue(nm)
    low, high = _LUMINANCE
    if low <= luminance(colour) <= high:
        return colour
    end = "#000000" if luminance(colour) > high else "#ffffff"
    steps = (_mixed(colour, end, part) for part in np.linspace(0, 1, 101))
    return next(one for one in steps if low <= luminance(one) <= high)


@lru_cache(maxsize=4096)
def ink_on(colour: str) -> str:
    """Return black or white, whichever has more contrast on a colour (WCAG 2, at least 4.5)."""
    return max(("#ffffff", "#000000"), key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it, from 1 (equal) to 21 (black on white)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour as WCAG 2 defines it, 0 (black) to 1 (white)."""
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in (x / 255 for x in _rgb(colour))
    )
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def _mixed(colour: str, other: str, part: float) -> str:
    pairs = zip(_rgb(colour), _rgb(other), strict=True)
    return "#" + "".join(f"{round((1 - part) * one + part * two):02x}" for one, two in pairs)


def _rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
