"""What is shown below the panel: pictures, tables and comparisons, computed when they are looked at."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from panelopt.api.errors import PaneloptError
from panelopt.api.pictures import (
    Figure,
    Sheet,
    emission_figure,
    emission_sheet,
    gate_figure,
    matrix_blocks,
    plan_sheets,
    product_sheet,
    scatter_figure,
    signature_figure,
)
from panelopt.api.reporting import change_sheets, comparison
from panelopt.serve.desk import Desk
from panelopt.serve.pages import render
from panelopt.serve.sitting import Sitting


def show_part(desk: Desk, sitting: Sitting, request: Request) -> Response:
    """Show one part."""
    tab = request.path_params["tab"]
    make = _PARTS.get(tab)
    if make is None or (sitting.result is None and tab != "compare"):
        return HTMLResponse(render("part", figures=(), sheets=(), texts=("There is no panel yet.",)))
    try:
        return HTMLResponse(render("part", **{"figures": (), "sheets": (), "texts": (), **make(desk, sitting)}))
    except PaneloptError as error:
        return HTMLResponse(render("part", figures=(), sheets=(), texts=(f"{error}. {error.hint}",)))


def _spectra(desk: Desk, sitting: Sitting) -> dict[str, Any]:
    report = desk.report(sitting, planned=False)
    if report.optics is None:
        return {"texts": (report.missing.get("optics", "There is nothing to draw."),)}
    figures = (emission_figure(report, report.optics), signature_figure(report.optics))
    sheets = [emission_sheet(report.optics, report.result)]
    return {"figures": [figure for figure in figures if figure is not None], "sheets": sheets}


def _spillover(desk: Desk, sitting: Sitting) -> dict[str, Any]:
    found = list(matrix_blocks(desk.report(sitting, planned=False)))
    figures = [block for block in found if isinstance(block, Figure)]
    return {"figures": figures, "sheets": [block for block in found if isinstance(block, Sheet)]}


def _gates(desk: Desk, sitting: Sitting) -> dict[str, Any]:
    report = desk.report(sitting, planned=False)
    figures = [gate_figure(target, f"gates-{index}") for index, target in enumerate(report.plots) if target.plots]
    if report.scatter is not None:
        figures.append(scatter_figure(report.scatter))
    return {"figures": figures, "texts": () if figures else (report.missing.get("gating", "No gates to draw."),)}


def _controls(desk: Desk, sitting: Sitting) -> dict[str, Any]:
    report = desk.report(sitting, planned=True)
    if report.plan is None:
        return {"texts": (report.missing.get("plan", "There is no plan."),)}
    sheets = [sheet for sheet in plan_sheets(report.plan) if not _is_order(sheet)]
    return {"sheets": sheets, "texts": (report.plan.summary(),)}


def _order(desk: Desk, sitting: Sitting) -> dict[str, Any]:
    report = desk.report(sitting, planned=True)
    bought = [sheet for sheet in plan_sheets(report.plan) if _is_order(sheet)] if report.plan else []
    return {"sheets": [product_sheet(report.result), *bought]}


def _is_order(sheet: Sheet) -> bool:
    return sheet.key.startswith(("order", "spare", "deliver"))


def _compare(desk: Desk, sitting: Sitting) -> dict[str, Any]:  # noqa: ARG001  the shape of all parts
    if set(sitting.kept) != {"A", "B"}:
        kept = ", ".join(sorted(sitting.kept)) or "none"
        return {"texts": (f"Keep two panels as A and B to see them side by side. Kept so far: {kept}.",)}
    found = comparison(sitting.kept["A"].result, sitting.kept["B"].result)
    return {"sheets": [sheet for sheet in change_sheets(found) if sheet.rows], "texts": found.questions}


_PARTS = {
    "spectra": _spectra,
    "spillover": _spillover,
    "gates": _gates,
    "controls": _controls,
    "order": _order,
    "compare": _compare,
}
