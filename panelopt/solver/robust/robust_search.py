"""The panel whose score holds in most scenarios, among many candidates; nothing is proven.

Candidates are the panels scored in the nominal search, and local optima of an estimate in the few scenarios that decide
the value of the best of them. They race: all are scored in one block of scenarios, the better ones in the next blocks.
Of the panels that hold as well as the winner, objective 3 chooses one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scenarios import BLOCK, Scenarios, ScenarioScores, Spread, score_scenarios, share_value
from panelopt.scenarios.scenario_blocks import Panel, block, merged
from panelopt.scenarios.scenario_score import Gates
from panelopt.scoring import check_panel, score_panel
from panelopt.scoring.panel_score import DEFAULT_TOLERANCE
from panelopt.solver.local import LocalSearch
from panelopt.solver.marker_lists.list_estimate import ListEstimator
from panelopt.solver.panel_estimate import PanelEstimator
from panelopt.solver.panel_scorer import ordered_slots
from panelopt.solver.robust.robust_practical import RobustPractical

ESTIMATED = 4
"""Scenarios in which candidates are estimated; each needs its own tables."""

ENTRANTS = 40
"""Panels that enter the race."""

KEEP = 0.35
"""Share of the panels that advance to the next block of scenarios."""

LEAST = 4
"""Panels scored in all scenarios."""

KEPT_BLOCKS = 8
"""Blocks of scenarios kept in memory."""

ROUNDS = 12
"""Rounds of local search on estimates."""

POLISH = 2
"""Times that neighbours of the winner race against it."""

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class ScoredCandidate:
    """A panel with its scores in n scenarios."""

    slots: Panel
    scores: ScenarioScores

    def holds(self, share: float) -> tuple[float, float]:
        """Return the values of objectives 1 and 2 reached in a share of the scenarios."""
        return share_value(self.scores.worst, share), share_value(self.scores.total, share)


class MeanEstimator:
    """Estimates the mean value of panels over a few scenarios."""

    def __init__(self, instance: Instance, options: CandidateSlots, scenarios: Scenarios) -> None:
        self.lists: ListEstimator | None = None
        self._each = []
        for number in range(len(scenarios)):
            one = scenarios.instance(instance, number)
            self._each.append(PanelEstimator(one, options, SubsetNoise(one, options)))

    def estimate(self, panels: np.ndarray) -> tuple[FloatArray, FloatArray]:
        """Return (B,) estimates of `worst` and of `total`."""
        found = [estimator.estimate(panels) for estimator in self._each]
        worst, total = (np.mean(values, axis=0) for values in zip(*found, strict=True))
        return np.asarray(worst), np.asarray(total)


class RobustSearch:
    """One search for the panel whose score holds in a share of the scenarios.

    Args:
        instance: The question.
        options: All slots.
        spread: How well the numbers of the question are known.
        scenarios: How many scenarios to draw.
        share: Share of the scenarios in which the score must hold.
        seed: Seed of the scenarios and of the local search.
        tolerance: How much of ``worst`` may be given up for the sum (log10).
        fixed_gates: Use the gates that are best on paper instead of the best of each scenario.
    """

    def __init__(
        self,
        instance: Instance,
        options: CandidateSlots,
        spread: Spread,
        scenarios: int,
        share: float,
        seed: int = 0,
        tolerance: float = DEFAULT_TOLERANCE,
        *,
        fixed_gates: bool = False,
    ) -> None:
        self.instance = instance
        self.options = options
        self.share = share
        self.seed = seed
        self.tolerance = tolerance
        self.fixed_gates = fixed_gates
        self._spread = spread
        self._scenarios = scenarios
        self._count = math.ceil(scenarios / BLOCK)
        self._kept: dict[int, Scenarios] = {}
        self._scores: dict[tuple[Panel, int], ScenarioScores] = {}
        self._on_paper: dict[Panel, Gates] = {}

    def run(self, start: Sequence[Panel], explored: Stop, stop: Stop) -> list[ScoredCandidate]:
        """Return panels scored in all scenarios, best first.

        Args:
            start: Panels to begin with, at least one, the more promising ones first.
            explored: Whether it is time for the race.
            stop: Whether time is up.
        """
        local = self._local(start[0])
        entrants = list(dict.fromkeys([*self._explored(local, start[0], explored), *start]))[:ENTRANTS]
        if start[0] not in entrants:
            entrants[-1] = start[0]
        best = self.race(entrants, stop)
        for _ in range(POLISH):
            if stop() or not best:
                break
            near = self._near(local, best[0].slots)
            winner = best[0].slots
            best = self.race([*(one.slots for one in best), *near], stop)
            if best[0].slots == winner:
                break
        return best

    def practical(self, best: Panel, others: Sequence[Panel], stop: Stop) -> Panel:
        """Return the panel that objective 3 puts first among those that hold as well as the best one.

        Args:
            best: The panel that holds most.
            others: Panels that may hold as well, to begin with.
            stop: Whether time is up.
        """
        choice = RobustPractical(
            self.instance,
            self.options,
            self._local(best),
            self._score,
            self._count,
            self.share,
            self.tolerance,
            best,
            stop,
        )
        return choice.choose(others)

    def race(self, panels: Iterable[Panel], stop: Stop) -> list[ScoredCandidate]:
        """Score panels block by block, keeping the better ones; return those scored in all, best first.

        Where time is up, only the few best so far go on.
        """
        left = list(dict.fromkeys(panels))
        for number in range(self._count):
            if number:
                kept = LEAST if stop() else max(math.ceil(KEEP * len(left)), LEAST)
                left = [one.slots for one in self._ranked(left, number)[:kept]]
            for place, slots in enumerate(left):
                if number == 0 and place >= LEAST and stop():
                    left = left[:place]
                    break
                self._score(slots, number)
        return self._ranked(left, self._count)

    def _ranked(self, panels: Sequence[Panel], blocks: int) -> list[ScoredCandidate]:
        """Return panels, best first: by objective 1 within the tolerance, then by objective 2, as they hold."""
        scored = [ScoredCandidate(slots, merged([self._score(slots, b) for b in range(blocks)])) for slots in panels]
        held = {one.slots: one.holds(self.share) for one in scored}
        ranked: list[ScoredCandidate] = []
        while scored:
            floor = max(held[one.slots][0] for one in scored) - self.tolerance
            near = [one for one in scored if held[one.slots][0] >= floor or not np.isfinite(floor)]
            near.sort(key=lambda one: (-round(held[one.slots][1], 9), len(one.slots), one.slots))
            ranked.append(near[0])
            scored.remove(near[0])
        return ranked

    def _score(self, slots: Panel, number: int) -> ScenarioScores:
        if (slots, number) not in self._scores:
            gates = self._gates(slots) if self.fixed_gates else None
            found = score_scenarios(self.instance, self._block(number), slots, self.tolerance, gates)
            self._scores[slots, number] = found
        return self._scores[slots, number]

    def _block(self, number: int) -> Scenarios:
        """Return a block of scenarios; only the last few are kept, to save memory."""
        if number not in self._kept:
            if len(self._kept) == KEPT_BLOCKS:
                del self._kept[max(self._kept)]
            self._kept[number] = block(self.instance, self._spread, self.seed, number, self._scenarios)
        return self._kept[number]

    def _gates(self, slots: Panel) -> Gates:
        """Return the gates that are best on paper; none if the panel has no score there."""
        if slots not in self._on_paper:
            score = score_panel(self.instance, slots, self.tolerance)
            views = [()] * len(self.instance.views) if score is None else [view.gates for view in score.views]
            self._on_paper[slots] = tuple(views)
        return self._on_paper[slots]

    # ---- candidates

    def _local(self, start: Panel) -> LocalSearch:
        first = self._block(0)
        return deciding(self.instance, self.options, first, self._score(start, 0), self.share, self.seed)

    def _explored(self, local: LocalSearch, start: Panel, stop: Stop) -> list[Panel]:
        first = tuple(sorted(self.options.by_slot[slot] for slot in start))
        found = (self._slots(panel) for panel in local.explore(first, _merit, ROUNDS, stop))
        return [slots for slots in found if not check_panel(self.instance, slots)]

    def _near(self, local: LocalSearch, slots: Panel) -> list[Panel]:
        """Return the neighbours of a panel with the best estimates."""
        panels = local.neighbours(tuple(sorted(self.options.by_slot[slot] for slot in slots)))
        if not panels:
            return []
        order = np.argsort(-_merit(*local.estimates(panels)), kind="stable")[: ENTRANTS // 2]
        found = (self._slots(panels[i]) for i in order)
        return [slots for slots in found if not check_panel(self.instance, slots)]

    def _slots(self, panel: Sequence[int]) -> Panel:
        return ordered_slots([self.options.slots[o] for o in panel])


def deciding(
    instance: Instance, options: CandidateSlots, scenarios: Scenarios, scores: ScenarioScores, share: float, seed: int
) -> LocalSearch:
    """Return a local search in the few scenarios that decide the value of a panel.

    Args:
        instance: The question.
        options: All slots.
        scenarios: The scenarios to choose from.
        scores: What the panel has in them.
        share: Share of the scenarios in which the score must hold.
        seed: Seed of the random choices.
    """
    order = np.argsort(scores.worst, kind="stable")
    place = round((1 - share) * len(order)) - ESTIMATED // 2
    begin = min(max(place, 0), max(len(order) - ESTIMATED, 0))
    estimator = MeanEstimator(instance, options, scenarios.keep(order[begin : begin + ESTIMATED]))
    return LocalSearch(instance, options, estimator, seed)


def _merit(worst: FloatArray, total: FloatArray) -> FloatArray:
    return 1e3 * worst + total
