"""Simulates cells of one kind and applies the gates of every target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring import PanelScore
from panelopt.scoring.light import rank_one_factor
from panelopt.simulation.event_model import EventModel, event_model
from panelopt.simulation.simulated_cells import draw_cells, light_pe, record
from panelopt.simulation.tally import Tally
from panelopt.simulation.unmixer import Estimator, mean_variance, ordinary_estimator, weighted_estimator
from panelopt.simulation.windows import Windows, windows_of

Unmixing = Literal["own", "target", "ordinary"]
"""Weights of least squares: the noise of each population, as in the score; that of the target; none."""

CHUNK = 32_768
"""Cells held in memory and drawn from one random stream."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A scored panel prepared for simulation.

    Attributes:
        model: The event model, restricted to the detectors from which the panel is read.
        windows: Gates by view.
        factor: (T,) expected autofluorescence by view: that of the target.
        estimators: Least squares by view and population.
        variance: (P, D) mean noise of the detectors, pe^2.
        rank_one: (T, P) spread of autofluorescence, by view and population.
        seed: Seed.
    """

    model: EventModel
    windows: tuple[Windows, ...]
    factor: FloatArray
    estimators: tuple[tuple[Estimator, ...], ...]
    variance: FloatArray
    rank_one: FloatArray
    seed: int

    @classmethod
    def of(
        cls,
        instance: Instance,
        score: PanelScore,
        seed: int,
        *,
        correlation: npt.ArrayLike | None = None,
        skewed: bool = False,
        unmixing: Unmixing = "own",
    ) -> Trial:
        """Prepare a panel; for the arguments see :func:`panelopt.simulation.agreement.agreement`."""
        slots, light = score.slots, score.light
        targets = [view.view.target for view in score.views]
        plain = ordinary_estimator(instance, slots, light)
        populations = range(len(instance.population))
        if instance.conventional or unmixing == "ordinary":  # a square matrix has one solution, whatever the weights
            estimators = (plain,) * len(populations)
        else:
            estimators = tuple(weighted_estimator(instance, slots, light, p) for p in populations)
        return cls(
            model=event_model(instance, slots, detectors=plain.detectors, correlation=correlation, skewed=skewed),
            windows=tuple(windows_of(view) for view in score.views),
            factor=instance.autofluorescence_factor[targets],
            estimators=tuple(
                (estimators[target],) * len(populations) if unmixing == "target" else estimators for target in targets
            ),
            variance=mean_variance(instance, slots, light),
            rank_one=rank_one_factor(instance, targets),
            seed=seed,
        )

    def singles(self, population: int, count: int) -> list[Tally]:
        """Return simulated single cells of a population, by view."""
        return self._sum(
            self._measured(population, None, size, random) for size, random in self._parts(count, population)
        )

    def doublets(self, population: int, partner: int, count: int) -> list[Tally]:
        """Return doublets whose light adds up, by view; their noise is that of the partner."""
        parts = self._parts(count, population, partner)
        return self._sum(self._measured(population, partner, size, random) for size, random in parts)

    def normals(self, population: int, count: int) -> list[Tally]:
        """Return cells as modelled by the score, with the mean noise variance of the population, by view."""
        parts = self._parts(count, population)
        return self._sum(self._described(population, size, random) for size, random in parts)

    def _measured(self, population: int, partner: int | None, size: int, random: np.random.Generator) -> list[Tally]:
        cells = draw_cells(self.model, np.full(size, population), random)
        if partner is not None:
            cells = cells.stuck_to(draw_cells(self.model, np.full(size, partner), random))
        recorded = record(light_pe(self.model, cells), self.model.noise, random)
        seen = population if partner is None else partner
        return [
            Tally.of(window.inside(estimators[seen].antibodies(recorded, factor)))
            for window, estimators, factor in zip(self.windows, self.estimators, self.factor, strict=True)
        ]

    def _described(self, population: int, size: int, random: np.random.Generator) -> list[Tally]:
        cells = draw_cells(self.model, np.full(size, population), random)
        noise = random.standard_normal((size, self.model.own.size)) * np.sqrt(self.variance[population])
        factor = random.standard_normal(size)
        found = []
        for window, estimators, spread in zip(self.windows, self.estimators, self.rank_one[:, population], strict=True):
            shown = noise + np.sqrt(spread) * factor[:, None] * self.model.own
            found.append(Tally.of(window.inside(cells.antibodies + shown @ estimators[population].weight.T)))
        return found

    def _parts(self, count: int, *key: int) -> Iterator[tuple[int, np.random.Generator]]:
        for number, start in enumerate(range(0, count, CHUNK)):
            sequence = np.random.SeedSequence(self.seed, spawn_key=(*key, number))
            yield min(CHUNK, count - start), np.random.default_rng(sequence)

    @staticmethod
    def _sum(parts: Iterator[list[Tally]]) -> list[Tally]:
        total = next(parts)
        for part in parts:
            total = [one + more for one, more in zip(total, part, strict=True)]
        return total
