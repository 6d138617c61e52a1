"""The wavelength axis that the pictures of an instrument share, and its rows: one for each laser."""

from __future__ import annotations

from panelopt.domain.cytometer_record import Cytometer, Detector
from panelopt.report.drawing import Drawing
from panelopt.report.palette import EDGE, INK, hue_stroke

LEFT, RIGHT, WIDTH = 82.0, 20.0, 960.0
LOW_NM, HIGH_NM = 340.0, 900.0
_BESIDE = 28.0
"""Room between the names of lasers and the axis, for the numbers of a scale."""

AXIS_PX = 34.0
"""Room that the axis takes below the last row."""

Row = tuple[str, float]
"""Beam path and wavelength (nm) of the laser whose detectors share a row."""


def rows_of(cytometer: Cytometer) -> dict[Row, list[Detector]]:
    """Return the detectors by beam path and laser, by increasing wavelength."""
    rows: dict[Row, list[Detector]] = {}
    for detector in sorted(cytometer.detector, key=lambda d: (d.laser_nm, d.path, d.centre_nm)):
        rows.setdefault((detector.path, detector.laser_nm), []).append(detector)
    return rows


def x_of(nm: float) -> float:
    """Return the x position of a wavelength; beyond the axis that of its end."""
    share = (nm - LOW_NM) / (HIGH_NM - LOW_NM)
    return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)


def axis(drawing: Drawing, y: float) -> None:
    """Draw the wavelength axis."""
    drawing.line(LEFT, y, WIDTH - RIGHT, y, "edge", stroke=INK)
    for nm in range(350, int(HIGH_NM) + 1, 50):
        drawing.line(x_of(nm), y, x_of(nm), y + 4, "edge", stroke=INK)
        drawing.text(x_of(nm), y + 16, f"{nm}", anchor="middle")
    drawing.text(WIDTH - RIGHT, y + 29, "Wavelength (nm)", anchor="end")


def laser_name(drawing: Drawing, cytometer: Cytometer, row: Row, y: float) -> None:
    """Write wavelength and, 13 px below, power of the laser of a row left of it."""
    path, nm = row
    drawing.text(LEFT - _BESIDE, y, f"{nm:g} nm", anchor="end", font_weight="bold")
    power = {laser.nm: laser.power_mw for laser in cytometer.laser if laser.path == path}.get(nm)
    if power is not None:
        drawing.text(LEFT - _BESIDE, y + 13, f"{power:g} mW", anchor="end")


def laser_lines(drawing: Drawing, cytometer: Cytometer, row: Row, top: float, base: float) -> None:
    """Draw the laser of a row, and collinear lasers as thinner lines."""
    path, own = row
    for laser in cytometer.laser:
        if laser.path == path:
            width = 3.0 if laser.nm == own else 1.2
            x = x_of(laser.nm)
            drawing.line(x, top, x, base, "laser", stroke=hue_stroke(laser.nm), stroke_width=width)


def base_line(drawing: Drawing, y: float) -> None:
    """Draw the ground line of a row."""
    drawing.line(LEFT, y, WIDTH - RIGHT, y, "rule", stroke=EDGE, stroke_width=0.6)
