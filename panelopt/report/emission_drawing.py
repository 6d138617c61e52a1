"""Emission of every dye of a panel behind every laser: what its detectors see, wanted or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panelopt.domain.panel_records import PanelSlot
from panelopt.optics.signatures import LASER_MARGIN_NM
from panelopt.optics.spectra import emission_density
from panelopt.report.content import FloatArray, Optics
from panelopt.report.drawing import Drawing, Number, shortened, simplified
from panelopt.report.flag_labels import Flag, draw_flags, flags_height
from panelopt.report.palette import INK, hue, hue_stroke
from panelopt.report.wavelength_axis import (
    AXIS_PX,
    HIGH_NM,
    LEFT,
    RIGHT,
    WIDTH,
    Row,
    axis,
    laser_lines,
    laser_name,
    rows_of,
    x_of,
)

FAINTEST = 0.003
"""Light below this share of a dye's maximum is not drawn."""

NAMED = 0.05
"""A dye that another laser's detectors should not see is named from this share of its maximum."""

_MOST_NAMED = 12
_PLOT, _GAP = 112.0, 16.0
_TICKS = (0.01, 0.05, 0.25, 0.5, 1.0)
_LONGEST = 26
_TOLERANCE_PX = 0.35
_DASHES = ("none", "7 3", "2 2", "9 3 2 3")
"""Dash patterns, so that curves differ by more than colour."""


@dataclass(frozen=True, slots=True, eq=False)
class _Curve:
    """Light of one dye behind one laser."""

    index: int
    nm: FloatArray
    height: FloatArray
    own: bool

    @property
    def peak(self) -> int:
        return int(self.height.argmax())


def emission_drawing(optics: Optics, panel: Sequence[PanelSlot]) -> Drawing:
    """Draw, for each laser, the light of every dye of the panel behind it.

    A curve is the emission spectrum, scaled by how well the laser excites the dye: 100 % is the peak of the dye at the
    wavelength that excites it best. Light below the laser line, which the filters block, is cut off. The vertical axis
    shows square roots, so that a few percent can be seen.

    Args:
        optics: Dyes of the panel on the instrument.
        panel: Slots, in the order of the dyes.
    """
    rows = rows_of(optics.cytometer)
    curves = {row: _curves(optics, panel, row, {d.name for d in rows[row]}) for row in rows}
    flags = {row: _flags(optics, curves[row]) for row in rows}
    heights = {row: flags_height(flags[row]) + _PLOT + _GAP for row in rows}
    right = max((flag.right for found in flags.values() for flag in found), default=0.0)
    title = f"Emission of {len(panel)} fluorochromes behind each laser of {optics.cytometer.name}"
    drawing = Drawing(max(WIDTH, right + 4), sum(heights.values()) + AXIS_PX, title)
    base = 0.0
    for row in rows:
        base += heights[row]
        _chart(drawing, optics, panel, row, base, curves[row])
        feet = [base - _px(float(c.height.max())) for c in _named(curves[row])]
        draw_flags(drawing, flags[row], base - _PLOT - 2, feet)
    axis(drawing, base)
    return drawing


def _curves(optics: Optics, panel: Sequence[PanelSlot], row: Row, names: set[str]) -> list[_Curve]:
    """Return the light of each dye behind one laser, without what is too faint to be seen."""
    laser_nm = row[1]
    line = next(i for i, laser in enumerate(optics.cytometer.laser) if laser.nm == laser_nm)
    seen = np.arange(np.ceil(laser_nm + LASER_MARGIN_NM), HIGH_NM + 1)
    whole = np.arange(300.0, 1001.0)
    found = []
    for index, dye in enumerate(optics.dyes):
        if not dye.has_optics:
            continue
        # a tandem's donor leaks more or less, so the scale is the peak of the whole spectrum
        scale = float(optics.excitation[line, index] / emission_density(dye, whole).max())
        height = scale * emission_density(dye, seen, laser_nm)
        drawn = np.flatnonzero(height > FAINTEST)
        if drawn.size:
            part = slice(drawn[0], drawn[-1] + 1)
            found.append(_Curve(index, seen[part], height[part], panel[index].detector in names))
    return found


