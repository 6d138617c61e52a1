"""Demands of a call: canonical names, and the problem with the demands applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from panelopt import registry
from panelopt.domain.conjugate_table import table_of
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.demands import Demands
from panelopt.domain.name_table import NameTable, bare, suggestion, the_name
from panelopt.domain.problem_record import Locked, Marker, Problem
from panelopt.domain.reagents import VIABILITY_MARKER, Catalog
from panelopt.errors import Finding, InputError, input_error

Thing = TypeVar("Thing")


def with_demands(problem: Problem, demands: Demands) -> Problem:
    """Return the problem with the demands of the call.

    Constraints, vendors and slack of the call replace those of the problem; excluded dyes and locks are added. A marker
    that the call requires or locks overrides a ban in the problem, and one that it forbids overrides a requirement.

    Args:
        problem: The problem.
        demands: Demands with the names of the problem (see :func:`named_demands`).
    """
    limits: dict[str, object] = {
        name: value
        for name, value in (
            ("max_colours", demands.max_colours),
            ("budget", demands.budget),
            ("max_spillover", demands.max_spillover),
            ("vendors", demands.vendors or None),
            ("exclude_tandems", demands.exclude_tandems or None),
        )
        if value is not None
    }
    if demands.exclude_dyes:
        limits["exclude_fluorochromes"] = _different([*problem.limits.exclude_fluorochromes, *demands.exclude_dyes])
    changes: dict[str, object] = {"limits": problem.limits.model_copy(update=limits)} if limits else {}
    if demands.slack is not None:
        changes["goal"] = problem.goal.model_copy(update={"slack": demands.slack})
    if demands.locks:
        changes["locked"] = (*problem.locked, *demands.locks)
    if demands.require or demands.forbid or demands.locks:
        changes["marker"] = tuple(_marker(marker, demands) for marker in problem.marker)
    return problem.model_copy(update=changes) if changes else problem


def _marker(marker: Marker, demands: Demands) -> Marker:
    required, changes = marker.name in demands.require, {}
    wanted = required or any(lock.marker == marker.name for lock in demands.locks)
    if marker.name in demands.forbid:
        changes = {"role": "forbidden", "required": required}
    elif wanted:
        usual = "viability" if marker.name == VIABILITY_MARKER else "candidate"
        role = usual if marker.role == "forbidden" else marker.role
        changes = {"role": role, "required": required or marker.required}
    return marker.model_copy(update=changes) if changes else marker


def named_demands(
    demands: Demands, problem: Problem, cytometer: Cytometer, catalogs: Sequence[Catalog]
) -> dict[str, tuple[object, ...]]:
    """Return the demands with names as spelled by problem, cytometer, catalogs and dye files.

    Args:
        demands: Demands; names are matched without regard to case, blanks and punctuation.
        problem: Its markers may be required, forbidden and locked.
        cytometer: Its detectors may be locked.
        catalogs: Their vendors may be chosen.

    Raises:
        InputError: with every unknown or ambiguous name, each with a suggestion.
    """
    names = _Names(problem, cytometer, catalogs)
    found: dict[str, tuple[object, ...]] = {
        "locks": names.all(names.lock, demands.locks),
        "require": names.all(lambda name: names.marker(name, "--require"), demands.require),
        "forbid": names.all(lambda name: names.marker(name, "--forbid"), demands.forbid),
        "exclude_dyes": names.all(lambda name: names.dye(name, "--exclude-dye"), demands.exclude_dyes),
        "vendors": names.all(names.vendor, demands.vendors),
    }
    if names.faults:
        raise InputError(names.faults)
    return found


class _Names:
    """Resolves names and collects errors."""

    def __init__(self, problem: Problem, cytometer: Cytometer, catalogs: Sequence[Catalog]) -> None:
        self.problem, self.cytometer, self.catalogs = problem, cytometer, catalogs
        self.faults: list[Finding] = []

    def all(self, find: Callable[[Thing], object], things: Iterable[Thing]) -> tuple[object, ...]:
        """Return the resolved things without duplicates."""
        found = []
        for thing in things:
            try:
                found.append(find(thing))
            except InputError as error:
                self.faults += error.findings
        return _different(found)

    def marker(self, name: str, where: str) -> str:
        """Return a marker of the problem, given any of its names."""
        listed = [marker.name for marker in self.problem.marker]
        own = NameTable({marker.name: marker.aliases for marker in self.problem.marker})
        found = name if name in listed else own.resolve(name) or registry.marker_names().resolve(name)
        if found in listed:
            return found
        hint = suggestion(name, listed) or f"Markers: {', '.join(listed)}."
        raise input_error("unlisted-marker", f"{name} is not a marker of {self.problem.id}", where=where, hint=hint)

    def dye(self, name: str, where: str) -> str:
        """Return a known dye."""
        table = registry.fluorochrome_names()
        found = table.find(name)
        if found is None:
            hint = table.suggest(name) or "`panelopt dye list` shows the names."
            raise input_error("unknown-fluorochrome", f"{name} is not a known fluorochrome", where=where, hint=hint)
        return found

    def lock(self, lock: Locked) -> Locked:
        """Return a lock with canonical names."""
        where = lock.option
        detectors = [detector.name for detector in self.cytometer.detector]
        hint = f"{self.cytometer.id} has {', '.join(detectors)}."
        parts: dict[str, Callable[[], str]] = {
            "marker": lambda: self.marker(lock.marker, where),
            "fluorochrome": lambda: self.dye(lock.fluorochrome, where),
        }
        if lock.detector:
            parts["detector"] = lambda: the_name(lock.detector, detectors, "detector", where=where, hint=hint)
        found: dict[str, str] = {}
        faults: list[Finding] = []
        for part, find in parts.items():
            try:
                found[part] = find()
            except InputError as error:
                faults += error.findings
        if faults:
            raise InputError(faults)
        return lock.model_copy(update=found)

    def vendor(self, name: str) -> str:
        """Return a vendor of the catalogs."""
        tables = (table_of(catalog.conjugates) for catalog in self.catalogs)
        known = {bare(vendor): vendor for table in tables for vendor in table.column("vendor").values if vendor}
        return the_name(name, sorted(known.values()), "vendor", where="--vendor", hint="No catalog lists it.")


def _different(things: Iterable[Thing]) -> tuple[Thing, ...]:
    return tuple(dict.fromkeys(things))
