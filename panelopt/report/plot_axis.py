"""Axes of plots of cells: linear near zero and logarithmic beyond, or linear throughout."""

from __future__ import annotations

import math

import numpy as np

from panelopt.report.content import FloatArray, GateAxis

SIZE_PX = 250.0
"""Length of an axis."""

_MARGIN = 0.04
_APART_PX = 20.0  # closer labels would touch
_LINEAR_TICKS = 5
_POWERS = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077"


class PlotAxis:
    """Maps antibodies, by the inverse hyperbolic sine, or units of scatter to positions along an axis.

    Args:
        axis: The axis.
        values: Cells that it must show, all but the outermost 0.2 % at either end.
    """

    def __init__(self, axis: GateAxis, values: list[FloatArray]) -> None:
        self.unit = axis.unit
        edges = [edge for edge in (axis.low, axis.high) if edge is not None]
        reach = [] if axis.unit is None else [10 * axis.unit]
        seen = np.concatenate([*values, np.array([0.0, *reach, *edges])])
        low, high = np.quantile(seen, [0.002, 0.998])
        low, high = self._scaled(np.array([min(low, *edges, 0.0), max(high, *edges, *reach, 0.0)]))
        room = _MARGIN * (high - low)
        self.low, self.high = float(low - room), float(high + room)

    def places(self, values: FloatArray) -> FloatArray:
        """Return the distances from the start of the axis, px; values outside are clipped to its ends."""
        share = (self._scaled(values) - self.low) / (self.high - self.low)
        return np.asarray(np.clip(share, 0.0, 1.0) * SIZE_PX)

    def at(self, value: float | np.floating) -> float:
        """Return the distance of one value from the start of the axis, px."""
        return float(self.places(np.array(value, dtype=float)))

    def ends(self, axis: GateAxis) -> tuple[float, float]:
        """Return where the gate of the axis begins and ends, px."""
        return 0.0 if axis.low is None else self.at(axis.low), SIZE_PX if axis.high is None else self.at(axis.high)

    def ticks(self) -> list[tuple[float, str]]:
        """Return positions and labels: zero and powers of ten beyond the linear part, or round numbers."""
        if self.unit is None:
            return self._linear_ticks()
        decades = range(math.ceil(math.log10(self.unit) - 1e-9), 8)
        found = [(0.0, "0"), *((10.0**n, f"10{_POWERS[n]}") for n in decades)]
        seen = [(self.at(v), label) for v, label in found if self.low <= math.asinh(v / self.unit) <= self.high]
        return [tick for i, tick in enumerate(seen) if i == 0 or tick[0] - seen[i - 1][0] >= _APART_PX]

    def _linear_ticks(self) -> list[tuple[float, str]]:
        span = self.high / _LINEAR_TICKS
        power = 10.0 ** math.floor(math.log10(span))
        step = next(power * part for part in (1, 2, 5, 10) if power * part >= span)
        return [(self.at(step * i), f"{step * i / 1000:g}k" if i else "0") for i in range(int(self.high / step) + 1)]

    def _scaled(self, values: FloatArray) -> FloatArray:
        return values if self.unit is None else np.arcsinh(values / self.unit)
