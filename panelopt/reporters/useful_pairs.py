"""Pairs of dye and detector that no best choice needs as a clean channel.

Two rules, both exact. A dye that is brighter in a detector than another, and nowhere else, can replace it there: every
channel keeps or gains. A clean channel needs others that are clean beside it, each on a detector of its own.
"""

from __future__ import annotations

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.reporters.reporter_question import ReporterInstance
from panelopt.reporters.worth import BLEED_LIMIT, TIE


def useful_pairs(instance: ReporterInstance, clean: int) -> BoolArray:
    """Return (F, D): the pairs that may be clean in a choice whose signal no other one exceeds.

    A choice with a clean channel that is left out here has fewer than ``clean`` of them, or can be changed in one dye
    so that it has as many and a larger mean signal, by more than counts as equal.

    Args:
        instance: The question.
        clean: Clean channels that a choice must have.
    """
    return _in_company(instance.signal, (instance.signal > 0) & ~_replaced(instance), clean)


def _replaced(instance: ReporterInstance) -> BoolArray:
    """Return (F, D): the pairs for which a brighter dye exists that is no brighter in any other detector.

    That dye is not in use: beside it the channel would not be clean.
    """
    light = instance.signal
    found = np.zeros(light.shape, dtype=bool)
    margin = 1 + 2 * TIE * instance.colours
    for f in set(range(len(light))) - instance.required:
        brighter = light > light[f]
        only = brighter.sum(axis=1) == 1
        found[f] = (light[only] > margin * light[f]).any(axis=0)
    return found


def _in_company(light: FloatArray, pairs: BoolArray, clean: int) -> BoolArray:
    """Return the pairs that can be clean beside one of these pairs on each of enough other detectors."""
    kept = pairs.copy()
    limit = BLEED_LIMIT * light
    while True:
        dye, detector = np.nonzero(kept)
        beside = np.zeros(len(dye), dtype=int)
        for other in range(light.shape[1]):
            there = np.flatnonzero(kept[:, other])
            received = light[np.ix_(there, detector)].T
            sent = light[dye, other][:, None]
            clear = (received < limit[dye, detector][:, None]) & (sent < limit[there, other])
            beside += clear.any(axis=1) & (detector != other)
        few = beside < clean - 1
        if not few.any():
            return kept
        kept[dye[few], detector[few]] = False
