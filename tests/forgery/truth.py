"""Whether what a certificate states is true: every panel of its question is tried, and nothing of the proof is used."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from panelopt.domain.certificate import Certificate, ScoredPanel
from panelopt.instance import Instance, SlotIndex
from panelopt.scoring import PanelScore
from tests.forgery.cases import Panel

SHOWN = 2e-6
"""What values that are stated may be off (log10)."""

PER_PAIR = 5e-6
"""What limits that are stated may be off for each pair of populations (log10)."""


def untrue(c: Certificate, instance: Instance, scores: Mapping[Panel, PanelScore]) -> str:
    """Return what is false in the statement of a certificate; empty where all is true."""
    if c.status == "infeasible":
        return "a panel is allowed" if scores else ""
    named = {name: one for name in ("reported", "best_worst", "best_total") if (one := getattr(c, name)) is not None}
    judged = {name: _score(c, one, scores) for name, one in named.items()}
    for name, one in named.items():
        score = judged[name]
        if score is None:
            return f"{name}: not allowed"
        if abs(score.worst - one.worst) > SHOWN or abs(score.total - one.total) > SHOWN:
            return f"{name}: another score"
    if c.reported is not None:
        reported, best = judged["reported"], judged.get("best_total") or judged["best_worst"]
        assert reported is not None
        assert best is not None
        if not _as_good(best, reported, instance.slack):
            return "reported: not as good as the best"
        if _gates(c) != tuple(view.gates for view in reported.views):
            return "gates: not those of the panel"
    return _false_limit(c, instance, scores)


def _false_limit(c: Certificate, instance: Instance, scores: Mapping[Panel, PanelScore]) -> str:
    pairs = max(sum(len(view.contaminants) for view in instance.views), 1)
    worst = max((score.worst for score in scores.values()), default=-np.inf)
    limit = c.bound.worst_log_ratio
    if limit is not None and worst > limit + PER_PAIR * pairs:
        return f"limit {limit} of objective 1, but a panel has {worst}"
    above = [score.total for score in scores.values() if c.floor is not None and score.worst >= c.floor + SHOWN]
    total = max(above, default=-np.inf)
    if c.bound.sum_log_ratio is not None and total > c.bound.sum_log_ratio + PER_PAIR * pairs:
        return f"limit {c.bound.sum_log_ratio} of objective 2, but a panel has {total}"
    if c.status == "optimal":
        if c.best_worst is None or worst > c.best_worst.worst + c.tolerance + PER_PAIR * pairs:
            return "not the best worst ratio"
        if c.best_total is None or total > c.best_total.total + 2.5 * c.tolerance + PER_PAIR * pairs:
            return "not the best sum"
    return ""


def _score(c: Certificate, one: ScoredPanel, scores: Mapping[Panel, PanelScore]) -> PanelScore | None:
    return scores.get(tuple(sorted(_slot(c, o) for o in one.panel)))


def _slot(c: Certificate, option: int) -> SlotIndex:
    named = c.options[option]
    return SlotIndex(named.markers, named.dye, named.detector)


def _gates(c: Certificate) -> tuple[tuple[tuple[int, int], ...], ...]:
    """The gates by the place of their slot in the reported panel."""
    assert c.reported is not None
    place = {o: s for s, o in enumerate(sorted(c.reported.panel, key=lambda o: _slot(c, o)))}
    return tuple(tuple((place[o], side) for o, side in gates) for gates in c.gates)


def _as_good(best: PanelScore, other: PanelScore, slack: float) -> bool:
    """By the definition: worst ratios, and contaminants for one target cell."""
    tubes = zip(best.views, other.views, strict=True)
    held = [(np.sum(10.0**-v.single + 10.0**-v.doublet) for v in pair) for pair in tubes]
    return other.worst >= best.worst - slack - 1e-6 and all(b <= a * 10**slack * (1 + 1e-5) for a, b in held)
