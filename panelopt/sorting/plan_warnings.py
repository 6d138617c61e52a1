"""Warnings about a plan for the operator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from panelopt.domain.problem_record import Problem
from panelopt.domain.result import Remark
from panelopt.domain.sort_plan_record import Miss, Plan
from panelopt.errors import Finding, InfeasibleError
from panelopt.planning.overlap import overlap
from panelopt.planning.tube import Tube

UNLISTED = 1e-6
"""Smaller shares of unlisted populations are rounding errors."""

FEW_CELLS = 200.0
"""Model value: fewer recovered cells are hard to culture or count."""


def plan_warnings(plan: Plan, where: str, findings: Iterable[Finding]) -> Iterable[Remark]:
    """Yield missed goals, then other findings, then those about the tubes of a plan."""
    for miss in plan.misses:
        yield Remark(code="goal-missed", message=_missed(miss), where=where, hint=miss.remedy)
    for finding in [*findings, *_plan_findings(plan, where)]:
        yield Remark(code=finding.code, message=finding.message, where=finding.where, hint=finding.hint)


def set_up_findings(
    problem: Problem,
    tubes: Sequence[Tube],
    *,
    passes: int,
    split: bool,
    stained: Iterable[str],
    bead_marker: str | None,
) -> Iterable[Finding]:
    """Yield findings about passes, borders, beads and frequencies.

    Args:
        problem: The problem.
        tubes: All targets with their gates.
        passes: Number of passes.
        split: Whether overlapping gates got a common border.
        stained: Markers of the panel.
        bead_marker: Marker of the beads; None without beads.
    """
    if passes > 1:
        message = f"the sort needs {passes} passes, each with an equal part of the sample"
        hint = "More tubes at once or fewer targets would save cells."
        if any(overlap(one, other) for one, other in combinations(tubes, 2)):
            hint = "No marker of the panel separates some tubes; adding one would save cells."
        yield Finding("several-passes", message, problem.id, hint)
    if split:
        message = "overlapping gates got a common border, so purity and yield differ from those of `score`"
        yield Finding("gates-split", message, problem.id)
    if bead_marker in set(stained):
        message = f"beads and a dye for {bead_marker} compete for the same antigen"
        yield Finding("beads-and-dye", message, problem.id)
    if sum(p.frequency for p in problem.population) < 1 - UNLISTED and problem.sample.enrichment:
        message = "the frequencies sum to less than 1; cells of unlisted populations are ignored after the beads"
        yield Finding("unlisted-cells", message, problem.id)


def check_overlap(passes: Sequence[Sequence[Tube]], where: str) -> None:
    """Reject tubes filled at once if one cell can pass the gates of both.

    Raises:
        InfeasibleError: with the names of the tubes.
    """
    pairs = [
        f"{one.name} and {other.name}"
        for tubes in passes
        for one, other in combinations(tubes, 2)
        if overlap(one, other)
    ]
    if pairs:
        raise InfeasibleError(
            f"a cell can pass the gates of two tubes filled at once: {'; '.join(pairs)}",
            where=where,
            hint="Omit --overlap for a common border, or sort in several passes (--ways 1).",
        )


def _missed(miss: Miss) -> str:
    what = f"{miss.target}: {miss.goal}" if miss.target else miss.goal
    shown = "unknown" if miss.value is None else f"{miss.value:.3g}"
    return f"Reached: {what} {shown}; goal: {miss.wanted:.3g}."


def _plan_findings(plan: Plan, where: str) -> Iterable[Finding]:
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
