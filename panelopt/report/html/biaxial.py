"""Gates of a target as plots of simulated cells, on axes that are linear near zero and logarithmic beyond."""

from __future__ import annotations

import math

import numpy as np

from panelopt.report.content import Cloud, FloatArray, GateAxis, GatePlot, TargetPlots
from panelopt.report.drawing import Drawing, shortened
from panelopt.report.html.palette import OTHERS, REST, TARGET

_SIZE, _LEFT, _BOTTOM, _TOP = 250.0, 52.0, 44.0, 12.0
_MARGIN = 0.04
_APART = 20.0  # closer labels would touch
_POWERS = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077"


def gate_drawings(target: TargetPlots) -> list[Drawing]:
    """Draw the plots of a target, in gate order."""
    return [_drawing(target, plot, number) for number, plot in enumerate(target.plots, start=1)]


def colour_names(target: TargetPlots) -> list[tuple[str, str, str]]:
    """Return colour, short label and name of each population with its own colour; the others are grey."""
    named = [(TARGET, "T", target.population)]
    return [
        *named,
        *((colour, str(i), name) for i, (colour, name) in enumerate(zip(OTHERS, target.named, strict=False), 1)),
    ]


def _drawing(target: TargetPlots, plot: GatePlot, number: int) -> Drawing:
    title = f"{target.target}, plot {number}: {plot.x.label} against {plot.y.label}, simulated cells and gates"
    drawing = Drawing(_LEFT + _SIZE + 12, _TOP + _SIZE + _BOTTOM, title)
    across = _Scale(plot.x, [cloud.x for cloud in plot.clouds])
    upward = _Scale(plot.y, [cloud.y for cloud in plot.clouds])
    drawing.rect(_LEFT, _TOP, _SIZE, _SIZE, "frame", fill="#ffffff", fill_opacity=0.0, stroke="#767d86")
    _ticks(drawing, across, upward)
    colours = {name: (colour, label) for colour, label, name in colour_names(target)}
    # target cells last, so that they are drawn on top
    for cloud in sorted(plot.clouds, key=lambda c: (c.population in colours, c.population == target.population)):
        _cells(drawing, cloud, colours.get(cloud.population, (REST, ""))[0], across, upward)
    _gate(drawing, plot, across, upward)
    for cloud in sorted(plot.clouds, key=lambda c: c.population == target.population):
        if cloud.population in colours and cloud.x.size:
            colour, label = colours[cloud.population]
            x, y = _LEFT + across.at(np.median(cloud.x)), _TOP + _SIZE - upward.at(np.median(cloud.y))
            drawing.rect(x - 7, y - 7, 14, 14, "tag", fill="#ffffff", stroke=colour, stroke_width=1.5, rx=3)
            drawing.text(x, y + 4, label, "tagged", anchor="middle", font_weight="bold", fill="#1b1f24")
    drawing.text(_LEFT + _SIZE / 2, _TOP + _SIZE + 38, shortened(plot.x.label, 40), anchor="middle")
    drawing.text(13, _TOP + _SIZE / 2, shortened(plot.y.label, 40), anchor="middle", turn=-90)
    return drawing


class _Scale:
    """Maps antibodies to positions along an axis, by the inverse hyperbolic sine."""

    def __init__(self, axis: GateAxis, values: list[FloatArray]) -> None:
        self.unit = axis.unit
        edges = [edge for edge in (axis.low, axis.high) if edge is not None]
        seen = np.concatenate([*values, np.array([0.0, 10 * axis.unit, *edges])])
        low, high = np.quantile(seen, [0.002, 0.998])
        shown = np.arcsinh(np.array([min(low, *edges, 0.0), max(high, *edges, 10 * axis.unit)]) / axis.unit)
        room = _MARGIN * (shown[1] - shown[0])
        self.low, self.high = float(shown[0] - room), float(shown[1] + room)

    def at(self, value: float | np.floating) -> float:
        """Return the distance from the start of the axis; values outside are clipped to its ends."""
        place = (math.asinh(float(value) / self.unit) - self.low) / (self.high - self.low)
        return min(max(place, 0.0), 1.0) * _SIZE

    def ticks(self) -> list[tuple[float, str]]:
        """Return positions and labels: zero, and the powers of ten beyond the linear part."""
        decades = range(math.ceil(math.log10(self.unit) - 1e-9), 8)
        found = [(0.0, "0"), *((10.0**n, f"10{_POWERS[n]}") for n in decades)]
        seen = [(self.at(v), label) for v, label in found if self.low <= math.asinh(v / self.unit) <= self.high]
        return [tick for i, tick in enumerate(seen) if i == 0 or tick[0] - seen[i - 1][0] >= _APART]


def _ticks(drawing: Drawing, across: _Scale, upward: _Scale) -> None:
    for place, label in across.ticks():
        drawing.line(_LEFT + place, _TOP + _SIZE, _LEFT + place, _TOP + _SIZE + 4, "edge", stroke="#1b1f24")
        drawing.text(_LEFT + place, _TOP + _SIZE + 17, label, anchor="middle", font_size=10)
    for place, label in upward.ticks():
        y = _TOP + _SIZE - place
        drawing.line(_LEFT - 4, y, _LEFT, y, "edge", stroke="#1b1f24")
        drawing.text(_LEFT - 7, y + 3.5, label, anchor="end", font_size=10)


def _cells(drawing: Drawing, cloud: Cloud, colour: str, across: _Scale, upward: _Scale) -> None:
    points = [(_LEFT + across.at(x), _TOP + _SIZE - upward.at(y)) for x, y in zip(cloud.x, cloud.y, strict=True)]
    tip = (
        f"{cloud.population}: {cloud.inside} of {cloud.x.size} cells are inside these gates "
        f"({cloud.x.size} of {cloud.drawn} drawn reach them)"
    )
    size = 2.0 if colour == REST else 2.6
    drawing.dots(points, "dots", tip=tip, stroke=colour, stroke_width=size, stroke_opacity=0.55)


def _gate(drawing: Drawing, plot: GatePlot, across: _Scale, upward: _Scale) -> None:
    left, right = _ends(plot.x, across)
    low, high = _ends(plot.y, upward)
    words = " and ".join(_words(axis) for axis in (plot.x, plot.y) if axis.gated)
    drawing.rect(
        _LEFT + left, _TOP + _SIZE - high, right - left, high - low, "gate", tip=f"Gate: {words}",
        fill="#ffffff", fill_opacity=0.0, stroke="#1b1f24", stroke_width=2,
    )  # fmt: skip


def _ends(axis: GateAxis, scale: _Scale) -> tuple[float, float]:
    low = 0.0 if axis.low is None else scale.at(axis.low)
    return low, _SIZE if axis.high is None else scale.at(axis.high)


def _words(axis: GateAxis) -> str:
    low = "" if axis.low is None else f" from {axis.low:,.0f}"
    high = "" if axis.high is None else f" up to {axis.high:,.0f}"
    return f"{axis.label}{low}{high} antibodies"
