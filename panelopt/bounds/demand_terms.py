"""What demands on purity and largest shares require of each pair of target and contaminant."""

from __future__ import annotations

import numpy as np

from panelopt.instance.arrays import FloatArray, Instance, View
from panelopt.scoring.view_claims import base_doublet, base_single

_SLACK = 1e-9
"""Above the rounding tolerance of the score (log10)."""


def least_terms(instance: Instance, view: View, worst: float = -np.inf) -> FloatArray:
    """Return (C,) least values of the single-cell and doublet terms of each contaminant (log10).

    They are necessary, not sufficient: with ``leak_c = 10^-single_c + 10^-doublet_c`` a purity of ``g`` requires ``sum
    leak <= (1 - g) / g``, and a largest share ``s`` of ``c`` requires ``leak_c <= s / (1 - s) * (1 + sum of the other
    leaks)``. The others leak most where no gate keeps them out; in a panel that reaches ``worst`` in objective 1, none
    of their terms is below that.

    Args:
        instance: The question.
        view: Target and contaminants.
        worst: Value of objective 1 known to be reached by the panel.

    Returns:
        Minus infinity for contaminants without demands.
    """
    others = list(view.contaminants)
    least = np.full(len(others), -np.inf)
    if instance.require_goal:
        least[:] = np.log10(instance.purity_goal / (1 - instance.purity_goal))
    share = instance.max_share[others]
    capped = ~np.isnan(share)
    if capped.any():
        # a gate needs a marker of its own
        gates = min(instance.gate_cap, len(instance.marker)) * np.log10(1 - instance.eps)
        single = np.maximum(base_single(instance, view) + gates, worst)
        doublet = np.maximum(base_doublet(instance, view), worst)
        with np.errstate(over="ignore"):
            leak = 10.0**-single + 10.0**-doublet
        rest = leak.sum() - leak[capped]
        odds = np.log10(share[capped]) - np.log1p(-share[capped]) / np.log(10)
        least[capped] = np.maximum(least[capped], -odds - np.log10(1 + rest))
    return least - _SLACK
