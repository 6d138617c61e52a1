"""Least noise of a slot on a conventional cytometer, whatever else joins, as long as it interferes little.

Limits that leave unused detectors free are weak where autofluorescence is bright: a free detector cancels it at no
cost, while in a real panel every detector that is read has a dye of its own to account for. This limit charges for it.

For any direction ``lambda`` over the dyes of a panel ``S`` with ``lambda_j = 1`` and any ``s``, the variance of slot
``j`` is at least ``1 / I`` with (duality of weighted least squares; the rank-one term written as a minimum over ``s``)

    I = s^2 / c + sum over the panel's detectors of (mu_d - s AF_d)^2 / var_d,      mu = M lambda.

Take a part ``T`` of the panel with its own detectors. ``lambda`` on ``T`` and ``s`` are those for which ``1 / I`` is
the exact variance of ``j`` in ``T`` alone. Every further dye ``i`` on detector ``d_i`` gets ``lambda_i`` such that the
remainder ``z = mu_T - s AF`` of ``T`` vanishes in ``d_i``. What is left is how the further dyes leak into each other's
detectors and into those of ``T``; it is bounded by the largest such leaks that at most ``k`` further dyes of a set can
add up to. A dye outside that set may interfere more, and is named in the limit as one that must be absent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panelopt.bounds.noise import SubsetNoise
from panelopt.bounds.options import Options
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.scoring.light import light_variance, noise_of, rank_one_factor


@dataclass(frozen=True, slots=True)
class Interference:
    """What further options may add to the information on a slot, beside a part of a panel.

    Attributes:
        information: (P,) information on the slot in the part alone, 1 / antibodies^2.
        linear: (P, O) first-order effect of each option.
        into_part: (P, T, O) leak into the detectors of the part, over the noise there.
        into_others: (P, D, O) leak into further detectors, over the noise there.
        size: (O,) how much an option may change, relative to the information; infinite for options of no account.
        joinable: (O,) options that can join the part at all.
    """

    information: FloatArray
    linear: FloatArray
    into_part: FloatArray
    into_others: FloatArray
    size: FloatArray
    joinable: BoolArray


class Certifier:
    """Limits of noise beside parts of panels.

    Args:
        instance: The question, on a conventional cytometer.
        options: All slots.
        noise: Levels of the options.
        most: Slots that a panel has at most.
    """

    def __init__(self, instance: Instance, options: Options, noise: SubsetNoise, most: int) -> None:
        self.instance = instance
        self.options = options
        self.most = most
        self._levels = noise.levels
        self._signal = instance.signal[:, options.dye]
        self._factor = rank_one_factor(instance, noise.targets)
        self._own_signal = self._signal[options.detector, np.arange(len(options.slots))]
        stains = np.zeros((len(options.slots), len(instance.marker)), dtype=bool)
        for o, slot in enumerate(options.slots):
            stains[o, list(slot.markers)] = True
        self._stains = stains

    def interference(self, part: Sequence[int], view: int, populations: Sequence[int]) -> Interference | None:
        """Return what may join a part of a panel (the slot in question first), or None where the part is singular."""
        chosen = list(part)
        detectors = self.options.detector[chosen]
        mixing = self._signal[detectors][:, chosen]
        if np.linalg.cond(mixing / mixing.max(axis=0)) > 1e6:
            return None
        variance = self._variance(chosen)[list(populations)]  # (P, D)
        own = self.instance.autofluorescence
        factor = self._factor[view, list(populations)]
        weights = np.linalg.inv(mixing)[0]
        seen = float(weights @ own[detectors])
        spread = (weights**2 * variance[:, detectors]).sum(axis=1) + factor * seen**2  # variance of the slot
        # Sigma w / V, and from it lambda and z
        pushed = (variance[:, detectors] * weights + (factor * seen)[:, None] * own[detectors]) / spread[:, None]
        direction = np.linalg.solve(mixing, pushed.T).T
        rest = direction @ self._signal[:, chosen].T - (factor * seen / spread)[:, None] * own  # z: (P, D)
        joinable = self._joinable(chosen)
        kappa = np.where(joinable, -rest[:, self.options.detector] / self._own_signal, 0.0)  # (P, O)
        linear = 2 * kappa * (weights @ self._signal[detectors]) / spread[:, None]
        leak = np.abs(kappa)[:, None, :] * self._signal[None] / np.sqrt(variance)[:, :, None]  # (P, D, O)
        into_part = leak[:, detectors]
        into_others = leak
        into_others[:, detectors] = 0.0
        into_others[:, self.options.detector, np.arange(len(self.options.slots))] = 0.0
        information = 1.0 / spread
        k = max(self.most - len(chosen), 0)
        size = np.maximum(linear, 0) + k * ((into_part**2).sum(axis=1) + (into_others**2).sum(axis=1))
        relative = (size / information[:, None]).max(axis=0)
        return Interference(information, linear, into_part, into_others, relative, joinable)

    def information(self, part: Sequence[int], found: Interference, allowed: BoolArray) -> FloatArray:
        """Return (P,) the most information on the slot, if all further slots are among the allowed options."""
        k = max(self.most - len(part), 0)
        if k == 0 or not allowed.any():
            return found.information
        linear = self._most_of(np.maximum(found.linear, 0.0), allowed, k)
        part_leak = self._most_of(found.into_part, allowed, k)
        others_leak = self._most_of(found.into_others, allowed, k)
        worst = np.sort(others_leak**2, axis=1)[:, ::-1][:, :k].sum(axis=1)
        return np.asarray(found.information + linear + (part_leak**2).sum(axis=1) + worst)

    def _most_of(self, value: FloatArray, allowed: BoolArray, k: int) -> FloatArray:
        """Return the largest sum over at most ``k`` allowed options on different detectors; last axis options."""
        best = np.zeros((*value.shape[:-1], len(self.instance.detector)))
        for detector in range(best.shape[-1]):
            members = np.flatnonzero(allowed & (self.options.detector == detector))
            if members.size:
                best[..., detector] = value[..., members].max(axis=-1)
        return np.asarray(np.sort(best, axis=-1)[..., ::-1][..., :k].sum(axis=-1))

    def _joinable(self, part: Sequence[int]) -> BoolArray:
        options = self.options
        taken = np.isin(options.dye, options.dye[part]) | np.isin(options.detector, options.detector[part])
        stained = self._stains[part].any(axis=0)
        return np.asarray(~taken & ~(self._stains & stained).any(axis=1))

    def _variance(self, part: Sequence[int]) -> FloatArray:
        """Return (P, D) the least noise of every detector with the light of a part, pe^2."""
        return light_variance(
            self.instance,
            self._signal[:, part],
            self._levels.mean[:, part],
            self._levels.variance[:, part],
            noise_of(self.instance),
            self.instance.autofluorescence,
        )