def _named(curves: Sequence[_Curve]) -> list[_Curve]:
    """Return the curves with a label: those of dyes read here, and the brightest others."""
    others = [c for c in curves if not c.own and c.height.max() >= NAMED]
    others.sort(key=lambda c: -c.height.max())
    own = [c for c in curves if c.own]
    return own + others[: max(_MOST_NAMED - len(own), 0)]


def _flags(optics: Optics, curves: Sequence[_Curve]) -> list[Flag]:
    return [
        Flag(x_of(c.nm[c.peak]), f"{shortened(optics.dyes[c.index].name, _LONGEST)} {_percent(c)}", c.own)
        for c in _named(curves)
    ]


def _percent(curve: _Curve) -> str:
    return f"{100 * curve.height.max():.0f} %"


def _chart(
    drawing: Drawing, optics: Optics, panel: Sequence[PanelSlot], row: Row, base: float, curves: Sequence[_Curve]
) -> None:
    used = {slot.detector for slot in panel}
    for detector in rows_of(optics.cytometer)[row]:
        on = detector.name in used
        left, right = x_of(detector.low_nm), x_of(detector.high_nm)
        tip = f"{detector.name}: {detector.centre_nm:g}/{detector.width_nm:g} nm"
        drawing.rect(left, base - _PLOT, right - left, _PLOT, "filter on" if on else "filter", tip=tip,
                     fill="#8a8a8a", fill_opacity=0.26 if on else 0.09)  # fmt: skip
    for part in _TICKS:
        y = base - _px(part)
        drawing.line(LEFT - 3, y, LEFT, y, "edge", stroke=INK)
        drawing.text(LEFT - 5, y + 3, f"{100 * part:g}", anchor="end", font_size=8.5)
    laser_name(drawing, optics.cytometer, row, base - _PLOT - 11)  # above the scale
    drawing.line(LEFT, base, LEFT, base - _PLOT, "edge", stroke=INK, stroke_width=0.8)
    drawing.line(LEFT, base, WIDTH - RIGHT, base, "edge", stroke=INK, stroke_width=0.8)
    laser_lines(drawing, optics.cytometer, row, base - _PLOT, base)
    for curve in sorted(curves, key=lambda c: (c.own, c.index)):
        _draw(drawing, optics, row, base, curve)


def _draw(drawing: Drawing, optics: Optics, row: Row, base: float, curve: _Curve) -> None:
    dye, nm = optics.dyes[curve.index], float(curve.nm[curve.peak])
    points = [(x_of(x), base - _px(float(y))) for x, y in zip(curve.nm, curve.height, strict=True)]
    line = simplified(points, _TOLERANCE_PX)
    read = "read here" if curve.own else "not read here"
    tip = f"{dye.name}, {row[1]:g} nm laser: {_percent(curve)} of its maximum at {nm:g} nm; {read}"
    colour, dash = hue_stroke(_peak_nm(optics, curve)), _DASHES[curve.index % len(_DASHES)]
    if curve.own:
        ends = [(line[0][0], base), *line, (line[-1][0], base)]
        drawing.curve(ends, "under", fill=hue(_peak_nm(optics, curve)), fill_opacity=0.16)
    style: dict[str, Number | str] = {"stroke": colour, "stroke_width": 2.4 if curve.own else 1.3}
    if dash != "none":
        style["stroke_dasharray"] = dash
    drawing.curve(line, "curve own" if curve.own else "curve", tip=tip, **style)


def _peak_nm(optics: Optics, curve: _Curve) -> float:
    """Return the emission peak of the dye of a curve, nm: its colour behind every laser."""
    dye = optics.dyes[curve.index]
    return max(dye.emission, key=lambda peak: peak.weight / (peak.left_nm + peak.right_nm)).peak_nm


def _px(share: float) -> float:
    return float(np.sqrt(min(share, 1.0))) * (_PLOT - 6)
