"""Options of a robust design."""

from __future__ import annotations

from dataclasses import dataclass

from panelopt.errors import UsageError


@dataclass(frozen=True, slots=True)
class RobustOptions:
    """Options of a robust design.

    Attributes:
        scenarios: Scenarios that the panel is chosen in; None = 512, or 16 for the worst case.
        share: Share of the scenarios in which the score must hold.
        worst_case: Maximise the worst scenario instead, with a proven bound.
        fixed_gates: Choose and score with the sides of the gates on paper, not with the best gates of each scenario.
        check: Other scenarios, in which the candidates are scored for the report.
        sobol: Base samples of the Sobol indices; 0 = none.
    """

    scenarios: int | None = None
    share: float = 0.9
    worst_case: bool = False
    fixed_gates: bool = False
    check: int = 512
    sobol: int = 128

    def __post_init__(self) -> None:
        if self.scenarios is not None and self.scenarios < 1:
            raise UsageError("the number of scenarios must be at least 1")
        if not 0 < self.share <= 1:
            raise UsageError("the share of scenarios must be above 0 and at most 1")
        if self.check < 1:
            raise UsageError("the number of scenarios to check in must be at least 1")
        if self.worst_case and self.fixed_gates:
            raise UsageError("the worst case is proven for the best gates of each scenario, not for fixed ones")
        if self.sobol < 0 or (self.sobol and self.sobol & (self.sobol - 1)):
            raise UsageError("the base samples of Sobol indices must be 0 or a power of two")

    @property
    def count(self) -> int:
        """Scenarios in which the panel is chosen."""
        return self.scenarios or (16 if self.worst_case else 512)
