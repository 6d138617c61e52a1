"""The section of a report on a design under uncertainty."""

from __future__ import annotations

from panelopt.domain.robust_result import RobustResult
from panelopt.report.html.page_blocks import Figure, Part
from panelopt.report.robust_picture import robust_drawing
from panelopt.report.robust_sheets import candidate_sheet, influence_sheet
from panelopt.report.robust_text import asked_text, worst_case_text


def robust_part(found: RobustResult | None) -> Part:
    """Return the section; empty for a design without scenarios."""
    if found is None or not found.candidates:
        return Part("robust", "Under uncertainty")
    texts = [asked_text(found), *([worst_case_text(found.worst_case)] if found.worst_case else [])]
    caption = (
        "Left: share of the scenarios in which each panel reaches a worst log ratio; further right is better. Right: "
        "what the worst ratio of the chosen panel depends on. The tables below have the same data."
    )
    sheets = [one for one in (candidate_sheet(found), influence_sheet(found)) if one is not None]
    picture = Figure("scenarios", (robust_drawing(found).markup(),), caption)
    return Part("robust", "Under uncertainty", tuple(texts), blocks=(picture, *sheets))
