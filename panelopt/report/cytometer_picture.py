"""Picture of an instrument: lasers as rows, bands of the detectors along the wavelength, dyes where they sit."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from panelopt.domain.cytometer_record import Cytometer, Detector

PICTURE_FORMATS = ("svg", "png")
"""Formats of :func:`cytometer_picture`."""

_LEFT_NM, _RIGHT_NM = 340.0, 880.0
# heights in units of a row, about an inch
_BAND, _LETTER = 0.30, 0.056
_NAME_NM = 5.0  # width of an upright name

# corners of the visible spectrum, nm, and how they look: an orientation, not colorimetry
_HUES = (
    (340, (0.45, 0.35, 0.60)), (400, (0.50, 0.20, 0.75)), (440, (0.25, 0.30, 0.90)), (490, (0.10, 0.70, 0.90)),
    (520, (0.15, 0.75, 0.35)), (570, (0.75, 0.80, 0.15)), (590, (0.98, 0.75, 0.15)), (620, (0.97, 0.45, 0.15)),
    (660, (0.88, 0.15, 0.15)), (740, (0.60, 0.08, 0.12)), (880, (0.38, 0.10, 0.16)),
)  # fmt: skip

Placed = dict[str, tuple[str, ...]]
"""Dyes by the name of the detector in which they are brightest."""


def brightest_detector(
    cytometer: Cytometer, dyes: Sequence[str], signatures: npt.NDArray[np.float64], faintest: float = 0.0
) -> Placed:
    """Sort dyes into the detectors in which they are brightest.

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


def cytometer_picture(cytometer: Cytometer, placed: Placed, format_: str = "svg") -> bytes:
    """Draw lasers, bands and dyes.

    Args:
        cytometer: The instrument.
        placed: Dyes to name at the detectors, the most important first; may be empty.
        format_: ``svg`` or ``png``.

    Returns:
        Content of the image file.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = sorted({(detector.path, detector.laser_nm) for detector in cytometer.detector}, key=lambda row: row[1])
    heights = [_height(cytometer, placed, row) for row in rows]
    figure = Figure(figsize=(15, 1.15 + sum(heights)), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.075, 0.55 / figure.get_figheight(), 0.915, 1 - 1.15 / figure.get_figheight()))
    bottom = 0.0
    for (path, laser_nm), height in zip(reversed(rows), reversed(heights), strict=True):
        _row(axes, cytometer, placed, path, laser_nm, bottom)
        bottom += height
    axes.set(xlim=(_LEFT_NM, _RIGHT_NM), ylim=(-0.12, bottom), yticks=[])
    axes.set_xlabel("Wavelength (nm)", fontsize=10)
    axes.set_xticks(range(350, 900, 50))
    axes.tick_params(axis="x", labelsize=9)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.set_title(cytometer.name, fontsize=13, loc="left", pad=8)
    target = io.BytesIO()
    # no date and fixed ids: equal instruments give equal files
    with mpl.rc_context({"svg.hashsalt": cytometer.id, "svg.fonttype": "none"}):
        figure.savefig(target, format=format_, dpi=110, metadata={"Date": None} if format_ == "svg" else None)
    return target.getvalue()


def colour_of(nm: float) -> tuple[float, float, float]:
    """Return how light of a wavelength roughly looks, as red, green and blue between 0 and 1."""
    corners = [float(corner) for corner, _ in _HUES]
    red, green, blue = (float(np.interp(nm, corners, [hue[part] for _, hue in _HUES])) for part in range(3))
    return red, green, blue


def _shown(detector: Detector, dyes: Sequence[str]) -> list[str]:
    """Names that fit over a band side by side; the rest is counted."""
    room = max(int(detector.width_nm / _NAME_NM) - 1, 1)  # a name less, so that neighbouring bands stay apart
    return list(dyes) if len(dyes) <= room else [*dyes[: room - 1], f"+{len(dyes) - room + 1}"]


def _height(cytometer: Cytometer, placed: Placed, row: tuple[str, float]) -> float:
    longest = [
        max(map(len, _shown(detector, placed.get(detector.name, ()))), default=0)
        for detector in cytometer.detector
        if (detector.path, detector.laser_nm) == row
    ]
    return _BAND + 0.22 + _LETTER * max(longest, default=0)


def _row(axes: object, cytometer: Cytometer, placed: Placed, path: str, laser_nm: float, bottom: float) -> None:
    """One laser: its line, its name, the bands it excites light in, and the dyes above them."""
    from matplotlib.axes import Axes
    from matplotlib.patches import FancyBboxPatch

    assert isinstance(axes, Axes)  # noqa: S101  the import of matplotlib stays inside the functions
    axes.axhline(bottom - 0.06, color="0.85", linewidth=0.8)
    power = next((x.power_mw for x in cytometer.laser if x.path == path and x.nm == laser_nm), None)
    label = f"{laser_nm:g} nm" + (f"\n{power:g} mW" if power is not None else "")
    axes.text(-0.004, bottom + _BAND / 2, label, transform=axes.get_yaxis_transform(), ha="right", va="center", size=10)
    for laser in (laser for laser in cytometer.laser if laser.path == path):
        # collinear lasers all shine on these detectors
        own = laser.nm == laser_nm
        span, width = [bottom - 0.02, bottom + _BAND + 0.05], 3.0 if own else 1.2
        axes.plot([laser.nm, laser.nm], span, color=colour_of(laser.nm), linewidth=width, zorder=3)
    detectors = [d for d in cytometer.detector if d.path == path and d.laser_nm == laser_nm]
    for detector in detectors:
        axes.add_patch(
            FancyBboxPatch(
                (detector.low_nm + 0.8, bottom),
                max(detector.width_nm - 1.6, 1.0),
                _BAND,
                boxstyle="round,pad=0,rounding_size=1.5",
                mutation_aspect=0.012,
                facecolor=(*colour_of(detector.centre_nm), 0.55),
                edgecolor="0.35",
                linewidth=0.6,
            )
        )
        crowded = detector.width_nm < 2.2 * len(detector.name)
        axes.text(
            detector.centre_nm, bottom + _BAND / 2, detector.name,
            ha="center", va="center", size=6.5 if crowded else 8, rotation=90 if detector.width_nm < 14 else 0,
        )  # fmt: skip
        _names(axes, detector, placed.get(detector.name, ()), bottom + _BAND)


def _names(axes: object, detector: Detector, dyes: Sequence[str], above: float) -> None:
    """Names of the dyes of a detector, upright and side by side."""
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)  # noqa: S101
    shown = _shown(detector, dyes)
    for place, dye in enumerate(shown):
        nm = detector.centre_nm + (place - (len(shown) - 1) / 2) * _NAME_NM
        axes.text(nm, above + 0.05, dye, ha="center", va="bottom", size=6.8, rotation=90, color="0.1")
