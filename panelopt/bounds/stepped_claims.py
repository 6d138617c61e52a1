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

    Claims never rise with noise, so that a claim at less noise is a bound. Dumps may have tens of thousands of pairs of
    levels: there are places only for the noise that targets have been seen to have in each.

    Args:
        instance: The question.
        noise: Levels of the options.
        view: Index of the view.
    """

    def __init__(self, instance: Instance, noise: SubsetNoise, view: int) -> None:
        self._instance, self._noise, self._view = instance, noise, view
        self._usable = noise.usable[view]
        self._number, self._example = _alike(instance, noise, view)
        self._row = np.full((len(self._example), _STEPS), -1, dtype=np.int32)  # of `_place`, by noise in the target
        self._place = np.zeros((0, _STEPS), dtype=np.int32)  # in `_known`, by noise in the contaminant; -1 = not yet
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
        pair, own = np.broadcast_arrays(self._number[panels][..., list(contaminants)], own[..., None])
        row = self._rows(pair, own)
        place = self._place[row, foreign]
        if (place < 0).any():
            self._work_out(*(values[place < 0] for values in (pair, own, row, foreign)))
            place = self._place[row, foreign]
        return np.asarray(self._known[place] * self._usable[panels][:, :, None])

    def _rows(self, pair: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Return the rows of `_place` of pairs of levels at some noise in the target."""
        row = self._row[pair, own]
        if (row < 0).any():
            new = np.unique((pair * _STEPS + own)[row < 0])
            self._row.flat[new] = len(self._place) + np.arange(len(new), dtype=np.int32)
            self._place = np.concatenate([self._place, np.full((len(new), _STEPS), -1, dtype=np.int32)])
            row = self._row[pair, own]
        return np.asarray(row)

    def _work_out(self, pair: np.ndarray, own: np.ndarray, row: np.ndarray, foreign: np.ndarray) -> None:
        """Add claims to those known."""
        wanted, first = np.unique(row.astype(np.int64) * _STEPS + foreign, return_index=True)
        sd, other_sd = (np.where(steps > 0, np.exp(STEP * steps), 0.0) for steps in (own[first], foreign[first]))
        found = pair_bounds(self._instance, self._noise, self._view, self._example[pair[first]], sd, other_sd)
        self._place.flat[wanted] = len(self._known) + np.arange(len(wanted), dtype=np.int32)
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
