"""The first screen of a report page: verdict, panel, tubes, what was given up, proof, warnings."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.report.content import Report
from panelopt.report.first_screen import FirstScreen, PanelLine, TubeCard, first_screen
from panelopt.report.html.page_blocks import Card, Lead
from panelopt.report.notices import Notice
from panelopt.report.robust_sheets import robust_lines
from panelopt.report.sheet import Sheet, sheet
from panelopt.report.text_tables import count, percent
from panelopt.report.verdict import Standing

SHOWN_TUBES = 6
"""Tubes on the first screen; of more, those of the lowest purity."""

LABELS: dict[Standing, str] = {
    "met": "Goal met",
    "doubtful": "Goal met, but not surely",
    "missed": "Goal missed",
    "open": "Verdict",
    "none": "No panel",
}
"""Standing of a panel in words."""

_ROLES = {"marker": "", "dump": " (dump)", "viability": ""}
_INPUTS_WEIGHT = 90


def result_lead(report: Report) -> Lead:
    """Return the first screen of a report."""
    screen = first_screen(report.result)
    sheets = [panel_lines(screen.panel)] if screen.panel else []
    if report.result.conflicts:
        rows = [(c.demand, c.message, c.where) for c in report.result.conflicts]
        sheets.insert(0, sheet("conflicts", report.result.conflicts_title, ("Demand", "Meaning", "Where"), rows))
    uncertain = robust_lines(report.robust) if report.robust is not None else ()
    return Lead(
        verdict=screen.verdict,
        standing=screen.standing,
        label=LABELS[screen.standing],
        sheets=tuple(sheets),
        cards=tuple(tube_cards(screen)),
        lines=tuple(filter(None, (*uncertain, screen.trade, "" if uncertain else screen.proof, _omitted(screen)))),
        notices=tuple(_notices(report, screen)),
    )


def panel_lines(lines: Iterable[PanelLine]) -> Sheet:
    """Return the panel with its products."""
    rows = [
        (
            f"{line.marker}{_ROLES[line.role]}",
            line.dye,
            line.detector,
            line.vendor,
            line.catalog_number,
            f"{line.stock}, {line.price}" if line.price else line.stock,
        )
        for line in lines
    ]
    titles = ("Marker", "Dye", "Detector", "Vendor", "Catalog number", "Order")
    return sheet("first-panel", "Panel", titles, rows)


def tube_cards(screen: FirstScreen) -> Iterable[Card]:
    """Yield one card per tube; of many, those of the lowest purity."""
    tubes = screen.tubes
    if len(tubes) > SHOWN_TUBES:
        tubes = tuple(sorted(tubes, key=lambda tube: (tube.at_least, tube.name))[:SHOWN_TUBES])
    for tube in tubes:
        yield Card(
            title=tube.name,
            standing=_standing(tube.meets_goal),
            headline=tube.wrong_cells,
            facts=tuple(_facts(tube)),
            text=f"Limited by {tube.limited_by}." if tube.limited_by else "",
        )


def _standing(meets_goal: bool | None) -> Standing:
    return "open" if meets_goal is None else "met" if meets_goal else "missed"


def _facts(tube: TubeCard) -> Iterable[tuple[str, str]]:
    yield "Purity", f"{percent(tube.purity)} %"
    yield "At least", f"{percent(tube.at_least)} %"
    yield "Yield", f"{percent(tube.gate_yield)} %"
    if tube.cells is not None:
        yield "Cells", count(tube.cells)


def _omitted(screen: FirstScreen) -> str:
    left = len(screen.tubes) - SHOWN_TUBES
    return f"The {SHOWN_TUBES} of {len(screen.tubes)} with the most wrong cells are shown." if left > 0 else ""


def _notices(report: Report, screen: FirstScreen) -> Iterable[Notice]:
    """Yield the warnings of the result, and what the report could not find or found changed."""
    texts = [report.missing[part] for part in ("problem", "cytometer") if part in report.missing]
    texts += report.notices.values()
    own = Notice("Inputs of this report", _INPUTS_WEIGHT, tuple(texts), ()) if texts else None
    found = [*screen.notices, *([own] if own else [])]
    return sorted(found, key=lambda notice: -notice.weight)
