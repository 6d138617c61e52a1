"""Least noise of a slot on a conventional cytometer, whichever of a set of options join it.

Bounds that leave unused detectors free are weak where autofluorescence is bright: a free detector cancels it at no
cost. In a real panel a detector helps only through the dye read on it, by as much as that dye leaks.

Let ``w`` be the row of the compensation matrix that gives slot ``j``: one weight for each detector of the panel, with
``w M_j = 1`` and ``w M_i = 0`` for every other dye ``i``, so that a dye on detector ``d`` that is not named fixes its
weight by its leaks ``r`` into the other detectors,

    w_d = - sum over d' != d of w_d' r_d',      r_d' = M_d'i / M_di.

The variance ``sum w_d^2 var_d + c (w AF)^2`` is smallest, over all such panels, not below the minimum of a convex
quadratic function: with ``w = p - n`` (one of them zero) and the largest leaks ``R`` of the dyes that may be on ``d``,

    n_d <= sum R_d' p_d',      p_d <= sum R_d' n_d',      p, n >= 0,

and equations for the slots that are named. A detector that a dye outshines stays unused beside it, so the leak into
that one does not count. A detector that is read also sees the light of its own dye, and the detector of ``j`` sees what
leaks into it from there: of ``n_d = a_d + b_d`` the part ``a_d <= R p_j``, which comes from ``j``, costs at least
``F a_d^2 min(m / r)`` more, with ``m`` the light of the dye on its own detector.

The minimum is found in its dual form, a non-negative least-squares problem (Lawson & Hanson 1974,
doi:10.1137/1.9781611971217); every feasible point of the dual is a valid bound, so the accuracy of that solver affects
only its tightness.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.exclusions import outshone_detectors
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.frozen import dataclass
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.optics.noise import MIN_VARIANCE_PE2, detector_variance
from panelopt.scoring.light import noise_of, rank_one_factor

SAFETY = 1e-7
"""Relative margin for rounding errors of the dual value."""

DIM = 1e-6
"""Extra cost of leaking light, relative to the detector noise, below which it is ignored."""


Part = Sequence[Sequence[int]]
"""Groups of options on one dye and detector, of each of which a panel holds one; the slot in question first."""


@dataclass(frozen=True, slots=True)
class LeastNoise:
    """A lower bound on the variance of a slot.

    Attributes:
        variance: Antibodies squared.
        helps: (D,) autofluorescence that dyes on each detector cancel at the minimum, pe at unit weight.
        weight: (D,) the weights at the minimum, relative to that of the slot's own detector.
    """

    variance: float
    helps: FloatArray
    weight: FloatArray


class CompensationBound:
    """Lower bounds on the variance of slots in panels that contain given parts.

    Args:
        instance: The question, on a conventional cytometer.
        options: All slots.
        noise: Levels of the options.
    """

    def __init__(self, instance: Instance, options: CandidateSlots, noise: SubsetNoise) -> None:
        self.instance = instance
        self.options = options
        self._mean, self._spread = noise.levels.mean, noise.levels.variance
        self._signal = instance.signal[:, options.dye]  # (D, O)
        self._factor = rank_one_factor(instance, noise.targets)
        own = self._signal[options.detector, np.arange(len(options.slots))]
        self._outshone = outshone_detectors(instance, options)
        # (D, O) leaks; a detector that an option outshines is unused beside it and has no weight
        self.ratio = np.where(self._outshone.T, 0.0, self._signal / own)
        self._light = self._mean * own  # (P, O) light of each option on its own detector, pe
        excess, proportional = instance.excess[options.detector], instance.proportional[options.detector]
        # variance that an option adds on its own detector, without a positive mixed term
        self._added = excess * self._light + proportional**2 * (self._light**2 + self._spread * own**2)
        self._base = instance.background + instance.autofluorescence_factor[:, None] * instance.autofluorescence
        stains = np.zeros((len(options.slots), len(instance.marker)), dtype=bool)
        for o, slot in enumerate(options.slots):
            stains[o, list(slot.markers)] = True
        self._stains = stains
        self._excluded: dict[int, BoolArray] = {}
        self._order = np.argsort(options.detector, kind="stable")
        self._read, self._first_on = np.unique(options.detector[self._order], return_index=True)

    def joinable(self, part: Part) -> BoolArray:
        """Return (O,) the options that can join a part, whichever of its options are used."""
        taken = np.any([self._excluded_by(group[0]) for group in part], axis=0)
        # a marker is certain to be taken only if every option of a group stains it
        stained = np.any([self._stains[list(group)].all(axis=0) for group in part], axis=0)
        return np.asarray(~taken & ~self._stains[:, stained].any(axis=1))

    def _excluded_by(self, option: int) -> BoolArray:
        """Return (O,) the options that dye and detector of an option exclude."""
        if option not in self._excluded:
            options = self.options
            dye, detector = options.dye[option], options.detector[option]
            excluded = (options.dye == dye) | (options.detector == detector)
            excluded |= self._outshone[:, detector] | self._outshone[option][options.detector]
            self._excluded[option] = excluded
        return self._excluded[option]

    def alike(self, option: int, *, any_marker: bool) -> tuple[int, ...]:
        """Return the options on the same dye and detector: all, or those at least as bright in every population."""
        options = self.options
        same = (options.dye == options.dye[option]) & (options.detector == options.detector[option])
        if not any_marker:
            same &= (self._mean >= self._mean[:, [option]]).all(axis=0)
            same &= (self._spread >= self._spread[:, [option]]).all(axis=0)
        return tuple(int(o) for o in np.flatnonzero(same))

    def _part_variance(self, part: Part, populations: Sequence[int]) -> FloatArray:
        """Return (P, D) noise of every detector with the light of a part alone, pe^2."""
        rows = np.array(populations)[:, None]
        mean = np.stack([self._mean[rows, list(group)].min(axis=1) for group in part])
        spread = np.stack([self._spread[rows, list(group)].min(axis=1) for group in part])
        signal = self._signal[:, [group[0] for group in part]]
        light = self._base[populations] + (signal @ mean).T
        return np.asarray(detector_variance(light, (signal**2 @ spread).T, noise_of(self.instance)))

    def least(self, part: Part, allowed: BoolArray, view: int, populations: Sequence[int]) -> list[LeastNoise]:
        """Return lower bounds on the variance of the first slot of a part, one per population.

        They hold for every panel with one option of each group of ``part`` and otherwise only options of ``allowed``,
        which must be joinable.
        """
        joined = self._joined(allowed, populations, int(self.options.detector[part[0][0]]))
        free = np.flatnonzero(joined.leak.any(axis=1))
        alone = self._part_variance(part, populations)
        return [
            self._least(part, joined, free, alone[place], float(self._factor[view, population]), place)
            for place, population in enumerate(populations)
        ]

    def _least(
        self, part: Part, joined: _Joined, free: np.ndarray, alone: FloatArray, factor: float, place: int
    ) -> LeastNoise:
        chosen = [group[0] for group in part]
        named = self.options.detector[chosen]
        active = np.concatenate([named, free])
        added, spill = joined.added[place], joined.spill[place]
        floored = alone <= MIN_VARIANCE_PE2
        variance = np.where(floored, np.maximum(alone, added), alone + added)[active]
        unit = self._signal[named[0], chosen[0]]
        problem = _Dual(
            columns=self._signal[active][:, chosen] / unit,
            leak=joined.leak[free][:, active],
            variance=variance,
            spill=np.zeros(free.size) if floored[named[0]] else spill[free] * self.instance.excess[named[0]],
            factor=factor,
            own=self.instance.autofluorescence[active],
        )
        value, helps, weight = problem.solve()
        everywhere = np.zeros((2, len(self.instance.detector)))
        everywhere[0, free] = helps
        everywhere[1, active] = weight
        return LeastNoise(value / unit**2 * (1 - SAFETY), everywhere[0], everywhere[1])

    def _joined(self, allowed: BoolArray, populations: Sequence[int], first: int) -> _Joined:
        """Return what options add on every detector; ``first`` is the one that they leak into."""
        into = self.ratio[first]
        light = self._light[populations]
        spill = np.divide(light, into, out=np.full_like(light, np.inf), where=(into > 0) & allowed)
        leak = self._on_each(np.maximum, self.ratio * allowed).T.copy()
        np.fill_diagonal(leak, 0.0)
        added = self._on_each(np.minimum, np.where(allowed, self._added[populations], np.inf))
        spill = self._on_each(np.minimum, spill)
        return _Joined(leak, np.where(np.isfinite(added), added, 0.0), np.where(np.isfinite(spill), spill, 0.0))

    def _on_each(self, extreme: np.ufunc, values: FloatArray) -> FloatArray:
        """Return (N, D) extremes of (N, O) values over the options on each detector; 0 without options."""
        found = np.zeros((len(values), len(self.instance.detector)))
        found[:, self._read] = extreme.reduceat(values[:, self._order], self._first_on, axis=1)
        return found


@dataclass(frozen=True, slots=True)
class _Joined:
    """What options that may join add on every detector; 0 without options.

    Attributes:
        leak: (D, D) largest leaks of the options on each detector into the others.
        added: (P, D) least variance on it, by population in question, pe^2.
        spill: (P, D) least light on it per light leaking into the slot's detector, pe.
    """

    leak: FloatArray
    added: FloatArray
    spill: FloatArray


@dataclass(frozen=True, slots=True)
class _Dual:
    """The quadratic problem of one slot and population; detectors of named slots first, that of the slot in front.

    Attributes:
        columns: (K, N) signal of the named dyes, 1 for the slot in its own detector.
        leak: (F, K) largest leaks of what may be on the free detectors.
        variance: (K,) noise, pe^2.
        spill: (F,) extra noise for what leaks from the free detectors into that of the slot, pe^2.
        factor: Factor of the autofluorescence term.
        own: (K,) autofluorescence, pe.
    """

    columns: FloatArray
    leak: FloatArray
    variance: FloatArray
    spill: FloatArray
    factor: float
    own: FloatArray

    def solve(self) -> tuple[float, FloatArray, FloatArray]:
        """Return the value (pe^2 at unit signal), (F,) help of each free detector, and (K,) weights."""
        count, named = self.columns.shape
        costly = np.flatnonzero(self.spill > DIM * self.variance[named:])
        size = 2 * count + costly.size
        diagonal = np.concatenate([self.variance, self.variance, self.spill[costly]])
        whiten = 1.0 / np.sqrt(diagonal)
        direction = np.zeros(size)
        direction[:count], direction[count : 2 * count] = self.own, -self.own
        direction *= whiten
        every = np.zeros((size, named + 2 * (count - named) + costly.size + size))
        every[:count, :named], every[count : 2 * count, :named] = self.columns, -self.columns
        self._fill_inequalities(every[:, named:-size], costly)
        np.fill_diagonal(every[:, -size:], 1.0)
        every *= whiten[:, None]
        every = self._spread(every, direction)
        if named > 1:
            basis = np.linalg.qr(every[:, 1:named])[0]
            every = np.hstack([every[:, :1], every[:, named:]])
            every -= basis @ (basis.T @ every)
        rest = every[:, 0] + every[:, 1:] @ _non_negative(every[:, 1:], -every[:, 0])
        information = float(rest @ rest)
        value = 1.0 / information if information > 0 else np.inf
        best = self._minimum(rest, whiten, direction, value)
        weight = best[:count] - best[count : 2 * count]
        return value, np.abs(weight[named:]) * self.own[named:], weight

    def _fill_inequalities(self, inequalities: FloatArray, costly: np.ndarray) -> None:
        """Write the (size, 2 F + costly) inequalities into zeros.

        Largest negative weights, largest positive weights, and shares of the former that come from the slot itself.
        """
        count, named = self.columns.shape
        free = count - named
        places, extra = np.arange(free), np.arange(costly.size)
        inequalities[:count, :free] = self.leak.T
        inequalities[count + named + places, places] = -1.0
        inequalities[count : 2 * count, free : 2 * free] = self.leak.T
        inequalities[named + places, free + places] = -1.0
        inequalities[0, costly] = 0.0
        inequalities[2 * count + extra, costly] = 1.0
        inequalities[0, 2 * free + extra] = self.leak[costly, 0]
        inequalities[2 * count + extra, 2 * free + extra] = -1.0

    def _minimum(self, rest: FloatArray, whiten: FloatArray, direction: FloatArray, value: float) -> FloatArray:
        """Return the variables at the minimum: positive parts, negative parts, and shares of the latter."""
        return self._spread(rest, direction) * whiten * (value if np.isfinite(value) else 0.0)

    def _spread(self, vectors: FloatArray, direction: FloatArray) -> FloatArray:
        """Apply the symmetric root of the inverse noise matrix, in units of its diagonal part."""
        length = float(direction @ direction)
        if self.factor == 0 or length == 0:
            return vectors
        shrink = (1 - 1 / np.sqrt(1 + self.factor * length)) / length
        along = direction @ vectors
        return np.asarray(vectors - shrink * np.multiply.outer(direction, along))


def _non_negative(matrix: FloatArray, aim: FloatArray) -> FloatArray:
    """Return non-negative multipliers; zeros, also valid, if the solver does not converge."""
    from scipy.optimize import nnls  # its import takes as long as a small search, and most searches do not need it

    try:
        return np.asarray(nnls(matrix, aim)[0])
    except RuntimeError:
        return np.zeros(matrix.shape[1])
