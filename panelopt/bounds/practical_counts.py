"""Contributions of options to the counts of objective 3."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.exclusions import stains
from panelopt.instance.arrays import Instance

Counts = npt.NDArray[np.int64]


def practical_counts(instance: Instance, options: CandidateSlots) -> tuple[Counts, Counts, Counts]:
    """Return three arrays (O,): products without a source, products to buy, and fragile dyes of each option."""
    owned = np.ones_like(instance.sourced) if instance.owned is None else instance.owned
    stained = stains(instance, options)
    unsourced, to_buy = (
        (stained & ~has.T[options.dye]).sum(axis=1, dtype=np.int64) for has in (instance.sourced, owned)
    )
    return unsourced, to_buy, instance.fragile[options.dye].astype(np.int64)
