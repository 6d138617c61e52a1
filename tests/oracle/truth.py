"""Whether what a search says of a small instance is true, by trying every panel."""

from __future__ import annotations

from dataclasses import dataclass

from panelopt.instance import Instance, SlotIndex
from panelopt.scoring import PanelScore
from panelopt.solver.outcome import Outcome

ROUNDING = 5e-5  # what whole steps of the model may leave open


@dataclass(frozen=True)
class Case:
    """An instance, every allowed panel with its score, and what the search says."""

    name: str
    instance: Instance
    scores: dict[tuple[SlotIndex, ...], PanelScore]
    outcome: Outcome
    tolerance: float


def wrong(case: Case) -> str:
    """What is false in an outcome, whether or not the search came to its end; empty where all is true."""
    outcome, scores, slack = case.outcome, case.scores, 1e-7
    if not scores:
        return "" if outcome.status in ("infeasible", "unknown") and outcome.score is None else "panel out of nothing"
    if outcome.status == "infeasible":
        return "called infeasible"
    best = max(score.worst for score in scores.values())
    if outcome.bound_worst is not None and outcome.bound_worst < best - slack:
        return f"bound {outcome.bound_worst} on worst below {best}"
    if outcome.best_worst is None or outcome.score is None or outcome.score.slots not in scores:
        return "no allowed panel" if outcome.score is not None else ""
    if outcome.best_worst > best + slack:
        return f"worst {outcome.best_worst} above {best}"
    if outcome.floor is not None:
        total = max(score.total for score in scores.values() if score.worst >= outcome.floor - 1e-9)
        if outcome.bound_total is not None and outcome.bound_total < total - slack:
            return f"bound {outcome.bound_total} on sum below {total}"
        if outcome.best_total is not None and outcome.best_total > total + slack:
            return f"sum {outcome.best_total} above {total}"
        if outcome.status == "optimal":
            assert outcome.best_total is not None
            if best - outcome.best_worst > case.tolerance + ROUNDING:
                return f"worst {outcome.best_worst} called optimal, {best} exists"
            if total - outcome.best_total > 2.5 * case.tolerance + ROUNDING:
                return f"sum {outcome.best_total} called optimal, {total} exists"
    return ""
