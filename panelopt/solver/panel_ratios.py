"""What a panel must reach, judged for many panels at once by the most that their gates can claim."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.scoring import PanelScore
from panelopt.scoring.claims import SIDES
from panelopt.scoring.practicality import ROUNDING
from panelopt.scoring.view_claims import base_doublet, base_single

BELOW = SIDES.index("below")


@dataclass(frozen=True, slots=True)
class Gains:
    """Most that gates can claim against each contaminant, views side by side; each contaminant at its own best gates.

    Attributes:
        all: (N, Q) by gates of any kind.
        below: (N, Q) by gates of kind below.
    """

    all: FloatArray
    below: FloatArray

    @classmethod
    def of_claims(cls, bounds: Sequence[FloatArray]) -> Gains:
        """Return the gains of N slots, of which bounds on claims (N, 3, C) are known for each view."""
        return cls(
            np.concatenate([bound.max(axis=1) for bound in bounds], axis=1),
            np.concatenate([bound[:, BELOW] for bound in bounds], axis=1),
        )

    def take(self, rows: np.ndarray | slice) -> Gains:
        """Return some rows."""
        return Gains(self.all[rows], self.below[rows])

    def plus(self, other: Gains) -> Gains:
        """Return the sums; one row is added to all."""
        return Gains(self.all + other.all, self.below + other.below)

    def side_by_side(self) -> FloatArray:
        """Return (N, 2 Q) both kinds of gains in one array."""
        return np.concatenate([self.all, self.below], axis=1)

    def nothing(self, rows: int) -> Gains:
        """Return rows without any gain."""
        empty = np.zeros((rows, self.all.shape[1]))
        return Gains(empty, empty)

    def best(self, rows: np.ndarray) -> Gains:
        """Return (1, Q) the most that one of some rows gains."""
        return Gains(self.all[rows].max(axis=0, initial=0.0)[None], self.below[rows].max(axis=0, initial=0.0)[None])

    def weighted(self, weights: np.ndarray) -> Gains:
        """Return the sums of rows, (M, N) times each."""
        return Gains(weights.astype(float) @ self.all, weights.astype(float) @ self.below)

    def tops(self, each: Sequence[Gains]) -> Gains:
        """Return (M, Q) the most that none, one, two.. of some rows gain together."""
        rows = Gains.joined([self.nothing(1), *each])
        largest = Gains(-np.sort(-rows.all, axis=0), -np.sort(-rows.below, axis=0))
        sums = Gains(largest.all.cumsum(axis=0), largest.below.cumsum(axis=0)).take(slice(0, len(each)))
        return Gains.joined([self.nothing(1), sums])

    @staticmethod
    def sum(parts: Sequence[Gains]) -> Gains:
        """Return the sums of rows."""
        return Gains(np.sum([part.all for part in parts], axis=0), np.sum([part.below for part in parts], axis=0))

    @staticmethod
    def joined(parts: Sequence[Gains]) -> Gains:
        """Return the rows of all parts."""
        return Gains(np.concatenate([part.all for part in parts]), np.concatenate([part.below for part in parts]))


class LeastRatios:
    """What a panel must reach.

    Args:
        instance: The question.
        worst: Least log ratio of every pair.
        total: Least sum of the log ratios.
        given_up: How much of the worst ratio the reported gates may give up; others, perhaps fewer, must reach it.
        leaks: (T,) most contaminants per target cell of each tube by its reported gates; None = any. These gates need
            not be the ones with the best worst ratio.
    """

    def __init__(
        self,
        instance: Instance,
        worst: float,
        total: float = -np.inf,
        given_up: float = 0.0,
        leaks: FloatArray | None = None,
    ) -> None:
        self._most = instance.most_rejection
        self._cap = instance.rho_cap
        self._single = np.concatenate([base_single(instance, view) for view in instance.views])
        self._doublet = np.concatenate([base_doublet(instance, view) for view in instance.views])
        self._step = float(np.log10(1 - instance.eps))
        self._tube = np.repeat(np.arange(len(instance.views)), [len(view.contaminants) for view in instance.views])
        self._starts = np.cumsum([0, *(len(view.contaminants) for view in instance.views[:-1])])
        self._worst = min(worst - ROUNDING, self._cap)
        self._reported = self._worst - given_up if leaks is None else -np.inf
        self._total = total - ROUNDING
        self._leaks = leaks

    @classmethod
    def as_good(cls, instance: Instance, best: PanelScore, slack: float) -> LeastRatios:
        """Return what every panel as good as the best one reaches (:func:`panelopt.scoring.practicality.as_good`).

        Args:
            instance: The question.
            best: The panel to compare with.
            slack: How much worse a panel may be, log10.
        """
        leaks = np.array([10.0 ** (slack + ROUNDING - view.odds_at_least) for view in best.views])
        return cls(instance, best.worst - slack, leaks=leaks)

    def reached(self, gains: Gains, gates: np.ndarray | int = 0) -> BoolArray:
        """Return (N,) whether panels may reach everything.

        Args:
            gains: What their gates gain.
            gates: (N, T) fewest gates of each tube.
        """
        single, doublet = self._terms(gains, gates)
        rho = np.minimum(np.minimum(single, doublet), self._cap)
        enough = (rho.sum(axis=1) >= self._total) & (rho >= self._reported).all(axis=1)
        if self._leaks is not None:
            enough &= self._purity_reached(single, doublet).all(axis=1)
        if self._reported < self._worst:
            enough &= (np.minimum(*self._terms(gains, 0)) >= self._worst).all(axis=1)
        return np.asarray(enough)

    def reached_by_gates(self, slots: Sequence[Gains]) -> BoolArray:
        """Return (N,) whether panels may reach the ratios once every gate is charged; tighter than :meth:`reached`.

        A tube with k gates of n slots has none on n - k others. It reaches no more than without any one of them alone,
        so no more than the (n - k)-th largest of these values.

        Args:
            slots: What each of the n slots of the panels gains.
        """
        rest = [Gains.sum([*slots[:s], *slots[s + 1 :]]) for s in range(len(slots))] if len(slots) > 1 else []
        rest = rest or [slots[0].nothing(len(slots[0].all))]
        most = [self._of_tubes(Gains.sum(slots), len(slots))]
        for gates in range(len(slots)):
            without = np.sort([self._of_tubes(gains, gates) for gains in rest], axis=0)  # (n, 2, N, T)
            most.append(without[gates])
        worst, total = np.max(most, axis=0)
        return np.asarray((worst >= self._worst).all(axis=1) & (total.sum(axis=1) >= self._total))

    def _of_tubes(self, gains: Gains, gates: int) -> FloatArray:
        """Return (2, N, T) the worst ratio and the sum of each tube with some number of gates."""
        rho = np.minimum(np.minimum(*self._terms(gains, gates)), self._cap)
        return np.stack([of_tube.reduceat(rho, self._starts, axis=1) for of_tube in (np.minimum, np.add)])

    def gains_needed(self, most: Gains) -> Gains:
        """Return (1, Q) the gains that each comparison needs for itself.

        Args:
            most: (1, Q) gains that no panel exceeds: a sum asks of each comparison what all others leave.
        """
        highest = np.minimum(np.minimum(*self._terms(most, 0)), self._cap)[0]
        least = np.maximum(self._worst, self._total - (highest.sum() - highest))
        if self._leaks is not None:
            least = np.maximum(least, -np.log10(self._leaks)[self._tube])
        return Gains((least - self._single)[None], (least - self._doublet)[None])

    def tubes(self, gains: Gains, gates: np.ndarray | int = 0) -> BoolArray:
        """Return (N, T) whether the gates of each tube may reach what is asked of them; arguments as above."""
        single, doublet = self._terms(gains, gates)
        if self._leaks is not None:
            return self._purity_reached(single, doublet)
        return np.logical_and.reduceat(np.minimum(single, doublet) >= self._reported, self._starts, axis=1)

    def _terms(self, gains: Gains, gates: np.ndarray | int) -> tuple[FloatArray, FloatArray]:
        cost = self._step * gates[:, self._tube] if isinstance(gates, np.ndarray) else self._step * gates
        single = self._single + np.minimum(gains.all, self._most) + cost
        return single, self._doublet + np.minimum(gains.below, self._most)

    def _purity_reached(self, single: FloatArray, doublet: FloatArray) -> BoolArray:
        leaks = np.add.reduceat(10.0**-single + 10.0**-doublet, self._starts, axis=1)
        return np.asarray(leaks <= self._leaks)
