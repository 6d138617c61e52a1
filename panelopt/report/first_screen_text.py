"""The first screen of a result as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from panelopt.domain.result import Result
from panelopt.report.choice_text import changes_text
from panelopt.report.first_screen import FirstScreen, PanelLine, TubeCard, first_screen
from panelopt.report.notices import Notice, notices
from panelopt.report.odds import one_in_cells
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, count, percent, section, table, wrapped

if TYPE_CHECKING:
    from panelopt.domain.sort_plan_record import SortPlan

_STATED = {"marker": "", "dump": " (dump)", "viability": ""}


def first_screen_text(result: Result, width: int = DEFAULT_WIDTH) -> str:
    """Return panel, tubes, what was given up, proof, and the verdict as the last line."""
    screen = first_screen(result)
    return blocks([title_text(result, width), *screen_blocks(screen, result, width), verdict_text(screen, width)])


def title_text(result: Result, width: int) -> str:
    """Return what was asked."""
    return wrapped(f"{result.problem} on {result.cytometer}", width=width)


def verdict_text(screen: FirstScreen, width: int) -> str:
    """Return the verdict as a paragraph."""
    return wrapped(screen.verdict, width=width)


def screen_blocks(screen: FirstScreen, result: Result, width: int) -> list[str]:
    """Return the blocks between title and verdict."""
    return [
        section(result.conflicts_title, _conflicts(result, width)),
        section("Changes", changes_text(result.changes or (), width)),
        section("Panel", _panel(screen.panel, width)),
        section("Tubes", _tubes(screen.tubes, width)),
        "\n".join(wrapped(line, width=width) for line in (screen.trade, screen.proof) if line),
    ]


def _panel(lines: Iterable[PanelLine], width: int) -> str:
    rows = [
        (
            line.marker + _STATED[line.role],
            line.dye,
            line.detector,
            line.vendor or "-",
            line.catalog_number or "-",
            line.price if line.stock == "to order" and line.price else line.stock,
        )
        for line in lines
    ]
    headers = ("Marker", "Dye", "Detector", "Vendor", "Catalog no.", "Order")
    return table(headers, rows, "llllLl", width) if rows else ""


def _tubes(tubes: tuple[TubeCard, ...], width: int) -> str:
    if not tubes:
        return ""
    counted = any(t.cells is not None for t in tubes)
    rows = [
        (
            t.name,
            *([count(t.cells)] if counted else []),
            *map(percent, (t.gate_yield, t.purity, t.at_least)),
            one_in_cells(t.at_least),
        )
        for t in tubes
    ]
    headers = ("Tube", *(["Cells"] if counted else []), "Yield %", "Purity %", "At least %", "1 wrong in")
    limits = [
        wrapped(f"{tube.name}: limited by {tube.limited_by}.", "    ", width, first="  ")
        for tube in tubes
        if tube.limited_by
    ]
    return "\n".join([table(headers, rows, "lRRRRR", width), *limits])


def _conflicts(result: Result, width: int) -> str:
    lines = (f"{c.demand}: {c.message}" + (f" ({c.where})" if c.where else "") for c in result.conflicts)
    return "\n".join(wrapped(line, "    ", width, first="  - ") for line in lines)


def warnings_text(result: Result | SortPlan, width: int = DEFAULT_WIDTH) -> str:
    """Return the warnings merged by kind, each with what to do."""
    return "\n".join(_notice(one, width) for one in notices(result.warnings, result.problem))


def _notice(notice: Notice, width: int) -> str:
    text = wrapped(f"{notice.title}: {' '.join(notice.texts)}", "    ", width, first="  - ")
    remedies = [wrapped(remedy, "        ", width, first="    Do: ") for remedy in notice.remedies]
    return "\n".join([text, *remedies])
