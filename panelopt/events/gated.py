"""What the planned gates find in a simulated sample."""

from __future__ import annotations

import numpy as np

from panelopt.answers.missed_goals import target_name
from panelopt.domain.simulation_result import SimulatedPopulation, SimulatedTarget
from panelopt.events.recording import SINGLETS, Recording, Table
from panelopt.io.gating_ml import Edge, Rectangle, gate_ids
from panelopt.simulation.simulated_events import Events

SINGLETS_GATE = "Singlets"


class GatedSample:
    """Counts events of a sample, chunk by chunk.

    Args:
        recording: Layout of the files.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.views = recording.score.views
        self.edges = tuple(recording.edges(view) for view in self.views)
        names = [target_name(recording.instance, view) for view in self.views]
        self.singlets, *self.gates = gate_ids([SINGLETS_GATE, *names])
        populations = len(recording.instance.population)
        self.single_cells = np.zeros(populations, dtype=np.int64)
        self.doublets = 0
        self.events, self.wanted, self.kept = np.zeros((3, len(self.views)), dtype=np.int64)

    def add(self, events: Events, table: Table) -> None:
        """Count a chunk: what the events are, and the same as the file holds it."""
        single = events.partner < 0
        self.single_cells += np.bincount(events.population[single], minlength=self.single_cells.size)
        self.doublets += int((~single).sum())
        for v, view in enumerate(self.views):
            target = view.view.target
            inside = self.recording.inside(table, (SINGLETS, *self.edges[v]))
            pure = inside & (events.population == target) & (single | (events.partner == target))
            self.events[v] += inside.sum()
            self.wanted[v] += pure.sum()
            self.kept[v] += (pure & single).sum()

    def targets(self) -> tuple[SimulatedTarget, ...]:
        """Return what was found, by target."""
        return tuple(
            SimulatedTarget.model_validate(
                {
                    "name": target_name(self.recording.instance, view),
                    "gate": self.gates[v],
                    "events": int(self.events[v]),
                    "target_events": int(self.wanted[v]),
                    "purity": _share(self.wanted[v], self.events[v]),
                    "yield": _share(self.kept[v], self.single_cells[view.view.target]),
                    "predicted_purity": view.purity,
                    "predicted_yield": view.gate_yield,
                }
            )
            for v, view in enumerate(self.views)
        )

    def populations(self) -> tuple[SimulatedPopulation, ...]:
        """Return the populations of the sample."""
        names = self.recording.instance.population
        return tuple(
            SimulatedPopulation(code=code, name=name, single_cells=int(count))
            for code, (name, count) in enumerate(zip(names, self.single_cells, strict=True), start=1)
        )

    def rectangles(self) -> tuple[Rectangle, ...]:
        """Return the gates as Gating-ML knows them: single cells first, then one gate for each target."""
        first = Rectangle(self.singlets, (SINGLETS,), note="one cell, by the width of the pulse")
        gates = []
        for view, gate, edges in zip(self.views, self.gates, self.edges, strict=True):
            note = target_name(self.recording.instance, view)
            everything: tuple[Edge, ...] = (SINGLETS,)  # a target without gates gets all single cells
            gates.append(Rectangle(gate, edges or everything, parent=self.singlets, note=note))
        return (first, *gates)


def _share(part: np.int64, whole: np.int64) -> float | None:
    return float(part / whole) if whole else None
