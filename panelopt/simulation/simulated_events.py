"""Events in order of arrival, reproducible by seed for any chunk size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.simulation.event_model import EventModel
from panelopt.simulation.scatter import arrival_ms, scatter
from panelopt.simulation.simulated_cells import IntArray, draw_cells, light_pe, record

BLOCK = 4096
"""Events per random stream; changing it changes the events of a seed."""

CHUNK = 4 * BLOCK
"""Default number of events held in memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Recorded events with their true populations.

    Attributes:
        population: (n,) population index of the cell, or of one cell of a doublet.
        partner: (n,) population index of the other cell of a doublet; -1 for single cells.
        hidden: (n,) doublets that look like single cells in scatter.
        detectors: (n, D) recorded values, pe.
        scatter: (n, 4) in the order of :data:`~panelopt.simulation.scatter.SCATTER`.
        time_ms: (n,) arrival time.
    """

    population: IntArray
    partner: IntArray
    hidden: BoolArray
    detectors: FloatArray
    scatter: FloatArray
    time_ms: FloatArray

    def part(self, start: int, stop: int) -> Events:
        """Return events ``start`` to ``stop``, exclusive."""
        return Events(*(getattr(self, field.name)[start:stop] for field in fields(self)))

    @property
    def size(self) -> int:
        """Number of events."""
        return int(self.population.size)


def draw_events(model: EventModel, count: int, seed: int, stream: int = 0, chunk: int = CHUNK) -> Iterator[Events]:
    """Yield events in chunks.

    A shorter run is a prefix of a longer one, for any chunk size.

    Args:
        model: The event model.
        count: Total number of events.
        seed: Random seed.
        stream: Number of the tube; tubes with the same seed are independent.
        chunk: Events per chunk; memory grows with it.
    """
    held: list[Events] = []
    ready = 0
    for start in range(0, count, BLOCK):
        block = _block(model, start, seed, stream).part(0, min(BLOCK, count - start))
        held.append(block)
        ready += block.size
        while ready >= chunk:
            joined = _joined(held)
            yield joined.part(0, chunk)
            held, ready = [joined.part(chunk, joined.size)], ready - chunk
    if ready:
        yield _joined(held)


def _block(model: EventModel, start: int, seed: int, stream: int) -> Events:
    sequence = np.random.SeedSequence(seed, spawn_key=(stream, start // BLOCK))
    random = np.random.Generator(np.random.PCG64(sequence))
    first, other = random.choice(len(model.population), size=(2, BLOCK), p=model.share)
    kind = random.random(BLOCK)
    second = np.where(kind < model.doublets, other, -1)
    hidden = kind < model.hidden
    cells, more = draw_cells(model, first, random), draw_cells(model, other, random)
    pairs = cells.stuck_to(more)
    single = second < 0
    cells.antibodies[~single] = pairs.antibodies[~single]
    cells.factor[~single] = pairs.factor[~single]
    return Events(
        population=first,
        partner=second,
        hidden=hidden,
        detectors=record(light_pe(model, cells), model.noise, random),
        scatter=scatter(model, first, second, hidden, random),
        time_ms=arrival_ms(start, BLOCK, random),
    )


def _joined(parts: list[Events]) -> Events:
    if len(parts) == 1:
        return parts[0]
    return Events(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Events)))
