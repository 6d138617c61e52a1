"""What the slots of parts of panels may still claim for one pair of populations, whatever joins them."""

from __future__ import annotations

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.optics.unmixing import free_detector_variance
from panelopt.scoring.light import light_variance_of, noise_of, rank_one_factor
from panelopt.solver.pair_check import SAFETY
from panelopt.solver.panel_ratios import BELOW, Gains
from panelopt.solver.tools import Tools

_CHUNK = 2048  # parts whose noise is worked out at once


class PartBound:
    """Bounds on what gates of parts claim for a target against one contaminant, on a conventional cytometer.

    Detectors that may still be read count as read without a dye: more light and more dyes only add noise
    (:mod:`panelopt.bounds.subset_noise`). The fewer detectors are left, the sharper the bound.

    Args:
        instance: The question.
        tools: Tables of its options.
        view: Index of the view.
        against: Position of the contaminant in the view.
        each: (O, Q) known bounds on what each option gains.
    """

    def __init__(self, instance: Instance, tools: Tools, view: int, against: int, each: Gains) -> None:
        options, levels = tools.options, tools.noise.levels
        pair = [instance.views[view].target, instance.views[view].contaminants[against]]
        self._instance, self._claims, self._against = instance, tools.stepped_claims[view], against
        self._place = sum(len(one.contaminants) for one in instance.views[:view]) + against
        self._each = np.stack([each.all[:, self._place], each.below[:, self._place]], axis=1)
        self._gated = np.asarray(self._each.any(axis=1))
        self._signal = instance.signal[:, options.dye].T  # (O, D)
        self._mean, self._spread = levels.mean[pair].T, levels.variance[pair].T
        self._cells = instance.autofluorescence_factor[pair]
        self._factor = rank_one_factor(instance, tools.noise.targets)[view : view + 1, pair]
        self._reads = np.arange(len(instance.detector)) == options.detector[:, None]  # (O, D)

    def lowered(self, gains: Gains, panels: np.ndarray, free: BoolArray) -> Gains:
        """Return the gains (N, Q) of parts (N, k), less what the pair cannot gain if only `free` (N, O) may join."""
        alive = free.astype(np.float32) @ self._reads.astype(np.float32) > 0
        alive |= self._reads[panels].any(axis=1)
        gated = self._gated[panels]
        order, count = np.argsort(~gated, axis=1, kind="stable"), gated.sum(axis=1)
        lost = np.zeros((len(panels), 2))
        for rank in range(int(count.max(initial=0))):
            rows = np.flatnonzero(count > rank)
            lost[rows] += self._lost(panels[rows], order[rows, rank], alive[rows])
        lowered = Gains(gains.all.copy(), gains.below.copy())
        lowered.all[:, self._place] -= lost[:, 0]
        lowered.below[:, self._place] -= lost[:, 1]
        return lowered

    def _lost(self, panels: np.ndarray, slot: np.ndarray, alive: BoolArray) -> FloatArray:
        """Return (N, 2) by how much the bounds on one slot (N,) of each part are lower: any gate, and one below."""
        rows = np.arange(len(panels))
        front = panels[rows[:, None], (np.arange(panels.shape[1]) + slot[:, None]) % panels.shape[1]]
        starts = range(0, len(panels), _CHUNK)
        sd = np.concatenate([self._sd(front[at : at + _CHUNK], alive[at : at + _CHUNK]) for at in starts])
        own, foreign = self._claims.steps(sd * (1 - SAFETY)).T
        claims = self._claims.claims(front[:, :1], [self._against], own[:, None], foreign[:, None, None])[:, 0, 0]
        reached = np.stack([claims.max(axis=1), claims[:, BELOW]], axis=1)
        return np.asarray(np.maximum(self._each[front[:, 0]] - reached, 0.0))

    def _sd(self, panels: np.ndarray, alive: BoolArray) -> FloatArray:
        """Return (N, 2) least noise of the first slot of parts in both populations, antibodies."""
        signal = self._signal[panels].transpose(0, 2, 1)  # (N, D, k)
        mean, spread = self._mean[panels].transpose(0, 2, 1), self._spread[panels].transpose(0, 2, 1)
        own = self._instance.autofluorescence
        variance = light_variance_of(self._cells, signal, mean, spread, noise_of(self._instance), own)
        squared = free_detector_variance(signal * alive[:, :, None], variance, self._factor, own * alive)
        return np.asarray(np.sqrt(squared[:, 0]))
