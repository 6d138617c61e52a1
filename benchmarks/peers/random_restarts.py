"""Hill climbing from random panels, again and again.

Multi-start local search: R. Marti, M. G. C. Resende, C. C. Ribeiro, "Multi-start methods for combinatorial
optimization", European Journal of Operational Research 226:1-8 (2013), doi:10.1016/j.ejor.2012.10.012.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from benchmarks.peers.moves import Moves, Panel
from benchmarks.peers.trace import Jury, Trace
from panelopt.instance.arrays import FloatArray, Instance


class RandomRestarts:
    """Steepest ascent from random panels: once for objective 1, then on for objective 2 above the floor."""

    name: ClassVar[str] = "random restarts"

    def run(self, instance: Instance, seconds: float, seed: int) -> Trace:
        """Search until the time is over."""
        jury = Jury(self.name, instance, seconds)
        moves = Moves(instance, np.random.default_rng(seed))
        while not jury.is_over:
            start = moves.random_panel()
            if start is None:
                continue
            jury.judge(moves.slots(start))
            top = self._climb(moves, jury, start, None)
            best = jury.trace.worst_at(np.inf)
            if best is not None and not jury.is_over:
                self._climb(moves, jury, top, best - jury.tolerance)
        return jury.close()

    def _climb(self, moves: Moves, jury: Jury, panel: Panel, floor: float | None) -> Panel:
        best = float(merit(*moves.estimates([panel]), floor)[0])
        while not jury.is_over:
            near = moves.neighbours(panel)
            if not near:
                break
            merits = merit(*moves.estimates(near), floor)
            top = int(np.argmax(merits))
            if merits[top] <= best + 1e-9:
                break
            panel, best = near[top], float(merits[top])
        jury.judge(moves.slots(panel))
        return panel


def merit(worst: FloatArray, total: FloatArray, floor: float | None) -> FloatArray:
    """Return one number to maximise: objective 1 and then 2, or with a floor objective 2 above it."""
    if floor is None:
        return 1e3 * worst + total
    return total - 1e3 * np.maximum(floor - worst, 0.0)
