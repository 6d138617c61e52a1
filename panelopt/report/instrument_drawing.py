"""Drawing of an instrument: lasers as rows, detector bands along the wavelength, labels above the bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from panelopt.domain.cytometer_record import Cytometer, Detector
from panelopt.report.drawing import Drawing, Number, shortened

LEFT, RIGHT, WIDTH = 82.0, 20.0, 960.0
LOW_NM, HIGH_NM = 340.0, 880.0

_BAND, _ROW, _FOOT = 24.0, 46.0, 14.0
_LONGEST, _TITLE = 26, 24.0
_SLANTED, _UPRIGHT = -50.0, -90.0  # degrees
_RISE = {_SLANTED: 5.7, _UPRIGHT: 7.0}  # px per letter
_BESIDE = {_SLANTED: 20.0, _UPRIGHT: 13.0}  # between the labels of one detector
_CROWDED_PX_PER_LETTER = 6.0

# approximate colours of the visible spectrum by nm, for orientation only
_HUES = (
    (340, (0.45, 0.35, 0.60)), (400, (0.50, 0.20, 0.75)), (440, (0.25, 0.30, 0.90)), (490, (0.10, 0.70, 0.90)),
    (520, (0.15, 0.75, 0.35)), (570, (0.75, 0.80, 0.15)), (590, (0.98, 0.75, 0.15)), (620, (0.97, 0.45, 0.15)),
    (660, (0.88, 0.15, 0.15)), (740, (0.60, 0.08, 0.12)), (880, (0.38, 0.10, 0.16)),
)  # fmt: skip

Labels = Mapping[str, Sequence[str]]
"""Labels by detector name, most important first."""

Row = tuple[str, float]
"""Beam path and wavelength (nm) of the laser whose detectors share a row."""


def instrument_drawing(cytometer: Cytometer, labels: Labels, title: str, *, all_named: bool = False) -> Drawing:
    """Draw lasers, bands and labels.

    Args:
        cytometer: The instrument.
        labels: May be empty; those of detectors that the instrument lacks are not drawn.
        title: What the picture shows.
        all_named: Write the title above, the name of each detector into its band, and labels upright, which makes
            room for many.
    """
    rows = rows_of(cytometer)
    turn = _UPRIGHT if all_named else _SLANTED
    shown = {d.name: _shown(d, labels.get(d.name, ()), turn) for row in rows.values() for d in row}
    heights = [
        _ROW + max((10 + _RISE[turn] * len(text) for d in row for text in shown[d.name]), default=0.0)
        for row in rows.values()
    ]
    top = _TITLE if all_named else 0.0
    drawing = Drawing(WIDTH, top + sum(heights) + 34, title)
    if all_named:
        drawing.text(LEFT, 16, title, font_weight="bold", font_size=13)
    for (row, detectors), height in zip(rows.items(), heights, strict=True):
        base = top + height - _FOOT
        _lasers(drawing, cytometer, row, base)
        for detector in detectors:
            _band(drawing, detector, labels.get(detector.name, ()), base)
            if all_named:
                _name(drawing, detector, base)
            _labels(drawing, detector, shown[detector.name], base, turn)
        top += height
    axis(drawing, top + 4)
    return drawing


def cytometer_picture(cytometer: Cytometer, placed: Labels) -> bytes:
    """Return an SVG file of an instrument, with dyes at their brightest detectors."""
    return instrument_drawing(cytometer, placed, cytometer.name, all_named=True).file()


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


def colour_of(nm: float) -> tuple[float, float, float]:
    """Return the approximate colour of a wavelength as red, green and blue between 0 and 1."""
    corners = [float(corner) for corner, _ in _HUES]
    red, green, blue = (float(np.interp(nm, corners, [hue[part] for _, hue in _HUES])) for part in range(3))
    return red, green, blue


def hue(nm: float) -> str:
    """Return the approximate colour of a wavelength as an SVG colour."""
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour_of(nm))


def rows_of(cytometer: Cytometer) -> dict[Row, list[Detector]]:
    """Return the detectors by beam path and laser, by increasing wavelength."""
    rows: dict[Row, list[Detector]] = {}
    for detector in sorted(cytometer.detector, key=lambda d: (d.laser_nm, d.path, d.centre_nm)):
        rows.setdefault((detector.path, detector.laser_nm), []).append(detector)
    return rows


def x_of(nm: float) -> float:
    """Return the x position of a wavelength."""
    return LEFT + (nm - LOW_NM) / (HIGH_NM - LOW_NM) * (WIDTH - LEFT - RIGHT)


def axis(drawing: Drawing, y: float) -> None:
    """Draw the wavelength axis."""
    drawing.line(LEFT, y, WIDTH - RIGHT, y, "edge", stroke="#1b1f24")
    for nm in range(350, 900, 50):
        drawing.line(x_of(nm), y, x_of(nm), y + 4, "edge", stroke="#1b1f24")
        drawing.text(x_of(nm), y + 16, f"{nm}", anchor="middle")
    drawing.text(WIDTH - RIGHT, y + 28, "Wavelength (nm)", anchor="end")


def _lasers(drawing: Drawing, cytometer: Cytometer, row: Row, base: float) -> None:
    """Draw the laser of a row, with collinear lasers as thinner lines."""
    path, laser_nm = row
    drawing.line(LEFT, base, WIDTH - RIGHT, base, "rule", stroke="#c8ccd2")
    powers = {laser.nm: laser.power_mw for laser in cytometer.laser if laser.path == path}
    drawing.text(LEFT - 12, base - _BAND / 2, f"{laser_nm:g} nm", anchor="end", font_weight="bold")
    if powers.get(laser_nm) is not None:
        drawing.text(LEFT - 12, base, f"{powers[laser_nm]:g} mW", anchor="end")
    for nm in powers:
        width = 3.0 if nm == laser_nm else 1.2
        drawing.line(x_of(nm), base - _BAND - 4, x_of(nm), base + 3, "laser", stroke=hue(nm), stroke_width=width)


def _band(drawing: Drawing, detector: Detector, labels: Sequence[str], base: float) -> None:
    left, right = x_of(detector.low_nm), x_of(detector.high_nm)
    where = f"{detector.name}: {detector.centre_nm:g}/{detector.width_nm:g} nm, laser {detector.laser_nm:g} nm"
    style: dict[str, Number | str] = {"fill": "#ffffff", "fill_opacity": 0.0, "stroke": "#767d86", "stroke_width": 0.8}
    if labels:
        style = {"fill": hue(detector.centre_nm), "fill_opacity": 0.75, "stroke": "#1b1f24", "stroke_width": 1.6}
    tip = f"{where}; {', '.join(labels) or 'not used'}"
    drawing.rect(left + 0.5, base - _BAND, right - left - 1, _BAND, "band on" if labels else "band", tip=tip, **style)


def _name(drawing: Drawing, detector: Detector, base: float) -> None:
    """Write the name of a detector into its band, rotated if the band is narrow."""
    width = x_of(detector.high_nm) - x_of(detector.low_nm)
    middle, size = x_of(detector.centre_nm), 9.0
    if width < _CROWDED_PX_PER_LETTER * len(detector.name):
        size = min(9.0, _BAND / len(detector.name) / 0.6)
        drawing.text(middle + size / 3, base - 1, detector.name, "named", turn=_UPRIGHT, font_size=size)
    else:
        drawing.text(middle, base - _BAND / 2 + 3, detector.name, "named", anchor="middle", font_size=size)


def _labels(drawing: Drawing, detector: Detector, labels: Sequence[str], base: float, turn: float) -> None:
    for place, label in enumerate(labels):
        middle = x_of(detector.centre_nm) + _BESIDE[turn] * (place - (len(labels) - 1) / 2)
        drawing.line(middle, base - _BAND, middle, base - _BAND - 6, "edge", stroke="#1b1f24")
        drawing.text(middle + 3, base - _BAND - 9, label, turn=turn, font_size=11.5)


def _shown(detector: Detector, labels: Sequence[str], turn: float) -> list[str]:
    """Return the labels that fit above a band, and a count of the rest."""
    short = [shortened(label, _LONGEST) for label in labels]
    room = max(int((x_of(detector.high_nm) - x_of(detector.low_nm)) / _BESIDE[turn]), 1)
    if turn == _SLANTED or len(short) <= room:
        return short
    return [*short[: room - 1], f"+{len(short) - room + 1}"]
