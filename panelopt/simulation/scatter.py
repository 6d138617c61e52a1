"""Scatter and time of events: a simple model in which doublets look as they do on an instrument.

All numbers in this module are model values; no planned gate depends on them. Forward scatter grows with the diameter
and side scatter with the surface of a cell, taken from its autofluorescence, which grows with the volume. Two cells in
a row make a pulse of the same height and a larger width; a doublet that is invisible in scatter (two cells side by
side) looks like one cell.
"""

from __future__ import annotations

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.simulation.event_model import EventModel
from panelopt.simulation.simulated_cells import IntArray

SCATTER = ("FSC-A", "FSC-H", "FSC-W", "SSC-A")
"""Scatter parameters, in order."""

SINGLET_WIDTH_BELOW = 65_000.0
"""Upper bound of FSC-W for single cells: ten standard deviations above the mean (model value)."""

EVENTS_PER_S = 10_000.0
"""Event rate (model value)."""

_WIDTH = 50_000.0
_WIDTH_CV = 0.03
_DOUBLET_WIDTH = 1.8
_FORWARD = 50_000.0
_FORWARD_CV = 0.12
_SIDE = 30_000.0
_SIDE_CV = 0.25
_DEAD_FORWARD = 0.6
_HEIGHT_PER_AREA = 0.8


def scatter(
    model: EventModel, first: IntArray, second: IntArray, hidden: BoolArray, random: np.random.Generator
) -> FloatArray:
    """Return (n, 4) the scatter of events in the order of :data:`SCATTER`.

    Args:
        model: Populations.
        first: (n,) population of the cell, or of one cell of a doublet.
        second: (n,) population of the other cell; -1 for single cells.
        hidden: (n,) doublets that look like single cells.
        random: Random number generator.
    """
    size = np.cbrt(np.maximum(model.factor, 0.05))
    forward = _FORWARD * size * np.where(model.is_dead, _DEAD_FORWARD, 1.0)
    side = _SIDE * size**2
    noise = random.standard_normal((first.size, 3))
    visible = (second >= 0) & ~hidden
    paired = np.maximum(second, 0)
    height = np.where(visible, np.maximum(forward[first], forward[paired]), forward[first])
    height = height * np.exp(_FORWARD_CV * noise[:, 0]) * _HEIGHT_PER_AREA
    width = _WIDTH * np.where(visible, _DOUBLET_WIDTH, 1.0) * np.exp(_WIDTH_CV * noise[:, 1])
    area = height / _HEIGHT_PER_AREA * width / _WIDTH
    both = side[first] + np.where(visible, side[paired], 0.0)
    return np.column_stack([area, height, width, both * np.exp(_SIDE_CV * noise[:, 2])])


def arrival_ms(start: int, count: int, random: np.random.Generator) -> FloatArray:
    """Return (count,) increasing arrival times of the events from number ``start``, ms."""
    return np.asarray((start + np.arange(count) + random.random(count)) * (1000.0 / EVENTS_PER_S))
