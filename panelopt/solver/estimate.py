"""A fast estimate of the score, for many panels at once; guides the local search and proves nothing.

Claims are read off small tables over the noise of target and contaminant, one table for each pair of antigen levels;
gates are chosen greedily. Every panel that matters is judged again by the score itself.
"""

from __future__ import annotations

import numpy as np

from panelopt.bounds.noise import SubsetNoise
from panelopt.bounds.options import Options
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.optics.noise import DetectorNoise
from panelopt.optics.unmixing import compensation_variance, unmixing_variance
from panelopt.scoring.claims import SIDES, claimed_rejection, pass_probabilities, thresholds
from panelopt.scoring.light import light_variance, noise_of, rank_one_factor
from panelopt.scoring.score import base_doublet, base_single, usable_sides
from panelopt.scoring.tails import COARSE_NODES

_GRID = np.geomspace(3.0, 3e6, 25)  # noise in antibodies: four steps a decade
_LOG_STEP = float(np.log(_GRID[1] / _GRID[0]))
_BELOW = SIDES.index("below")
_SHARPNESS = 2.0  # how strongly the weakest pair counts when gates are chosen
_MARKS_PER_DECADE = 10  # levels of dumps are rounded, so that tables can be shared


class Estimator:
    """Estimates objective 1 and 2 of batches of panels.

    Args:
        instance: The question.
        options: All slots.
        noise: Levels of the options.
    """

    def __init__(self, instance: Instance, options: Options, noise: SubsetNoise) -> None:
        self.instance = instance
        self.options = options
        self.levels = noise.levels
        self._factor = rank_one_factor(instance, noise.targets)
        self._usable = np.stack([usable_sides(instance, view, options.slots) for view in instance.views])
        self._single = [base_single(instance, view) for view in instance.views]
        self._doublet = [base_doublet(instance, view) for view in instance.views]
        self._class, self._classes = self._level_classes()
        count = len(self._classes)
        self._table_of = np.full((count, count), -1)
        self._tables = np.zeros((0, 3, _GRID.size, _GRID.size))

    def _level_classes(self) -> tuple[np.ndarray, FloatArray]:
        """Return (P, O) class of each level, and (K, 2) median and CV of each class."""
        abc, cv = self.levels.abc, self.levels.cv
        dump = np.array([slot.is_dump for slot in self.options.slots], dtype=bool)
        rounded = 10 ** (np.round(np.log10(np.maximum(abc, 1e-3)) * _MARKS_PER_DECADE) / _MARKS_PER_DECADE)
        abc = np.where(dump & (abc > 0), rounded, abc)
        cv = np.where(dump, np.round(cv, 1), cv)
        flat = np.column_stack([abc.ravel(), cv.ravel()])
        classes, inverse = np.unique(flat, axis=0, return_inverse=True)
        return inverse.reshape(abc.shape), classes

    def estimate(self, panels: np.ndarray) -> tuple[FloatArray, FloatArray]:
        """Return (B,) estimates of `worst` and of `total`.

        Args:
            panels: (B, n) option indices.
        """
        sd, good = self._sd(panels)
        worst = np.full(len(panels), np.inf)
        total = np.zeros(len(panels))
        reached = [self._best_gates(view, panels, sd[:, view]) for view in range(len(self.instance.views))]
        for view_worst, _ in reached:
            worst = np.minimum(worst, view_worst)
        for _, view_total in reached:
            total += view_total
        return np.where(good, worst, -np.inf), np.where(good, total, -np.inf)

    def _sd(self, panels: np.ndarray) -> tuple[FloatArray, BoolArray]:
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
        own, foreign = self._class[target][panels], self._class[others][:, panels].transpose(1, 2, 0)
        table = self._tables_for(np.broadcast_to(own[:, :, None], foreign.shape), foreign)
        row, row_part = _position(sd[:, target])
        column, column_part = _position(sd[:, others].transpose(0, 2, 1))
        row, row_part = row[:, :, None], row_part[:, :, None, None]
        column_part = column_part[..., None]
        low = self._tables[table, :, row, column] * (1 - row_part) + self._tables[table, :, row + 1, column] * row_part
        high = (
            self._tables[table, :, row, column + 1] * (1 - row_part)
            + self._tables[table, :, row + 1, column + 1] * row_part
        )
        value = (low * (1 - column_part) + high * column_part).transpose(0, 1, 3, 2)
        known = self.levels.known[target][panels][:, :, None] & self.levels.known[others][:, panels].transpose(1, 2, 0)
        return np.asarray(value * known[:, :, None, :] * self._usable[view][panels][:, :, :, None])

    def _tables_for(self, own: np.ndarray, foreign: np.ndarray) -> np.ndarray:
        pairs = np.unique(np.stack([own.ravel(), foreign.ravel()], axis=1), axis=0)
        missing = pairs[self._table_of[pairs[:, 0], pairs[:, 1]] < 0]
        if len(missing):
            fresh = np.stack([self._table(self._classes[a], self._classes[b]) for a, b in missing])
            start = len(self._tables)
            self._tables = np.concatenate([self._tables, fresh])
            self._table_of[missing[:, 0], missing[:, 1]] = start + np.arange(len(missing))
        return np.asarray(self._table_of[own, foreign])

    def _table(self, own: FloatArray, foreign: FloatArray) -> FloatArray:
        """Return (3, G, G) claims by side, noise of the target and noise of the contaminant."""
        size = _GRID.size
        ones = np.ones(size)
        limits = thresholds(self.instance.eps, own[0] * ones, own[1] * ones, _GRID, COARSE_NODES)
        square = np.ones((size, size))
        claimed, _ = pass_probabilities(
            np.broadcast_to(limits[:, :, None], (4, size, size)),
            foreign[0] * square,
            foreign[1] * square,
            np.broadcast_to(_GRID[None, :], (size, size)),
            COARSE_NODES,
        )
        return claimed_rejection(claimed, self.instance.leak)

    def _best_gates(self, view: int, panels: np.ndarray, sd: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return (B,) the best smallest ratio met while adding gates greedily, and the best sum near it."""
        instance = self.instance
        claims = self._claims(view, panels, sd)
        batch, slots, _, contaminants = claims.shape
        flat = claims.reshape(batch, slots * 3, contaminants)
        below = np.tile(np.arange(3) == _BELOW, slots)
        step, cap = float(np.log10(1 - instance.eps)), instance.rho_cap
        single = np.broadcast_to(self._single[view], (batch, contaminants)).copy()
        doublet = np.broadcast_to(self._doublet[view], (batch, contaminants)).copy()
        open_ = self._usable[view][panels].reshape(batch, slots * 3)
        everyone = np.arange(batch)
        best_worst, best_total = np.full(batch, -np.inf), np.full(batch, -np.inf)
        for gate in range(min(instance.gate_limit, slots) + 1):
            rho = np.minimum(np.minimum(single, doublet), cap)
            smallest, summed = rho.min(axis=1), rho.sum(axis=1)
            best_total = np.where(smallest > best_worst - 0.02, np.maximum(best_total, summed), best_total)
            best_worst = np.maximum(best_worst, smallest)
            if gate == min(instance.gate_limit, slots):
                break
            after = np.minimum(single[:, None] + flat + step, doublet[:, None] + flat * below[None, :, None])
            merit = -np.exp(-_SHARPNESS * np.log(10) * np.minimum(after, cap)).sum(axis=2)
            choice = np.argmax(np.where(open_, merit, -np.inf), axis=1)
            useful = open_[everyone, choice]
            picked = flat[everyone, choice] * useful[:, None]
            single = single + picked + step * useful[:, None]
            doublet = doublet + picked * below[choice][:, None]
            open_ = open_ & (np.repeat(np.arange(slots), 3)[None, :] != (choice // 3)[:, None])
        return best_worst, best_total


def _position(sd: FloatArray) -> tuple[np.ndarray, FloatArray]:
    """Return the lower grid index of a noise and the share of the way to the next."""
    place = np.clip(np.log(np.maximum(sd, _GRID[0]) / _GRID[0]) / _LOG_STEP, 0, _GRID.size - 1.001)
    index = place.astype(int)
    return index, place - index
