"""Which options exclude each other, and which duties an option fulfils."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.instance.arrays import SPECTRAL_MAX_COSINE, BoolArray, Instance
from panelopt.optics.spectral_similarity import cosine_similarity
from panelopt.scoring.light import members

_BLOCK = 4_000_000
"""Numbers in the largest table that is built at once."""


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
    readings, place = _readings(options)
    return np.asarray(_outshone(instance, *readings)[place])


def _readings(options: CandidateSlots) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Return (R,) dyes and detectors, all pairs that occur, and (O,) the pair of each option."""
    detectors = int(options.detector.max(initial=0)) + 1
    pairs, place = np.unique(options.dye * detectors + options.detector, return_inverse=True)
    return np.divmod(pairs, detectors), place


def _outshone(instance: Instance, dye: np.ndarray, detector: np.ndarray) -> BoolArray:
    """Return (R, D) detectors that must stay unused beside dyes read on a detector."""
    rows = [instance.outshines(*reading) for reading in zip(dye.tolist(), detector.tolist(), strict=True)]
    return np.array(rows, dtype=bool).reshape(len(rows), len(instance.detector))


def stains(instance: Instance, options: CandidateSlots) -> BoolArray:
    """Return (O, M) which markers an option stains."""
    return members([slot.markers for slot in options.slots], len(instance.marker))


class Exclusions:
    """Which options exclude each other; every option excludes itself.

    That depends on the markers of both, and on dye and detector of both. There are few sets of markers and few pairs of
    dye and detector, so a table of the options by the options, too large where there are many, is not needed.

    Args:
        instance: The question.
        options: All slots.
    """

    def __init__(self, instance: Instance, options: CandidateSlots) -> None:
        sets: dict[tuple[int, ...], int] = {}
        self._set = np.array([sets.setdefault(slot.markers, len(sets)) for slot in options.slots], dtype=int)
        dump = np.array([[len(some) > 1] for some in sets], dtype=bool).reshape(len(sets), 1)
        # two dumps exclude each other as if they shared a marker
        self._taken = np.hstack([members(list(sets), len(instance.marker)), dump]).astype(np.float32)
        readings, self._reading = np.unique(
            options.dye * len(instance.detector) + options.detector, return_inverse=True
        )
        self._clash = _clashes(instance, *np.divmod(readings, len(instance.detector)))

    def rows(self, some: Sequence[int] | np.ndarray, others: Sequence[int] | np.ndarray | None = None) -> BoolArray:
        """Return (K, N) which of some options exclude which others, by default all."""
        first, second = np.asarray(some, dtype=int), slice(None) if others is None else np.asarray(others, dtype=int)
        overlap = self._taken[self._set[first]] @ self._taken.T > 0
        result = overlap.take(self._set[second], axis=1)
        result |= self._clash.take(self._reading[first], axis=0).take(self._reading[second], axis=1)
        return np.asarray(result)

    def any_of(self, group: Sequence[int] | np.ndarray) -> BoolArray:
        """Return (O,) which options exclude at least one of a group."""
        group = np.asarray(group, dtype=int)
        overlap = (self._taken @ self._taken[self._set[group]].sum(axis=0)) > 0
        clash = self._clash[self._reading[group]].any(axis=0)
        return np.asarray(overlap[self._set] | clash[self._reading])

    def all_of(self, group: Sequence[int] | np.ndarray) -> BoolArray:
        """Return (O,) which options exclude every one of a group."""
        group = np.asarray(group, dtype=int)
        sets, of_set = np.unique(self._set[group], return_inverse=True)
        readings, of_reading = np.unique(self._reading[group], return_inverse=True)
        held = np.zeros((len(sets), len(readings)), dtype=np.float32)
        held[of_set, of_reading] = 1.0
        meets = (~self._clash[readings]).astype(np.float32)
        result = np.ones(len(self._set), dtype=bool)
        size = max(1, _BLOCK // max(len(self._clash), len(sets), 1))
        for start in range(0, len(self._taken), size):
            apart = (self._taken[start : start + size] @ self._taken[sets].T == 0).astype(np.float32)
            met = (apart @ held > 0).astype(np.float32) @ meets > 0
            here = np.flatnonzero((self._set >= start) & (self._set < start + size))
            result[here] = ~met[self._set[here] - start, self._reading[here]]
        return result


def _clashes(instance: Instance, dye: np.ndarray, detector: np.ndarray) -> BoolArray:
    """Return (R, R) which pairs of a dye and the detector that reads it exclude each other."""
    twins = twin_classes(instance)
    clash = (exclusive_dyes(instance) | (twins[:, None] == twins[None, :]))[np.ix_(dye, dye)]
    if instance.conventional:
        clash |= detector[:, None] == detector[None, :]
        brighter = _outshone(instance, dye, detector)[:, detector]
        clash |= brighter
        clash |= brighter.T
    return np.asarray(clash)


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
