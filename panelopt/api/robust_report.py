"""From scores in scenarios to the records of a robust answer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from panelopt.api.assemble import Assembler
from panelopt.domain.result import SolveStatus
from panelopt.domain.robust import Distribution, Interval, RobustCandidate, WorstCase
from panelopt.instance.arrays import FloatArray
from panelopt.scenarios import ScenarioScores
from panelopt.scenarios.blocks import Panel
from panelopt.scoring import PanelScore
from panelopt.solver.robust_search import share_value
from panelopt.solver.worst_case import WorstCaseOutcome

QUANTILES = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0)
RESAMPLES = 400


class RobustReporter:
    """Builds the records of one answer.

    Args:
        assembler: Builds the result of each panel.
        share: Share of the scenarios in which a score must hold.
        seed: Seed of the bootstrap intervals.
    """

    def __init__(self, assembler: Assembler, share: float, seed: int) -> None:
        self.assembler = assembler
        self.share = share
        self.seed = seed

    def candidates(
        self, scores: Sequence[PanelScore], found: Sequence[ScenarioScores], nominal: Panel
    ) -> tuple[RobustCandidate, ...]:
        """Return the candidates, the chosen one first.

        Args:
            scores: Each candidate where all is as the problem says.
            found: Each candidate in the scenarios.
            nominal: The candidate that is the nominal optimum.
        """
        best = np.max([one.worst for one in found], axis=0)
        return tuple(
            self._candidate(number, score, one, best, is_nominal=score.slots == nominal)
            for number, (score, one) in enumerate(zip(scores, found, strict=True))
        )

    def _candidate(
        self, number: int, score: PanelScore, found: ScenarioScores, best: FloatArray, *, is_nominal: bool
    ) -> RobustCandidate:
        goal = self.assembler.instance.purity_goal
        return RobustCandidate(
            name="chosen" if number == 0 else ("nominal" if is_nominal else f"candidate {number + 1}"),
            is_nominal=is_nominal,
            result=self.assembler.result(SolveStatus.FEASIBLE, score, sampled=False),
            worst_log_ratio=self.distribution(found.worst),
            sum_log_ratio=self.distribution(found.total),
            regret=self.distribution(difference(best, found.worst), small=True),
            usable=float(np.isfinite(found.worst).mean()),
            reaches_goal=float(found.meets(goal).mean()),
            values=tuple(_number(value) for value in found.worst),
        )

    def gain(self, found: Sequence[ScenarioScores], nominal: int) -> Distribution:
        """Return by how much the first candidate has more of objective 1 than the nominal optimum."""
        return self.distribution(difference(found[0].worst, found[nominal].worst))

    def distribution(self, values: FloatArray, *, small: bool = False) -> Distribution:
        """Return quantiles, and what holds in the share of the scenarios; with ``small``, what is not exceeded."""
        sign = -1.0 if small else 1.0
        random = np.random.default_rng([self.seed, 3])
        again = [
            sign * share_value(sign * values[random.integers(0, len(values), len(values))], self.share)
            for _ in range(RESAMPLES)
        ]
        low, high = np.quantile(again, [0.025, 0.975], method="inverted_cdf")
        found = np.quantile(values, QUANTILES, method="inverted_cdf")
        return Distribution(
            quantiles={f"{q:g}": _number(value) for q, value in zip(QUANTILES, found, strict=True)},
            holds=_number(sign * share_value(sign * values, self.share)),
            holds_interval=Interval(low=_number(low), high=_number(high)),
        )


def difference(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return one minus the other; 0 where both are minus infinity."""
    with np.errstate(invalid="ignore"):
        return np.where(one == other, 0.0, one - other)


def worst_case_record(outcome: WorstCaseOutcome, scenarios: int, nominal: FloatArray) -> WorstCase:
    """Return the record of a search over a finite set, with what the nominal optimum has in each scenario."""
    best, bound = outcome.best, outcome.bound
    return WorstCase(
        scenarios=scenarios,
        status=outcome.status,
        best=best,
        bound=bound,
        gap=None if best is None or bound is None else max(bound - best, 0.0),
        scenario=outcome.scenario,
        active=outcome.active,
        iterations=outcome.iterations,
        nominal=_number(float(nominal.min())),
        wall_s=outcome.wall_s,
    )


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
