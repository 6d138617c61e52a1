"""All demands of a question that can be dropped, named by their origin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from panelopt.domain.conjugate_table import table_of
from panelopt.domain.panel_constraints import PanelConstraints
from panelopt.domain.problem_record import Locked, Marker, Problem
from panelopt.instance.product import Key
from panelopt.instance.products import shown_by_source, unsuitable
from panelopt.questions.constrained_question import ConstrainedQuestion, Demand, Drop
from panelopt.questions.question import Question, compiled

COMMAND_LINE = "command line"
"""Origin of the demands of the call."""

FEW_DYES = 3
"""Markers with at most this many verified dyes are named as a possible reason for a conflict."""

ANY_SPILLOVER = 1e9
"""A spillover threshold that no dye reaches."""


def demands(constrained: ConstrainedQuestion) -> Iterator[Demand]:
    """Yield every demand of a question that can be dropped."""
    yield from _limits(constrained)
    yield from _products(constrained)
    yield from _dyes(constrained)
    yield from _markers(constrained)
    yield from _locks(constrained)
    yield from _goals(constrained)
    if constrained.placement is not None:
        yield _of_call("--max-changes", constrained.placement.message, lambda a: replace(a, placement=None))


def _of_call(option: str, message: str, drop: Drop) -> Demand:
    return Demand(option, message, drop, COMMAND_LINE)


# ---- limits


def _limit(name: str, message: str, *, option: str = "", free: object = None) -> Demand:
    """Return the demand of a constraint; dropping it drops the value of the call and of the problem."""
    value = PanelConstraints.model_fields[name].default if free is None else free
    drop = _without_limit(name, value)
    return _of_call(option, message, drop) if option else Demand(f"limits.{name}", message, drop)


def _without_limit(name: str, value: object) -> Drop:
    def drop(constrained: ConstrainedQuestion) -> ConstrainedQuestion:
        without = constrained.without_option(name) if hasattr(constrained.options, name) else constrained
        return without.with_problem(limits=constrained.problem.limits.model_copy(update={name: value}))

    return drop


def _limits(constrained: ConstrainedQuestion) -> Iterator[Demand]:
    limits, options = constrained.problem.limits, constrained.options
    colours = options.max_colours or limits.max_colours
    budget = options.budget if options.budget is not None else limits.budget
    if colours is not None:
        option = "--max-colours" if options.max_colours else ""
        yield _limit("max_colours", f"at most {colours} colour{'s' if colours > 1 else ''}", option=option)
    if budget is not None:
        money = f"{budget:g} {limits.currency}".strip()
        what = "all reagents and deliveries" if limits.shipping else "all reagents"
        option = "--budget" if options.budget is not None else ""
        yield _limit("budget", f"{what} for at most {money}", option=option)
    if vendors := options.vendors or limits.vendors:
        yield _limit("vendors", f"only from {', '.join(vendors)}", option="--vendor" if options.vendors else "")
    if limits.exclude_vendors:
        yield _limit("exclude_vendors", f"nothing from {', '.join(limits.exclude_vendors)}")
    if limits.max_similarity is not None:
        yield _limit("max_similarity", f"cosine similarity of any two dyes at most {limits.max_similarity:g}")
    if limits.max_complexity is not None:
        yield _limit("max_complexity", f"complexity index at most {limits.max_complexity:g}")
    if constrained.question.cytometer.conventional:
        given = options.max_spillover
        most = given or limits.max_spillover or 1.0
        message = f"no dye is more than {most:g} times as bright in another dye's detector as in its own"
        option = "" if given is None else "--max-spillover"
        yield _limit("max_spillover", message, option=option, free=ANY_SPILLOVER)


# ---- products


def _products(constrained: ConstrainedQuestion) -> Iterator[Demand]:
    limits, left_out = constrained.problem.limits, _left_out(constrained.question)
    if "other-species" in left_out:
        message = f"no products whose stated reactivity excludes {limits.reactivity}"
        yield Demand("limits.reactivity", message, _without_limit("reactivity", ""))
    if "other-application" in left_out:
        message = "no products whose stated applications exclude flow cytometry"
        yield Demand("limits.any_application", message, _without_limit("any_application", value=True))
    if constrained.options.only_inventory:
        message = "only your stock"
        yield _of_call("--only-inventory", message, lambda a: a.without_option("only_inventory"))
    if "unsourced" in left_out and not constrained.options.allow_unverified:
        yield Demand("availability", _unsourced(constrained), _with_unverified)


def _left_out(question: Question) -> set[str]:
    """Return the reasons for which products of the problem's markers are excluded by their own rows."""
    markers = {marker.name for marker in question.problem.marker if marker.role != "forbidden"}
    found = set()
    for catalog in question.catalogs:
        table = table_of(catalog.conjugates)
        listed = table.column("marker").where(markers.__contains__)
        reasons = dict(unsuitable(question.problem.limits, table))
        if not catalog.inventory:
            reasons["unsourced"] = ~shown_by_source(catalog, table)
        found |= {reason for reason, unfit in reasons.items() if (listed & unfit).any()}
    return found


