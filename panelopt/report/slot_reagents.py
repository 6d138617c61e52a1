"""The reagents of a slot, whatever a result states of them."""

from __future__ import annotations

from panelopt.domain.panel_records import PanelSlot, Reagent


def reagents_of(slot: PanelSlot) -> tuple[Reagent, ...]:
    """Return the reagents of a slot; for a result without reagents, what the slot itself states."""
    if slot.reagents:
        return slot.reagents
    clones = slot.clones or ("",) * len(slot.markers)
    return tuple(
        Reagent(marker=m, clone=c, fluorochrome=slot.fluorochrome, vendor=slot.vendor or "",
                catalog_number=slot.catalog_number or "", price=slot.price if len(slot.markers) == 1 else None)
        for m, c in zip(slot.markers, clones, strict=False)
    )  # fmt: skip
