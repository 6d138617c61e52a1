"""What a core manager checks first in a panel, measured on the exported instance and not by the rules of the search.

*Invisible*: 60,000 antibodies, or 250,000 equivalents of a viability dye, give less than five standard deviations of
an unstained lymphocyte in the detector where the dye is read (spectral: in its best one). *Spillover*: light of a dye
in the detector of another slot, over that in its own; conventional instruments only. *Live gate*: the viability dye is
gated below. *Idle*: a laser that no slot is read by. *Neighbours*: pairs of slots on detectors of one laser with no
detector between them.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.panel_records import PanelSlot
from panelopt.domain.result import Result
from panelopt.instance.arrays import Instance
from panelopt.io.instance_npz import instance_npz

ANTIBODIES, EQUIVALENTS = 60_000.0, 250_000.0
"""Antibodies of a bright antigen, and equivalents of the viability dye in a dead cell, that must be seen."""

VISIBLE_SD = 5.0
"""Standard deviations of an unstained lymphocyte from which a stained cell is seen."""

Arrays = Mapping[str, np.ndarray]


def exported(instance: Instance) -> dict[str, np.ndarray]:
    """Return the arrays of an instance as other programs read them."""
    with np.load(io.BytesIO(instance_npz(instance)), allow_pickle=False) as archive:
        return dict(archive)


def _places(n: Arrays, panel: Sequence[PanelSlot]) -> tuple[list[int], list[int]]:
    """Return detector and dye of each slot; on a spectral instrument the brightest detector."""
    detectors, dyes = n["detector"].tolist(), n["dye"].tolist()
    columns = [dyes.index(slot.fluorochrome) for slot in panel]
    if n["conventional"]:
        return [detectors.index(slot.detector) for slot in panel], columns
    return [int(n["M"][:, f].argmax()) for f in columns], columns


def invisible(n: Arrays, panel: Sequence[PanelSlot]) -> list[str]:
    """Return the slots whose stained cells an unstained lymphocyte outshines."""
    rows, columns = _places(n, panel)
    af = n["AF"]
    sd = np.sqrt(n["F"] * af + n["e"] ** 2 + (n["k"] ** 2 + n["cv_af"] ** 2) * af**2)
    carried = [EQUIVALENTS if slot.role == "viability" else ANTIBODIES for slot in panel]
    return [
        f"{slot.fluorochrome} in {n['detector'][d]}"
        for slot, d, f, amount in zip(panel, rows, columns, carried, strict=True)
        if amount * n["M"][d, f] < VISIBLE_SD * sd[d]
    ]


def brighter_elsewhere(n: Arrays, panel: Sequence[PanelSlot]) -> list[str]:
    """Return the ordered pairs of slots in which one dye gives more light to the other's detector than to its own."""
    if not n["conventional"]:
        return []
    rows, columns = _places(n, panel)
    light = n["M"][np.ix_(rows, columns)]
    return [
        f"{panel[i].fluorochrome} in {panel[j].detector} ({light[j, i] / light[i, i]:.0%})"
        for j, i in zip(*np.nonzero(light > np.diagonal(light)), strict=True)
    ]


def live_tubes(result: Result) -> int:
    """Return the number of tubes whose viability dye is gated below."""
    viability = {number for number, slot in enumerate(result.panel) if slot.role == "viability"}
    return sum(any(gate.slot in viability and gate.side == "below" for gate in t.gates) for t in result.targets)


def unsourced(panel: Sequence[PanelSlot]) -> list[str]:
    """Return the reagents that no source shows."""
    return [
        f"{reagent.marker} {reagent.fluorochrome}"
        for slot in panel
        for reagent in slot.reagents
        if reagent.availability != "sourced"
    ]


def idle_lasers(cytometer: Cytometer, panel: Sequence[PanelSlot]) -> list[float]:
    """Return the lasers that no slot is read by, nm."""
    used = {slot.laser_nm for slot in panel}
    return sorted({laser.nm for laser in cytometer.laser} - used)


def neighbours(cytometer: Cytometer, panel: Sequence[PanelSlot]) -> list[str]:
    """Return the pairs of slots that share a laser with no detector of that laser between them."""
    place: dict[str, tuple[str, float, int]] = {}
    for laser in {(detector.path, detector.laser_nm) for detector in cytometer.detector}:
        mine = sorted(
            (d for d in cytometer.detector if (d.path, d.laser_nm) == laser), key=lambda d: (d.centre_nm, d.name)
        )
        place |= {detector.name: (*laser, number) for number, detector in enumerate(mine)}
    spots = [(place[slot.detector], slot.fluorochrome) for slot in panel]
    return [
        f"{one} and {other}"
        for ((*laser, i), one), ((*same, j), other) in combinations(sorted(spots), 2)
        if laser == same and abs(i - j) <= 1
    ]