def _with_unverified(constrained: ConstrainedQuestion) -> ConstrainedQuestion:
    return replace(constrained, options=replace(constrained.options, allow_unverified=True))


def _unsourced(constrained: ConstrainedQuestion) -> str:
    """Return the source demand in words, with the markers that it leaves without products or with few dyes."""
    stock, whole = (
        _dyes_of(compiled(a.question, a.options).products) for a in (constrained, _with_unverified(constrained))
    )
    required = {marker.name for marker in _required(constrained)}
    lost = whole.keys() - stock.keys()
    few = [name for name in sorted(required & stock.keys()) if len(stock[name]) <= min(FEW_DYES, len(whole[name]) - 1)]
    which = ""
    if lost & required or (lost and not few):
        which = f"; none stains {', '.join(sorted(lost & required or lost))}"
    elif few:
        which = "; it leaves " + ", ".join(f"{name} with {' or '.join(stock[name])}" for name in few)
    return f"only products confirmed by a source{which} (--allow-unverified admits the others)"


def _dyes_of(keys: Iterable[Key]) -> dict[str, list[str]]:
    """Return the dyes of each marker."""
    found: dict[str, list[str]] = {}
    for marker, dye in keys:
        found.setdefault(marker, []).append(dye)
    return found


# ---- dyes


def _dyes(constrained: ConstrainedQuestion) -> Iterator[Demand]:
    limits, options = constrained.problem.limits, constrained.options
    if limits.exclude_fluorochromes:
        yield _limit("exclude_fluorochromes", f"without {', '.join(limits.exclude_fluorochromes)}")
    for name in options.exclude_dyes:
        yield _of_call(f"--exclude-dye {name}", f"without {name}", _without_one("exclude_dyes", name))
    if limits.exclude_tandems:
        yield Demand("limits.exclude_tandems", "without tandem dyes", _with_tandems)
    if options.exclude_tandems:
        yield _of_call("--exclude-tandems", "without tandem dyes", lambda a: a.without_option("exclude_tandems"))


def _with_tandems(constrained: ConstrainedQuestion) -> ConstrainedQuestion:
    return constrained.with_problem(limits=constrained.problem.limits.model_copy(update={"exclude_tandems": False}))


def _without_one(name: str, value: object) -> Drop:
    return lambda a: a.without_option(name, value)


# ---- markers and reagents


def _required(constrained: ConstrainedQuestion) -> Iterator[Marker]:
    """Yield the markers that must be stained, by problem or call."""
    for marker in constrained.problem.marker:
        listed = constrained.problem.is_marker_list and marker.name not in constrained.options.forbid
        own = marker.required and marker.name not in constrained.options.forbid
        if marker.name in constrained.options.require or own or (listed and marker.role != "forbidden"):
            yield marker


