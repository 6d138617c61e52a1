"""All slots that a panel may hold: single markers, and sets of dumped markers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import numpy.typing as npt

from panelopt.errors import input_error
from panelopt.instance.arrays import BoolArray, FloatArray, Instance, SlotIndex

MAX_DUMP_CANDIDATES = 10
"""Each set of dumped markers is an option; more candidates on one dye would make too many."""


@dataclass(frozen=True)
class CandidateSlots:
    """Every slot that the hard rules allow on its own.

    Attributes:
        slots: The slots: single markers, then dumps, each sorted.
        cost: (O,) price of one pack of each product, summed; 0 where unknown.
        unknown_prices: (O,) number of products without a price.
    """

    slots: tuple[SlotIndex, ...]
    cost: FloatArray
    unknown_prices: npt.NDArray[np.int64]

    @cached_property
    def by_slot(self) -> dict[SlotIndex, int]:
        """Index of each slot."""
        return {slot: o for o, slot in enumerate(self.slots)}

    @cached_property
    def dye(self) -> np.ndarray:
        """(O,) dye of each option."""
        return np.array([slot.dye for slot in self.slots], dtype=int)

    @cached_property
    def detector(self) -> np.ndarray:
        """(O,) detector of each option."""
        return np.array([slot.detector for slot in self.slots], dtype=int)

    @cached_property
    def is_dump(self) -> BoolArray:
        """(O,) which options dump several markers."""
        return np.array([slot.is_dump for slot in self.slots], dtype=bool)

    def key(self, option: int) -> int:
        """Marker of a single slot, or -1 for a dump; gates belong to keys, not to options."""
        slot = self.slots[option]
        return -1 if slot.is_dump else slot.markers[0]


def list_options(instance: Instance) -> CandidateSlots:
    """Return all options of an instance."""
    detectors = [instance.detectors_of(dye) for dye in range(len(instance.dye))]
    slots = [*_singles(instance, detectors), *_dumps(instance, detectors)]
    price, unknown = np.nan_to_num(instance.price).tolist(), np.isnan(instance.price).tolist()
    return CandidateSlots(
        tuple(slots),
        np.array([sum(price[m][slot.dye] for m in slot.markers) for slot in slots], dtype=float),
        np.array([sum(unknown[m][slot.dye] for m in slot.markers) for slot in slots], dtype=int),
    )


def _singles(instance: Instance, detectors: Sequence[Sequence[int]]) -> Iterator[SlotIndex]:
    for marker, dye in np.argwhere(instance.available).tolist():
        for detector in detectors[dye]:
            yield SlotIndex((marker,), dye, detector)


def _dumps(instance: Instance, detectors: Sequence[Sequence[int]]) -> Iterator[SlotIndex]:
    for dye in range(len(instance.dye)):
        members = np.flatnonzero(instance.dumpable & instance.available[:, dye]).tolist()
        for markers in _dump_sets(members):
            for detector in detectors[dye]:
                yield SlotIndex(markers, dye, detector)


def _dump_sets(members: list[int]) -> Iterator[tuple[int, ...]]:
    if len(members) > MAX_DUMP_CANDIDATES:
        raise input_error(
            "too-many-dump-markers",
            f"{len(members)} markers of role dump share a dye; at most {MAX_DUMP_CANDIDATES} can be searched exactly",
            where="marker.role",
            hint="Give some of them the role candidate or forbidden.",
        )
    for size in range(2, len(members) + 1):
        yield from combinations(members, size)
