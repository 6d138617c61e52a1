"""A fast estimate of the score of many panels at once; it guides the local search and proves nothing.

Claims are interpolated in tables and gates chosen greedily; the exact score decides about every panel that matters.
"""

from __future__ import annotations

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.optics.noise import DetectorNoise
from panelopt.optics.unmixing import compensation_variance, unmixing_variance
from panelopt.scoring.claims import SIDES
from panelopt.scoring.light import light_variance, noise_of, rank_one_factor
from panelopt.scoring.view_claims import base_doublet, base_single
from panelopt.solver.claim_tables import GRID, ClaimTables, position
from panelopt.solver.marker_lists.list_estimate import ListEstimator, is_simple_list

_BELOW = SIDES.index("below")
_SHARPNESS = 2.0  # weight of the weakest pair in the choice of gates


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
        self._usable = np.stack(noise.usable)
        self._live = np.array(
            [bool(instance.viability[list(slot.markers)].any()) for slot in options.slots], dtype=bool
        )
        self._live &= not instance.marker_list
        self._single = [base_single(instance, view) for view in instance.views]
        self._doublet = [base_doublet(instance, view) for view in instance.views]
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
        """Return (B, n, 3, C) estimated claims."""
        target, others = self.instance.views[view].target, list(self.instance.views[view].contaminants)
        classes = self.tables.class_of
        table = self.tables.numbers(classes[target][panels][:, :, None], classes[others][:, panels].transpose(1, 2, 0))
        row, row_part = position(sd[:, target])
        column, column_part = position(sd[:, others].transpose(0, 2, 1))
        size = GRID.size
        place = (table * size + row[:, :, None]) * size + column
        row_part, column_part = row_part[:, :, None, None], column_part[..., None]
        rows = self.tables.tables.reshape(-1, len(SIDES))
        low = rows[place] * (1 - row_part) + rows[place + size] * row_part
        high = rows[place + 1] * (1 - row_part) + rows[place + size + 1] * row_part
        value = (low + (high - low) * column_part).transpose(0, 1, 3, 2)
        known = self.levels.known[target][panels][:, :, None] & self.levels.known[others][:, panels].transpose(1, 2, 0)
        return np.asarray(value * known[:, :, None, :] * self._usable[view][panels][:, :, :, None])

    def _best_gates(self, view: int, panels: np.ndarray, sd: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return (B,) the best smallest ratio met while adding gates greedily, and the best sum near it."""
        instance = self.instance
        claims = self._claims(view, panels, sd)
        batch, slots, _, contaminants = claims.shape
        flat = claims.reshape(batch, slots * 3, contaminants)
        below = np.tile(np.arange(3) == _BELOW, slots)
        step, cap, most = float(np.log10(1 - instance.eps)), instance.rho_cap, instance.most_rejection
        live = self._live[panels]  # (B, n) mandatory gates
        gates = live.sum(axis=1)
        gain = np.minimum((claims[:, :, _BELOW] * live[:, :, None]).sum(axis=1), most)
        gain_below = gain.copy()
        open_ = (self._usable[view][panels] & ~live[:, :, None]).reshape(batch, slots * 3)
        odds, capped, least_odds = _odds(claims), _odds(np.array(cap)), _odds(np.array(most))
        everyone = np.arange(batch)
        best_worst, best_total = np.full(batch, -np.inf), np.full(batch, -np.inf)
        rounds = min(instance.gate_cap, slots)
        for turn in range(rounds + 1):
            single = self._single[view] + gain + step * gates[:, None]
            doublet = self._doublet[view] + gain_below
            rho = np.minimum(np.minimum(single, doublet), cap)
            smallest, summed = rho.min(axis=1), rho.sum(axis=1)
            able = gates <= instance.gate_cap
            summed, smallest = np.where(able, summed, -np.inf), np.where(able, smallest, -np.inf)
            best_total = np.where(smallest > best_worst - 0.02, np.maximum(best_total, summed), best_total)
            best_worst = np.maximum(best_worst, smallest)
            if turn == rounds or not open_.any():
                break
            base = _odds(self._single[view] + step * (gates[:, None] + 1))
            after = np.maximum(odds * _odds(gain)[:, None, None], least_odds) * base[:, None, None]
            together = _odds(doublet)[:, None]
            for side in range(len(SIDES)):
                least = (
                    np.maximum(odds[:, :, side] * together, least_odds * _odds(self._doublet[view]))
                    if side == _BELOW
                    else together
                )
                np.maximum(after[:, :, side], least, out=after[:, :, side])
            merit = -np.maximum(after, capped).sum(axis=3).reshape(batch, -1)
            choice = np.argmax(np.where(open_, merit, -np.inf), axis=1)
            useful = open_[everyone, choice] & (gates < instance.gate_cap)
            picked = flat[everyone, choice] * useful[:, None]
            gain = np.minimum(gain + picked, most)
            gain_below = np.minimum(gain_below + picked * below[choice][:, None], most)
            gates = gates + useful
            open_ = open_ & (np.repeat(np.arange(slots), 3)[None, :] != (choice // 3)[:, None])
        return best_worst, best_total


def _odds(rho: FloatArray) -> FloatArray:
    """Return the weight of log ratios in the choice of gates, multiplicative in their sum."""
    return np.asarray(np.exp(-_SHARPNESS * np.log(10) * rho))
