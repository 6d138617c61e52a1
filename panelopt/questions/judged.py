"""A given panel, judged by the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panelopt.domain.result import Conflict
from panelopt.errors import Finding
from panelopt.instance.compile import Compiled
from panelopt.io.panel_csv import PanelRow
from panelopt.optics.overflow import refuse_overflow
from panelopt.questions.panel_rows import named_rows, products_of, slots_of
from panelopt.questions.question import Options, Question, compiled
from panelopt.scoring import PanelScore, check_panel, score_panel


@dataclass(frozen=True, slots=True)
class Judged:
    """A given panel and its score.

    Attributes:
        arrays: The question in numbers, with the products of the panel.
        score: Worth of the panel; None where its dyes cannot be told apart, or no gates do as demanded.
        conflicts: Rules that the panel breaks.
        remarks: What the user should know of the products.
    """

    arrays: Compiled
    score: PanelScore | None
    conflicts: tuple[Conflict, ...]
    remarks: tuple[Finding, ...]


@refuse_overflow
def judge(question: Question, rows: Sequence[PanelRow], options: Options) -> Judged:
    """Judge a given panel.

    Args:
        question: What is asked.
        rows: The panel.
        options: Demands of the call.

    Raises:
        InputError: if the panel names something unknown.
    """
    rows = named_rows(question, rows)
    arrays = compiled(question, options, [(row.marker, row.fluorochrome) for row in rows])
    products, remarks = products_of(rows, arrays.products)
    arrays = arrays.with_products(products)
    slots = slots_of(arrays.instance, rows)
    violations = check_panel(arrays.instance, slots)
    score = score_panel(arrays.instance, slots, options.tolerance)
    conflicts = [Conflict(demand=broken.rule, message=broken.message) for broken in violations]
    if score is None:
        conflicts.append(
            Conflict(demand="unmixing", message="the dyes cannot be told apart, or no gates do as demanded")
        )
    return Judged(arrays, score, tuple(conflicts), remarks)
