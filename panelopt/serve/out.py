"""Files to take away: problem, panel, result, workbook and report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from panelopt.api.errors import PaneloptError
from panelopt.api.files import panel_csv, result_json
from panelopt.api.problems import problem_toml
from panelopt.api.reporting import report_html, report_xlsx
from panelopt.serve.desk import Desk
from panelopt.serve.sitting import Sitting

_BYTES = "application/octet-stream"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(desk: Desk, sitting: Sitting, request: Request) -> Response:
    """Return a file of the page as a download.

    Raises:
        HTTPException: if there is no such file, or no panel.
    """
    name = request.path_params["name"]
    if name not in _FILES:
        raise HTTPException(404, "There is no such file.")
    media, make = _FILES[name]
    try:
        content = make(desk, sitting)
    except PaneloptError as error:
        raise HTTPException(409, f"{error}. {error.hint}".strip()) from None
    # the report is a page of its own: as a download it cannot run in the origin of this one
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media, headers=headers)


def _problem(desk: Desk, sitting: Sitting) -> str:
    return sitting.state.own_problem or problem_toml(desk.questions.question(sitting.state).problem)


def _panel(_: Desk, sitting: Sitting) -> str:
    if sitting.result is None:
        raise PaneloptError("there is no panel yet")
    return panel_csv(sitting.result)


def _result(desk: Desk, sitting: Sitting) -> str:
    found = desk.full(sitting)
    if found is None:
        raise PaneloptError("there is no panel yet")
    return result_json(found)


def _left_out(desk: Desk, sitting: Sitting) -> bytes:
    stock = sitting.state.stock
    file = Path(desk.uploads.path(stock)) / "rejects.csv"
    if not stock or not file.is_file():
        raise PaneloptError("nothing of your stock was left out")
    return file.read_bytes()


def _workbook(desk: Desk, sitting: Sitting) -> bytes:
    return report_xlsx(desk.full_report(sitting))


def _report(desk: Desk, sitting: Sitting) -> str:
    return report_html(desk.full_report(sitting))


_FILES: dict[str, tuple[str, Callable[[Desk, Sitting], str | bytes]]] = {
    "problem.toml": (_BYTES, _problem),
    "panel.csv": ("text/csv; charset=utf-8", _panel),
    "result.json": ("application/json", _result),
    "workbook.xlsx": (_XLSX, _workbook),
    "report.html": (_BYTES, _report),
    "left-out.csv": ("text/csv; charset=utf-8", _left_out),
}
