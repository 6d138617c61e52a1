"""From scores in scenarios to the records of a robust result."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from panelopt.answers.result_records import Assembler
from panelopt.domain.result import SolveStatus
from panelopt.domain.robust_result import Distribution, Interval, RobustCandidate, WorstCase
from panelopt.instance.arrays import FloatArray
from panelopt.scenarios import ScenarioScores, share_value
from panelopt.scenarios.scenario_blocks import Panel
from panelopt.scoring import PanelScore
from panelopt.solver.robust.worst_case import WorstCaseOutcome

QUANTILES = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0)
RESAMPLES = 400


class RobustReporter:
    """Builds the records of one result.

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
        self, scores: Sequence[PanelScore], found: Sequence[ScenarioScores], nominal: Panel, best: Panel
    ) -> tuple[RobustCandidate, ...]:
        """Return the candidates, the chosen one first.

        Args:
            scores: Each candidate where all is as the problem says.
            found: Each candidate in the scenarios.
            nominal: The candidate that `design` chooses.
            best: The candidate that holds most in the scenarios of the choice.
        """
        highest = np.max([one.worst for one in found], axis=0)
        return tuple(
            self._candidate(number, score, one, highest, nominal, best)
            for number, (score, one) in enumerate(zip(scores, found, strict=True))
        )

    def _candidate(
        self, number: int, score: PanelScore, found: ScenarioScores, highest: FloatArray, nominal: Panel, best: Panel
    ) -> RobustCandidate:
        is_nominal, is_best = score.slots == nominal, score.slots == best
        name = "best" if is_best else "nominal" if is_nominal else f"candidate {number + 1}"
        return RobustCandidate(
            name=name if number else "chosen",
            is_nominal=is_nominal,
            is_best=is_best,
            result=self.assembler.result(SolveStatus.FEASIBLE, score, sampled=False),
            worst_log_ratio=self.distribution(found.worst),
            sum_log_ratio=self.distribution(found.total),
            regret=self.distribution(difference(highest, found.worst), small=True),
            usable=float(np.isfinite(found.worst).mean()),
            reaches_goal=float(found.meets(self.assembler.instance.purity_goal).mean()),
            values=tuple(_number(value) for value in found.worst),
        )

    def gain(self, found: Sequence[ScenarioScores], nominal: int) -> Distribution:
        """Return how much more of objective 1 the first candidate has than the nominal panel."""
        return self.distribution(difference(found[0].worst, found[nominal].worst))

    def distribution(self, values: FloatArray, *, small: bool = False) -> Distribution:
        """Return quantiles and the value that holds in the required share; with ``small``, that not exceeded."""
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


def worst_case_record(outcome: WorstCaseOutcome, scenarios: int, nominal: float, chosen: float) -> WorstCase:
    """Return the record of a search over a finite set.

    Args:
        outcome: What the search found.
        scenarios: Size of the set.
        nominal: Objective 1 of the nominal panel in its worst scenario; minus infinity where it cannot be used.
        chosen: That of the chosen panel.
    """
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
        nominal=_number(nominal),
        chosen=_number(chosen),
        wall_s=outcome.wall_s,
    )


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
