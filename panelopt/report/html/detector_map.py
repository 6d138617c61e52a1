"""The panel on its instrument: detector bands, dyes at their detectors, and emission curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.domain.cytometer_record import Cytometer, Detector
from panelopt.domain.panel_records import PanelSlot
from panelopt.optics.spectra import emission_density
from panelopt.report.content import Optics
from panelopt.report.drawing import Drawing, shortened
from panelopt.report.instrument_drawing import (
    HIGH_NM,
    LEFT,
    LOW_NM,
    WIDTH,
    axis,
    hue,
    instrument_drawing,
    rows_of,
    x_of,
)
from panelopt.report.picture_sheets import emission_peak_nm

_LONGEST = 26
_DASHES = ("none", "6 3", "2 2", "8 3 2 3")
"""Dash patterns, so that curves differ by more than colour."""


def detector_map(cytometer: Cytometer, panel: Sequence[PanelSlot]) -> Drawing:
    """Draw lasers, bands and the slots of a panel.

    Args:
        cytometer: The instrument.
        panel: Slots; those on unknown detectors are not drawn.
    """
    labels: dict[str, list[str]] = {}
    for slot in panel:  # on a spectral cytometer several dyes may share their brightest detector
        labels.setdefault(slot.detector, []).append(f"{slot.fluorochrome} {'+'.join(slot.markers)}")
    title = f"Detector map of {cytometer.name} with {len(panel)} fluorochromes"
    return instrument_drawing(cytometer, labels, title)


def emission_charts(optics: Optics, panel: Sequence[PanelSlot]) -> list[Drawing]:
    """Draw, for each laser, the emission of the dyes read behind it and the bands that read them.

    A curve shows emitted photons per nm relative to its peak.
    """
    charts = []
    for (_, laser_nm), row in rows_of(optics.cytometer).items():
        names = {detector.name for detector in row}
        own = [index for index, slot in enumerate(panel) if slot.detector in names]
        if own:
            charts.append(_emission_chart(optics, panel, laser_nm, row, own))
    return charts


def _emission_chart(
    optics: Optics, panel: Sequence[PanelSlot], laser_nm: float, row: Sequence[Detector], own: Sequence[int]
) -> Drawing:
    names = ", ".join(panel[index].fluorochrome for index in own)
    floor, height = 158.0, 118.0
    drawing = Drawing(WIDTH, floor + 34, f"Emission of {names} behind the filters of the {laser_nm:g} nm laser")
    used = {panel[index].detector for index in own}
    for detector in row:
        on = detector.name in used
        left, right = x_of(detector.low_nm), x_of(detector.high_nm)
        tip = f"{detector.name}: {detector.centre_nm:g}/{detector.width_nm:g} nm"
        drawing.rect(left, floor - height, right - left, height, "filter on" if on else "filter", tip=tip,
                     fill="#8a8a8a", fill_opacity=0.30 if on else 0.10)  # fmt: skip
    drawing.text(LEFT - 12, floor - height / 2, f"{laser_nm:g} nm", anchor="end", font_weight="bold")
    drawing.line(x_of(laser_nm), floor - height, x_of(laser_nm), floor, "laser", stroke=hue(laser_nm), stroke_width=3)
    line = next(i for i, laser in enumerate(optics.cytometer.laser) if laser.nm == laser_nm)
    nm = np.arange(LOW_NM, HIGH_NM + 1, 3.0)
    # in peak order, so that neighbouring labels have different heights
    for place, index in enumerate(sorted(own, key=lambda i: emission_peak_nm(optics.dyes[i]))):
        dye = optics.dyes[index]
        density = emission_density(dye, nm)
        peak = int(density.argmax())
        shape = density / density.max()
        seen = np.flatnonzero(shape > 0.004)
        excited = float(optics.excitation[line, index])
        excitation = f"excited by {laser_nm:g} nm to {100 * excited:.0f} % of its maximum"
        tip = f"{dye.name}: emission peak {nm[peak]:g} nm, {excitation}"
        points = [(x_of(nm[i]), floor - shape[i] * (height - 12)) for i in seen]
        drawing.curve(points, "curve", tip=tip, stroke=hue(nm[peak]), stroke_width=2.4,
                      stroke_dasharray=_DASHES[place % len(_DASHES)])  # fmt: skip
        label_y = floor - height - 6 - 13 * (place % 3)
        drawing.line(x_of(nm[peak]), label_y + 3, x_of(nm[peak]), floor - height + 12, "rule", stroke="#c8ccd2")
        drawing.text(x_of(nm[peak]), label_y, shortened(dye.name, _LONGEST), anchor="middle")
    axis(drawing, floor)
    return drawing
