"""What all runs of one question have said so far: no value may lie above any limit."""

from __future__ import annotations

from dataclasses import dataclass, field

from panelopt.domain.result import Result, SolveStatus

MARGIN = 2e-7
"""By how much a value may exceed a limit: two steps of the whole numbers in the model, log10."""


@dataclass(slots=True)
class Claims:
    """What the runs of one question found and proved; log10.

    Attributes:
        worst: Best value of objective 1.
        panels: Both values of each reported panel.
        limit_worst: Lowest limit of objective 1.
        limits_total: Floors with the limits of objective 2 that refer to them.
        infeasible: Whether a run proved that there is no panel.
    """

    worst: float = float("-inf")
    panels: set[tuple[float, float]] = field(default_factory=set)
    limit_worst: float = float("inf")
    limits_total: set[tuple[float, float]] = field(default_factory=set)
    infeasible: bool = False

    def add(self, result: Result) -> None:
        """Hear what a run says."""
        if result.objective is not None:
            objective = result.objective
            self.panels.add((objective.worst_log_ratio, objective.sum_log_ratio))
            self.worst = max(
                self.worst, objective.worst_log_ratio, result.best.worst_log_ratio or objective.worst_log_ratio
            )
        if result.bound.worst_log_ratio is not None:
            self.limit_worst = min(self.limit_worst, result.bound.worst_log_ratio)
        if result.bound.sum_log_ratio is not None and result.floor is not None:
            self.limits_total.add((result.floor, result.bound.sum_log_ratio))
        self.infeasible |= result.status is SolveStatus.INFEASIBLE

    def contradictions(self) -> list[str]:
        """Return where values and limits, of one run or of several, contradict each other."""
        found = []
        if self.infeasible and self.panels:
            found.append("one run has a panel, another proved that there is none")
        if self.worst > self.limit_worst + MARGIN:
            found.append(f"objective 1 reaches {self.worst:.7f}, above the limit {self.limit_worst:.7f}")
        found += [
            f"objective 2 reaches {total:.7f} with {worst:.7f}, above {limit:.7f} for panels from {floor:.7f}"
            for worst, total in self.panels
            for floor, limit in self.limits_total
            if worst >= floor and total > limit + MARGIN
        ]
        return found
