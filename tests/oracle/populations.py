"""Populations of a sample with pre-enrichment and dead cells, from plain problem data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

UNSPECIFIC = (3000.0, 1.0)
STAINED_DEAD = (250_000.0, 1.0)
UNSTAINED = (0.0, 0.0)
DEAD_GLOW = 2.0
CAUGHT_FROM = 3000.0
ROUNDING = 1e-9  # what the frequencies of a sample may miss their sum by

UNKNOWN = (math.nan, math.nan)


@dataclass(frozen=True)
class Cells:
    """One population; ``levels`` are median and CV by marker."""

    name: str
    role: str
    phi: float
    levels: dict[str, tuple[float, float]]
    glow: float = 1.0


def sample(
    listed: Sequence[Cells],
    markers: Sequence[str],
    *,
    viability: str | None = None,
    dead_fraction: float = 0.0,
    beads: tuple[str, float] | None = None,
) -> list[Cells]:
    """All populations: the listed ones, and dead cells after them.

    Args:
        listed: Populations of the problem.
        markers: Markers of the problem; levels that a population does not list are unknown.
        viability: The marker that only dead cells show.
        dead_fraction: Dead cells among all events.
        beads: Marker and fold of pre-enrichment.
    """
    own = {"dead", *(f"dead {one.name}" for one in listed if one.role == "target")}
    cells = [
        replace(one, levels={m: one.levels.get(m, _unlisted(one.name in own, m == viability)) for m in markers})
        for one in listed
    ]
    if beads is not None:
        cells = _enriched(cells, *beads)
    if dead_fraction == 0:
        return cells
    targets = [one for one in cells if one.role == "target"]
    others = 1 - sum(one.phi for one in targets)
    made = [
        Cells(
            f"dead {one.name}",
            "contaminant",
            dead_fraction * one.phi,
            {m: STAINED_DEAD if m == viability else _sticky(one.levels[m]) for m in markers},
            max(one.glow, DEAD_GLOW),
        )
        for one in targets
    ]
    if others > ROUNDING:
        levels = {m: STAINED_DEAD if m == viability else UNSPECIFIC for m in markers}
        made.append(Cells("dead", "contaminant", dead_fraction * others, levels, DEAD_GLOW))
    live = [one if one.name in own else replace(one, phi=one.phi * (1 - dead_fraction)) for one in cells]
    return [*live, *(one for one in made if one.name not in {there.name for there in cells})]


def _unlisted(dead: bool, is_viability: bool) -> tuple[float, float]:
    if not is_viability:
        return UNKNOWN
    return STAINED_DEAD if dead else UNSTAINED


def _enriched(cells: Sequence[Cells], marker: str, fold: float) -> list[Cells]:
    caught = [math.isnan(one.levels[marker][0]) or one.levels[marker][0] >= CAUGHT_FROM for one in cells]
    weighted = [one.phi * (fold if bound else 1.0) for one, bound in zip(cells, caught, strict=True)]
    return [replace(one, phi=phi / sum(weighted)) for one, phi in zip(cells, weighted, strict=True)]


def _sticky(level: tuple[float, float]) -> tuple[float, float]:
    return UNSPECIFIC if level[0] < UNSPECIFIC[0] else level
