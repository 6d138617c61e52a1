"""Populations of cells: frequencies, antigen levels and autofluorescence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from panelopt.domain.problem_record import FREQUENCY_TOLERANCE, Enrichment, Level, Population, Problem
from panelopt.domain.reagents import VIABILITY_MARKER
from panelopt.errors import Finding
from panelopt.frozen import dataclass
from panelopt.instance.arrays import BoolArray, FloatArray, Instance, Role, without_name

DEAD = "dead"
"""Population of the dead cells that were not targets."""

DEAD_LEVEL = Level(abc=3000, cv=1.0, source="model")
"""Model value: least unspecific binding of any antibody to a dead cell."""

DEAD_VIABILITY = Level(abc=250000, cv=1.0, source="model")
"""Model value: viability dye in a dead cell, in antibody equivalents; none in live cells."""

DEAD_AUTOFLUORESCENCE = 2.0
"""Model value: autofluorescence of a dead cell relative to a lymphocyte."""

ENRICHED_FROM_ABC = 3000.0
"""Beads catch cells from this median (antibodies per cell) on, and cells whose level is unknown."""


@dataclass(frozen=True, slots=True)
class InstanceCells:
    """Populations as arrays; see :class:`panelopt.instance.Instance` for the fields."""

    name: tuple[str, ...]
    role: tuple[Role, ...]
    phi: FloatArray
    abc: FloatArray
    cv: FloatArray
    autofluorescence: FloatArray
    max_share: FloatArray
    remarks: tuple[Finding, ...] = ()


def cells_of(problem: Problem) -> InstanceCells:
    """Return the populations of a problem, with dead cells and pre-enrichment."""
    return _from_marker_list(problem) if problem.is_marker_list else _from_populations(problem)


def event_shares(problem: Problem) -> FloatArray:
    """Return (P,) the ``phi`` of :func:`cells_of`, without the rest of it: a plan tries many enrichments."""
    if problem.is_marker_list:
        return cells_of(problem).phi
    names = [population.name for population in problem.population]
    phi, made = _arriving(problem), _dead_cells(problem)
    listed = np.isin(names, [dead.name for dead in made])  # these replace the ones made
    living = phi * np.where(listed, 1.0, 1 - problem.sample.dead_fraction)
    return np.append(living, [dead.phi for dead in made if dead.name not in names])


def _from_populations(problem: Problem) -> InstanceCells:
    populations = list(problem.population)
    names = [population.name for population in populations]
    levels = [[_level(problem, p, marker.name) for marker in problem.marker] for p in populations]
    factors = [population.autofluorescence for population in populations]
    shares = [np.nan if p.max_share is None else p.max_share for p in populations]
    roles: list[Role] = [population.role for population in populations]
    remarks: list[Finding] = []
    for made in _dead_cells(problem):
        if made.name in names:
            message = f"the population named {made.name} replaces the one made by sample.dead_fraction"
            remarks.append(Finding("dead-population", message, problem.id))
            continue
        names.append(made.name)
        roles.append("contaminant")
        glow = 0.0 if made.of is None else populations[made.of].autofluorescence
        factors.append(max(glow, DEAD_AUTOFLUORESCENCE))
        shares.append(np.nan)
        levels.append(_dead_levels(problem, None if made.of is None else levels[made.of]))
    abc, cv = _level_arrays(levels, len(problem.marker))
    remarks += [*_no_viability(problem, names), *_unknown_levels(problem, names, abc)]
    arrays = event_shares(problem), abc, cv, np.array(factors), np.array(shares)
    return InstanceCells(tuple(names), tuple(roles), *arrays, tuple(remarks))


def _arriving(problem: Problem) -> FloatArray:
    """Return the share of each listed population after any enrichment, dead cells included."""
    phi = np.array([population.frequency for population in problem.population])
    beads = problem.sample.enrichment
    return phi if beads is None else _enriched(phi, problem, beads)


@dataclass(frozen=True, slots=True)
class _DeadCells:
    """A population made by `dead_fraction`: its name, its share, and the target that died (None: all others)."""

    name: str
    phi: float
    of: int | None


def _dead_cells(problem: Problem) -> list[_DeadCells]:
    """Return the dead cells of each target, and those of all other populations."""
    share = problem.sample.dead_fraction
    if share <= 0:
        return []
    rest, found = 1.0, []
    for number, (population, frequency) in enumerate(zip(problem.population, _arriving(problem).tolist(), strict=True)):
        if population.role == "target":
            rest -= frequency
            found.append(_DeadCells(dead_name(population.name), share * frequency, number))
    return [*found, _DeadCells(DEAD, share * rest, None)] if rest > FREQUENCY_TOLERANCE else found


def _dead_levels(problem: Problem, alive: list[Level | None] | None) -> list[Level | None]:
    """Return the levels of dead cells: of a target with these levels, or of no particular population."""
    return [
        DEAD_VIABILITY
        if marker.name == VIABILITY_MARKER
        else DEAD_LEVEL
        if alive is None
        else _at_least_unspecific(alive[m])
        for m, marker in enumerate(problem.marker)
    ]


def _at_least_unspecific(level: Level | None) -> Level | None:
    return DEAD_LEVEL if level is not None and level.abc < DEAD_LEVEL.abc else level


def dead_name(target: str) -> str:
    """Return the name of the dead cells of a target."""
    return f"{DEAD} {target}"


def dead_names(targets: Iterable[str]) -> frozenset[str]:
    """Return the names of all populations of dead cells, for the names of the targets."""
    return frozenset((DEAD, *map(dead_name, targets)))


def is_dead(instance: Instance) -> BoolArray:
    """Return (P,) which populations of an instance are dead cells."""
    targets = (name for name, role in zip(instance.population, instance.role, strict=True) if role == "target")
    names = dead_names(targets)
    return np.array([population in names for population in instance.population], dtype=bool)


def _level(problem: Problem, population: Population, marker: str) -> Level | None:
    if marker in population.levels:
        return problem.resolve(population.levels[marker])
    if marker == VIABILITY_MARKER:
        if population.name in dead_names(p.name for p in problem.population if p.role == "target"):
            return DEAD_VIABILITY
        return Level(abc=0.0, cv=0.0, source="live cells exclude the dye")
    return None


def _level_arrays(levels: list[list[Level | None]], markers: int) -> tuple[FloatArray, FloatArray]:
    shape = (len(levels), markers)
    abc = np.array([[np.nan if x is None else x.abc for x in row] for row in levels]).reshape(shape)
    cv = np.array([[np.nan if x is None else x.cv for x in row] for row in levels]).reshape(shape)
    return abc, cv


def enrichment_weights(problem: Problem, marker: str, fold: float) -> FloatArray:
    """Return (P,) enrichment of each population by beads: ``fold`` for those they catch, else 1."""
    levels = [_level(problem, population, marker) for population in problem.population]
    return np.array([fold if level is None or level.abc >= ENRICHED_FROM_ABC else 1.0 for level in levels])


def _enriched(phi: FloatArray, problem: Problem, enrichment: Enrichment) -> FloatArray:
    enriched = phi * enrichment_weights(problem, enrichment.marker, enrichment.fold)
    return np.asarray(enriched / enriched.sum())


def _no_viability(problem: Problem, names: list[str]) -> Iterator[Finding]:
    """Yield a remark if dead targets will be in the tubes because no marker tells them from live ones."""
    dead = [dead_name(p.name) for p in problem.population if p.role == "target" and dead_name(p.name) in names]
    if dead and all(marker.role != "viability" for marker in problem.marker):
        yield Finding(
            "no-viability",
            f"{', '.join(dead)} will be in the tubes: no viability marker is listed to keep dead cells out",
            problem.id,
            f'List a marker "{VIABILITY_MARKER}" with the role viability.',
        )


def _unknown_levels(problem: Problem, names: list[str], abc: FloatArray) -> Iterator[Finding]:
    """Yield one remark on unknown levels, grouping populations with the same ones."""
    open_ = [m for m, marker in enumerate(problem.marker) if marker.role != "forbidden"]
    groups: dict[tuple[str, ...], list[str]] = {}
    for p, name in enumerate(names):
        unknown = tuple(problem.marker[m].name for m in open_ if np.isnan(abc[p, m]))
        if unknown:
            groups.setdefault(unknown, []).append(name)
    if groups:
        listed = "; ".join(
            f"{', '.join(markers)} in {', '.join(populations)}" for markers, populations in groups.items()
        )
        message = f"unknown levels are not gated against; their light counts as mid: {listed}"
        yield Finding("unknown-level", message, problem.id)


def _from_marker_list(problem: Problem) -> InstanceCells:
    """Return the population with every marker, and for each marker the population that lacks it."""
    negative = problem.resolve("-")
    full: list[Level | None] = [
        Level(abc=0.0, cv=0.0) if marker.level is None else problem.resolve(marker.level) for marker in problem.marker
    ]
    names, levels = ["full"], [full]
    for m, marker in enumerate(problem.marker):
        if marker.role != "forbidden" and marker.level is not None:
            names.append(without_name(marker.name))
            levels.append([negative if i == m else level for i, level in enumerate(full)])
    abc, cv = _level_arrays(levels, len(problem.marker))
    count = len(names)
    others: list[Role] = ["contaminant"] * (count - 1)
    roles: tuple[Role, ...] = ("target", *others)
    ones = np.ones(count)
    return InstanceCells(tuple(names), roles, 0.5 * ones, abc, cv, ones, np.full(count, np.nan))
