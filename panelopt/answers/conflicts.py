"""The smallest clash: a set of demands that cannot be met together, while any of them dropped could be.

A core that a solver reports is enough to clash but rarely the smallest. Here demands are dropped one at a time, each
for good if the rest still clashes; what remains is minimal. Whether the rest clashes is decided by counted work, so
that the answer does not depend on time limit, load or number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass

from panelopt.answers.minimal import minimal_conflict
from panelopt.domain.result import Conflict
from panelopt.errors import InputError
from panelopt.questions.asked import Asked, Demand, Placement
from panelopt.questions.demand_list import demands
from panelopt.questions.question import Options, Question
from panelopt.solver.feasible import Work, is_feasible


@dataclass(frozen=True, slots=True)
class ConflictSet:
    """Demands that clash.

    Attributes:
        conflicts: The demands.
        minimal: Whether without any of them the others are known to be met by some panel.
    """

    conflicts: tuple[Conflict, ...] = ()
    minimal: bool = True


def smallest_conflict(
    question: Question, options: Options, placement: Placement | None = None, work: Work | None = None
) -> ConflictSet:
    """Return a minimal set of clashing demands of an infeasible question.

    A demand without which the question makes no sense (a budget would meet several currencies) is not questioned.

    Args:
        question: What is asked.
        options: Demands and limits of the call.
        placement: Nearness to a given panel, if that is asked for.
        work: What may be spent on whether some of the demands clash; None = enough for most questions.
    """
    whole = Asked(question, options, placement)
    every = tuple(demands(whole))
    senseless: set[frozenset[int]] = set()

    def clashes(kept: frozenset[int]) -> bool | None:
        asked = whole
        for number, demand in enumerate(every):
            asked = asked if number in kept else demand.drop(asked)
        try:
            feasible = is_feasible(asked.instance(), work)
        except InputError:
            senseless.add(kept)
            return None
        return None if feasible is None else not feasible

    costly = [number for number, demand in enumerate(every) if _is_costly(demand)]
    kept, unsure = minimal_conflict(len(every), clashes, costly)
    fixed = frozenset(number for number in unsure if kept - {number} in senseless)
    where = question.problem.id
    named = [every[number] for number in sorted(kept - fixed)]
    found = tuple(Conflict(demand=one.name, message=one.message, where=one.where or where) for one in named)
    if not found:
        message = "no product of the catalogs fits markers, dyes and cytometer, whatever is given up"
        found = (Conflict(demand="catalogs", message=message, where=where),)
    return ConflictSet(found, minimal=unsure == fixed)


def _is_costly(demand: Demand) -> bool:
    """Whether panels must be judged to see what it asks: then it may take long to say that none meets it."""
    return demand.name == "--require-goal" or demand.name.endswith(".max_share")
