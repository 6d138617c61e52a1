"""Whether panels may tell apart two populations, for many panels at once and for nothing but this pair."""

from __future__ import annotations

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.optics.noise import DetectorNoise, detector_variance
from panelopt.optics.stacked_systems import last_columns_solved
from panelopt.scoring.light import noise_of, rank_one_factor
from panelopt.solver.panel_ratios import BELOW
from panelopt.solver.tools import Tools

SAFETY = 1e-4
"""Relative margin on noise, above its rounding errors for any panel that may be unmixed (condition up to 1e8).

Of a million mixing matrices made hard to invert, with very bright autofluorescence, the largest error was 2.4e-6.
"""

_EXACT = 2e-15
"""Largest relative error of the entries of a mixing matrix that counts as solved: some rounding errors."""

_CHUNK = 1024  # panels whose noise is worked out at once


class PairCheck:
    """Bounds on what the gates of panels claim for a target against one contaminant, on a conventional cytometer.

    Args:
        instance: The question.
        tools: Tables of its options.
        view: Index of the view.
        against: Position of the contaminant in the view.
        needed: What all gates must claim together, log10.
        needed_below: What those of kind below must claim.
    """

    def __init__(
        self, instance: Instance, tools: Tools, view: int, against: int, needed: float, needed_below: float
    ) -> None:
        self.view, self.against, self._needed = view, against, (needed, needed_below)
        options, levels, noise = tools.options, tools.noise.levels, noise_of(instance)
        pair = [instance.views[view].target, instance.views[view].contaminants[against]]
        self._claims = tools.stepped_claims[view]
        self._gated = np.asarray(tools.own_bounds[view][:, :, against].any(axis=1))
        self._signal = instance.signal.T.ravel()
        self._row, self._detector = options.dye * len(instance.detector), options.detector
        self._mean, self._spread = levels.mean[pair], levels.variance[pair]
        self._own = instance.autofluorescence
        self._cells = instance.autofluorescence_factor[pair]
        self._factor = rank_one_factor(instance, tools.noise.targets)[view, pair]
        self._noise = {name: getattr(noise, name) for name in DetectorNoise.__dataclass_fields__}

    def reached(self, panels: np.ndarray) -> BoolArray:
        """Return (N,) whether the gates of panels (N, n) may claim enough.

        Panels whose dyes cannot be told apart count as if they might.
        """
        result = np.full(len(panels), max(self._needed) <= 0)
        rows = np.flatnonzero(self._gated[panels].any(axis=1))
        for at in range(0, len(rows), _CHUNK):
            some = rows[at : at + _CHUNK]
            result[some] = self._reached(panels[some])
        return result

    def _reached(self, panels: np.ndarray) -> BoolArray:
        panels, gates = gated_last(panels, self._gated)
        slots, known = panels[:, -gates:], self._claims
        sd, solved = self._sd(panels, gates)
        own, foreign = known.steps(sd * (1 - SAFETY))
        claims = known.claims(slots, [self.against], own, foreign[..., None])[:, :, 0] * self._gated[slots][..., None]
        claimed = np.stack([claims.max(axis=2).sum(axis=1), claims[..., BELOW].sum(axis=1)], axis=1)
        return np.asarray((claimed >= self._needed).all(axis=1) | ~solved)

    def _sd(self, panels: np.ndarray, last: int) -> tuple[FloatArray, BoolArray]:
        """Return (2, N, last) noise of the last slots of each panel in both populations, antibodies; (N,) if exact."""
        options = np.ascontiguousarray(panels.T)
        detector = self._detector[options]
        signal = self._signal.take(self._row[options][:, None] + detector)  # (n dyes, n detectors, N)
        weight, error = last_columns_solved(signal, last)
        solved = np.asarray((error <= _EXACT).all(axis=0))
        weight = np.where(solved, weight, 0.0).swapaxes(0, 1)  # (last, n detectors, N)
        noise = DetectorNoise(**{name: values[detector] for name, values in self._noise.items()})
        own = self._own[detector]
        light, spread = noise.background_pe + self._cells[:, None, None] * own, np.zeros((2, *own.shape))
        for of_one, sums, power in ((self._mean, light, signal), (self._spread, spread, signal**2)):
            for population, row in enumerate(of_one):
                for level, dye in zip(row[options], power, strict=True):
                    sums[population] += level * dye
        variance = detector_variance(light, spread, noise)
        left = (weight * own).sum(axis=1)  # autofluorescence that compensation leaves
        squared = [(weight**2 * of_one).sum(axis=1) for of_one in variance] + self._factor[:, None, None] * left**2
        return np.sqrt(squared).swapaxes(1, 2), solved


def gated_last(panels: np.ndarray, gated: BoolArray) -> tuple[np.ndarray, int]:
    """Return panels (N, n) with the options that are gated (O,) behind the others, and the most gated ones of any."""
    is_gated, count = gated[panels], panels.dtype.type(len(gated))
    ordered = np.sort(panels + count * is_gated, axis=1)
    return ordered - count * (ordered >= count), int(is_gated.sum(axis=1).max(initial=0))
