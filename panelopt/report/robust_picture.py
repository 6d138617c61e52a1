"""Picture of a robust design: score distribution of each panel, and which unknown matters most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.domain.robust_result import Influence, RobustCandidate, RobustResult
from panelopt.report.drawing import Drawing, Number, shortened
from panelopt.report.palette import EDGE, INK, SERIES

_SHOWN = 10
_LEFT, _TOP, _WIDTH, _HEIGHT = 60.0, 20.0, 380.0, 260.0
_NAMES_PX, _BARS_PX, _STEP = 250.0, 190.0, 26.0
_DASHES = ("none", "6 3", "2 2", "8 3 2 3")


def robust_picture(found: RobustResult) -> bytes:
    """Return :func:`robust_drawing` as an SVG file; the same for the same answer."""
    return robust_drawing(found).file()


def robust_drawing(found: RobustResult) -> Drawing:
    """Draw the distribution of the worst log ratio of each candidate, and the Sobol indices of the chosen panel.

    Args:
        found: The answer, with at least one candidate.
    """
    influences = found.sensitivity.influences[:_SHOWN] if found.sensitivity else ()
    right = 40 + _NAMES_PX + _BARS_PX + 20 if influences else 20.0
    legend = 18.0 * len(found.candidates)
    height = max(_TOP + _HEIGHT + 50 + legend, _TOP + _STEP * len(influences) + 70)
    drawing = Drawing(_LEFT + _WIDTH + right, height, "Worst log ratio over scenarios, and what it depends on")
    _distributions(drawing, found.candidates, found.share)
    _influences(drawing, influences, _LEFT + _WIDTH + 40 + _NAMES_PX)
    return drawing


def _distributions(drawing: Drawing, candidates: Sequence[RobustCandidate], share: float) -> None:
    """Draw the share of scenarios in which a panel reaches at least a worst log ratio."""
    finite = [value for one in candidates for value in one.values if value is not None]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    span = max(high - low, 0.1)

    def x(value: float) -> float:
        return _LEFT + _WIDTH * (value - low) / span

    def y(part: float) -> float:
        return _TOP + _HEIGHT * (1 - part)

    for part in np.linspace(0, 1, 6):
        drawing.line(_LEFT, y(part), _LEFT + _WIDTH, y(part), "rule", stroke=EDGE, stroke_width=0.6)
        drawing.text(_LEFT - 6, y(part) + 4, f"{part:.0%}", anchor="end")
    for value in np.linspace(low, low + span, 5):
        drawing.text(x(value), y(0) + 16, f"{value:.2f}", anchor="middle")
    drawing.line(_LEFT, y(share), _LEFT + _WIDTH, y(share), "edge", stroke=INK, stroke_dasharray="2 2")
    drawing.text(_LEFT, _TOP - 8, "scenarios that reach it")
    drawing.text(_LEFT + _WIDTH / 2, y(0) + 32, "worst log10 ratio", anchor="middle")
    for place, one in enumerate(candidates):
        usable = sorted(value for value in one.values if value is not None)
        steps = [(low, len(usable) / max(len(one.values), 1))]
        for rank, value in enumerate(usable):
            steps += [(value, steps[-1][1]), (value, (len(usable) - rank - 1) / len(one.values))]
        style: dict[str, Number | str] = {
            "stroke": SERIES[place % len(SERIES)],
            "stroke_width": 2.4 if one.name in ("chosen", "nominal") else 1.2,
            "stroke_dasharray": _DASHES[place // len(SERIES) % len(_DASHES)],
        }
        drawing.curve([(x(value), y(part)) for value, part in steps], "curve", tip=one.name, **style)
        below = y(0) + 50 + 18 * place
        drawing.line(_LEFT, below - 4, _LEFT + 30, below - 4, "curve", **style)
        drawing.text(_LEFT + 38, below, one.name)


def _influences(drawing: Drawing, influences: Sequence[Influence], left: float) -> None:
    """Draw bars: the share of the variance together with all other unknowns, and alone."""
    longest = max((one.total_interval.high or one.total for one in influences), default=1.0)

    def width(part: float) -> float:
        return _BARS_PX * max(part, 0.0) / max(longest, 1e-9)

    for place, one in enumerate(influences):
        top = _TOP + _STEP * place
        low, high = one.total_interval.low or 0.0, one.total_interval.high or one.total
        tip = f"{one.unknown}: {one.total:.2f} in all ({low:.2f} to {high:.2f}), {one.first:.2f} alone"
        drawing.text(left - 8, top + 13, shortened(one.unknown, 42), anchor="end")
        drawing.rect(left, top, width(one.total), 18, "bar", tip=tip, fill="#9aa3ad")
        drawing.rect(left, top + 5, width(one.first), 8, "bar on", tip=tip, fill=SERIES[0])
        drawing.line(left + width(low), top + 9, left + width(high), top + 9, "edge", stroke=INK)
    if influences:
        below = _TOP + _STEP * len(influences) + 16
        for part in (0.0, longest):
            drawing.text(left + width(part), below, f"{part:.2f}", anchor="middle")
        drawing.text(left + _BARS_PX, below + 16, "share of the variance", anchor="end")
        drawing.text(left + _BARS_PX, below + 32, "blue: alone, grey: with all others", anchor="end")
