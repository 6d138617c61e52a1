"""The positive cells of a single stain: those with most of the marker."""

from __future__ import annotations

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray, Instance, SlotIndex
from panelopt.instance.populations import is_dead
from panelopt.planning.control_rules import EXPRESSED_FROM_ABC

_SAME = 1e-9  # levels closer than this are equal


def brightest_marker(instance: Instance, slot: SlotIndex) -> int:
    """Return the marker of a slot with the highest level in a live population."""
    live = np.where(is_dead(instance)[:, None], 0.0, np.nan_to_num(instance.abc, nan=0.0))
    return max(slot.markers, key=lambda m: (live[:, m].max(), -m))


def positive_cells(instance: Instance, marker: int) -> BoolArray | None:
    """Return (P,) which populations carry most of a marker; none if no population expresses it.

    Dead cells do not count, but for the viability dye: what they bind is not the antigen.

    Returns:
        None where no level is known.
    """
    levels = instance.abc[:, marker]
    counted = ~np.isnan(levels) & (instance.viability[marker] | ~is_dead(instance))
    if not counted.any():
        return None
    most = levels[counted].max()
    return np.asarray(counted & (levels >= most * (1 - _SAME)) & (most >= EXPRESSED_FROM_ABC))


def positive_share(instance: Instance, phi: FloatArray, marker: int) -> float | None:
    """Return the share of cells that carry most of a marker; 0 if none does, None if unknown.

    Args:
        instance: The question.
        phi: (P,) share of each population among all events.
        marker: Index of the marker.
    """
    found = positive_cells(instance, marker)
    return None if found is None else float(phi[found].sum())
