"""Which options exclude each other, and which duties an option fulfils."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.instance.arrays import SPECTRAL_MAX_COSINE, BoolArray, Instance
from panelopt.optics.spectral_similarity import cosine_similarity
from panelopt.scoring.light import members


def excluded_pairs(instance: Instance) -> Iterable[tuple[int, int]]:
    """Yield pairs of dyes that exclude each other."""
    for second, first in np.argwhere(np.tril(exclusive_dyes(instance))).tolist():
        yield first, second


def exclusive_dyes(instance: Instance) -> BoolArray:
    """Return (F, F) which dyes exclude each other for being too similar."""
    cosine = cosine_similarity(instance.signal)
    similar = np.zeros_like(cosine, dtype=bool)
    if instance.max_similarity is not None:
        similar |= cosine > instance.max_similarity
    if not instance.conventional:
        similar |= cosine >= SPECTRAL_MAX_COSINE
    np.fill_diagonal(similar, val=False)
    return np.asarray(similar | similar.T)


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
    return members([slot.markers for slot in options.slots], len(instance.marker))


def conflicts(instance: Instance, options: CandidateSlots) -> BoolArray:
    """Return (O, O) which options exclude each other; every option excludes itself."""
    numbers: dict[tuple[int, ...], int] = {}
    of_option = np.array([numbers.setdefault(slot.markers, len(numbers)) for slot in options.slots], dtype=int)
    sets, dump = members(list(numbers), len(instance.marker)), np.array([len(some) > 1 for some in numbers], dtype=bool)
    overlap = (sets.astype(np.float32) @ sets.T) > 0
    overlap |= dump[:, None] & dump[None, :]
    twins = twin_classes(instance)
    together = exclusive_dyes(instance) | (twins[:, None] == twins[None, :])
    conflict = _pairs(overlap, of_option)
    conflict |= _pairs(together, options.dye)
    if instance.conventional:
        conflict |= _pairs(np.eye(len(instance.detector), dtype=bool), options.detector)
        brighter = outshone_detectors(instance, options).take(options.detector, axis=1)
        conflict |= brighter
        conflict |= brighter.T
    return conflict


def _pairs(table: BoolArray, of_option: np.ndarray) -> BoolArray:
    """Return (O, O) what a symmetric table says of each pair; a few long copies take less time than many short ones."""
    return table.take(of_option, axis=1).take(of_option, axis=0)


def duties(instance: Instance, options: CandidateSlots) -> BoolArray:
    """Return (O, duties) which required marker or lock each option fulfils."""
    stained = stains(instance, options)
    columns = [stained[:, marker] for marker in np.flatnonzero(instance.required)]
    for lock in instance.locks:
        there = np.ones(len(stained), dtype=bool) if lock.detector is None else options.detector == lock.detector
        columns.append(stained[:, lock.marker] & (options.dye == lock.dye) & there)
    return np.array(columns, dtype=bool).reshape(len(columns), len(stained)).T


def most_slots(instance: Instance) -> int:
    """Return the largest number of slots of a panel."""
    detectors = len(instance.detector) - int(instance.has_autofluorescence_column)
    markers = int(instance.available.any(axis=1).sum())
    return min(detectors, len(instance.dye), markers, instance.max_colours or detectors)
