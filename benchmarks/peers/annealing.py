"""Simulated annealing.

S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi, "Optimization by simulated annealing", Science 220:671-680 (1983),
doi:10.1126/science.220.4598.671. P. Vaidyanathan et al., "Algorithms for the selection of fluorescent reporters",
Communications Biology 4:118 (2021), doi:10.1038/s42003-020-01599-5, use it for panels of fluorophores.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from benchmarks.peers.moves import Moves, Panel
from benchmarks.peers.trace import Jury, Trace
from panelopt.instance.arrays import FloatArray, Instance

CHAINS = 24
"""Independent chains that step together, because estimates are cheaper by the batch."""

FIRST_S = 0.5
"""Length of the first cooling, seconds; each further one is twice as long, so that any time limit is used well."""

HOT, COLD = 2.0, 0.01
"""Temperatures at the start and the end of a cooling, log10 units of the merit."""

WORST_WEIGHT = 10.0
"""Weight of objective 1 against the mean of all log ratios, before the floor is known."""


class Annealing:
    """Chains that cool down, from objective 1 in the first half to objective 2 above the floor in the second."""

    name: ClassVar[str] = "annealing"

    def run(self, instance: Instance, seconds: float, seed: int) -> Trace:
        """Search until the time is over."""
        jury = Jury(self.name, instance, seconds)
        random = np.random.default_rng(seed)
        moves = Moves(instance, random)
        pairs = max(sum(len(view.contaminants) for view in instance.views), 1)
        length = FIRST_S
        while not jury.is_over:
            chains = [panel for _ in range(CHAINS) if (panel := moves.random_panel()) is not None]
            if not chains:
                continue
            for panel in chains[:2]:
                jury.judge(moves.slots(panel))
            chains = self._cool(moves, jury, chains, min(length / 2, jury.left), None, pairs)
            best = jury.trace.worst_at(np.inf)
            if best is not None and not jury.is_over:
                self._cool(moves, jury, chains, min(length / 2, jury.left), best - jury.tolerance, pairs)
            length *= 2
        return jury.close()

    def _cool(
        self, moves: Moves, jury: Jury, chains: list[Panel], seconds: float, floor: float | None, pairs: int
    ) -> list[Panel]:
        """Let the chains walk while they cool; judge the best panel that each has seen, and return these."""
        began = jury.seconds
        merits = _merit(*moves.estimates(chains), floor, pairs)
        best, top = list(chains), merits.copy()
        while (share := (jury.seconds - began) / max(seconds, 1e-9)) < 1:
            temperature = HOT * (COLD / HOT) ** share
            proposed = [(i, new) for i, old in enumerate(chains) if (new := moves.random_change(old)) is not None]
            if not proposed:
                break
            values = _merit(*moves.estimates([new for _, new in proposed]), floor, pairs)
            for (i, new), value in zip(proposed, values, strict=True):
                gain = value - merits[i]
                if gain >= 0 or moves.random.random() < np.exp(gain / temperature):
                    chains[i], merits[i] = new, value
                    if value > top[i]:
                        best[i], top[i] = new, value
        for i in np.argsort(-top):
            if jury.is_over:
                break
            jury.judge(moves.slots(best[i]))
        return best


def _merit(worst: FloatArray, total: FloatArray, floor: float | None, pairs: int) -> FloatArray:
    """Return one number to maximise: mostly objective 1, or with a floor objective 2 above it."""
    worst, total = np.maximum(worst, -1e3), np.maximum(total, -1e3 * pairs)  # where a panel cannot be unmixed
    if floor is None:
        return WORST_WEIGHT * worst + total / pairs
    return total - 1e3 * np.maximum(floor - worst, 0.0)
