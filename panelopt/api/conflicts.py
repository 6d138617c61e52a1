"""The smallest clash: a set of demands that cannot be met together, while any of them dropped could be.

A core that a solver reports is enough to clash but rarely the smallest. Here demands are dropped one at a time, each
for good if the rest still clashes; what remains is minimal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from panelopt.api.question import Options, Question, compiled
from panelopt.domain.conjugate_table import table_of
from panelopt.domain.problem import Limits
from panelopt.domain.result import Conflict
from panelopt.errors import InputError
from panelopt.instance.arrays import Instance
from panelopt.instance.products import unsuitable
from panelopt.solver.feasible import is_feasible


@dataclass(frozen=True, slots=True)
class Placement:
    """Demands that only an instance can hold: to stay near a given panel.

    Attributes:
        message: The demand in words.
        extra_dyes: Dyes of the given panel.
        apply: Adds the demand to an instance that carries these dyes.
    """

    message: str
    extra_dyes: tuple[str, ...]
    apply: Callable[[Instance], Instance]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the demands of the call.

    Attributes:
        question: What is asked.
        options: Demands and limits of the call.
        placement: Nearness to a given panel; None if it is not asked for.
        optional: Markers that need not be stained although a marker list requires all.
    """

    question: Question
    options: Options
    placement: Placement | None = None
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Demand:
    """Something that was asked for and might be given up.

    Attributes:
        name: Key in the problem file, or option.
        message: The demand in words.
        drop: Returns what is asked without it.
    """

    name: str
    message: str
    drop: Callable[[Asked], Asked]


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
    return tuple(Conflict(demand=demand.name, message=demand.message, where=where) for demand in kept)


def _clashes(asked: Asked) -> bool:
    extra = asked.placement.extra_dyes if asked.placement else ()
    instance = compiled(asked.question, asked.options, extra, asked.optional).instance
    return is_feasible(asked.placement.apply(instance) if asked.placement else instance) is False


def demands(asked: Asked) -> Iterator[Demand]:
    """Yield every demand of a question that can be given up."""
    yield from _limits(asked)
    yield from _marker_demands(asked.question)
    yield from _locks(asked.question)
    yield from _goals(asked)
    if asked.placement is not None:
        yield Demand("--max-changes", asked.placement.message, lambda a: replace(a, placement=None))


def _limits(asked: Asked) -> Iterator[Demand]:
    limits = asked.question.problem.limits
    colours = asked.options.max_colours or limits.max_colours
    budget = asked.options.budget if asked.options.budget is not None else limits.budget
    if colours is not None:
        yield Demand("limits.max_colours", f"at most {colours} colours", _without_limit("max_colours"))
    if budget is not None:
        money = f"{budget:g} {limits.currency}".strip()
        what = "all reagents and deliveries" if limits.shipping else "all reagents"
        yield Demand("limits.budget", f"{what} for at most {money}", _without_limit("budget"))
    if limits.vendors:
        yield Demand("limits.vendors", f"only from {', '.join(limits.vendors)}", _without_limit("vendors"))
    if limits.exclude_vendors:
        names = ", ".join(limits.exclude_vendors)
        yield Demand("limits.exclude_vendors", f"nothing from {names}", _without_limit("exclude_vendors"))
    left_out = _left_out(asked.question)
    if "other-species" in left_out:
        message = f"no products whose stated reactivity excludes {limits.reactivity}"
        yield Demand("limits.reactivity", message, _without_limit("reactivity", ""))
    if "other-application" in left_out:
        message = "no products whose stated applications exclude flow cytometry"
        yield Demand("limits.any_application", message, _without_limit("any_application", value=True))
    if limits.exclude_fluorochromes:
        names = ", ".join(limits.exclude_fluorochromes)
        yield Demand("limits.exclude_fluorochromes", f"without {names}", _without_limit("exclude_fluorochromes"))
    if limits.exclude_tandems:
        yield Demand("limits.exclude_tandems", "without tandem dyes", _without_limit("exclude_tandems"))
    if limits.max_similarity is not None:
        message = f"cosine similarity of any two dyes at most {limits.max_similarity:g}"
        yield Demand("limits.max_similarity", message, _without_limit("max_similarity"))
    if limits.max_complexity is not None:
        message = f"complexity index at most {limits.max_complexity:g}"
        yield Demand("limits.max_complexity", message, _without_limit("max_complexity"))


