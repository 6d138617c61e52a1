"""Bounds on claims at noise rounded down to steps, each worked out once: many panels share them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.bounds.claim_bounds import pair_bounds
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring.claims import SIDES

STEP = 0.1
"""Size of a step, as a logarithm of the noise in antibodies."""

_STEPS = 128  # up to 360,000 antibodies; more noise counts as that much


class SteppedClaims:
    """Bounds on what slots claim for one view.

    Claims never rise with noise, so that a claim at less noise is a bound.

    Args:
        instance: The question.
        noise: Levels of the options.
        view: Index of the view.
    """

    def __init__(self, instance: Instance, noise: SubsetNoise, view: int) -> None:
        self._instance, self._noise, self._view = instance, noise, view
        self._usable = noise.usable[view]
        self._number, self._example = _alike(instance, noise, view)
        self._place = np.full(len(self._example) * _STEPS**2, -1, dtype=np.int32)
        self._known = np.zeros((0, len(SIDES)))

    @staticmethod
    def steps(sd: FloatArray) -> np.ndarray:
        """Return noise (antibodies) in steps."""
        return np.clip(np.log(np.maximum(sd, 1.0)) / STEP, 0, _STEPS - 1).astype(np.int32)

    def claims(
        self, panels: np.ndarray, contaminants: Sequence[int], own: np.ndarray, foreign: np.ndarray
    ) -> FloatArray:
        """Return (N, n, K, 3) bounds on the claims of every slot of panels, by contaminant and side.

        Args:
            panels: (N, n) option indices.
            contaminants: K positions in the view's contaminants.
            own: (N, n) noise in the target, in steps.
            foreign: (N, n, K) noise in the contaminants, in steps.
        """
        wanted = self._number[panels][..., list(contaminants)]
        wanted = (wanted * _STEPS + own[..., None]) * _STEPS + foreign
        place = self._place[wanted]
        if (place < 0).any():
            self._work_out(np.unique(wanted[place < 0]))
            place = self._place[wanted]
        return np.asarray(self._known[place] * self._usable[panels][:, :, None])

    def _work_out(self, wanted: np.ndarray) -> None:
        """Add claims to those known."""
        pairs, own, foreign = wanted // _STEPS**2, wanted // _STEPS % _STEPS, wanted % _STEPS
        sd, other_sd = (np.where(steps > 0, np.exp(STEP * steps), 0.0) for steps in (own, foreign))
        found = pair_bounds(self._instance, self._noise, self._view, self._example[pairs], sd, other_sd)
        self._place[wanted] = len(self._known) + np.arange(len(wanted), dtype=np.int32)
        self._known = np.concatenate([self._known, found])


def _alike(instance: Instance, noise: SubsetNoise, view: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (O, C) numbers of pairs of levels, and (K, 2) an option and a contaminant that have each of them."""
    target, others = instance.views[view].target, list(instance.views[view].contaminants)
    levels, count = noise.levels, len(noise.options.slots)
    own, foreign = (
        np.stack(
            [np.broadcast_to(values[rows], (len(others), count)) for values in (levels.abc, levels.cv, levels.known)]
        )
        for rows in (target, others)
    )
    rows = np.concatenate([own, foreign]).transpose(2, 1, 0).reshape(count * len(others), -1)
    _, first, number = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return number.reshape(count, len(others)), np.stack(np.divmod(first, len(others)), axis=1)
