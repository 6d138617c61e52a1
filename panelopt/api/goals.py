"""What a panel misses of the goals, and what would help."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from panelopt.errors import Finding
from panelopt.instance.arrays import Instance
from panelopt.scoring import PanelScore, ViewScore


def target_name(instance: Instance, view: ViewScore) -> str:
    """Return the name of a tube: its target, and in marker lists the marker in question."""
    name = instance.population[view.view.target]
    return name if view.view.marker is None else f"{name}: {instance.marker[view.view.marker]}"


def missed_goals(instance: Instance, score: PanelScore, where: str) -> Iterable[Finding]:
    """Yield a remark for each target whose claimed purity misses the goal, naming the contaminant that limits it."""
    if instance.marker_list:
        return
    for view in score.views:
        if view.purity_at_least >= instance.purity_goal:
            continue
        worst = int(np.argmin(view.rho))
        contaminant = instance.population[view.view.contaminants[worst]]
        limit = "doublets" if view.doublet[worst] < view.single[worst] else "single cells"
        yield Finding(
            "goal-missed",
            f"{target_name(instance, view)}: purity of at least {view.purity_at_least:.3f} is below the goal of "
            f"{instance.purity_goal:g}, mainly because of {contaminant} ({limit})",
            where,
            _advice(limit),
        )


def _advice(limit: str) -> str:
    if limit == "doublets":
        return "A marker that the target lacks and the contaminant has, or fewer doublets, would help."
    return "Pre-enrichment, a brighter dye on the marker that separates them, or another marker would help."