def _left_out(question: Question) -> set[str]:
    """Return why products for the markers of the problem are left out by what their vendors state."""
    markers = {marker.name for marker in question.problem.marker if marker.role != "forbidden"}
    found = set()
    for table in (table_of(catalog.conjugates) for catalog in question.catalogs):
        listed = table.column("marker").where(markers.__contains__)
        found |= {reason for reason, unfit in unsuitable(question.problem.limits, table) if (listed & unfit).any()}
    return found


def _without_limit(name: str, value: object = None) -> Callable[[Asked], Asked]:
    def drop(asked: Asked) -> Asked:
        free = Limits.model_fields[name].default if value is None else value
        problem = asked.question.problem
        limits = problem.limits.model_copy(update={name: free})
        question = replace(asked.question, problem=problem.model_copy(update={"limits": limits}))
        options = asked.options
        if name == "max_colours":
            options = replace(options, max_colours=None)
        elif name == "budget":
            options = replace(options, budget=None)
        return replace(asked, question=question, options=options)

    return drop


def _marker_demands(question: Question) -> Iterator[Demand]:
    for marker in question.problem.marker:
        if marker.required or (question.problem.is_marker_list and marker.role != "forbidden"):
            yield Demand(f"marker.{marker.name}", f"{marker.name} must be stained", _without_marker(marker.name))


def _without_marker(name: str) -> Callable[[Asked], Asked]:
    def drop(asked: Asked) -> Asked:
        problem = asked.question.problem
        markers = tuple(m.model_copy(update={"required": False}) if m.name == name else m for m in problem.marker)
        changed = problem.model_copy(update={"marker": markers})
        return replace(asked, question=replace(asked.question, problem=changed), optional=asked.optional | {name})

    return drop


def _locks(question: Question) -> Iterator[Demand]:
    for number, lock in enumerate(question.problem.locked):
        place = f" on {lock.detector}" if lock.detector else ""
        what = " ".join(part for part in (lock.marker, lock.fluorochrome, lock.clone, lock.catalog_number) if part)
        yield Demand(f"locked[{number}]", f"{what}{place} must be used", _without_lock(lock))


def _without_lock(lock: object) -> Callable[[Asked], Asked]:
    def drop(asked: Asked) -> Asked:
        problem = asked.question.problem
        locks = tuple(other for other in problem.locked if other is not lock)
        return replace(asked, question=replace(asked.question, problem=problem.model_copy(update={"locked": locks})))

    return drop


def _goals(asked: Asked) -> Iterator[Demand]:
    problem, cytometer = asked.question.problem, asked.question.cytometer
    targets = sum(population.role == "target" for population in problem.population)
    ways = [w for w in (problem.goal.sort_ways, cytometer.sort_ways) if w is not None]
    if ways and targets > min(ways):
        yield Demand("goal.sort_ways", f"{targets} targets into {min(ways)} sort ways", _without_ways)
    if asked.options.require_goal:
        message = f"purity of at least {problem.goal.purity:g}, by the claims of the gates"
        yield Demand("--require-goal", message, lambda a: replace(a, options=replace(a.options, require_goal=False)))
    for population in problem.population:
        if population.max_share is not None:
            message = f"at most {population.max_share:g} of {population.name} in every tube"
            yield Demand(f"population.{population.name}.max_share", message, _without_share(population.name))


def _without_ways(asked: Asked) -> Asked:
    problem = asked.question.problem
    goal = problem.goal.model_copy(update={"sort_ways": None})
    cytometer = asked.question.cytometer.model_copy(update={"sort_ways": None})
    changed = problem.model_copy(update={"goal": goal})
    return replace(asked, question=replace(asked.question, problem=changed, cytometer=cytometer))


def _without_share(name: str) -> Callable[[Asked], Asked]:
    def drop(asked: Asked) -> Asked:
        problem = asked.question.problem
        populations = tuple(
            p.model_copy(update={"max_share": None}) if p.name == name else p for p in problem.population
        )
        changed = problem.model_copy(update={"population": populations})
        return replace(asked, question=replace(asked.question, problem=changed))

    return drop
