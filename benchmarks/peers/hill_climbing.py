"""Hill climbing by random changes, from a random panel until nothing helps, then from the next.

P. Vaidyanathan et al., "Algorithms for the selection of fluorescent reporters", Communications Biology 4:118 (2021),
doi:10.1038/s42003-020-01599-5, use it for panels of fluorophores.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from benchmarks.peers.moves import Moves, Panel
from benchmarks.peers.random_restarts import merit
from benchmarks.peers.trace import Jury, Trace
from panelopt.instance.arrays import Instance

BATCH = 48
"""Random changes that are estimated together, because estimates are cheaper by the batch; the best one counts."""

IDLE = 4
"""Batches in a row that help nothing, after which a climb ends."""


class HillClimbing:
    """Climbs once for objective 1, and from there on for objective 2 above the floor."""

    name: ClassVar[str] = "hill climbing"

    def run(self, instance: Instance, seconds: float, seed: int) -> Trace:
        """Search until the time is over."""
        jury = Jury(self.name, instance, seconds)
        moves = Moves(instance, np.random.default_rng(seed))
        while not jury.is_over:
            panel = moves.random_panel()
            if panel is None:
                continue
            jury.judge(moves.slots(panel))
            top = self._climb(moves, jury, panel, None)
            best = jury.trace.worst_at(np.inf)
            if best is not None:
                self._climb(moves, jury, top, best - jury.tolerance)
        return jury.close()

    def _climb(self, moves: Moves, jury: Jury, panel: Panel, floor: float | None) -> Panel:
        best, idle = float(merit(*moves.estimates([panel]), floor)[0]), 0
        while idle < IDLE and not jury.is_over:
            near = [new for _ in range(BATCH) if (new := moves.random_change(panel)) is not None]
            merits = merit(*moves.estimates(near), floor)
            idle += 1
            if near and merits.max() > best + 1e-9:
                panel, best, idle = near[int(merits.argmax())], float(merits.max()), 0
        jury.judge(moves.slots(panel))
        return panel
