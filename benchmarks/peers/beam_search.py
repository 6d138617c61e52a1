"""Beam search: panels grow slot by slot, and of each size only the best few grow on.

P. S. Ow, T. E. Morton, "Filtered beam search in scheduling", International Journal of Production Research 26:35-62
(1988), doi:10.1080/00207548808947840. The open program Panoply (github.com/khoa-dna/Panoply) picks dyes for markers
by a beam whose children are a random sample; so does this one after its first round.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from benchmarks.peers.moves import Moves, Panel
from benchmarks.peers.random_restarts import merit
from benchmarks.peers.trace import Jury, Trace
from panelopt.instance.arrays import FloatArray, Instance

FIRST_WIDTH = 8
"""Panels of one size that grow on in the first round; each further round keeps twice as many, up to the last width."""

LAST_WIDTH = 128

CHILDREN = 1500
"""Most panels of one size that are estimated; more are sampled at random."""

JUDGED = 3
"""Panels of each size that the score judges."""


class BeamSearch:
    """Rounds of wider and wider beams; of those with complete panels the best are judged by the score."""

    name: ClassVar[str] = "beam search"

    def run(self, instance: Instance, seconds: float, seed: int) -> Trace:
        """Search until the time is over."""
        jury = Jury(self.name, instance, seconds)
        moves = Moves(instance, np.random.default_rng(seed))
        width = FIRST_WIDTH
        while not jury.is_over:
            best = jury.trace.worst_at(np.inf)
            for floor in (None, None if best is None else best - jury.tolerance):
                self._round(moves, jury, width, floor)
            width = min(2 * width, LAST_WIDTH)
        return jury.close()

    def _round(self, moves: Moves, jury: Jury, width: int, floor: float | None) -> None:
        beam: list[Panel] = [()]
        for _ in range(moves.most):
            grown = {tuple(sorted((*panel, int(o)))) for panel in beam for o in moves.joiners(panel)}
            children = sorted(grown)
            if len(children) > CHILDREN:
                kept = moves.random.choice(len(children), CHILDREN, replace=False)
                children = [children[i] for i in kept]
            if not children or jury.is_over:
                return
            order = np.argsort(-merit(*_estimates(moves, children), floor), kind="stable")
            beam = [children[i] for i in order[:width]]
            complete = [panel for panel in beam if moves.duty[list(panel)].any(axis=0).all()]
            for panel in complete[:JUDGED]:
                if not jury.is_over:
                    jury.judge(moves.slots(panel))


def _estimates(moves: Moves, panels: list[Panel]) -> tuple[FloatArray, FloatArray]:
    """Return estimates, of which no panel may be infinitely bad: a small panel that separates nothing yet grows on."""
    worst, total = moves.estimates(panels)
    return np.maximum(worst, -1e3), np.maximum(total, -1e6)
