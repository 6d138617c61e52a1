"""The smallest clash: a set of demands that cannot be met together, while any of them dropped could be.

A core that a solver reports is enough to clash but rarely the smallest. Here demands are dropped one at a time, each
for good if the rest still clashes; what remains is minimal.
"""

from __future__ import annotations

from panelopt.api.asked import Asked, Demand, Placement
from panelopt.api.demand_list import demands
from panelopt.api.question import Options, Question
from panelopt.domain.result import Conflict
from panelopt.errors import InputError
from panelopt.solver.feasible import is_feasible


def smallest_clash(question: Question, options: Options, placement: Placement | None = None) -> tuple[Conflict, ...]:
    """Return a minimal set of clashing demands of an infeasible question.

    Dropping any one of them leaves a question that is feasible, or open within the time that one check may take.
    A demand without which the question makes no sense (a budget would meet several currencies) is not questioned.

    Args:
        question: What is asked.
        options: Demands and limits of the call.
        placement: Nearness to a given panel, if that is asked for.
    """
    asked = Asked(question, options, placement)
    where = asked.question.problem.id
    kept: list[Demand] = []
    for demand in list(demands(asked)):
        without = demand.drop(asked)
        try:
            clashes = _clashes(without)
        except InputError:
            continue
        if clashes:
            asked = without
        else:
            kept.append(demand)
    if not kept:
        message = "no product of the catalogs fits markers, dyes and cytometer, whatever is given up"
        return (Conflict(demand="catalogs", message=message, where=where),)
    return tuple(Conflict(demand=one.name, message=one.message, where=one.where or where) for one in kept)


def _clashes(asked: Asked) -> bool:
    return is_feasible(asked.instance()) is False
