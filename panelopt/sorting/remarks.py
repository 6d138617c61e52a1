"""Warnings about a plan for the operator."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.domain.sort_plan import Plan
from panelopt.errors import Finding

FEW_CELLS = 200.0
"""Model value: fewer recovered cells are hard to culture or count."""


def plan_findings(plan: Plan, where: str) -> Iterable[Finding]:
    """Yield warnings about a plan, apart from missed goals."""
    for tube in plan.tubes:
        if tube.collection_tubes is not None and tube.collection_tubes > 1:
            message = (
                f"{tube.target}: {tube.volume_ml:.3g} mL of drops overflow a tube of {tube.collection_tube_ml:g} mL: "
                f"change it {'once' if tube.collection_tubes == 2 else f'{tube.collection_tubes - 1} times'}"
            )
            yield Finding("tube-overflows", message, where, "Or use --wanted-cells to sort no more than you need.")
        if tube.cells_recovered is not None and tube.cells_recovered < FEW_CELLS:
            message = f"{tube.target}: only {tube.cells_recovered:.3g} cells are recovered"
            yield Finding("few-cells", message, where, "Start with more cells, or sort straight into the culture well.")
