"""A question with the demands of its call, and how one of them is given up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from panelopt.domain.problem_record import Locked, Problem
from panelopt.instance.arrays import Instance
from panelopt.instance.product_index import Key
from panelopt.questions.question import Options, Question, compiled


@dataclass(frozen=True, slots=True)
class Placement:
    """Demands that only an instance can hold: to stay near a given panel.

    Attributes:
        message: The demand in words.
        given: Marker and dye of each reagent of the given panel.
        apply: Adds the demand to an instance that carries these dyes.
    """

    message: str
    given: tuple[Key, ...]
    apply: Callable[[Instance], Instance]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the demands of the call.

    Attributes:
        question: What is asked.
        options: Demands and limits of the call.
        placement: Nearness to a given panel; None if it is not asked for.
        optional: Markers that need not be stained although a marker list requires all.
        former_locks: Locks that were given up.
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

    def with_problem(self, **changes: object) -> Asked:
        """Return the same with parts of the problem changed."""
        return replace(self, question=replace(self.question, problem=self.problem.model_copy(update=changes)))

    def without_option(self, name: str, dropped: object = None) -> Asked:
        """Return the same without a demand of the call, or without one of several."""
        default = getattr(Options(), name)
        given = getattr(self.options, name)
        left: Any = default if dropped is None else tuple(one for one in given if one != dropped)
        return replace(self, options=replace(self.options, **{name: left}))

    def without_lock(self, lock: Locked) -> Asked:
        """Return the same without a locked reagent, which may still be used as it was locked.

        So a panel that keeps the lock stays a panel: giving up a demand never rules one out.
        """
        kept = tuple(other for other in self.problem.locked if other is not lock)
        rest = self.without_option("locks", lock).with_problem(locked=kept)
        return replace(rest, former_locks=(*self.former_locks, lock))

    def instance(self) -> Instance:
        """Return the question as arrays."""
        given = self.placement.given if self.placement else ()
        found = compiled(self.question, self.options, given, self.optional, self.former_locks).instance
        return self.placement.apply(found) if self.placement else found


Drop = Callable[[Asked], Asked]


@dataclass(frozen=True, slots=True)
class Demand:
    """Something that was asked for and might be given up.

    Attributes:
        name: Key in the problem file, or option.
        message: The demand in words.
        drop: Returns what is asked without it.
        where: What asks for it; empty: the problem.
    """

    name: str
    message: str
    drop: Drop
    where: str = ""
