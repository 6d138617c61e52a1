"""What the slots of parts of panels may still claim for one pair of populations, whatever joins them."""

from __future__ import annotations

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.optics.noise import DetectorNoise, detector_variance
from panelopt.optics.stacked_systems import last_inverse_entries
from panelopt.scoring.light import noise_of, rank_one_factor
from panelopt.solver.pair_check import SAFETY, gated_last
from panelopt.solver.panel_ratios import BELOW, Gains
from panelopt.solver.tools import Tools

_CHUNK = 1024  # parts whose noise is worked out at once


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
        signal = instance.signal[:, options.dye]
        self._signal = np.ascontiguousarray(signal)  # (D, O)
        mean, spread = levels.mean[pair][:, None] * signal, levels.variance[pair][:, None] * signal**2
        self._light = np.ascontiguousarray(np.concatenate([mean, spread]).reshape(-1, len(options.dye)).T)  # (O, 4 D)
        self._own = instance.autofluorescence
        self._cells = instance.autofluorescence_factor[pair]
        with np.errstate(divide="ignore"):
            self._prior = 1.0 / rank_one_factor(instance, tools.noise.targets)[view, pair][:, None]
        noise = noise_of(instance)
        self._noise = DetectorNoise(
            **{name: getattr(noise, name)[:, None] for name in DetectorNoise.__dataclass_fields__}
        )
        self._detector = options.detector

    def lowered(self, gains: Gains, panels: np.ndarray, free: BoolArray) -> Gains:
        """Return the gains (N, Q) of parts (N, k), less what the pair cannot gain.

        Args:
            gains: Those of all slots.
            panels: Option indices.
            free: (N, D') detectors that options to come may be read on; the last detectors may be left out.
        """
        alive = np.zeros((len(panels), len(self._own)), dtype=bool)
        alive[:, : free.shape[1]] = free
        alive[np.arange(len(panels))[:, None], self._detector[panels]] = True
        lost = np.zeros((len(panels), 2))
        rows = np.flatnonzero(self._gated[panels].any(axis=1))
        for at in range(0, len(rows), _CHUNK):
            some = rows[at : at + _CHUNK]
            lost[some] = self._lost(panels[some], alive[some])
        lowered = Gains(gains.all.copy(), gains.below.copy())
        lowered.all[:, self._place] -= lost[:, 0]
        lowered.below[:, self._place] -= lost[:, 1]
        return lowered

    def _lost(self, panels: np.ndarray, alive: BoolArray) -> FloatArray:
        """Return (N, 2) by how much the bounds on the slots of each part are lower: any gate, and one below."""
        panels, gates = gated_last(panels, self._gated)
        slots = panels[:, -gates:]
        own, foreign = self._claims.steps(self._sd(panels, alive, gates) * (1 - SAFETY))
        claims = self._claims.claims(slots, [self._against], own, foreign[..., None])[:, :, 0]
        reached = np.stack([claims.max(axis=2), claims[..., BELOW]], axis=2)
        return np.asarray(np.maximum(self._each[slots] - reached, 0.0).sum(axis=1))

    def _sd(self, panels: np.ndarray, alive: BoolArray, last: int) -> FloatArray:
        """Return (2, N, last) least noise of the last slots of parts in both populations, antibodies."""
        options = np.ascontiguousarray(panels.T)
        sums = self._light.take(options[0], axis=0)
        for row in options[1:]:
            sums += self._light.take(row, axis=0)
        mean, spread = np.ascontiguousarray(sums.T).reshape(2, 2, len(self._own), len(panels))  # (2, D, N) each
        mean += self._noise.background_pe + self._cells[:, None, None] * self._own[:, None]
        weight = alive.T / detector_variance(mean, spread, self._noise)
        columns = np.empty((len(options) + 1, *mean.shape[1:]))  # autofluorescence, known to some extent, and the dyes
        columns[0] = self._own[:, None]
        columns[1:] = self._signal.take(options, axis=1).swapaxes(0, 1)
        matrix = np.empty((len(columns), len(columns), 2, len(panels)))
        for row, column in enumerate(columns):
            matrix[row, : row + 1] = np.einsum("pdn,jdn->jpn", weight * column, columns[: row + 1])
        matrix[0, 0] += self._prior
        return np.asarray(np.sqrt(last_inverse_entries(matrix, last)).transpose(1, 2, 0))
