"""What is known about a panel at the bench."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from panelopt.domain.reagents import VIABILITY_MARKER, Conjugate, Fluorochrome
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.planning.control_rules import CONTROL_SHARE
from panelopt.planning.titration import PackSize


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What is known about a panel at the bench.

    Attributes:
        instance: The question.
        slots: The panel.
        conjugate: The product of each reagent, by marker and fluorochrome.
        pack: What one pack holds, by marker and fluorochrome.
        dye: Dyes by name.
        phi: (P,) share of each population among the events on the sorter.
        cells: Cells that reach the sorter; None = unknown.
        cells_per_test: Cells that one test stains.
        tissue: Name of the tissue; empty = unknown.
        control_share: Largest share of those cells that all controls together may take.
        bead_marker: Marker of beads that enrich the sample before the sort; empty = none.
    """

    instance: Instance
    slots: tuple[SlotIndex, ...]
    conjugate: Mapping[tuple[str, str], Conjugate]
    pack: Mapping[tuple[str, str], PackSize]
    dye: Mapping[str, Fluorochrome]
    phi: FloatArray
    cells: float | None
    cells_per_test: float
    tissue: str = ""
    control_share: float = CONTROL_SHARE
    bead_marker: str = ""

    def reagents(self, slot: SlotIndex) -> list[tuple[str, str]]:
        """Return marker and fluorochrome of the reagents of a slot."""
        return [(self.instance.marker[m], self.instance.dye[slot.dye]) for m in slot.markers]

    def is_viability(self, slot: SlotIndex) -> bool:
        """Whether a slot is the viability dye."""
        return [marker for marker, _ in self.reagents(slot)] == [VIABILITY_MARKER]
