"""Which options exclude each other, and which duties an option fulfils."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.instance.arrays import SPECTRAL_MAX_COSINE, BoolArray, Instance
from panelopt.optics.spectral_similarity import cosine_similarity


def excluded_pairs(instance: Instance) -> Iterable[tuple[int, int]]:
    """Yield pairs of dyes that exclude each other."""
    cosine = cosine_similarity(instance.signal)
    for second in range(len(instance.dye)):
        for first in range(second):
            value = cosine[first, second]
            too_similar = instance.max_similarity is not None and value > instance.max_similarity
            if too_similar or (not instance.conventional and value >= SPECTRAL_MAX_COSINE):
                yield first, second


def twin_classes(instance: Instance) -> np.ndarray:
    """Return (F,) a number for each dye, equal for dyes that no measurement on this instrument can tell apart.

    Such dyes have signatures equal bit for bit and are read on the same detectors. Two of them make every mixing matrix
    singular, so they exclude each other.
    """
    columns = np.concatenate([instance.signal, instance.allowed.astype(float)])
    return np.asarray(np.unique(columns, axis=1, return_inverse=True)[1]).ravel()


def outshone_detectors(instance: Instance, options: CandidateSlots) -> BoolArray:
    """Return (O, D) detectors that must stay unused beside an option because its dye is brighter there."""
    readings = {(slot.dye, slot.detector) for slot in options.slots}
    found = {reading: instance.outshines(*reading) for reading in readings}
    rows = [found[slot.dye, slot.detector] for slot in options.slots]
    return np.array(rows, dtype=bool).reshape(len(options.slots), len(instance.detector))


def stains(instance: Instance, options: CandidateSlots) -> BoolArray:
    """Return (O, M) which markers an option stains."""
    result = np.zeros((len(options.slots), len(instance.marker)), dtype=bool)
    for o, slot in enumerate(options.slots):
        result[o, list(slot.markers)] = True
    return result


def conflicts(instance: Instance, options: CandidateSlots) -> BoolArray:
    """Return (O, O) which options exclude each other; no option excludes itself."""
    stained = stains(instance, options).astype(np.float32)
    dump = np.array([slot.is_dump for slot in options.slots], dtype=bool)
    twins = twin_classes(instance)[options.dye]
    conflict = (stained @ stained.T) > 0
    conflict |= twins[:, None] == twins[None, :]
    conflict |= dump[:, None] & dump[None, :]
    if instance.conventional:
        conflict |= options.detector[:, None] == options.detector[None, :]
        brighter = outshone_detectors(instance, options)[:, options.detector]
        conflict |= brighter | brighter.T
    similar = np.zeros((len(instance.dye), len(instance.dye)), dtype=bool)
    for first, second in excluded_pairs(instance):
        similar[first, second] = similar[second, first] = True
    return np.asarray(conflict | similar[np.ix_(options.dye, options.dye)])


def duties(instance: Instance, options: CandidateSlots) -> BoolArray:
    """Return (O, duties) which required marker or lock each option fulfils."""
    columns = [[int(marker) in slot.markers for slot in options.slots] for marker in np.flatnonzero(instance.required)]
    columns += [
        [
            lock.marker in slot.markers and slot.dye == lock.dye and lock.detector in (None, slot.detector)
            for slot in options.slots
        ]
        for lock in instance.locks
    ]
    return np.array(columns, dtype=bool).reshape(len(columns), len(options.slots)).T


def most_slots(instance: Instance) -> int:
    """Return the largest number of slots of a panel."""
    detectors = len(instance.detector) - int(instance.has_autofluorescence_column)
    markers = int(instance.available.any(axis=1).sum())
    return min(detectors, len(instance.dye), markers, instance.max_colours or detectors)
