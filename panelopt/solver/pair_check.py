"""Whether panels may tell apart two populations, for many panels at once and for nothing but this pair."""

from __future__ import annotations

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.optics.noise import DetectorNoise, detector_variance
from panelopt.scoring.light import noise_of, rank_one_factor
from panelopt.solver.panel_ratios import BELOW
from panelopt.solver.tools import Tools

SAFETY = 1e-7
"""Relative margin on noise, above its rounding errors for any panel that may be unmixed (condition up to 1e8)."""


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
        self._all_signal, self._dye, self._detector = instance.signal, options.dye, options.detector
        self._mean, self._spread = levels.mean[pair].T, levels.variance[pair].T
        self._own = instance.autofluorescence[options.detector]
        self._cells = instance.autofluorescence_factor[pair]
        self._factor = rank_one_factor(instance, tools.noise.targets)[view, pair]
        self._noise = {name: getattr(noise, name)[options.detector] for name in DetectorNoise.__dataclass_fields__}

    def reached(self, panels: np.ndarray) -> BoolArray:
        """Return (N,) whether the gates of panels (N, n) may claim enough.

        Panels whose dyes cannot be told apart count as if they might.
        """
        gated = self._gated[panels]
        order, count = np.argsort(~gated, axis=1, kind="stable"), gated.sum(axis=1)
        claimed = np.zeros((len(panels), 2))
        for rank in range(int(count.max(initial=0))):
            rows = np.flatnonzero(count > rank)
            try:
                claimed[rows] += self._claimed(panels[rows], order[rows, rank])
            except np.linalg.LinAlgError:
                return np.ones(len(panels), dtype=bool)
        return np.asarray((claimed >= self._needed).all(axis=1))

    def _claimed(self, panels: np.ndarray, slot: np.ndarray) -> FloatArray:
        """Return (N, 2) the most that one slot (N,) of each panel claims by any gate, and by one below."""
        known, option = self._claims, panels[np.arange(len(panels)), slot][:, None]
        own, foreign = known.steps(self._sd(panels, slot) * (1 - SAFETY)).T
        claims = known.claims(option, [self.against], own[:, None], foreign[:, None, None])[:, 0, 0]
        return np.stack([claims.max(axis=1), claims[:, BELOW]], axis=1)

    def _sd(self, panels: np.ndarray, slot: np.ndarray) -> FloatArray:
        """Return (N, 2) noise of one slot of each panel in both populations, antibodies."""
        signal = self._all_signal[self._detector[panels][:, :, None], self._dye[panels][:, None]]
        unit = (np.arange(panels.shape[1]) == slot[:, None]).astype(float)
        peak = signal.max(axis=1)
        alike = (signal / peak[:, None]).swapaxes(1, 2)  # of dyes equally bright: others would cost digits
        weight = np.linalg.solve(alike, unit[..., None])[..., 0] / peak[np.arange(len(slot)), slot][:, None]
        noise = DetectorNoise(**{name: values[panels][:, None] for name, values in self._noise.items()})
        own = self._own[panels]
        light = noise.background_pe + self._cells[:, None] * own[:, None]
        light = light + (signal @ self._mean[panels]).swapaxes(1, 2)
        variance = detector_variance(light, (signal**2 @ self._spread[panels]).swapaxes(1, 2), noise)
        squared = np.einsum("nd,npd->np", weight**2, variance)
        left = np.einsum("nd,nd->n", weight, own)[:, None]  # autofluorescence that compensation leaves
        return np.asarray(np.sqrt(squared + self._factor * left**2))
