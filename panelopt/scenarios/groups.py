"""The unknowns that affect the score of one panel, by name, and scenarios in which only some of them vary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from panelopt.frozen import dataclass
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.optics.normal import ndtri
from panelopt.scenarios.draw import Deviates, deviates_of, widths
from panelopt.scenarios.parameter_spread import Spread


@dataclass(frozen=True, slots=True)
class Unknown:
    """One unknown: its name, its kind, and its uniform numbers."""

    name: str
    kind: str
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PanelUnknowns:
    """A panel with its unknowns.

    Attributes:
        instance, spread: The question with the dyes of the panel only, and levels of its markers only that move.
        slots: The panel in its numbers.
        unknowns: What moves.
        columns: Uniform numbers that a scenario takes.
    """

    instance: Instance
    spread: Spread
    slots: tuple[SlotIndex, ...]
    unknowns: tuple[Unknown, ...]
    columns: int

    def deviates(self, uniform: FloatArray) -> Deviates:
        """Return deviates from (n, columns) uniform numbers."""
        split = self.columns - int(np.prod(self.spread.broken.shape))
        edge = np.finfo(float).eps
        signature = ndtri(np.clip(uniform[:, split:], edge, 1 - edge))
        return deviates_of(self.spread, uniform[:, :split], signature.reshape(-1, *self.spread.broken.shape))


def panel_unknowns(instance: Instance, spread: Spread, slots: Sequence[SlotIndex]) -> PanelUnknowns:
    """Return the unknowns of a panel."""
    dyes = sorted({slot.dye for slot in slots})
    own = [replace(slot, dye=dyes.index(slot.dye)) for slot in slots]
    level_of, pairs = _stained_levels(spread, {m for slot in slots for m in slot.markers})
    part = replace(
        instance,
        dye=tuple(instance.dye[f] for f in dyes),
        signal=instance.signal[:, dyes],
        allowed=instance.allowed[:, dyes],
        available=instance.available[:, dyes],
        price=instance.price[:, dyes],
        product_rank=instance.product_rank[:, dyes],
        sourced=instance.sourced[:, dyes],
        fragile=instance.fragile[dyes],
        owned=None,
        delivery=None,
        locks=(),
        reference=frozenset(),
        max_changes=None,
        apart=(),
    )
    here = replace(
        spread,
        level_of=level_of,
        brightness=spread.brightness[dyes],
        signature=spread.signature[dyes],
        tandem=spread.tandem[dyes],
        broken=spread.broken[:, dyes],
    )
    unknowns, columns = _named(part, here, pairs)
    return PanelUnknowns(part, here, tuple(own), unknowns, columns)


def _stained_levels(spread: Spread, markers: set[int]) -> tuple[npt.NDArray[np.int64], list[tuple[int, int]]]:
    """Return the deviates of levels of some markers, renumbered, and (population, marker) of each."""
    level_of = np.full_like(spread.level_of, -1)
    numbers: dict[int, int] = {}
    pairs: list[tuple[int, int]] = []
    for p, m in np.argwhere(spread.level_of >= 0):
        if m in markers:
            old = int(spread.level_of[p, m])
            if old not in numbers:
                numbers[old] = len(numbers)
                pairs.append((int(p), int(m)))
            level_of[p, m] = numbers[old]
    return level_of, pairs


def _named(instance: Instance, spread: Spread, pairs: Sequence[tuple[int, int]]) -> tuple[tuple[Unknown, ...], int]:
    parts = widths(spread)
    starts = np.concatenate([[0], np.cumsum(parts)]).astype(int)
    found: list[tuple[Unknown, float]] = [
        (Unknown("autofluorescence of the donor", "autofluorescence", (0,)), spread.autofluorescence),
        (Unknown("light that the instrument collects", "instrument", (1,)), spread.instrument),
        (Unknown("doublets left", "doublets", (2,)), spread.doublets * (instance.delta > 0)),
    ]
    dead = spread.dead.made
    for p, population in enumerate(instance.population):
        name = "dead cells" if dead[p] else population
        of = f"share of {name}" if dead[p] else f"frequency of {name}"
        found.append((Unknown(of, "frequency", (int(starts[1]) + p,)), float(spread.frequency[:, p].max())))
        column = (int(starts[2]) + p,)
        moves = float(spread.population[p]) if instance.role[p] != "ignore" else 0.0
        found.append((Unknown(f"autofluorescence of {name}", "autofluorescence", column), moves))
    for k, (p, m) in enumerate(pairs):
        name = f"level of {instance.marker[m]} in {'dead cells' if dead[p] else instance.population[p]}"
        found.append((Unknown(name, "level", (int(starts[3]) + k,)), float(spread.level[:, p, m].max())))
    detectors, dyes = spread.broken.shape
    for f, dye in enumerate(instance.dye):
        found.append(
            (Unknown(f"brightness of {dye}", "brightness", (int(starts[4]) + f,)), float(spread.brightness[f]))
        )
        found.append((Unknown(f"breakdown of {dye}", "tandem", (int(starts[5]) + f,)), float(spread.tandem[f])))
        columns = tuple(int(starts[6]) + d * dyes + f for d in range(detectors))
        found.append((Unknown(f"signature of {dye}", "signature", columns), float(spread.signature[f])))
    return tuple(unknown for unknown, moves in found if moves > 0), int(starts[6]) + detectors * dyes
