"""A given panel and its score."""

from __future__ import annotations

from collections.abc import Sequence

from panelopt.domain.result import Conflict
from panelopt.errors import Finding
from panelopt.frozen import dataclass
from panelopt.instance.compile import Compiled
from panelopt.io.panel_csv import PanelRow
from panelopt.optics.overflow import refuse_overflow
from panelopt.questions.panel_rows import named_rows, products_of, slots_of
from panelopt.questions.question import Options, Question, compiled
from panelopt.scoring import PanelScore, check_panel, score_panel


@dataclass(frozen=True, slots=True)
class GivenPanel:
    """A given panel and its score.

    Attributes:
        arrays: The compiled question, with the products of the panel.
        score: Score of the panel; None if its dyes cannot be separated or no gate set meets the demands.
        conflicts: Rules that the panel breaks.
        remarks: Findings about the products.
    """

    arrays: Compiled
    score: PanelScore | None
    conflicts: tuple[Conflict, ...]
    remarks: tuple[Finding, ...]


@refuse_overflow
def score_rows(question: Question, rows: Sequence[PanelRow], options: Options) -> GivenPanel:
    """Score a given panel.

    Args:
        question: The question.
        rows: The panel.
        options: Demands of the call.

    Raises:
        InputError: if the panel contains an unknown name.
    """
    rows = named_rows(question, rows)
    return score_named(compiled(question, options, [(row.marker, row.fluorochrome) for row in rows]), rows, options)


@refuse_overflow
def score_named(arrays: Compiled, rows: Sequence[PanelRow], options: Options) -> GivenPanel:
    """Score a given panel of a compiled question.

    Args:
        arrays: The question, compiled with the reagents of the panel.
        rows: The panel, with canonical names.
        options: Demands of the call.
    """
    products, remarks = products_of(rows, arrays.products)
    arrays = arrays.with_products(products)
    slots = slots_of(arrays.instance, rows)
    violations = check_panel(arrays.instance, slots)
    score = score_panel(arrays.instance, slots, options.tolerance)
    conflicts = [Conflict(demand=broken.rule, message=broken.message) for broken in violations]
    if score is None:
        conflicts.append(
            Conflict(demand="unmixing", message="the dyes cannot be separated, or no gate set meets the demands")
        )
    return GivenPanel(arrays, score, tuple(conflicts), remarks)
