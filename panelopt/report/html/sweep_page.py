"""The page of a sweep: the best cell of each problem first, then every cell."""

from __future__ import annotations

from collections.abc import Sequence

from panelopt.domain.sweep_record import CellRow
from panelopt.report.html.environment import page
from panelopt.report.html.page_blocks import Lead, Part
from panelopt.report.notices import Notice
from panelopt.report.sweep_sheets import best_sheet, sweep_sheet, sweep_verdict

_FAILED_WEIGHT = 90


def sweep_html(rows: Sequence[CellRow], name: str) -> str:
    """Return a sweep as one HTML file.

    Args:
        rows: Its finished cells.
        name: Its folder.
    """
    failed = [f"{row.problem} on {row.cytometer}: {row.error}" for row in rows if row.status == "failed"]
    again = ("Run the same sweep again to retry them.",)
    best = best_sheet(rows)
    lead = Lead(
        verdict=sweep_verdict(rows),
        standing="open",
        label="Sweep",
        sheets=(best,) if best.rows else (),
        notices=(Notice("Cells failed", _FAILED_WEIGHT, tuple(failed), again),) if failed else (),
    )
    parts = [Part("cells", "Every cell", blocks=(sweep_sheet(rows),) if rows else ())]
    return page("Sweep", name, lead, parts)