def _markers(constrained: ConstrainedQuestion) -> Iterator[Demand]:
    options = constrained.options
    wanted = {*options.require, *(lock.marker for lock in options.locks)}
    for marker in _required(constrained):
        if marker.required or (constrained.problem.is_marker_list and marker.role != "forbidden"):
            message = f"{marker.name} must be stained"
            yield Demand(f"marker.{marker.name}", message, _without_marker(marker.name), stains=marker.name)
    for marker in constrained.problem.marker:
        if marker.role == "forbidden" and marker.name not in {*wanted, *options.forbid}:
            message = f"{marker.name} must not be stained"
            yield Demand(f"marker.{marker.name}", message, _admitted(marker.name))
    for name in options.require:
        demand = _of_call(f"--require {name}", f"{name} must be stained", _without_one("require", name))
        yield replace(demand, stains=name)
    for name in options.forbid:
        yield _of_call(f"--forbid {name}", f"{name} must not be stained", _without_one("forbid", name))


def _without_marker(name: str) -> Drop:
    def drop(constrained: ConstrainedQuestion) -> ConstrainedQuestion:
        changed = replace(constrained, optional=constrained.optional | {name})
        return changed.with_problem(marker=_changed(constrained.problem, name, required=False))

    return drop


def _admitted(name: str) -> Drop:
    return lambda a: a.with_problem(marker=_changed(a.problem, name, role="candidate"))


def _changed(problem: Problem, name: str, **changes: object) -> tuple[Marker, ...]:
    return tuple(m.model_copy(update=changes) if m.name == name else m for m in problem.marker)


def _locks(constrained: ConstrainedQuestion) -> Iterator[Demand]:
    for number, lock in enumerate(constrained.problem.locked):
        place = f" on {lock.detector}" if lock.detector else ""
        what = " ".join(part for part in (lock.marker, lock.fluorochrome, lock.clone, lock.catalog_number) if part)
        yield Demand(f"locked[{number}]", f"{what}{place} must be used", _without_lock(lock), lock=lock)
    for lock in constrained.options.locks:
        place = f" on {lock.detector}" if lock.detector else ""
        message = f"{lock.marker} {lock.fluorochrome}{place} must be used"
        yield replace(_of_call(lock.option, message, _without_lock(lock)), lock=lock)


def _without_lock(lock: Locked) -> Drop:
    return lambda a: a.without_lock(lock)


# ---- goals


def _goals(constrained: ConstrainedQuestion) -> Iterator[Demand]:
    problem, cytometer = constrained.problem, constrained.question.cytometer
    targets = sum(population.role == "target" for population in problem.population)
    ways = [w for w in (problem.goal.sort_ways, cytometer.sort_ways) if w is not None]
    if ways and targets > min(ways):
        yield Demand("goal.sort_ways", f"{targets} targets into {min(ways)} sort ways", _without_ways)
    if constrained.options.require_goal:
        message = f"a guaranteed purity of at least {problem.goal.purity:g}"
        yield _of_call("--require-goal", message, lambda a: a.without_option("require_goal"))
    for population in problem.population:
        if population.max_share is not None:
            message = f"at most {population.max_share:g} of {population.name} in every tube"
            yield Demand(f"population.{population.name}.max_share", message, _without_share(population.name))


def _without_ways(constrained: ConstrainedQuestion) -> ConstrainedQuestion:
    cytometer = constrained.question.cytometer.model_copy(update={"sort_ways": None})
    freed = constrained.with_problem(goal=constrained.problem.goal.model_copy(update={"sort_ways": None}))
    return replace(freed, question=replace(freed.question, cytometer=cytometer))


def _without_share(name: str) -> Drop:
    def drop(constrained: ConstrainedQuestion) -> ConstrainedQuestion:
        kept = constrained.problem.population
        freed = (p.model_copy(update={"max_share": None}) if p.name == name else p for p in kept)
        return constrained.with_problem(population=tuple(freed))

    return drop
