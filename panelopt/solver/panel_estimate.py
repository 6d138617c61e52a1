"""A fast estimate of the score of many panels at once; it guides the local search and proves nothing.

Claims are interpolated in tables and gates chosen greedily; the exact score decides about every panel that matters.
"""

from __future__ import annotations

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.exclusions import stains
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.optics.noise import DetectorNoise
from panelopt.optics.unmixing import compensation_variance, unmixing_variance
from panelopt.scoring.light import light_variance, noise_of, rank_one_factor
from panelopt.solver.claim_tables import ClaimTables
from panelopt.solver.greedy_gates import GreedyGates
from panelopt.solver.marker_lists.list_estimate import ListEstimator, is_simple_list


class PanelEstimator:
    """Estimates objective 1 and 2 of batches of panels.

    Args:
        instance: The question.
        options: All slots.
        noise: Levels of the options.
    """

    def __init__(self, instance: Instance, options: CandidateSlots, noise: SubsetNoise) -> None:
        self.instance = instance
        self.options = options
        self.levels = noise.levels
        self._factor = rank_one_factor(instance, noise.targets)
        self._usable = [usable.T for usable in noise.usable]
        self._live: BoolArray = np.asarray(stains(instance, options)[:, instance.viability].any(axis=1))
        self._live &= not instance.marker_list
        self._gates = [GreedyGates(instance, view) for view in instance.views]
        self.tables = ClaimTables(instance, options, self.levels)
        self.lists = ListEstimator(instance, options, self.levels) if is_simple_list(instance) else None

    def estimate(self, panels: np.ndarray) -> tuple[FloatArray, FloatArray]:
        """Return (B,) estimates of `worst` and of `total`.

        Args:
            panels: (B, n) option indices.
        """
        if self.lists is not None:
            return self.lists.estimate(panels)
        sd, good = self.noise_sd(panels)
        worst = np.full(len(panels), np.inf)
        total = np.zeros(len(panels))
        reached = [self._best_gates(view, panels, sd[:, view]) for view in range(len(self.instance.views))]
        for view_worst, _ in reached:
            worst = np.minimum(worst, view_worst)
        for _, view_total in reached:
            total += view_total
        return np.where(good, worst, -np.inf), np.where(good, total, -np.inf)

    def reach(self, panels: np.ndarray, least: float) -> BoolArray:
        """Return (B,) whether the estimate of `worst` is at least so high; much faster than the estimate.

        Args:
            panels: (B, n) option indices; not of marker lists that have estimates of their own.
            least: What is to be reached, log10.
        """
        sd, result = self.noise_sd(panels)
        for view in range(len(self.instance.views)):
            left = np.flatnonzero(result)
            if left.size:
                result[left] = self._gates[view].reach(*self._choices(view, panels[left], sd[left, view]), least)
        return result

    def noise_sd(self, panels: np.ndarray) -> tuple[FloatArray, BoolArray]:
        """Return (B, T, P, n) noise, and (B,) whether the panel can be unmixed."""
        instance, options = self.instance, self.options
        dyes = options.dye[panels]
        mean = self.levels.mean[:, panels].transpose(1, 0, 2)
        spread = self.levels.variance[:, panels].transpose(1, 0, 2)
        count = panels.shape[1]
        good = np.ones(len(panels), dtype=bool)
        if instance.conventional:
            rows = options.detector[panels]
            signal = instance.signal[rows[:, :, None], dyes[:, None, :]]
            own = instance.autofluorescence[rows]
            noise = noise_of(instance)
            part = DetectorNoise(
                background_pe=noise.background_pe[rows][:, None, :],
                excess=noise.excess[rows][:, None, :],
                electronic_pe=noise.electronic_pe[rows][:, None, :],
                proportional=noise.proportional[rows][:, None, :],
            )
            variance = light_variance(instance, signal, mean, spread, part, own)
            determinant = np.abs(np.linalg.det(signal / signal.max(axis=1, keepdims=True)))
            good = determinant > 1e-7
            signal = np.where(good[:, None, None], signal, np.eye(count))
            squared = compensation_variance(signal, variance, self._factor, own)
        else:
            signal = instance.signal[:, dyes].transpose(1, 0, 2)
            own = np.broadcast_to(instance.autofluorescence, signal.shape[:2])
            variance = light_variance(instance, signal, mean, spread, noise_of(instance), instance.autofluorescence)
            mixing = np.concatenate([signal, own[:, :, None]], axis=2) if own.any() else signal
            unmixed = unmixing_variance(mixing, variance)[..., :count]
            squared = np.broadcast_to(unmixed[:, None], (len(panels), len(instance.views), *unmixed.shape[1:]))
        return np.sqrt(np.maximum(squared, 0.0)), good

    def _claims(self, view: int, panels: np.ndarray, sd: FloatArray) -> FloatArray:
        """Return (C, 3, n, B) estimated claims."""
        target, others = self.instance.views[view].target, list(self.instance.views[view].contaminants)
        classes, known, options = self.tables.class_of, self.levels.known, panels.T
        claims = self.tables.claims(
            self.tables.numbers(classes[target][options], classes[others][:, options]),
            sd[:, target].T,
            sd[:, others].transpose(1, 2, 0),
        )
        claims *= (known[target] & known[others])[:, None, options]
        claims *= self._usable[view][:, options]
        return claims

    def _best_gates(self, view: int, panels: np.ndarray, sd: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return (B,) the best smallest ratio met while adding gates greedily, and the best sum near it."""
        return self._gates[view].best(*self._choices(view, panels, sd))

    def _choices(self, view: int, panels: np.ndarray, sd: FloatArray) -> tuple[FloatArray, BoolArray, BoolArray]:
        """Return (C, 3, n, B) claims, (3, n, B) which gates may be chosen, and (n, B) which are chosen anyway."""
        options = panels.T
        return self._claims(view, panels, sd), self._usable[view][:, options], self._live[options]
