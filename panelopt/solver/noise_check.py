"""Whether the exact noise of panels rules out that they are as good as the best one, for many panels at once."""

from __future__ import annotations

import numpy as np

from panelopt.bounds.claim_bounds import claim_bounds
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.scoring import PanelScore
from panelopt.scoring.claims import SIDES
from panelopt.solver.panel_ratios import Gains, LeastRatios
from panelopt.solver.tools import Tools

_SAFETY = 1e-7  # relative margin on noise, above its rounding errors
_STEP = 0.02  # noise is rounded down to steps of this size, so that panels share claims
_FEW = 4  # contaminants of a target that decide as a rule


class NoiseCheck:
    """Bounds on what the gates of whole panels claim.

    Args:
        instance: The question.
        tools: Tables of its options.
        best: The panel to compare with.
        slack: How much worse a panel may be, log10.

    Attributes:
        ratios: What a panel must reach.
    """

    def __init__(self, instance: Instance, tools: Tools, best: PanelScore, slack: float) -> None:
        self.instance = instance
        self.tools = tools
        self.ratios = LeastRatios(instance, best, slack)
        self._deciding = [_most_frequent(view.single, view.doublet) for view in best.views]

    def quick(self, panels: np.ndarray) -> BoolArray:
        """Return (N,) False where a panel (N, n) is ruled out by a few contaminants and noise rounded down."""
        sd = self._sd(panels)
        steps = np.floor(np.log(np.maximum(sd, 1.0)) / _STEP).astype(np.int64)
        parts = []
        for number, view in enumerate(self.instance.views):
            claims = np.full((len(panels), len(SIDES), len(view.contaminants)), np.inf)
            for c in self._deciding[number]:
                populations = [view.target, view.contaminants[c]]
                claims[:, :, c] = self._rounded(number, c, panels, steps[:, number, populations])
            parts.append(claims)
        return self.ratios.reached(Gains.of_claims(parts))

    def _rounded(self, view: int, c: int, panels: np.ndarray, steps: np.ndarray) -> FloatArray:
        """Return (N, 3) summed claims of all slots against one contaminant, at noise in steps (N, 2, n).

        Any kind of gate may be chosen for ``above``, which holds the largest claims.
        """
        rows = np.stack([panels, steps[:, 0], steps[:, 1]], axis=-1).reshape(-1, 3)
        alike, inverse = np.unique(rows, axis=0, return_inverse=True)
        sd = np.zeros((len(alike), len(self.instance.population)))
        target = self.instance.views[view]
        sd[:, [target.target, target.contaminants[c]]] = np.where(alike[:, 1:] > 0, np.exp(_STEP * alike[:, 1:]), 0.0)
        found = claim_bounds(self.instance, self.tools.noise, view, alike[:, 0], sd, [c])[:, :, 0]
        found[:, 0] = found.max(axis=1)
        return np.asarray(found[inverse.ravel()].reshape(*panels.shape, len(SIDES)).sum(axis=1))

    def exact(self, panels: np.ndarray) -> tuple[BoolArray, np.ndarray]:
        """Return (N,) False where a panel (N, n) is ruled out, and the fewest gates that it can have."""
        sd = self._sd(panels)
        views = range(len(self.instance.views))
        slots = [
            Gains.of_claims([claim_bounds(self.instance, self.tools.noise, v, slot, sd[:, v, :, s]) for v in views])
            for s, slot in enumerate(panels.T)
        ]
        without = [self.ratios.tubes(Gains.sum([*slots[:s], *slots[s + 1 :]])) for s in range(len(slots))]
        gates = np.where(np.any(without, axis=0), 0, len(slots)).sum(axis=1)
        return self.ratios.reached(Gains.sum(slots)), gates

    def _sd(self, panels: np.ndarray) -> FloatArray:
        """Return (N, T, P, n) lower bounds on noise, antibodies."""
        sd, good = self.tools.estimator.noise_sd(panels)
        return np.where(good[:, None, None, None], sd * (1 - _SAFETY), 0.0)


def _most_frequent(single: FloatArray, doublet: FloatArray) -> list[int]:
    """Return the contaminants of which a tube holds most, and so those of the worst ratio."""
    leaks = 10.0**-single + 10.0**-doublet
    return [int(c) for c in np.argsort(-leaks, kind="stable")[:_FEW]]
