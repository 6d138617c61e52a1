"""Whether what a search says of a small instance is true, by trying every panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from panelopt.instance import Instance
from panelopt.scoring import PanelScore
from panelopt.solver.outcome import Outcome
from tests.oracle import practical
from tests.oracle.answers import Panel, numbers_of
from tests.oracle.practical import Judged

ROUNDING = 5e-5  # what whole steps of the model may leave open


@dataclass(frozen=True)
class Case:
    """An instance, every allowed panel with its score, and what the search says."""

    name: str
    instance: Instance
    scores: Mapping[Panel, PanelScore] | Mapping[Panel, Judged]
    outcome: Outcome
    tolerance: float


def wrong(case: Case) -> str:
    """What is false of objectives 1 and 2, whether or not the search came to its end; empty where all is true."""
    outcome, scores, close = case.outcome, case.scores, 1e-7
    if not scores:
        return "" if outcome.status in ("infeasible", "unknown") and outcome.score is None else "panel out of nothing"
    if outcome.status == "infeasible":
        return "called infeasible"
    best = max(score.worst for score in scores.values())
    if outcome.bound_worst is not None and outcome.bound_worst < best - close:
        return f"bound {outcome.bound_worst} on worst below {best}"
    if outcome.best_worst is None or outcome.score is None or outcome.score.slots not in scores:
        return "no allowed panel" if outcome.score is not None else ""
    if outcome.best_worst > best + close:
        return f"worst {outcome.best_worst} above {best}"
    if outcome.floor is not None:
        total = max(score.total for score in scores.values() if score.worst >= outcome.floor - 1e-9)
        if outcome.bound_total is not None and outcome.bound_total < total - close:
            return f"bound {outcome.bound_total} on sum below {total}"
        if outcome.best_total is not None and outcome.best_total > total + close:
            return f"sum {outcome.best_total} above {total}"
        if outcome.status == "optimal":
            assert outcome.best_total is not None
            if best - outcome.best_worst > case.tolerance + ROUNDING:
                return f"worst {outcome.best_worst} called optimal, {best} exists"
            if total - outcome.best_total > 2.5 * case.tolerance + ROUNDING:
                return f"sum {outcome.best_total} called optimal, {total} exists"
    return ""


def misplaced(case: Case, scores: Mapping[Panel, Judged]) -> str:
    """What is false of objective 3 and of the best panel in an outcome with a panel; empty where all is true.

    The chosen panel is as good as the best one and, where that is called proven, none comes before it: on a
    conventional instrument in anything, on a spectral one in what is counted before the complexity index, which is
    searched and not proven. Without slack it is the best panel, or equals it in both objectives.
    """
    outcome, a = case.outcome, numbers_of(case.instance)
    assert outcome.score is not None
    assert outcome.best is not None
    assert outcome.floor is not None
    best, mine = scores[outcome.best.slots], scores[outcome.score.slots]
    if best.worst < outcome.floor - 1e-7 or abs(best.total - (outcome.best_total or 0.0)) > 1e-7:
        return f"{best} is not the best panel of {outcome.best_worst}, {outcome.best_total}"
    good = alternatives(case, scores)
    if mine not in good:
        return f"{mine} is not as good as {best}"
    first = practical.place(a, practical.first_of(a, good)[0])
    known = proven_part(case)
    place = practical.place(a, mine)
    if outcome.practical_proven and place[:known] != first[:known]:
        return f"{place} proven, {first} exists"
    return ""


def alternatives(case: Case, scores: Mapping[Panel, Judged]) -> list[Judged]:
    """Panels that are as good as the reported best one."""
    assert case.outcome.best is not None
    best = scores[case.outcome.best.slots]
    good = practical.as_good(scores.values(), best, case.instance.slack)
    return good if case.instance.slack > 0 else [one for one in good if one.total >= best.total - practical.EQUAL]


def proven_part(case: Case) -> int | None:
    """How many parts of a place in objective 3 are proven where it is called proven; None = all."""
    if case.instance.conventional:
        return None
    return len(list(takewhile(lambda word: word != "spillover", practical.order(numbers_of(case.instance)))))


def is_first(case: Case, scores: Mapping[Panel, Judged]) -> bool:
    """Whether no panel comes before the chosen one in anything, proven or not."""
    assert case.outcome.score is not None
    a = numbers_of(case.instance)
    places: list[Any] = [practical.place(a, one) for one in alternatives(case, scores)]
    return bool(practical.place(a, scores[case.outcome.score.slots]) == min(places))
