"""Least noise of a slot in any panel that contains certain other slots.

Three facts make the variance of a subset a lower bound (weighted least squares, no negative signal): more light raises
the noise of every detector, more columns raise the variance of each, and more detectors lower it. So the variance of
slot ``j`` with only the slots ``B`` beside it, read on all detectors not known to be dark, is at most its variance in
any panel that contains ``j`` and ``B``. On a spectral cytometer all detectors are always read and the autofluorescence
column belongs to every subset; on a conventional one the autofluorescence of the detectors stays in the noise, and
detectors known to be unused drop out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.optics.unmixing import free_detector_variance
from panelopt.scoring.light import SlotLevels, light_variance, noise_of, rank_one_factor, slot_levels
from panelopt.scoring.view_claims import usable_sides

_CHUNK = 256


class SubsetNoise:
    """Variance of a slot within subsets of options."""

    def __init__(self, instance: Instance, options: CandidateSlots) -> None:
        self.instance = instance
        self.options = options
        self.levels: SlotLevels = slot_levels(instance, [slot.markers for slot in options.slots])
        self.targets = [view.target for view in instance.views]
        self.usable = [usable_sides(instance, view, options.slots, self.levels) for view in instance.views]
        """For each view (O, 3) the sides on which an option may be gated."""
        self._signal = instance.signal[:, options.dye]  # (D, O)
        self._factor = rank_one_factor(instance, self.targets)
        if not instance.conventional:
            self._factor = np.zeros_like(self._factor)
        readable = np.zeros(len(instance.detector), dtype=bool)
        readable[options.detector] = True
        self.readable: BoolArray = readable if instance.conventional else np.ones_like(readable)

    def sd(
        self,
        first: Sequence[int] | np.ndarray,
        base: Sequence[int] = (),
        partners: Sequence[int] | np.ndarray | None = None,
        dark: BoolArray | None = None,
    ) -> FloatArray:
        """Return the least standard deviation of slots ``first``, antibodies.

        Args:
            first: (B,) options in question, or one option for all partners.
            base: Options that are in the panel as well.
            partners: (B,) one more option for each row, or None.
            dark: (D,) or (B, D) detectors that the panel does not use (conventional only).

        Returns:
            (B, T, P) by view and population.
        """
        first = np.atleast_1d(np.asarray(first, dtype=int))
        rows = len(first) if partners is None else len(partners)
        if dark is not None and dark.ndim == 2:
            rows = len(dark)
        first = np.broadcast_to(first, (rows,))
        columns = [first, *(np.full(rows, b) for b in base)]
        if partners is not None:
            columns.append(np.asarray(partners, dtype=int))
        chosen = np.stack(columns, axis=1)
        alive = np.broadcast_to(self.readable if dark is None else self.readable & ~dark, (rows, self.readable.size))
        parts = [
            self._chunk(chosen[start : start + _CHUNK], alive[start : start + _CHUNK])
            for start in range(0, rows, _CHUNK)
        ]
        return np.sqrt(np.concatenate(parts)) if parts else np.zeros((0, *self._factor.shape))

    def _chunk(self, chosen: np.ndarray, alive: BoolArray) -> FloatArray:
        instance = self.instance
        signal = self._signal[:, chosen].transpose(1, 0, 2)  # (B, D, n)
        mean = self.levels.mean[:, chosen].transpose(1, 0, 2)
        spread = self.levels.variance[:, chosen].transpose(1, 0, 2)
        own = instance.autofluorescence
        variance = light_variance(instance, signal, mean, spread, noise_of(instance), own)
        masked = signal * alive[:, :, None]
        seen = own * alive
        if instance.has_autofluorescence_column:
            masked = np.concatenate([masked, seen[:, :, None]], axis=2)
        return free_detector_variance(masked, variance, self._factor, seen)
