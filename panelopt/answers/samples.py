"""Performance of a panel in plausible samples."""

from __future__ import annotations

import math
from dataclasses import replace

from panelopt.domain.problem_record import Problem
from panelopt.domain.tube_robustness import Robustness, TubeRobustness
from panelopt.instance.arrays import Instance
from panelopt.planning.sample import frequencies
from panelopt.questions.question import Question
from panelopt.questions.uncertain import spread_for
from panelopt.scenarios import score_scenarios, share_value
from panelopt.scenarios.groups import panel_unknowns
from panelopt.scenarios.scenario_blocks import Panel, first_scenarios

SAMPLES = 256
"""Number of samples; the standard error of a share is at most 0.03."""

SEED = 0

REACHED = 0.9
"""Share of the samples that reach the reported numbers."""


def robustness(
    question: Question,
    instance: Instance,
    panel: Panel,
    tolerance: float,
    *,
    sample: Problem | None = None,
    samples: int = SAMPLES,
    seed: int = SEED,
) -> Robustness | None:
    """Return how a panel performs in samples of the uncertain inputs; None for marker lists.

    Only inputs that affect this panel are drawn, so that the answer does not depend on the products it was chosen from.

    Args:
        question: The question.
        instance: Its arrays.
        panel: The panel.
        tolerance: How much of ``worst`` the gates may give up for the sum (log10).
        sample: The problem with another pre-enrichment, such as the beads of a plan; None = unchanged.
        samples: Number of samples.
        seed: Random seed.
    """
    if instance.marker_list:
        return None
    if sample is not None:
        question, instance = replace(question, problem=sample), replace(instance, phi=frequencies(sample))
    own = panel_unknowns(instance, spread_for(question, instance), panel)
    drawn = first_scenarios(own.instance, own.spread, seed, samples)
    found = score_scenarios(own.instance, drawn, own.slots, tolerance, plain=True)
    usable = found.worst > -math.inf
    reached = share_value(found.worst, REACHED)
    met = found.met(instance.purity_goal)
    return Robustness(
        samples=samples,
        purity_goal=instance.purity_goal,
        uncertainty="problem" if question.problem.uncertainty.model_fields_set else "default",
        goal_met_share=float(met.all(axis=1).mean()),
        worst_log_ratio_p10=reached if math.isfinite(reached) else None,
        tubes=tuple(
            TubeRobustness(
                target=instance.population[view.target],
                purity_p10=share_value(purity, REACHED) if usable.mean() >= REACHED else None,
                goal_met_share=float(share),
            )
            for view, purity, share in zip(instance.views, found.purity.T, met.mean(axis=0), strict=True)
        ),
    )
