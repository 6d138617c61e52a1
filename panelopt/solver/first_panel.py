"""A panel to show at once: built like the first one of the local search, on estimates that need no tables."""

from __future__ import annotations

import math

import numpy as np

from panelopt.instance.arrays import FloatArray
from panelopt.scoring import check_panel, score_panel
from panelopt.scoring.claims import SIDES
from panelopt.solver.panel_estimate import PanelEstimator
from panelopt.solver.panel_scorer import Evaluation, ordered_slots
from panelopt.solver.search_state import PanelFinders

_LEAST_LEAK = 1e-9
"""Smallest pass probability that an estimate claims."""


def first_panel(finders: PanelFinders) -> Evaluation | None:
    """Return a panel that can be shown before any table is built; None where tables are not needed, or none is found.

    The search itself does not learn of it: what it finds does not depend on whether somebody watches.

    Args:
        finders: Local search and scorer of the search.
    """
    scorer, estimator = finders.scorer, finders.tools.estimator
    if estimator.lists is not None:
        return None
    panel = finders.local.with_estimator(_NormalEstimator.of(estimator), 0).start()
    slots = ordered_slots([scorer.options.slots[o] for o in panel or ()])
    if panel is None or check_panel(scorer.instance, slots):
        return None
    score = score_panel(scorer.instance, slots, scorer.tolerance)
    return None if score is None else Evaluation(panel, score)


class _NormalEstimator(PanelEstimator):
    """Estimates whose claims take both levels for normal, and the threshold for halfway in standard deviations."""

    @classmethod
    def of(cls, estimator: PanelEstimator) -> _NormalEstimator:
        """Return these estimates for the question of other ones."""
        found = cls.__new__(cls)
        vars(found).update(vars(estimator))
        return found

    def _claims(self, view: int, panels: np.ndarray, sd: FloatArray) -> FloatArray:
        """Return (C, 3, n, B) estimated claims."""
        target, others = self.instance.views[view].target, list(self.instance.views[view].contaminants)
        abc, known, options = self.levels.abc, self.levels.known, panels.T
        spread = np.hypot(sd.transpose(1, 2, 0), (abc * self.levels.cv)[:, options])  # (P, n, B)
        gap = abc[target][options] - abc[others][:, options]
        score = gap / (spread[target] + spread[others])
        most = -math.log10(max(self.instance.leak, _LEAST_LEAK))
        claim = np.minimum(score**2 / (2 * math.log(10)), most)
        claim *= known[target][options] & known[others][:, options]
        sides = {"above": claim * (score > 0), "below": claim * (score < 0)}
        return np.stack([sides.get(side, claim) for side in SIDES], axis=1) * self._usable[view][:, options]
