"""Minimal conflicts: demands that cannot be met together, while dropping any one makes them feasible.

A solver core is sufficient for a conflict but rarely minimal. Here demands are dropped one at a time, for good if the
rest still conflicts; what remains is minimal. Each check has a budget of counted work, so that the answer does not
depend on time limit, load or number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass

from panelopt.answers.minimal_conflict import minimal_conflict
from panelopt.answers.stainable import budget_obstacle, detector_shortage, lock_obstacle, staining_obstacle
from panelopt.domain.result import Conflict
from panelopt.errors import InputError
from panelopt.questions.constrained_question import ConstrainedQuestion, Demand, Placement
from panelopt.questions.demand_list import demands
from panelopt.questions.question import Options, Question
from panelopt.solver.feasible import Work, is_feasible


@dataclass(frozen=True, slots=True)
class ConflictSet:
    """Conflicting demands.

    Attributes:
        conflicts: The demands.
        minimal: Whether dropping any of them is known to make the others feasible.
    """

    conflicts: tuple[Conflict, ...] = ()
    minimal: bool = True


def smallest_conflict(
    question: Question, options: Options, placement: Placement | None = None, work: Work | None = None
) -> ConflictSet:
    """Return a minimal set of conflicting demands of an infeasible question.

    Demands without which the question is meaningless (a budget with several currencies) are kept.

    Args:
        question: The question.
        options: Demands and search options of the call.
        placement: Distance from a given panel, if constrained.
        work: Work budget for each check; None = enough for most questions.
    """
    whole = ConstrainedQuestion(question, options, placement)
    every = tuple(demands(whole))
    senseless: set[frozenset[int]] = set()

    def is_conflict(kept: frozenset[int]) -> bool | None:
        constrained = whole
        for number, demand in enumerate(every):
            constrained = constrained if number in kept else demand.drop(constrained)
        try:
            feasible = is_feasible(constrained.instance(), work)
        except InputError:
            senseless.add(kept)
            return None
        return None if feasible is None else not feasible

    costly = [number for number, demand in enumerate(every) if _is_costly(demand)]
    kept, unsure = minimal_conflict(len(every), is_conflict, costly)
    fixed = frozenset(number for number in unsure if kept - {number} in senseless)
    where = question.problem.id
    named = [every[number] for number in sorted(kept - fixed)]
    found = tuple(
        Conflict(demand=one.name, message=_with_obstacle(one, whole), where=one.where or where) for one in named
    )
    if not found:
        message = "no product of the catalogs fits markers, dyes and cytometer, even without any demand"
        found = (Conflict(demand="catalogs", message=message, where=where),)
    if shortage := detector_shortage(whole):
        found = (Conflict(demand="cytometer", message=shortage, where=question.cytometer.id), *found)
    return ConflictSet(found, minimal=unsure == fixed)


def _with_obstacle(demand: Demand, constrained: ConstrainedQuestion) -> str:
    """Return the message of a demand; of a marker, a locked reagent or a budget, with what makes that hard."""
    obstacle = ""
    if demand.stains:
        obstacle = staining_obstacle(constrained, demand.stains)
    elif demand.lock is not None:
        obstacle = lock_obstacle(constrained, demand.lock)
    elif demand.name in ("limits.budget", "--budget"):
        obstacle = budget_obstacle(constrained)
    return f"{demand.message}: {obstacle}" if obstacle else demand.message


def _is_costly(demand: Demand) -> bool:
    """Whether the demand concerns the scores of panels, so that proving a conflict may take long."""
    return demand.name == "--require-goal" or demand.name.endswith(".max_share")
