"""A problem as a grid of populations and markers, as forms show and return it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from panelopt import registry
from panelopt.domain.problem_record import Level, LevelWord, Marker, Problem
from panelopt.domain.reagents import VIABILITY_MARKER
from panelopt.errors import Finding, InputError
from panelopt.io.problem_checks import LEVEL_WORDS as LEVEL_WORDS
from panelopt.io.problem_toml import parse_problem

WHERE = "grid"
"""Where findings about a grid lie."""

UNKNOWN = ""
"""Text of an unknown level."""


@dataclass(frozen=True, slots=True)
class GridMarker:
    """A marker: its role is ``candidate``, ``required``, ``forbidden``, ``dump`` or ``viability``.

    Its level counts only where there are no populations.
    """

    name: str
    role: str
    level: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class GridPopulation:
    """A population: share of live single cells, and by marker a level word, antibodies per cell, or nothing."""

    name: str
    role: str
    frequency: str
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProblemGrid:
    """What a form shows of a problem.

    Attributes:
        title: Title.
        purity: Purity goal, percent.
        markers, populations: Rows and columns of the grid; without populations it is a marker list.
    """

    title: str
    purity: str
    markers: tuple[GridMarker, ...]
    populations: tuple[GridPopulation, ...]


BLANK = ProblemGrid(
    title="",
    purity="95",
    markers=(GridMarker(VIABILITY_MARKER, "viability"), GridMarker("CD45", "dump"), GridMarker("CD271", "candidate")),
    populations=(
        GridPopulation("target", "target", "0.01", {"CD45": "-", "CD271": "bright"}),
        GridPopulation("leukocyte", "contaminant", "0.9", {"CD45": "very_bright", "CD271": "-"}),
    ),
)
"""An example to begin with; it is a valid problem."""

BLANK_LIST = ProblemGrid(
    title="",
    purity="95",
    markers=(
        GridMarker(VIABILITY_MARKER, "viability"),
        GridMarker("CD45", "candidate", "very_bright"),
        GridMarker("CD3", "candidate", "bright"),
        GridMarker("CD4", "candidate", "bright"),
    ),
    populations=(),
)
"""An example of a marker list."""


def grid_of(problem: Problem) -> ProblemGrid:
    """Return the grid of a problem; numbers of antibodies stand for levels that are no words."""
    return ProblemGrid(
        title=problem.title,
        purity=_number(100 * problem.goal.purity),
        markers=tuple(GridMarker(m.name, _shown_role(problem, m), UNKNOWN if m.level is None else _text(m.level))
                      for m in problem.marker),
        populations=tuple(
            GridPopulation(p.name, p.role, _number(p.frequency), {m: _text(level) for m, level in p.levels.items()})
            for p in problem.population
        ),
    )  # fmt: skip


def problem_of_grid(grid: ProblemGrid, base: Problem | None = None, id_: str = "my-problem") -> Problem:
    """Return the problem that a grid describes.

    Args:
        grid: The grid as it was filled in.
        base: The problem that was edited; all that the grid does not show stays as it is there. None = a new problem.
        id_: Identifier of the problem.

    Raises:
        InputError: with every fault.
    """
    faults: list[Finding] = []
    data: dict[str, Any] = base.model_dump(exclude_defaults=True) if base else {"sample": {"dead_fraction": 0.1}}
    data |= {"id": id_, "title": grid.title}
    purity = _read(grid.purity, "the purity", faults)
    data["goal"] = {**data.get("goal", {}), "purity": purity / 100}
    old_markers = {row["name"]: row for row in data.get("marker", ())}
    old_populations = {row["name"]: row for row in data.get("population", ())}
    data["marker"] = [
        _marker(old_markers.get(m.name, {}), m, faults, listed=not grid.populations) for m in grid.markers
    ]
    data["population"] = [_population(old_populations.get(p.name, {}), p, grid.markers, faults)
                          for p in grid.populations]  # fmt: skip
    names = {marker.name for marker in grid.markers}
    data["locked"] = [row for row in data.get("locked", ()) if row["marker"] in names]
    if faults:
        raise InputError(faults)
    return parse_problem(data, WHERE, registry.marker_names(), registry.fluorochrome_names())


def _shown_role(problem: Problem, marker: Marker) -> str:
    required = marker.required and marker.role == "candidate" and not problem.is_marker_list
    return "required" if required else marker.role


def _marker(old: Mapping[str, Any], marker: GridMarker, faults: list[Finding], *, listed: bool) -> dict[str, Any]:
    kept = {key: value for key, value in old.items() if key not in ("role", "required")}
    keeps = listed or marker.role in ("viability", "dump")  # the form does not show whether these are required
    required = marker.role == "required" or (keeps and marker.role != "forbidden" and old.get("required", False))
    role = "candidate" if marker.role == "required" else marker.role
    new_viability = marker.role == "viability" and not old
    if listed:
        level = _level(marker.level.strip(), kept.pop("level", None), f"the level of {marker.name}", faults)
        kept |= {} if level is None else {"level": level}
    return {**kept, "name": marker.name, "role": role, "required": required or new_viability}


def _level(text: str, before: Any, what: str, faults: list[Finding]) -> Any:
    """Return a level as files have it; None if unknown. One that was not edited stays as it was."""
    if text == UNKNOWN:
        return None
    if before is not None and text == _text(before):
        return before
    return text if text in LEVEL_WORDS else {"abc": _read(text, what, faults)}


def _population(
    old: Mapping[str, Any], population: GridPopulation, markers: Sequence[GridMarker], faults: list[Finding]
) -> dict[str, Any]:
    place = f"{population.name}: "
    found = {
        name: _level(text.strip(), old.get("levels", {}).get(name), f"{place}the level of {name}", faults)
        for name, text in ((marker.name, population.levels.get(marker.name, UNKNOWN)) for marker in markers)
    }
    levels = {name: level for name, level in found.items() if level is not None}
    sources = {name: text for name, text in old.get("level_sources", {}).items() if name in levels}
    unchanged = "frequency" in old and population.frequency == _number(old["frequency"])
    frequency = old["frequency"] if unchanged else _read(population.frequency, f"{place}the frequency", faults)
    return {
        **old, "name": population.name, "role": population.role, "frequency": frequency, "levels": levels,
        "level_sources": sources,
    }  # fmt: skip


def _text(level: LevelWord | Level | Mapping[str, Any]) -> str:
    if isinstance(level, str):
        return level
    return _number(level.abc if isinstance(level, Level) else level["abc"])


def _number(value: float) -> str:
    return f"{Decimal(f'{value:.6g}'):f}"


def _read(text: str, what: str, faults: list[Finding]) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        hint = f"Give a number, or for levels one of {', '.join(LEVEL_WORDS)}."
        faults.append(Finding("bad-value", f"{what} is {text!r}, not a number", WHERE, hint))
        return 0.5
    return value
