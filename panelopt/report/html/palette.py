"""Colours that colour-blind readers can distinguish, in light and dark pages and in print."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

# M. Okabe and K. Ito, Color Universal Design (2008), https://jfly.uni-koeln.de/color/; without their black and yellow,
# which vanish on dark and light pages
TARGET = "#0072B2"
"""The target population: blue."""

OTHERS = ("#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Contaminants, worst first: vermillion, bluish green, reddish purple, orange, sky blue."""

REST = "#8A8A8A"
"""All other populations: grey."""

# anchors of cividis at equal steps: J. R. Nunez, C. R. Anderton and R. S. Renslow, PLoS ONE 13:e0199239 (2018),
# doi:10.1371/journal.pone.0199239
_CIVIDIS = ("#00224e", "#1a386f", "#434e6c", "#61656f", "#7d7c78", "#9b9476", "#bcae6c", "#dec958", "#fee838")


def shade(fraction: float) -> str:
    """Return the heat map colour of a fraction between 0 (dark blue) and 1 (yellow)."""
    place = min(max(fraction, 0.0), 1.0) * (len(_CIVIDIS) - 1)
    low = min(math.floor(place), len(_CIVIDIS) - 2)
    part = place - low
    mixed = (1 - part) * _rgb(_CIVIDIS[low]) + part * _rgb(_CIVIDIS[low + 1])
    return "#" + "".join(f"{round(float(channel)):02x}" for channel in mixed)


def ink_on(colour: str) -> str:
    """Return black or white, whichever has more contrast on a colour (WCAG 2, at least 4.5)."""
    light = luminance(colour)
    return "#ffffff" if 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 else "#000000"


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour as WCAG 2 defines it, 0 (black) to 1 (white)."""
    scaled = _rgb(colour) / 255
    linear = np.where(scaled <= 0.03928, scaled / 12.92, ((scaled + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def _rgb(colour: str) -> npt.NDArray[np.float64]:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=float)
