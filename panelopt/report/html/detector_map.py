"""The panel on its instrument: bands of the detectors, dyes where they are read, and their emission behind them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.domain.cytometer_record import Cytometer, Detector
from panelopt.domain.panel_records import PanelSlot
from panelopt.optics.spectra import emission_density
from panelopt.report.content import Optics
from panelopt.report.cytometer_picture import colour_of
from panelopt.report.html.svg import Drawing, shortened
from panelopt.report.picture_sheets import emission_peak_nm

_LEFT, _RIGHT, _WIDTH = 70.0, 20.0, 960.0
_BAND, _ROW, _LETTER = 24.0, 46.0, 5.7
_LONGEST = 26
_BESIDE = 20.0  # between the labels of one detector
_LOW_NM, _HIGH_NM = 340.0, 880.0
_DASHES = ("none", "6 3", "2 2", "8 3 2 3")
"""Curves of one chart differ in their dashes, not only in colour."""


def detector_map(cytometer: Cytometer, panel: Sequence[PanelSlot]) -> Drawing:
    """Draw lasers, bands and the slots of a panel.

    Args:
        cytometer: The instrument.
        panel: Slots; those on detectors that the instrument lacks are not drawn.
    """
    rows = _rows(cytometer)
    used: dict[str, list[PanelSlot]] = {}
    for slot in panel:  # on a spectral cytometer several dyes may be brightest in one detector
        used.setdefault(slot.detector, []).append(slot)
    heights = [
        _ROW + max([_rise(slot) for d in row for slot in used.get(d.name, ())], default=0.0) for row in rows.values()
    ]
    drawing = Drawing(_WIDTH, sum(heights) + 34, f"Detector map of {cytometer.name} with {len(panel)} fluorochromes")
    top = 0.0
    for (laser_nm, row), height in zip(rows.items(), heights, strict=True):
        base = top + height - 14
        _laser(drawing, laser_nm, base)
        for detector in row:
            _band(drawing, detector, used.get(detector.name, []), base)
        top += height
    _axis(drawing, top + 4)
    return drawing


def emission_charts(optics: Optics, panel: Sequence[PanelSlot]) -> list[Drawing]:
    """Draw for each laser the emission of the dyes that are read behind it, and the bands that read them.

    A curve is the share of the emitted photons per nm, relative to its own peak.
    """
    charts = []
    for laser_nm, row in _rows(optics.cytometer).items():
        names = {detector.name for detector in row}
        own = [index for index, slot in enumerate(panel) if slot.detector in names]
        if own:
            charts.append(_emission_chart(optics, panel, laser_nm, row, own))
    return charts


def _rows(cytometer: Cytometer) -> dict[float, list[Detector]]:
    rows: dict[float, list[Detector]] = {}
    for detector in sorted(cytometer.detector, key=lambda d: (d.laser_nm, d.centre_nm)):
        rows.setdefault(detector.laser_nm, []).append(detector)
    return rows


def _x(nm: float) -> float:
    return _LEFT + (nm - _LOW_NM) / (_HIGH_NM - _LOW_NM) * (_WIDTH - _LEFT - _RIGHT)


def _hue(nm: float) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour_of(nm))


def _laser(drawing: Drawing, laser_nm: float, base: float) -> None:
    drawing.text(_LEFT - 12, base - _BAND / 2 + 4, f"{laser_nm:g} nm", "t", anchor="end", font_weight="bold")
    drawing.line(_LEFT, base, _WIDTH - _RIGHT, base, "rule", stroke="#c8ccd2")
    drawing.line(_x(laser_nm), base - _BAND - 4, _x(laser_nm), base + 3, "laser", stroke=_hue(laser_nm), stroke_width=3)


def _band(drawing: Drawing, detector: Detector, slots: Sequence[PanelSlot], base: float) -> None:
    left, right = _x(detector.low_nm), _x(detector.high_nm)
    where = f"{detector.name}: {detector.centre_nm:g}/{detector.width_nm:g} nm, laser {detector.laser_nm:g} nm"
    tip = f"{where}; {', '.join(map(_stain, slots)) or 'not used'}"
    style: dict[str, str | float] = {"fill": "#ffffff", "fill_opacity": 0.0, "stroke": "#767d86", "stroke_width": 0.8}
    if slots:
        style = {"fill": _hue(detector.centre_nm), "fill_opacity": 0.75, "stroke": "#1b1f24", "stroke_width": 1.6}
    name = "band on" if slots else "band"
    drawing.rect(left + 0.5, base - _BAND, right - left - 1, _BAND, name, tip=tip, **style)
    for place, slot in enumerate(slots):
        middle = (left + right) / 2 + _BESIDE * (place - (len(slots) - 1) / 2)
        drawing.line(middle, base - _BAND, middle, base - _BAND - 6, "edge", stroke="#1b1f24")
        label = shortened(_stain(slot), _LONGEST)
        drawing.text(middle + 3, base - _BAND - 9, label, turn=-50, font_size=11.5)


def _rise(slot: PanelSlot) -> float:
    """Return how high the label of a slot stands above its band."""
    return 10.0 + _LETTER * len(shortened(_stain(slot), _LONGEST))


def _stain(slot: PanelSlot) -> str:
    return f"{slot.fluorochrome} {'+'.join(slot.markers)}"


def _axis(drawing: Drawing, y: float) -> None:
    drawing.line(_LEFT, y, _WIDTH - _RIGHT, y, "edge", stroke="#1b1f24")
    for nm in range(350, 900, 50):
        drawing.line(_x(nm), y, _x(nm), y + 4, "edge", stroke="#1b1f24")
        drawing.text(_x(nm), y + 16, f"{nm}", anchor="middle")
    drawing.text(_WIDTH - _RIGHT, y + 28, "Wavelength (nm)", anchor="end")


def _emission_chart(
    optics: Optics, panel: Sequence[PanelSlot], laser_nm: float, row: Sequence[Detector], own: Sequence[int]
) -> Drawing:
    names = ", ".join(panel[index].fluorochrome for index in own)
    floor, height = 158.0, 118.0
    drawing = Drawing(_WIDTH, floor + 34, f"Emission of {names} behind the filters of the {laser_nm:g} nm laser")
    used = {panel[index].detector for index in own}
    for detector in row:
        on = detector.name in used
        left, right = _x(detector.low_nm), _x(detector.high_nm)
        tip = f"{detector.name}: {detector.centre_nm:g}/{detector.width_nm:g} nm"
        drawing.rect(left, floor - height, right - left, height, "filter on" if on else "filter", tip=tip,
                     fill="#8a8a8a", fill_opacity=0.30 if on else 0.10)  # fmt: skip
    drawing.text(_LEFT - 12, floor - height / 2, f"{laser_nm:g} nm", anchor="end", font_weight="bold")
    drawing.line(_x(laser_nm), floor - height, _x(laser_nm), floor, "laser", stroke=_hue(laser_nm), stroke_width=3)
    line = next(i for i, laser in enumerate(optics.cytometer.laser) if laser.nm == laser_nm)
    nm = np.arange(_LOW_NM, _HIGH_NM + 1, 3.0)
    # in the order of their peaks, so that labels side by side stand at different heights
    for place, index in enumerate(sorted(own, key=lambda i: emission_peak_nm(optics.dyes[i]))):
        dye = optics.dyes[index]
        density = emission_density(dye, nm)
        peak = int(density.argmax())
        shape = density / density.max()
        seen = np.flatnonzero(shape > 0.004)
        excited = float(optics.excitation[line, index])
        excitation = f"excited by {laser_nm:g} nm to {100 * excited:.0f} % of its maximum"
        tip = f"{dye.name}: emission peak {nm[peak]:g} nm, {excitation}"
        points = [(_x(nm[i]), floor - shape[i] * (height - 12)) for i in seen]
        drawing.curve(points, "curve", tip=tip, stroke=_hue(nm[peak]), stroke_width=2.4,
                      stroke_dasharray=_DASHES[place % len(_DASHES)])  # fmt: skip
        label_y = floor - height - 6 - 13 * (place % 3)
        drawing.line(_x(nm[peak]), label_y + 3, _x(nm[peak]), floor - height + 12, "rule", stroke="#c8ccd2")
        drawing.text(_x(nm[peak]), label_y, shortened(dye.name, _LONGEST), anchor="middle")
    _axis(drawing, floor)
    return drawing
