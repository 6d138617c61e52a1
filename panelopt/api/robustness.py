"""How a panel fares in plausible samples: quick numbers beside its score."""

from __future__ import annotations

import math

from panelopt.api.question import Question
from panelopt.api.uncertain import spread_for
from panelopt.domain.robustness import Robustness
from panelopt.instance.arrays import Instance
from panelopt.scenarios import share_value
from panelopt.scenarios.blocks import Panel, judge_scenarios

SAMPLES = 256
"""Samples of a quick look; the standard error of a share is at most 0.03."""

SEED = 0

REACHED = 0.9
"""Share of the samples that reach the reported objective 1."""


def robustness(question: Question, instance: Instance, panel: Panel, tolerance: float) -> Robustness | None:
    """Return how a panel fares in samples of what the problem calls uncertain; None for marker lists.

    Args:
        question: What is asked.
        instance: Its arrays.
        panel: The panel.
        tolerance: How much of ``worst`` the gates may give up for the sum (log10).
    """
    if instance.marker_list:
        return None
    spread = spread_for(question, instance)
    (found,) = judge_scenarios(instance, spread, [panel], SEED, SAMPLES, tolerance)
    reached = share_value(found.worst, REACHED)
    return Robustness(
        samples=SAMPLES,
        goal_met_share=float(found.meets(instance.purity_goal).mean()),
        worst_log_ratio_p10=reached if math.isfinite(reached) else None,
    )
