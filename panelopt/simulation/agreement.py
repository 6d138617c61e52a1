"""Compares purity and yield predicted by the score with simulated cells.

The differences are separated in steps:

    model       the score's own model: log-normal antibodies, normal noise with the mean variance of the population,
                autofluorescence difference from the target as spread; each gate on its own
    separate    cells with their own light, photoelectron noise and true autofluorescence; each gate on its own
    joint       the same, all gates on the same cell
    doublets    the same, but the light of a target-contaminant doublet is the sum of two cells
    pairs       the same, and doublets of two contaminants too, which the score ignores

In every step, a gate passes at least the share ``leak`` of a contaminant, and all gates of a tube together at least
``leak_total``, as in the score. Equal numbers of cells per population are drawn and weighted by frequency, so that rare
populations are well sampled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt

from panelopt.instance.arrays import BoolArray, Instance
from panelopt.scoring import PanelScore, ViewScore
from panelopt.scoring.claims import SIDES
from panelopt.simulation.tally import Tally
from panelopt.simulation.trial import Trial, Unmixing

Passing = Callable[[Tally, BoolArray, float, float], tuple[float, float]]
"""Share of cells that pass some gates, given the leak per gate and in total, with its standard error."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Measured content of the tube of a target.

    Attributes:
        gate_yield: Share of the target's single cells that pass the gates.
        purity: Share of the target in the tube.
        error: Standard error of the purity.
    """

    gate_yield: float
    purity: float
    error: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Prediction and measurements for one target; see the module docstring."""

    target: str
    predicted_yield: float
    predicted_purity: float
    model: Measured
    separate: Measured
    joint: Measured
    doublets: Measured | None
    pairs: Measured | None


def agreement(
    instance: Instance,
    score: PanelScore,
    count: int,
    seed: int,
    *,
    pairs: int = 0,
    correlation: npt.ArrayLike | None = None,
    skewed: bool = False,
    unmixing: Unmixing = "own",
) -> tuple[Agreement, ...]:
    """Simulate cells of every population, and compare what passes the gates of a panel with the prediction.

    Args:
        instance: The question, with populations.
        score: The scored panel.
        count: Cells per population.
        seed: Random seed.
        pairs: Doublets per pair of populations; 0 skips those steps.
        correlation: (S, S) correlation of the logarithms of the antigen levels of the slots; default: none, as in the
            score.
        skewed: Draw autofluorescence from a log-normal distribution instead of the score's normal one.
        unmixing: Weights of least squares on a spectral cytometer; see :data:`~panelopt.simulation.trial.Unmixing`.

    Returns:
        One comparison per target.
    """
    trial = Trial.of(instance, score, seed, correlation=correlation, skewed=skewed, unmixing=unmixing)
    kinds = sorted({p for view in score.views for p in (view.view.target, *view.view.contaminants)})
    normals = {p: trial.normals(p, count) for p in kinds}
    singles = {p: trial.singles(p, count) for p in kinds}
    stuck = combinations_with_replacement(kinds, 2) if pairs else ()
    doublets = {pair: trial.doublets(*pair, pairs) for pair in stuck}
    return tuple(
        _compared(
            _SimulatedTube(instance, score, view),
            {p: found[number] for p, found in normals.items()},
            {p: found[number] for p, found in singles.items()},
            {pair: found[number] for pair, found in doublets.items()},
        )
        for number, view in enumerate(score.views)
    )


def _compared(
    tube: _SimulatedTube,
    normals: Mapping[int, Tally],
    singles: Mapping[int, Tally],
    doublets: Mapping[tuple[int, int], Tally],
) -> Agreement:
    return Agreement(
        target=tube.instance.population[tube.view.view.target],
        predicted_yield=tube.view.gate_yield,
        predicted_purity=tube.view.purity,
        model=tube.measured(normals, Tally.separate),
        separate=tube.measured(singles, Tally.separate),
        joint=tube.measured(singles, Tally.joint),
        doublets=tube.measured(singles, Tally.joint, tube.with_target(doublets)) if doublets else None,
        pairs=tube.measured(singles, Tally.joint, doublets) if doublets else None,
    )


@dataclass(frozen=True, slots=True)
class _SimulatedTube:
    """One target, and the simulated cells that end up in its tube."""

    instance: Instance
    score: PanelScore
    view: ViewScore

    def measured(
        self,
        singles: Mapping[int, Tally],
        passing: Passing,
        doublets: Mapping[tuple[int, int], Tally] | None = None,
    ) -> Measured:
        target, others = self.view.view.target, self.view.view.contaminants
        phi, leaks = self.instance.phi, (self.instance.leak, self.instance.leak_total)
        gate_yield, _ = passing(singles[target], np.ones(len(self.view.gates), dtype=bool), 0.0, 0.0)
        parts = [(phi[c], *passing(singles[c], self._known(c), *leaks)) for c in others]
        if doublets is None:  # as in the score: the target passes its positive gates, the contaminant the others
            delta = 2 * self.instance.delta * phi[target] * gate_yield
            parts += [(delta * phi[c], *passing(singles[c], self._known(c) & self._below, *leaks)) for c in others]
        else:
            parts += [self._pair(*pair, tally, passing) for pair, tally in doublets.items() if set(pair) != {target}]
        wanted = phi[target] * gate_yield
        unwanted = sum(weight * share for weight, share, _ in parts) / wanted
        error = np.sqrt(sum((weight * error) ** 2 for weight, _, error in parts)) / wanted
        purity = 1 / (1 + unwanted)
        return Measured(gate_yield, float(purity), float(error * purity**2))

    def with_target(self, doublets: Mapping[tuple[int, int], Tally]) -> dict[tuple[int, int], Tally]:
        """Return the doublets with a target cell."""
        return {pair: tally for pair, tally in doublets.items() if self.view.view.target in pair}

    @property
    def _below(self) -> BoolArray:
        return np.array([SIDES[side] == "below" for _, side in self.view.gates], dtype=bool)

    def _known(self, population: int) -> BoolArray:
        """(G,) gates whose markers have known levels in target and population; all cells pass the others."""
        known = self.score.light.levels.known
        target = self.view.view.target
        return np.array([known[population, slot] & known[target, slot] for slot, _ in self.view.gates], dtype=bool)

    def _pair(self, one: int, other: int, tally: Tally, passing: Passing) -> tuple[float, float, float]:
        ways = 1 if one == other else 2
        weight = ways * self.instance.delta * self.instance.phi[one] * self.instance.phi[other]
        known = self._known(one) & self._known(other)
        return (float(weight), *passing(tally, known, self.instance.leak, self.instance.leak_total))
