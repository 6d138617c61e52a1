"""Drawings of an instrument: lasers as rows, detector bands along the wavelength, names in them, dyes above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from panelopt.domain.cytometer_record import Cytometer, Detector
from panelopt.domain.panel_records import PanelSlot
from panelopt.report.drawing import Drawing, Number, shortened, text_px
from panelopt.report.flag_labels import Flag, draw_flags, flags_height
from panelopt.report.palette import EDGE, INK, hue
from panelopt.report.wavelength_axis import (
    AXIS_PX,
    LEFT,
    WIDTH,
    Row,
    axis,
    base_line,
    laser_lines,
    laser_name,
    rows_of,
    x_of,
)

_BAND, _TALLEST, _FOOT, _GAP = 24.0, 60.0, 4.0, 20.0
_NAME_PX = 9.5
_LONGEST, _TITLE = 26, 24.0
_UPRIGHT = -90.0  # degrees
_RISE, _BESIDE = 7.0, 13.0  # upright labels: px per letter, and between two of one detector

Labels = Mapping[str, Sequence[str]]
"""Labels by detector name, most important first."""


def panel_grid(cytometer: Cytometer, panel: Sequence[PanelSlot]) -> Drawing:
    """Draw the dyes of a panel on the grid of lasers and emission.

    Args:
        cytometer: The instrument.
        panel: Slots; those on unknown detectors are not drawn.
    """
    labels: dict[str, list[str]] = {}
    for slot in panel:  # on a spectral cytometer several dyes may share their brightest detector
        labels.setdefault(slot.detector, []).append(f"{slot.fluorochrome} \u00b7 {'+'.join(slot.markers)}")
    title = f"Lasers and detectors of {cytometer.name} with {len(panel)} fluorochromes"
    rows, band = rows_of(cytometer), _band_px(cytometer)
    flags = {row: _flags(detectors, labels) for row, detectors in rows.items()}
    heights = {row: flags_height(flags[row]) + band + _FOOT + _GAP for row in rows}
    right = max((flag.right for found in flags.values() for flag in found), default=0.0)
    drawing = Drawing(max(WIDTH, right + 4), sum(heights.values()) + AXIS_PX, title)
    top = 0.0
    for row, detectors in rows.items():
        top += heights[row]
        base = top - _FOOT
        _row(drawing, cytometer, row, detectors, labels, base, band)
        draw_flags(drawing, flags[row], base - band - 2, [base - band] * len(flags[row]))
    axis(drawing, top + 2)
    return drawing


def cytometer_picture(cytometer: Cytometer, placed: Labels) -> bytes:
    """Return an SVG file of an instrument, with dyes at their brightest detectors, as many as there is room for."""
    rows, band = rows_of(cytometer), _band_px(cytometer)
    shown = {d.name: _shown(d, placed.get(d.name, ())) for row in rows.values() for d in row}
    heights = [
        band + _FOOT + _GAP + max((_RISE * len(text) for d in row for text in shown[d.name]), default=0.0)
        for row in rows.values()
    ]
    drawing = Drawing(WIDTH, _TITLE + sum(heights) + AXIS_PX, cytometer.name)
    drawing.text(LEFT, 16, cytometer.name, font_weight="bold", font_size=13)
    top = _TITLE
    for (row, detectors), height in zip(rows.items(), heights, strict=True):
        top += height
        base = top - _FOOT
        _row(drawing, cytometer, row, detectors, placed, base, band)
        for detector in detectors:
            _upright(drawing, detector, shown[detector.name], base - band)
    axis(drawing, top + 2)
    return drawing.file()


def brightest_detector(
    cytometer: Cytometer, dyes: Sequence[str], signatures: npt.NDArray[np.float64], faintest: float = 0.0
) -> dict[str, tuple[str, ...]]:
    """Assign each dye to the detector in which it is brightest.

    Args:
        cytometer: The instrument.
        dyes: Names, n of them.
        signatures: Shape (D, n), pe per antibody.
        faintest: Dyes that give less than this in their best detector are left out.
    """
    placed: dict[str, list[tuple[float, str]]] = {}
    for column, dye in enumerate(dyes):
        row = int(signatures[:, column].argmax())
        light = float(signatures[row, column])
        if light > faintest:
            placed.setdefault(cytometer.detector[row].name, []).append((-light, dye))
    return {name: tuple(dye for _, dye in sorted(found)) for name, found in placed.items()}


def _band_px(cytometer: Cytometer) -> float:
    """Return the height of the bands: that of the longest upright name."""
    upright = [
        text_px(detector.name, _NAME_PX)
        for row in rows_of(cytometer).values()
        for place, detector in enumerate(row)
        if not _lies(detector, _free_px(row, place))
    ]
    return min(max(_BAND, max(upright, default=0.0) + 8), _TALLEST)


def _free_px(row: Sequence[Detector], place: int) -> tuple[float, float]:
    """Return the ends of the part of a band that its neighbours leave free; of all of it, if that is too little."""
    own = row[place]
    low, high = x_of(own.low_nm), x_of(own.high_nm)
    free_low = max([low, *(x_of(other.high_nm) for other in row[max(place - 1, 0) : place])])
    free_high = min([high, *(x_of(other.low_nm) for other in row[place + 1 : place + 2])])
    return (free_low, free_high) if free_high - free_low >= _NAME_PX else (low, high)


def _lies(detector: Detector, free: tuple[float, float]) -> bool:
    """Whether the name fits between two ends without being turned."""
    return text_px(detector.name, _NAME_PX) + 3 <= free[1] - free[0]


def _row(
    drawing: Drawing,
    cytometer: Cytometer,
    row: Row,
    detectors: Sequence[Detector],
    labels: Labels,
    base: float,
    band: float,
) -> None:
    base_line(drawing, base)
    laser_name(drawing, cytometer, row, base - band / 2)
    for detector in detectors:
        _band(drawing, detector, labels.get(detector.name, ()), base, band)
    for place, detector in enumerate(detectors):
        _name(drawing, detector, _free_px(detectors, place), base, band)
    laser_lines(drawing, cytometer, row, base - band - 4, base + 3)


def _band(drawing: Drawing, detector: Detector, labels: Sequence[str], base: float, height: float) -> None:
    left, right = x_of(detector.low_nm), x_of(detector.high_nm)
    where = f"{detector.name}: {detector.centre_nm:g}/{detector.width_nm:g} nm, laser {detector.laser_nm:g} nm"
    style: dict[str, Number | str] = {"fill": "none", "stroke": EDGE, "stroke_width": 0.8, "pointer_events": "all"}
    if labels:
        style = {"fill": hue(detector.centre_nm), "fill_opacity": 0.35, "stroke": INK, "stroke_width": 1.8}
    tip = f"{where}; {', '.join(labels) or 'not used'}"
    drawing.rect(left + 0.5, base - height, right - left - 1, height, "band on" if labels else "band", tip=tip, **style)


def _name(drawing: Drawing, detector: Detector, free: tuple[float, float], base: float, band: float) -> None:
    """Write the name of a detector into its band, turned if there is little room."""
    middle, y = sum(free) / 2, base - band / 2
    if _lies(detector, free):
        drawing.text(middle, y + 3.5, detector.name, anchor="middle", font_size=_NAME_PX)
        return
    size = min(_NAME_PX, (band - 4) / text_px(detector.name, 1.0))
    drawing.text(middle + size / 3, y, detector.name, anchor="middle", turn=_UPRIGHT, font_size=size)


def _flags(detectors: Sequence[Detector], labels: Labels) -> list[Flag]:
    """Return a label for each dye, side by side where a detector has several."""
    found = []
    for detector in detectors:
        own = labels.get(detector.name, ())
        room = x_of(detector.high_nm) - x_of(detector.low_nm)
        for place, text in enumerate(own, start=1):
            x = x_of(detector.low_nm) + room * place / (len(own) + 1)
            found.append(Flag(x, shortened(text, 2 * _LONGEST)))
    return found


def _upright(drawing: Drawing, detector: Detector, labels: Sequence[str], base: float) -> None:
    for place, label in enumerate(labels):
        middle = (x_of(detector.low_nm) + x_of(detector.high_nm)) / 2 + _BESIDE * (place - (len(labels) - 1) / 2)
        drawing.line(middle, base, middle, base - 6, "edge", stroke=INK)
        drawing.text(middle + 3, base - 9, label, turn=_UPRIGHT, font_size=11.5)


def _shown(detector: Detector, labels: Sequence[str]) -> list[str]:
    """Return the labels that fit above a band, and a count of the rest."""
    short = [shortened(label, _LONGEST) for label in labels]
    room = max(int((x_of(detector.high_nm) - x_of(detector.low_nm)) / _BESIDE), 1)
    return short if len(short) <= room else [*short[: room - 1], f"+{len(short) - room + 1}"]
