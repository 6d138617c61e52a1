"""Whether the exact noise of panels rules out that they reach some ratios, for many panels at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from panelopt.bounds.claim_bounds import pair_bounds
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring import PanelScore
from panelopt.scoring.claims import SIDES
from panelopt.solver.panel_ratios import Gains, LeastRatios
from panelopt.solver.tools import Tools

_SAFETY = 1e-7  # relative margin on noise, above its rounding errors
_STEP = 0.02  # noise is rounded down to steps of this size, so that panels share claims
_DECIDING = (1, 4, None)  # contaminants of each target that are looked at in turn; None = all
_BATCH = 2048
_PART = 8192  # panels sifted between two looks at the clock


class NoiseCheck:
    """Bounds on what the gates of whole panels claim.

    Args:
        instance: The question.
        tools: Tables of its options.
        ratios: What a panel must reach.
        best: The best panel known; the contaminants of which its tubes hold most are looked at first.
    """

    def __init__(self, instance: Instance, tools: Tools, ratios: LeastRatios, best: PanelScore) -> None:
        self.instance = instance
        self.tools = tools
        self.ratios = ratios
        self._deciding = [_most_frequent(view.single, view.doublet) for view in best.views]

    def hopeful(self, panels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (H,) rows of panels (N, n) that may reach the ratios, and (H,) their fewest gates to do so."""
        rows = np.arange(len(panels))
        sd = self._sd(panels)
        steps = np.floor(np.log(np.maximum(sd, 1.0)) / _STEP).astype(np.int64)
        gates = np.zeros((len(panels), len(self.instance.views)), dtype=int)
        for most in _DECIDING:
            slots = self._gains(panels[rows], steps[rows], most)
            gates[rows] = self._needed(slots, gates[rows])
            rows = rows[self.ratios.reached(Gains.sum(slots), gates[rows])]
        return rows, gates[rows].sum(axis=1)

    def sift(self, panels: np.ndarray, stop: Callable[[], bool]) -> tuple[np.ndarray, np.ndarray] | None:
        """Return what :meth:`hopeful` does, of any number of panels; None if time is up before."""
        parts = []
        for start in range(0, len(panels), _PART):
            if stop():
                return None
            rows, gates = self.hopeful(panels[start : start + _PART])
            parts.append((rows + start, gates))
        rows, gates = (np.concatenate(part) for part in zip(*parts, strict=True)) if parts else (np.zeros(0, int),) * 2
        return rows, gates

    def _needed(self, slots: Sequence[Gains], gates: np.ndarray) -> np.ndarray:
        """Return (N, T) gates without which a tube falls short, given that it has some number of them already."""
        nothing = slots[0].nothing(len(gates))
        without = [Gains.sum([nothing, *slots[:s], *slots[s + 1 :]]) for s in range(len(slots))]
        return np.asarray(np.maximum(gates, np.sum([~self.ratios.tubes(rest, gates) for rest in without], axis=0)))

    def _gains(self, panels: np.ndarray, steps: np.ndarray, most: int | None) -> list[Gains]:
        """Return what each of the n slots can gain against the contaminants that decide, and any gain elsewhere.

        Args:
            panels: (N, n) option indices.
            steps: (N, T, P, n) noise in steps.
            most: Contaminants of each target to look at; None = all.
        """
        views = range(len(self.instance.views))
        claims = [self._claims(view, self._deciding[view][:most], panels, steps[:, view]) for view in views]
        return [Gains.of_claims([part[:, s] for part in claims]) for s in range(panels.shape[1])]

    def _claims(self, view: int, deciding: Sequence[int], panels: np.ndarray, steps: np.ndarray) -> FloatArray:
        """Return (N, n, 3, C) claims at noise in steps (N, P, n); infinite against what does not decide."""
        target, others = self.instance.views[view].target, self.instance.views[view].contaminants
        foreign = steps[:, [others[c] for c in deciding]].transpose(0, 2, 1)  # (N, n, K)
        parts = (panels[..., None], np.array(deciding), steps[:, target, :, None], foreign)
        rows = np.stack(np.broadcast_arrays(*parts), axis=-1)
        alike, inverse = np.unique(rows.reshape(-1, len(parts)), axis=0, return_inverse=True)
        own, other = np.where(alike[:, 2:] > 0, np.exp(_STEP * alike[:, 2:]), 0.0).T
        found = pair_bounds(self.instance, self.tools.noise, view, alike[:, :2], own, other)
        claims = np.full((*panels.shape, len(SIDES), len(others)), np.inf)
        claims[..., list(deciding)] = found[inverse.ravel()].reshape(*foreign.shape, len(SIDES)).swapaxes(2, 3)
        return claims

    def _sd(self, panels: np.ndarray) -> FloatArray:
        """Return (N, T, P, n) lower bounds on noise, antibodies."""
        parts = [self.tools.estimator.noise_sd(panels[at : at + _BATCH]) for at in range(0, len(panels), _BATCH)]
        sd, good = (np.concatenate(part) for part in zip(*parts, strict=True))
        return np.where(good[:, None, None, None], sd * (1 - _SAFETY), 0.0)


def _most_frequent(single: FloatArray, doublet: FloatArray) -> list[int]:
    """Return the contaminants, most frequent in a tube first."""
    leaks = 10.0**-single + 10.0**-doublet
    return [int(c) for c in np.argsort(-leaks, kind="stable")]
