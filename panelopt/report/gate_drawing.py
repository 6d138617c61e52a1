"""Gates of a target as plots of simulated cells, each population alike or in the proportions of the sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from panelopt.report.content import Cloud, FloatArray, GateAxis, GatePlot, TargetPlots
from panelopt.report.drawing import Drawing, Number, shortened
from panelopt.report.palette import EDGE, INK, PAGE, REST, SERIES, crowded
from panelopt.report.plot_axis import SIZE_PX, PlotAxis
from panelopt.report.text_tables import count, percent

_LEFT, _RIGHT, _BOTTOM, _TOP = 52.0, 12.0, 44.0, 50.0
_LONGEST = 40
_DOT_PX = 2.4
_CELL_PX = 6.0
_CROWDED = (18, 50)
"""Dots of one population within 9 px from which their colour becomes darker, and darker again (model values)."""

EVEN, SAMPLE = "even", "sample"
"""Classes of the two layers of a plot: equal numbers of each population, and proportions of the sample."""

Colours = dict[str, tuple[int, str]]
"""Index in the series of colours and short label, by population."""


def gate_drawings(target: TargetPlots) -> list[Drawing]:
    """Draw the plots of a target, in gate order."""
    return [_drawing(target, plot) for plot in target.plots]


def colour_names(target: TargetPlots) -> list[tuple[int, str, str]]:
    """Return index of the colour, short label and name of each population with its own colour; the others are grey."""
    named = [name for name in target.named if name != target.population][: len(SERIES) - 1]
    return [(0, "T", target.population), *((i, str(i), name) for i, name in enumerate(named, start=1))]


def _drawing(target: TargetPlots, plot: GatePlot) -> Drawing:
    title = f"{target.target}, gate {plot.name}: {plot.x.label} against {plot.y.label}, simulated cells"
    drawing = Drawing(_LEFT + SIZE_PX + _RIGHT, _TOP + SIZE_PX + _BOTTOM, title)
    across = PlotAxis(plot.x, [cloud.x for cloud in (*plot.clouds, *plot.sample)])
    upward = PlotAxis(plot.y, [cloud.y for cloud in (*plot.clouds, *plot.sample)])
    _head(drawing, plot)
    drawing.rect(_LEFT, _TOP, SIZE_PX, SIZE_PX, "frame", fill="none", stroke=EDGE)
    _ticks(drawing, across, upward)
    colours: Colours = {name: (index, label) for index, label, name in colour_names(target)}
    for layer, clouds in ((EVEN, plot.clouds), (SAMPLE, plot.sample)):
        if clouds:
            with drawing.group(layer, display="none" if layer == SAMPLE else "inline"):
                _layer(drawing, target.population, clouds, colours, across, upward)
    _gate(drawing, plot, across, upward)
    drawing.text(_LEFT + SIZE_PX / 2, _TOP + SIZE_PX + 38, shortened(plot.x.label, _LONGEST), anchor="middle")
    drawing.text(13, _TOP + SIZE_PX / 2, shortened(plot.y.label, _LONGEST), anchor="middle", turn=-90)
    return drawing


def _head(drawing: Drawing, plot: GatePlot) -> None:
    drawing.text(_LEFT, 13, shortened(plot.name, _LONGEST - 4), font_weight="bold", font_size=12)
    for line, text in enumerate(passage_texts(plot)):
        drawing.text(_LEFT, 28 + 14 * line, text, font_size=10.5)


def passage_texts(plot: GatePlot) -> list[str]:
    """Return what a gate does to the sample, in two short lines."""
    found = plot.passage
    if found is None:
        return []
    texts = [f"{percent(found.share)} % of the cells that reach it"]
    if found.kept is not None:
        texts.append(f"keeps {percent(found.kept)} % of T; purity then {percent(found.purity)} %")
    return texts


def _layer(
    drawing: Drawing, target: str, clouds: Sequence[Cloud], colours: Colours, across: PlotAxis, upward: PlotAxis
) -> None:
    # target cells last, so that they are drawn on top
    for cloud in sorted(clouds, key=lambda c: (c.population in colours, c.population == target)):
        if cloud.x.size:
            _cells(drawing, cloud, colours.get(cloud.population), across, upward)
    for cloud in sorted(clouds, key=lambda c: c.population == target):
        if cloud.population in colours and cloud.x.size:
            index, label = colours[cloud.population]
            x, y = _LEFT + across.at(np.median(cloud.x)), _TOP + SIZE_PX - upward.at(np.median(cloud.y))
            drawing.rect(x - 7, y - 7, 14, 14, f"tag c{index}", fill=PAGE, stroke=SERIES[index], stroke_width=1.5, rx=3)
            drawing.text(x, y + 4, label, anchor="middle", font_weight="bold")


def _cells(drawing: Drawing, cloud: Cloud, named: tuple[int, str] | None, across: PlotAxis, upward: PlotAxis) -> None:
    """Draw the cells of one population; the more of them lie together, the darker."""
    class_, colour = ("rest", REST) if named is None else (f"c{named[0]}", SERIES[named[0]])
    points = np.column_stack([across.places(cloud.x), SIZE_PX - upward.places(cloud.y)])
    places = np.unique(points.round(), axis=0)
    crowd = _crowd(points, places)
    tip = (
        f"{cloud.population}: {cloud.inside} of {cloud.x.size} cells are inside these gates "
        f"({cloud.x.size} of {cloud.drawn} drawn reach them)"
    )
    with drawing.group(f"dots {class_}", tip=tip):
        for level in range(3):
            own = [(_LEFT + x, _TOP + y) for x, y in places[crowd == level].tolist()]
            drawing.dots(own, f"d{level}", stroke=crowded(colour, level), stroke_width=_DOT_PX)


def _crowd(points: FloatArray, places: FloatArray) -> npt.NDArray[np.int64]:
    """Return how crowded each place (m, 2) is among points (n, 2), px: 0 to 2."""
    cells = int(SIZE_PX // _CELL_PX) + 1
    edges = np.arange(cells + 1) * _CELL_PX
    counts = np.histogram2d(points[:, 0], points[:, 1], bins=(edges, edges))[0]
    wide = np.pad(counts, 1)
    around = np.sum([wide[i : i + cells, j : j + cells] for i in range(3) for j in range(3)], axis=0)
    own = np.minimum(places // _CELL_PX, cells - 1).astype(int)
    return np.asarray(np.digitize(around[own[:, 0], own[:, 1]], _CROWDED))


def _ticks(drawing: Drawing, across: PlotAxis, upward: PlotAxis) -> None:
    for place, label in across.ticks():
        drawing.line(_LEFT + place, _TOP + SIZE_PX, _LEFT + place, _TOP + SIZE_PX + 4, "edge", stroke=INK)
        drawing.text(_LEFT + place, _TOP + SIZE_PX + 17, label, anchor="middle", font_size=10)
    for place, label in upward.ticks():
        y = _TOP + SIZE_PX - place
        drawing.line(_LEFT - 4, y, _LEFT, y, "edge", stroke=INK)
        drawing.text(_LEFT - 7, y + 3.5, label, anchor="end", font_size=10)


def _gate(drawing: Drawing, plot: GatePlot, across: PlotAxis, upward: PlotAxis) -> None:
    left, right = across.ends(plot.x)
    low, high = upward.ends(plot.y)
    words = " and ".join(_words(axis) for axis in (plot.x, plot.y) if axis.gated)
    style: dict[str, Number | str] = {"fill": "none", "stroke": INK, "stroke_width": 2}
    drawing.rect(_LEFT + left, _TOP + SIZE_PX - high, right - left, high - low, "gate",
                 tip=f"Gate {plot.name}: {words}", **style)  # fmt: skip


def _words(axis: GateAxis) -> str:
    low = "" if axis.low is None else f" from {count(axis.low)}"
    high = "" if axis.high is None else f" up to {count(axis.high)}"
    return f"{axis.label}{low}{high}{'' if axis.unit is None else ' antibodies'}"
