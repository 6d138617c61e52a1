"""Where a dye may be read, and what spills: from light, autofluorescence and noise alone."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from tests.oracle.score import Arrays, Slot

LEAST_OWN_LIGHT = 0.25
VISIBLE_ANTIBODIES, VISIBLE_VIABILITY = 60_000.0, 250_000.0
VISIBLE_SD = 5.0
STEP = 0.05


def unstained_sd(a: Arrays) -> np.ndarray:
    """(D,) standard deviation of an unstained lymphocyte, pe."""
    af = a["AF"]
    return np.sqrt(a["F"] * af + a["e"] ** 2 + (a["k"] ** 2 + float(a["cv_af"]) ** 2) * af**2)


def is_own_light(a: Arrays, dye: int, detector: int) -> bool:
    """Whether a dye gives at least a quarter of its best signal there."""
    light = a["M"][:, dye]
    return bool(light[detector] > 0 and light[detector] >= LEAST_OWN_LIGHT * light.max())


def is_visible(a: Arrays, dye: int, detector: int, *, viability: bool) -> bool:
    """Whether a bright stain stands out from an unstained lymphocyte there."""
    count = VISIBLE_VIABILITY if viability else VISIBLE_ANTIBODIES
    return bool(count * a["M"][detector, dye] >= VISIBLE_SD * unstained_sd(a)[detector])


def places(a: Arrays, markers: Sequence[int], dye: int) -> list[int]:
    """Detectors on which a slot with these markers may be read; a lock frees its reagent from both rules.

    On a conventional instrument a lock does so on the detector that it names; where it names none and the dye is seen
    nowhere, on the detectors of its own light. A spectral instrument reads a dye on all detectors, named by its
    brightest.
    """
    viability = any(a["viability"][m] for m in markers)
    locked = {int(d) for m, f, d in np.asarray(a["locked"], dtype=int) if f == dye and m in markers}
    if int(a["conventional"]):
        lit = [int(d) for d in np.flatnonzero(a["M"][:, dye] > 0)]
        own = [d for d in lit if is_own_light(a, dye, d)]
        seen = [d for d in own if is_visible(a, dye, d, viability=viability)]
        return sorted({*(own if -1 in locked and not seen else seen), *locked.intersection(lit)})
    best = int(np.argmax(a["M"][:, dye]))
    read = a["M"][best, dye] > 0 and (locked or is_visible(a, dye, best, viability=viability))
    return [best] if read else []


def readable(a: Arrays) -> np.ndarray:
    """(D, F) detectors on which a dye may be read by a slot of the markers that it is sold for, or locked on."""
    found = np.zeros(a["M"].shape, dtype=bool)
    for m, f in [*np.argwhere(a["available"]), *np.asarray(a["locked"], dtype=int)[:, :2]]:
        found[places(a, (m,), f), f] = True
    return found


def outshone(a: Arrays, panel: Sequence[Slot]) -> bool:
    """Whether a dye gives more light in another slot's detector than it may; only without unmixing."""
    most = float(a["max_spillover"])
    if not int(a["conventional"]) or math.isnan(most):
        return False
    pairs = itertools.permutations(panel, 2)
    return any(a["M"][there, dye] > most * a["M"][home, dye] for (_, dye, home), (_, _, there) in pairs)


def burden(a: Arrays, panel: Sequence[Slot]) -> float:
    """Sum over ordered pairs of what a dye gives in the other's detector, relative to its own."""
    pairs = itertools.permutations(panel, 2)
    return sum(float(a["M"][there, dye] / a["M"][home, dye]) for (_, dye, home), (_, _, there) in pairs)


def complexity(a: Arrays, panel: Sequence[Slot]) -> float:
    """Condition number of the peak-normalised signatures, without the autofluorescence column."""
    signal = a["M"][:, [slot[1] for slot in panel]]
    recorded = signal[[slot[2] for slot in panel]] if int(a["conventional"]) else signal
    return float(np.linalg.cond(recorded / recorded.max(axis=0)))


def steps(value: float) -> int:
    """Whole steps in which spillover counts."""
    return math.floor(value / STEP + 1e-9)
