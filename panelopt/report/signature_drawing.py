"""Signatures of a panel over all channels of a spectral instrument."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.domain.cytometer_record import Detector
from panelopt.report.content import FloatArray, Optics
from panelopt.report.drawing import Drawing, shortened, simplified, text_px
from panelopt.report.palette import EDGE, hue, hue_stroke
from panelopt.report.text_tables import percent
from panelopt.report.wavelength_axis import rows_of

_LEFT, _WIDTH, _TOP = 168.0, 960.0, 20.0
_ROW, _HEIGHT = 30.0, 25.0
_LONGEST, _NAME_PX = 24, 9.0
_TOLD = 6
_FAINT = 0.02


def signature_drawing(optics: Optics) -> Drawing:
    """Draw the light of each dye in every channel, relative to its brightest one.

    Channels are in the order of lasers and wavelengths.

    Args:
        optics: Dyes of the panel on the instrument; those without light have an empty row.
    """
    rows = rows_of(optics.cytometer)
    channels = [detector for row in rows.values() for detector in row]
    names = {detector.name: place for place, detector in enumerate(optics.cytometer.detector)}
    light = optics.light[[names[channel.name] for channel in channels]]
    light = light / np.where(light.max(axis=0) > 0, light.max(axis=0), 1.0)
    step = (_WIDTH - _LEFT - 8) / len(channels)
    base = _TOP + _ROW * len(optics.dyes)
    foot = max(text_px(channel.name, _NAME_PX) for channel in channels) + 12
    title = f"Signatures of {len(optics.dyes)} fluorochromes in the {len(channels)} channels of {optics.cytometer.name}"
    drawing = Drawing(_WIDTH, base + foot, title)
    place = 0
    for (_, laser_nm), row in rows.items():
        x = _LEFT + step * place
        drawing.line(x, 4, x, base, "frame", stroke=EDGE, stroke_width=1)
        drawing.text(x + 4, 14, f"{laser_nm:g} nm", font_weight="bold")
        place += len(row)
    for place, channel in enumerate(channels):
        drawing.text(
            _LEFT + step * (place + 0.5) + 3, base + 6, channel.name, anchor="end", turn=-90, font_size=_NAME_PX
        )
    for index, dye in enumerate(optics.dyes):
        _signature(drawing, dye.name, light[:, index], channels, _TOP + _ROW * (index + 1), step)
    return drawing


def _signature(
    drawing: Drawing, dye: str, light: FloatArray, channels: Sequence[Detector], base: float, step: float
) -> None:
    peak = channels[int(light.argmax())]
    drawing.text(_LEFT - 8, base - 8, shortened(dye, _LONGEST), anchor="end")
    drawing.line(_LEFT, base, _WIDTH - 8, base, "rule", stroke=EDGE, stroke_width=0.6)
    points = [(_LEFT, base)]
    for place, share in enumerate(light):
        y = base - float(share) * _HEIGHT
        points += [(_LEFT + step * place, y), (_LEFT + step * (place + 1), y)]
    points.append((points[-1][0], base))
    brightest = [i for i in np.argsort(-light, kind="stable")[:_TOLD] if light[i] >= _FAINT]
    tip = f"{dye}: " + ", ".join(f"{channels[i].name} {percent(float(light[i]))} %" for i in brightest)
    drawing.curve(simplified(points, 0.1), "curve", tip=tip, fill=hue(peak.centre_nm), fill_opacity=0.4,
                  stroke=hue_stroke(peak.centre_nm), stroke_width=1.2)  # fmt: skip
