"""Dead cells in scenarios: they keep what they were, so deviates of a target also apply to its dead cells.

Properties common to all dead cells are drawn once: their share, their unspecific binding of antibodies, their viability
dye and their least autofluorescence.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panelopt.domain.problem_record import Problem
from panelopt.domain.reagents import VIABILITY_MARKER
from panelopt.frozen import dataclass
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.instance.populations import DEAD, DEAD_AUTOFLUORESCENCE, DEAD_LEVEL, dead_name, is_dead


@dataclass(frozen=True, slots=True, eq=False)
class DeadCells:
    """Populations made by ``sample.dead_fraction``.

    Attributes:
        of: (P,) the target whose dead cells a population is; -1 for all others.
        others: The population of the dead cells that were no targets; -1 = none.
        targets: Populations that are targets, whose dead cells are not among the others.
        thinned: (P,) populations that live only in part.
        sticky: (M,) markers that dead cells bind unspecifically: all but the viability dye.
        share: Share of the cells that are dead.
    """

    of: npt.NDArray[np.int64]
    others: int
    targets: tuple[int, ...]
    thinned: BoolArray
    sticky: BoolArray
    share: float

    @property
    def followers(self) -> npt.NDArray[np.int64]:
        """Populations that are the dead cells of a target."""
        return np.flatnonzero(self.of >= 0)

    @property
    def made(self) -> BoolArray:
        """(P,) which populations are dead cells."""
        made = self.of >= 0
        if self.others >= 0:
            made[self.others] = True
        return made

    @property
    def common(self) -> int:
        """The population whose deviates apply to all dead cells; -1 without any."""
        return int(np.flatnonzero(self.made).max(initial=-1))

    def frequencies(self, alive: FloatArray, share: FloatArray) -> FloatArray:
        """Return (n, P) shares of all events.

        Args:
            alive: (n, P) shares before cells died; anything for populations of dead cells.
            share: (n,) share of the cells that are dead.
        """
        phi = np.where(self.thinned, alive * (1 - share[:, None]), alive)
        phi[:, self.followers] = share[:, None] * alive[:, self.of[self.followers]]
        if self.others >= 0:
            rest = 1 - alive[:, list(self.targets)].sum(axis=1)
            phi[:, self.others] = share * np.maximum(rest, np.finfo(float).tiny)
        return np.asarray(phi)

    def before_death(self, phi: FloatArray) -> FloatArray:
        """Return (P,) shares of the listed populations before cells died, from (P,) shares of all events."""
        return np.where(self.thinned, phi / (1 - self.share), phi)

    def unspecific(self, abc: FloatArray) -> FloatArray:
        """Return (P, M) levels in which dead cells of targets carry only what any dead cell binds."""
        result = abc.copy()
        bound = self.sticky & ~np.isnan(abc[self.followers])
        result[self.followers] = np.where(bound, DEAD_LEVEL.abc, abc[self.followers])
        return result

    def levels(self, abc: FloatArray, cv: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return (n, P, M) medians and coefficients of variation in which dead cells of targets keep what they were.

        Args:
            abc: (n, P, M) medians, those of dead cells as of :meth:`unspecific`.
            cv: (P, M) coefficients of variation.
        """
        spread = np.broadcast_to(cv, abc.shape)
        if not self.followers.size:
            return abc, spread
        abc, spread = abc.copy(), spread.copy()
        own = self.of[self.followers]
        kept = self.sticky & ~(abc[:, own] < abc[:, self.followers])  # unknown stays unknown
        bound = np.where(self.sticky, DEAD_LEVEL.cv, cv[self.followers])
        abc[:, self.followers] = np.where(kept, abc[:, own], abc[:, self.followers])
        spread[:, self.followers] = np.where(kept, cv[own], bound)
        return abc, spread

    def autofluorescence(self, factor: FloatArray, common: FloatArray) -> FloatArray:
        """Return (n, P) autofluorescence in which dead cells of targets have at least that of any dead cell.

        Args:
            factor: (n, P) relative to a lymphocyte.
            common: (n,) by how much the least one moves.
        """
        result = factor.copy()
        least = DEAD_AUTOFLUORESCENCE * common[:, None]
        result[:, self.followers] = np.maximum(factor[:, self.of[self.followers]], least)
        return result


def no_dead_cells(instance: Instance) -> DeadCells:
    """Return an instance without dead cells."""
    populations = len(instance.population)
    return DeadCells(
        of=np.full(populations, -1),
        others=-1,
        targets=(),
        thinned=np.zeros(populations, dtype=bool),
        sticky=np.ones(len(instance.marker), dtype=bool),
        share=0.0,
    )


def dead_cells(problem: Problem, instance: Instance) -> DeadCells:
    """Return the populations that ``dead_fraction`` made; those listed in the problem do not count."""
    if problem.sample.dead_fraction <= 0 or instance.marker_list:
        return no_dead_cells(instance)
    listed = {population.name for population in problem.population}
    of = np.full(len(instance.population), -1)
    for target, role in enumerate(instance.role):
        name = dead_name(instance.population[target])
        if role == "target" and name not in listed and name in instance.population:
            of[instance.population.index(name)] = target
    others = -1 if DEAD in listed or DEAD not in instance.population else instance.population.index(DEAD)
    return DeadCells(
        of=of,
        others=others,
        targets=tuple(p for p, role in enumerate(instance.role) if role == "target"),
        thinned=~is_dead(instance),
        sticky=np.array([name != VIABILITY_MARKER for name in instance.marker], dtype=bool),
        share=problem.sample.dead_fraction,
    )
