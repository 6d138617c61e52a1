"""Whether the exact noise of panels rules out that they reach some ratios, for many panels at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np

from panelopt.bounds.claim_bounds import pair_bounds
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring import PanelScore
from panelopt.scoring.claims import SIDES
from panelopt.scoring.practicality import ROUNDING
from panelopt.solver.pair_check import SAFETY, PairCheck
from panelopt.solver.panel_ratios import Gains, LeastRatios
from panelopt.solver.tools import Tools

_STAGES = ((0.02, 1), (0.02, 4), (0.02, None), (0.002, None))
"""Steps that noise is rounded down to, so that panels share claims, and contaminants that are looked at; None = all."""
_BATCH = 2048
_Claims = Callable[[int, Sequence[int], np.ndarray, FloatArray, FloatArray], FloatArray]
_SAMPLE = 48  # panels of one size by which the hardest pair is chosen
_PART = 8192  # panels sifted between two looks at the clock


class NoiseCheck:
    """Bounds on what the gates of whole panels claim.

    Args:
        instance: The question.
        tools: Tables of its options.
        ratios: What a panel must reach.
        best: The best panel known; the contaminants of which its tubes hold most are looked at first.
        needed: (1, Q) gains that each comparison needs for itself.

    Attributes:
        hardest: Check of the pair of populations that fewest panels tell apart; None until panels have been seen.
    """

    def __init__(self, instance: Instance, tools: Tools, ratios: LeastRatios, best: PanelScore, needed: Gains) -> None:
        self.instance = instance
        self.tools = tools
        self.ratios = ratios
        self._deciding = [_most_frequent(view.single, view.doublet) for view in best.views]
        self._needed_gains = needed
        self.hardest: PairCheck | None = None

    def hopeful(self, panels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (H,) rows of panels (N, n) that may reach the ratios, and (H,) their fewest gates to do so."""
        if self.hardest is None:
            self.choose_hardest([(panels, 1.0)])
        rows = np.flatnonzero(self.hardest.reached(panels) if self.hardest else np.ones(len(panels), dtype=bool))
        sd, gates = self._sd(panels[rows]), np.zeros((len(rows), len(self.instance.views)), dtype=int)
        fine: list[tuple[_Claims, int | None]] = [(partial(self._fine, step), most) for step, most in _STAGES]
        for claims, most in [(self._coarse, None), *fine]:
            slots = self._gains(panels[rows], sd, most, claims)
            gates = self._needed(slots, gates)
            kept = self.ratios.reached(Gains.sum(slots), gates)
            if most is None:
                kept[kept] = self.ratios.reached_by_gates([gains.take(kept) for gains in slots])
            rows, sd, gates = rows[kept], sd[kept], gates[kept]
        return rows, gates.sum(axis=1)

    def choose_hardest(self, sample: Iterable[tuple[np.ndarray, float]]) -> None:
        """Choose the pair of populations that fewest panels tell apart.

        Args:
            sample: Panels (N, n) of one size each, and how many each of them stands for.
        """
        some = [(panels[:_SAMPLE], weight * len(panels) / _SAMPLE) for panels, weight in sample if len(panels)]
        if not some:
            return
        pairs = [(v, c) for v, view in enumerate(self.instance.views) for c in range(len(view.contaminants))]
        needed = np.stack([self._needed_gains.all[0], self._needed_gains.below[0]], axis=1) - ROUNDING
        checks = [
            PairCheck(self.instance, self.tools, *pair, *enough)
            for pair, enough in zip(pairs, needed.tolist(), strict=True)
        ]
        self.hardest = min(
            checks, key=lambda check: sum(weight * check.reached(panels).mean() for panels, weight in some)
        )

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

    def _gains(self, panels: np.ndarray, sd: FloatArray, most: int | None, claims: _Claims) -> list[Gains]:
        """Return what each of the n slots can gain against the contaminants that decide, and any gain elsewhere.

        Args:
            panels: (N, n) option indices.
            sd: (N, T, P, n) noise, antibodies.
            most: Contaminants of each target to look at; None = all.
            claims: How claims are bounded.
        """
        found = []
        for view, deciding in enumerate(self._deciding):
            bounds = np.full((*panels.shape, len(SIDES), len(deciding)), np.inf)
            target, others = self.instance.views[view].target, self.instance.views[view].contaminants
            foreign = sd[:, view, [others[c] for c in deciding[:most]]].transpose(0, 2, 1)
            bounds[..., deciding[:most]] = claims(view, deciding[:most], panels, sd[:, view, target], foreign)
            found.append(bounds)
        return [Gains.of_claims([part[:, s] for part in found]) for s in range(panels.shape[1])]

    def _coarse(
        self, view: int, deciding: Sequence[int], panels: np.ndarray, own: FloatArray, foreign: FloatArray
    ) -> FloatArray:
        """Return (N, n, 3, K) claims at noise (N, n) and (N, n, K) rounded down to coarse steps."""
        known = self.tools.stepped_claims[view]
        return known.claims(panels, deciding, known.steps(own), known.steps(foreign)).swapaxes(2, 3)

    def _fine(
        self, step: float, view: int, deciding: Sequence[int], panels: np.ndarray, own: FloatArray, foreign: FloatArray
    ) -> FloatArray:
        """Return (N, n, 3, K) claims at noise (N, n) and (N, n, K) rounded down to steps."""
        steps = (np.floor(np.log(np.maximum(sd, 1.0)) / step).astype(int) for sd in (own[..., None], foreign))
        rows = np.stack(np.broadcast_arrays(panels[..., None], np.array(deciding), *steps), axis=-1)
        alike, inverse = np.unique(rows.reshape(-1, rows.shape[-1]), axis=0, return_inverse=True)
        sd, other_sd = np.where(alike[:, 2:] > 0, np.exp(step * alike[:, 2:]), 0.0).T
        found = pair_bounds(self.instance, self.tools.noise, view, alike[:, :2], sd, other_sd)
        claims = found[inverse.ravel()].reshape(*foreign.shape, len(SIDES))
        return np.asarray((claims * self.tools.noise.usable[view][panels][:, :, None]).swapaxes(2, 3))

    def _sd(self, panels: np.ndarray) -> FloatArray:
        """Return (N, T, P, n) lower bounds on noise, antibodies."""
        starts = range(0, max(len(panels), 1), _BATCH)
        parts = [self.tools.estimator.noise_sd(panels[at : at + _BATCH]) for at in starts]
        sd, good = (np.concatenate(part) for part in zip(*parts, strict=True))
        return np.where(good[:, None, None, None], sd * (1 - SAFETY), 0.0)


def _most_frequent(single: FloatArray, doublet: FloatArray) -> list[int]:
    """Return the contaminants, most frequent in a tube first."""
    leaks = 10.0**-single + 10.0**-doublet
    return [int(c) for c in np.argsort(-leaks, kind="stable")]
