"""What an operator should know of a plan before the sort."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.domain.sort_plan_record import Plan
from panelopt.errors import Finding

FEW_CELLS = 200.0
"""Model value: fewer recovered cells are hard to culture or to count."""


def plan_findings(plan: Plan, where: str) -> Iterable[Finding]:
    """Yield what is worth a warning in a plan, goals aside."""
    for tube in plan.tubes:
        if tube.collection_tubes is not None and tube.collection_tubes > 1:
            message = (
                f"{tube.target}: {tube.volume_ml:.3g} mL of drops overflow a tube of {tube.collection_tube_ml:g} mL: "
                f"change it {'once' if tube.collection_tubes == 2 else f'{tube.collection_tubes - 1} times'}"
            )
            yield Finding("tube-overflows", message, where, "Or sort no more cells than you need: --wanted-cells.")
        if tube.cells_recovered is not None and tube.cells_recovered < FEW_CELLS:
            message = f"{tube.target}: only {tube.cells_recovered:.3g} cells are got back"
            yield Finding("few-cells", message, where, "Start with more cells, or sort straight into the culture well.")
