"""Compares the chosen panel with the best one: what was given up, and for what."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from panelopt.answers.missed_goals import target_name
from panelopt.domain.panel_records import BestPanel, GivenUp, PanelSlot, Practicality
from panelopt.domain.result import SolveStatus
from panelopt.errors import Finding
from panelopt.frozen import dataclass
from panelopt.instance.arrays import Instance
from panelopt.scoring import PanelScore
from panelopt.scoring.practicality import practical
from panelopt.solver.outcome import Outcome

SAME_POINTS = 1e-7
"""Smaller differences, in percentage points, are rounding errors."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The chosen panel and the best one.

    Attributes:
        instance: The question.
        chosen: The reported panel.
        outcome: The search outcome; None for a given panel.
    """

    instance: Instance
    chosen: PanelScore
    outcome: Outcome | None

    @property
    def best(self) -> PanelScore | None:
        """The best panel of objectives 1 and 2."""
        return None if self.outcome is None else self.outcome.best

    def best_panel(self, slots: tuple[PanelSlot, ...]) -> BestPanel:
        """Return the record of the best panel.

        Args:
            slots: Its slots with their products.
        """
        found = self.outcome or Outcome()
        return BestPanel(
            worst_log_ratio=found.best_worst,
            sum_log_ratio=found.best_total,
            panel=slots,
            purity_at_least=_purities(self.instance, self.best),
            practical=None if self.best is None else self._practicality(self.best),
        )

    def given_up(self) -> GivenUp | None:
        """Return by how much the chosen panel is worse; None without a best panel."""
        if self.best is None:
            return None
        mine = _purities(self.instance, self.chosen)
        points = {name: 100 * (value - mine[name]) for name, value in _purities(self.instance, self.best).items()}
        return GivenUp(
            slack=self.instance.slack,
            worst_log_ratio=self.best.worst - self.chosen.worst,
            sum_log_ratio=self.best.total - self.chosen.total,
            purity_at_least={name: 0.0 if abs(x) < SAME_POINTS else x for name, x in points.items()},
        )

    def practicality(self) -> Practicality:
        """Return the practical criteria of the chosen panel."""
        proven = self.outcome is not None and self.outcome.practical_proven
        return self._practicality(self.chosen, proven=proven)

    def _practicality(self, score: PanelScore, *, proven: bool = False) -> Practicality:
        counts = practical(self.instance, score.slots, score.gate_count)
        spillover = counts.spillover if np.isfinite(counts.spillover) else None
        return Practicality(
            unsourced=counts.unsourced,
            to_buy=counts.to_buy,
            colours=counts.colours,
            spillover_burden=spillover if self.instance.conventional else None,
            complexity_index=None if self.instance.conventional else spillover,
            fragile=counts.fragile,
            unknown_prices=counts.unknown_prices,
            price=counts.price,
            proven=proven,
        )

    def remarks(self) -> Iterator[Finding]:
        """Yield a remark if another run may choose another panel."""
        if (
            self.outcome is not None
            and self.outcome.status == SolveStatus.OPTIMAL
            and not self.outcome.practical_proven
        ):
            yield Finding(
                "choice-not-proven",
                "another run may choose a different, equally good panel",
                hint="A longer --time-limit may settle the choice.",
            )


def _purities(instance: Instance, score: PanelScore | None) -> dict[str, float]:
    views = () if score is None else score.views
    return {target_name(instance, view): view.purity_at_least for view in views}
