"""From the uncertainty of a problem to the spread of the numbers in an instance."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from panelopt.domain.problem_record import Level, LevelWord, Population, Problem
from panelopt.domain.uncertainty import Z95
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.scenarios.dead import DeadCells, dead_cells, no_dead_cells

LEAST_ABC = 1.0
"""Antibodies in place of a lower end of 0, which has no logarithm."""

ODDS_END = 1e-9
"""By how much a frequency of 1, which has no odds, is reduced."""


@dataclass(frozen=True, eq=False)
class Spread:
    """Standard deviations of the logarithms of an instance's numbers; 0 = certain.

    Attributes:
        level: (2, P, M) of the median antibodies per cell, below and above the number that the instance has.
        level_of: (P, M) which deviate moves the level; -1 = none. Populations may share one.
        frequency: (2, P) of the odds of a frequency, below and above; for dead cells, of their share of all cells.
        population: (P,) of the autofluorescence of a population beside that of the donor.
        autofluorescence, instrument, doublets: Of all cells' own light, of all light, of the doublets left.
        brightness: (F,) of the light of an antibody with the dye.
        signature: (F,) of each entry of the signature against the strongest one.
        tandem: (F,) of the broken share itself, which is half-normal; 0 = no tandem, or its donor is unknown.
        broken: (D, F) light of an antibody whose tandem dyes are all broken, pe.
        dead: Populations of dead cells; what they have in common moves with the numbers of one of them.
    """

    level: FloatArray
    level_of: npt.NDArray[np.int64]
    frequency: FloatArray
    population: FloatArray
    autofluorescence: float
    instrument: float
    doublets: float
    brightness: FloatArray
    signature: FloatArray
    tandem: FloatArray
    broken: FloatArray
    dead: DeadCells

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def levels(self) -> int:
        """Number of deviates of levels."""
        return int(self.level_of.max(initial=-1)) + 1


def spread_of(
    problem: Problem,
    instance: Instance,
    *,
    brightness_known: BoolArray,
    signature_known: BoolArray,
    broken: FloatArray,
) -> Spread:
    """Return the spread of an instance compiled from a problem.

    Args:
        problem: The problem, with its uncertainty.
        instance: Its arrays.
        brightness_known: (F,) whether the brightness of a dye was measured.
        signature_known: (F,) whether its signature was measured on the instrument.
        broken: (D, F) pe per antibody of the donor alone; NaN where a dye is no tandem, or its donor is unknown.
    """
    known = problem.uncertainty
    dead = dead_cells(problem, instance)
    level, level_of = _levels(problem, instance, dead)
    tandem = ~np.isnan(broken).any(axis=0)
    own = dead.made
    own[dead.common :] = False  # they share one value
    return Spread(
        level=level,
        level_of=level_of,
        frequency=np.where(own, 0.0, _frequencies(problem, instance)),
        population=np.where(own, 0.0, _sd(known.autofluorescence_population)),
        autofluorescence=_sd(known.autofluorescence),
        instrument=_sd(known.instrument),
        doublets=_sd(known.doublets),
        brightness=np.where(brightness_known, _sd(known.brightness_measured), _sd(known.brightness_estimated)),
        signature=np.where(signature_known, _sd(known.signature_measured), _sd(known.signature)),
        tandem=np.where(tandem, known.tandem_breakdown / Z95, 0.0),
        broken=np.where(tandem, broken, 0.0),
        dead=dead,
    )


def certain(instance: Instance) -> Spread:
    """Return the spread of an instance without uncertainty."""
    populations, markers, dyes = len(instance.population), len(instance.marker), len(instance.dye)
    return Spread(
        level=np.zeros((2, populations, markers)),
        level_of=np.full((populations, markers), -1),
        frequency=np.zeros((2, populations)),
        population=np.zeros(populations),
        autofluorescence=0.0,
        instrument=0.0,
        doublets=0.0,
        brightness=np.zeros(dyes),
        signature=np.zeros(dyes),
        tandem=np.zeros(dyes),
        broken=np.zeros((len(instance.detector), dyes)),
        dead=no_dead_cells(instance),
    )


def _sd(factor: float) -> float:
    return float(np.log(factor) / Z95)


def _levels(problem: Problem, instance: Instance, dead: DeadCells) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    shape = instance.abc.shape
    spread = np.zeros((2, *shape))
    number = np.full(shape, -1)
    numbers: dict[tuple[object, ...], int] = {}
    by_name = {population.name: population for population in problem.population}
    stainable = np.asarray(instance.available.any(axis=1))
    made = dead.made
    for p, m in np.argwhere(instance.abc > 0):  # unknown levels claim nothing, and factors leave 0 unchanged
        if instance.role[p] == "ignore" or not stainable[m]:
            continue
        spread[:, p, m] = _level_sd(problem, _level(problem, by_name.get(instance.population[p]), instance, p, m))
        if (spread[:, p, m] > 0).any():
            # in a marker list all populations share the level of a marker that they have; dead cells bind alike
            key = (m, float(instance.abc[p, m])) if instance.marker_list else (m, -1 if made[p] else p)
            number[p, m] = numbers.setdefault(key, len(numbers))
    return spread, number


def _level(problem: Problem, population: Population | None, instance: Instance, p: int, m: int) -> Level | None:
    """Return the level behind an entry of the arrays; None if the problem does not give it (dead cells)."""
    name = instance.marker[m]
    if population is not None:
        return _resolved(problem, population.levels.get(name))
    if not instance.marker_list:
        return None
    listed = _resolved(problem, next(marker.level for marker in problem.marker if marker.name == name))
    lacking = problem.resolve("-")
    return listed if listed is not None and listed.abc == instance.abc[p, m] else lacking


def _resolved(problem: Problem, level: LevelWord | Level | None) -> Level | None:
    return None if level is None else problem.resolve(level)


def _level_sd(problem: Problem, level: Level | None) -> FloatArray:
    by_factor = _sd(problem.uncertainty.level)
    if level is None:
        return np.array([by_factor, by_factor])
    below = by_factor if level.low is None else np.log(level.abc / min(max(level.low, LEAST_ABC), level.abc)) / Z95
    above = by_factor if level.high is None else np.log(max(level.high, level.abc) / level.abc) / Z95
    return np.array([below, above])


def _frequencies(problem: Problem, instance: Instance) -> FloatArray:
    spread = np.zeros((2, len(instance.population)))
    if instance.marker_list:
        return spread
    by_name = {population.name: population for population in problem.population}
    spread[:] = _sd(problem.uncertainty.frequency)
    for p, name in enumerate(instance.population):
        population = by_name.get(name)
        if population is None:
            continue
        middle = log_odds(population.frequency)
        if population.frequency_low is not None:
            spread[0, p] = (middle - log_odds(population.frequency_low)) / Z95
        if population.frequency_high is not None:
            spread[1, p] = (log_odds(population.frequency_high) - middle) / Z95
    return np.maximum(spread, 0.0)


def log_odds(share: float | FloatArray) -> FloatArray:
    """Return ln(share / (1 - share)); a share of 1 counts as slightly less."""
    inside = np.minimum(share, 1 - ODDS_END)
    return np.asarray(np.log(inside) - np.log1p(-inside))
