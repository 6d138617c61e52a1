"""Simulated single cells of every population, drawn when a picture needs them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from panelopt.instance.arrays import FloatArray
from panelopt.simulation.event_model import EventModel
from panelopt.simulation.simulated_cells import draw_cells, light_pe, record
from panelopt.simulation.unmixer import Estimator

SEED = 1
"""Seed of the pictures: equal results give identical reports."""

EVEN = 250
"""Cells of each population in a plot, before its gates."""

MORE = 2000
"""Cells drawn of a population of which many reach a gate in the sample, but few of those drawn."""


@dataclass(slots=True, eq=False)
class CellPool:
    """Recorded light of single cells, by population.

    Attributes:
        model: The event model of the panel.
        estimator: Turns recorded light into antibodies.
    """

    model: EventModel
    estimator: Estimator
    _drawn: dict[tuple[int, int], FloatArray] = field(default_factory=dict)

    def even(self, population: int, factor: float) -> FloatArray:
        """Return (:data:`EVEN`, S) the estimated antibodies of cells of a population.

        Args:
            population: Index.
            factor: Autofluorescence of the target of the gates, relative to a lymphocyte.
        """
        return self.estimator.antibodies(self._light(population, EVEN), factor)

    def more(self, population: int, factor: float) -> FloatArray:
        """Return (:data:`MORE`, S) other cells of the same population."""
        return self.estimator.antibodies(self._light(population, MORE), factor)

    def _light(self, population: int, count: int) -> FloatArray:
        if (population, count) not in self._drawn:
            random = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(population, count)))
            cells = draw_cells(self.model, np.full(count, population), random)
            self._drawn[population, count] = record(light_pe(self.model, cells), self.model.noise, random)
        return self._drawn[population, count]
