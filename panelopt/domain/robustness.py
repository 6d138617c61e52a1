"""How a panel fares where the numbers behind a question are other than stated."""

from __future__ import annotations

from pydantic import Field

from panelopt.domain.base import Record


class Robustness(Record):
    """The panel in samples of what the problem calls uncertain; the gates are the best of each sample."""

    samples: int
    goal_met_share: float = Field(
        description="share of the samples in which every tube is as pure as the goal asks, by the claims"
    )
    worst_log_ratio_p10: float | None = Field(
        description="objective 1 that nine samples in ten reach; null where the panel cannot be used in as many"
    )
