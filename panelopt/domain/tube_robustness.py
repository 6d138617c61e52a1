"""How a panel fares when the numbers behind a question differ from those stated."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from panelopt.domain.base import Record

NEARLY_ALL = 0.99
"""Purities from here on are shown with a decimal."""


class TubeRobustness(Record):
    """One tube in the samples."""

    target: str
    purity_p10: float | None = Field(
        description="purity by the plain probabilities that nine samples in ten reach; null where the panel cannot be "
        "used in as many"
    )
    goal_met_share: float = Field(
        description="share of the samples in which this tube is as pure as the goal asks, by the claims"
    )


class Robustness(Record):
    """The panel in samples of the problem's uncertainty, with the best gates of each sample."""

    samples: int
    purity_goal: float = Field(description="purity that every tube should have, fraction")
    uncertainty: Literal["problem", "default"] = Field(
        description="origin of the uncertainty: the problem's table, or the defaults alone"
    )
    goal_met_share: float = Field(
        description="share of the samples in which every tube is as pure as the goal asks, by the claims"
    )
    worst_log_ratio_p10: float | None = Field(
        description="objective 1 that nine samples in ten reach; null where the panel cannot be used in as many"
    )
    tubes: tuple[TubeRobustness, ...] = Field(min_length=1, description="in the order of the targets")

    @property
    def met(self) -> int:
        """Samples in which the goal is met."""
        return round(self.goal_met_share * self.samples)

    def summary(self) -> str:
        """Return one sentence on how likely the goal is met."""
        whose = "the problem's [uncertainty]" if self.uncertainty == "problem" else "default uncertainty"
        samples = f"{self.met} of {self.samples} plausible samples ({whose})"
        text = f"The goal of {100 * self.purity_goal:g} % is met in {samples}"
        if any(tube.purity_p10 is None for tube in self.tubes):
            return f"{text}; in more than one sample in ten the dyes cannot be told apart."
        digits = 1 if any((tube.purity_p10 or 0.0) >= NEARLY_ALL for tube in self.tubes) else 0
        if len(self.tubes) == 1:
            return f"{text}; nine samples in ten reach a purity of {_percent(self.tubes[0].purity_p10, digits)}."
        reached = [f"{_percent(tube.purity_p10, digits)} ({tube.target})" for tube in self.tubes]
        return f"{text}; nine samples in ten reach a purity of {', '.join(reached[:-1])} and {reached[-1]}."


def _percent(share: float | None, digits: int) -> str:
    """Return a share as a percentage, rounded down."""
    scale = 10.0**digits
    return f"{math.floor((share or 0.0) * 100 * scale + 1e-9) / scale:.{digits}f} %"
