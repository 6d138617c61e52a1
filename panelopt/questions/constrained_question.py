"""A question with the demands of its call, any of which can be dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from panelopt.domain.problem_record import Locked, Problem
from panelopt.frozen import dataclass
from panelopt.instance.arrays import Instance
from panelopt.instance.product import Key
from panelopt.questions.question import Options, Question, compiled


@dataclass(frozen=True, slots=True)
class Placement:
    """A constraint that only an instance can express: the distance from a given panel.

    Attributes:
        message: The demand in words.
        given: Marker and dye of each reagent of the given panel.
        apply: Adds the constraint to an instance that includes these dyes.
    """

    message: str
    given: tuple[Key, ...]
    apply: Callable[[Instance], Instance]


@dataclass(frozen=True, slots=True)
class ConstrainedQuestion:
    """A question with the demands of the call.

    Attributes:
        question: The question.
        options: Demands and search options of the call.
        placement: Distance from a given panel; None if unconstrained.
        optional: Markers that need not be stained although a marker list requires all.
        former_locks: Dropped locks.
    """

    question: Question
    options: Options
    placement: Placement | None = None
    optional: frozenset[str] = frozenset()
    former_locks: tuple[Locked, ...] = ()

    @property
    def problem(self) -> Problem:
        """The problem without the demands of the call."""
        return self.question.problem

    def with_problem(self, **changes: object) -> ConstrainedQuestion:
        """Return a copy with changes to the problem."""
        return replace(self, question=replace(self.question, problem=self.problem.model_copy(update=changes)))

    def without_option(self, name: str, dropped: object = None) -> ConstrainedQuestion:
        """Return a copy without a demand of the call, or without one value of it."""
        default = getattr(Options(), name)
        given = getattr(self.options, name)
        left: Any = default if dropped is None else tuple(one for one in given if one != dropped)
        return replace(self, options=replace(self.options, **{name: left}))

    def without_lock(self, lock: Locked) -> ConstrainedQuestion:
        """Return a copy without a locked reagent, which may still be used as it was locked.

        A panel that keeps the lock thus remains feasible: dropping a demand never rules out a panel.
        """
        kept = tuple(other for other in self.problem.locked if other is not lock)
        rest = self.without_option("locks", lock).with_problem(locked=kept)
        return replace(rest, former_locks=(*self.former_locks, lock))

    def instance(self) -> Instance:
        """Return the question as arrays."""
        given = self.placement.given if self.placement else ()
        found = compiled(self.question, self.options, given, self.optional, self.former_locks).instance
        return self.placement.apply(found) if self.placement else found


Drop = Callable[[ConstrainedQuestion], ConstrainedQuestion]


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand that can be dropped.

    Attributes:
        name: Key in the problem file, or option.
        message: The demand in words.
        drop: Returns the question without it.
        where: Origin of the demand; empty: the problem.
        stains: The marker that it demands to stain; empty: another demand.
        lock: The reagent that it fixes; None: another demand.
    """

    name: str
    message: str
    drop: Drop
    where: str = ""
    stains: str = ""
    lock: Locked | None = None
