"""Estimated score of marker lists on spectral cytometers.

Each slot needs two variances: that of cells with every marker, and that of cells without the slot's own.
"""

from __future__ import annotations

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.scoring.claims import SIDES
from panelopt.scoring.light import SlotLevels
from panelopt.scoring.view_claims import base_single, usable_sides
from panelopt.solver.marker_lists.list_tables import Level, ListTables

_ABOVE = SIDES.index("above")
_CHUNK = 64  # matrices that are solved at a time
_WORTH = 1e-4  # smaller differences (log10) are not solved for


def is_simple_list(instance: Instance) -> bool:
    """Whether a question is a marker list on a spectral cytometer with every marker required."""
    viewed = {view.marker for view in instance.views}
    stainable = np.flatnonzero(instance.available.any(axis=1))
    return (
        instance.marker_list
        and not instance.conventional
        and bool(viewed)
        and all(instance.required[m] and int(m) in viewed for m in stainable)
        and all(int(m) in viewed for m in np.flatnonzero(instance.required))
    )


class ListEstimator:
    """Estimates panels of a simple marker list; see :func:`is_simple_list`.

    Args:
        instance: The question.
        options: All slots.
        levels: Levels of the options.
    """

    def __init__(self, instance: Instance, options: CandidateSlots, levels: SlotLevels) -> None:
        self.instance = instance
        self.options = options
        self.marker = np.array([slot.markers[0] for slot in options.slots])
        view_of = {view.marker: view for view in instance.views}
        markers = range(len(instance.marker))
        views = [view_of.get(m) for m in markers]
        first = {int(m): o for o, m in reversed(list(enumerate(self.marker)))}
        self.full, self.full_spread = np.zeros(len(views)), np.zeros(len(views))
        self.without, self.without_spread = np.zeros(len(views)), np.zeros(len(views))
        self._single = np.zeros(len(views))
        self._usable = np.zeros(len(views), dtype=bool)
        pairs: list[tuple[Level, Level] | None] = [None] * len(views)
        for m, o in first.items():
            view = view_of[m]
            target, other = view.target, view.contaminants[0]
            self.full[m], self.full_spread[m] = levels.mean[target, o], levels.variance[target, o]
            self.without[m], self.without_spread[m] = levels.mean[other, o], levels.variance[other, o]
            self._single[m] = base_single(instance, view)[0]
            self._usable[m] = bool(usable_sides(instance, view, options.slots, levels)[o, _ABOVE])
            own, foreign = ((float(levels.abc[p, o]), float(levels.cv[p, o])) for p in (target, other))
            pairs[m] = own, foreign
        self._tables = ListTables(instance.eps, instance.leak, pairs)
        self._count = len(first)
        self._step = float(np.log10(1 - instance.eps))
        self.own = instance.autofluorescence * instance.autofluorescence_factor[instance.views[0].target]

    def estimate(self, panels: np.ndarray) -> tuple[FloatArray, FloatArray]:
        """Return (B,) estimates of `worst` and of `total` of panels (B, n) of options; a missing marker counts 0."""
        rho = self.rho(panels)
        least = 0.0 if panels.shape[1] < self._count else np.inf
        return np.minimum(rho.min(axis=1), least), rho.sum(axis=1)

    def rho(self, panels: np.ndarray) -> FloatArray:
        """Return (B, n) log ratios of the markers of panels (B, n)."""
        return self.ratios(self.marker[panels], *self.variances(panels))

    def ratios(self, marker: np.ndarray, full: FloatArray, without: FloatArray) -> FloatArray:
        """Return the log ratio of markers at the variance of fully stained cells and of cells without the marker."""
        claim = np.minimum(self._tables.claims(marker, full, without), self.instance.most_rejection)
        single = self._single[marker]
        gated = np.where(self._usable[marker], single + claim + self._step, single)
        return np.asarray(np.minimum(np.maximum(gated, single), self.instance.rho_cap))

    def variances(self, panels: np.ndarray) -> tuple[FloatArray, FloatArray]:
        """Return (B, n) variance of each slot in cells with all markers and in cells without its own, antibodies^2.

        Where less noise would not change the claim, the second keeps the weights of the first: an upper bound.
        """
        signal = self.instance.signal[:, self.options.dye[panels]].transpose(1, 2, 0)  # (B, n, D)
        marker, mixing = self.marker[panels], self._with_own(signal)
        light = np.einsum("bn,bnd->bd", self.full[marker], signal) + self.own + self.instance.background
        wide = np.einsum("bn,bnd->bd", self.full_spread[marker], signal**2)
        noise = self.noise(light, wide)
        weighted = mixing / noise[:, None]
        inverse = np.linalg.inv(weighted @ mixing.transpose(0, 2, 1))
        n = panels.shape[1]
        full = np.diagonal(inverse, axis1=-2, axis2=-1)[:, :n].copy()
        less = (self.full - self.without)[marker][:, :, None] * signal
        less_spread = (self.full_spread - self.without_spread)[marker][:, :, None] * signal**2
        fewer = self.noise(light[:, None] - less, wide[:, None] - less_spread)
        without = ((inverse[:, :n] @ weighted) ** 2 * fewer).sum(axis=2)
        panel, slot = np.nonzero(self._may_claim_more(marker, full, without))
        for start in range(0, panel.size, _CHUNK):
            b, s = panel[start : start + _CHUNK], slot[start : start + _CHUNK]
            information = (mixing[b] / fewer[b, s][:, None]) @ mixing[b].transpose(0, 2, 1)
            unit = np.eye(mixing.shape[1])[s][:, :, None]
            without[b, s] = (np.linalg.solve(information, unit) * unit).sum(axis=(1, 2))
        return full, without

    def _may_claim_more(self, marker: np.ndarray, full: FloatArray, without: FloatArray) -> BoolArray:
        """Return for which slots less noise of cells without the marker would raise the log ratio."""
        most = self.ratios(marker, full, np.zeros_like(without))
        return np.asarray(most > self.ratios(marker, full, without) + _WORTH)

    def noise(self, light: FloatArray, spread: FloatArray) -> FloatArray:
        """Return the variance of detectors (last axis), pe^2, from the mean and variance of their light."""
        instance = self.instance
        return np.asarray(
            np.maximum(
                instance.excess * light + instance.electronic**2 + instance.proportional**2 * (light**2 + spread), 1.0
            )
        )

    def _with_own(self, signal: FloatArray) -> FloatArray:
        """Append the autofluorescence row to (B, n, D) signatures."""
        if not self.instance.has_autofluorescence_column:
            return signal
        own = np.broadcast_to(self.instance.autofluorescence, (len(signal), 1, signal.shape[2]))
        return np.concatenate([signal, own], axis=1)
