"""Endpoints that change the question: problem, instrument, products, demands, and the grid of a problem."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice, zip_longest
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from panelopt.api.errors import InputError, PaneloptError
from panelopt.api.problems import (
    BLANK,
    BLANK_LIST,
    GridMarker,
    GridPopulation,
    ProblemGrid,
    grid_of,
    problem_id,
    problem_of_grid,
    problem_toml,
)  # fmt: skip
from panelopt.serve.answering import (
    desk_of,
    file_of,
    form_of,
    part,
    redrawn,
    sitting_of,
    text_of,
    texts_of,
)  # fmt: skip
from panelopt.serve.desk import Desk, suffix_of, tell
from panelopt.serve.sitting import Sitting
from panelopt.serve.state import MAX_TEXT, MOST_LETTERS, State

_OWN = "own"
"""Value of a list for what was uploaded or filled in."""


def question(desk: Desk, sitting: Sitting, form: FormData) -> bool:
    """Take problem, instrument, products and demands from the form beside the panel."""

    def make(state: State) -> State:
        changes: dict[str, object] = {
            "catalogs": texts_of(form, "catalogs"),
            "max_colours": text_of(form, "max_colours") or None,
            "budget": text_of(form, "budget") or None,
            "vendors": _listed(form, "vendors"),
            "exclude_dyes": _listed(form, "exclude_dyes"),
            "require": _listed(form, "require"),
            "forbid": _listed(form, "forbid"),
            **{name: name in form for name in _SWITCHES},
        }
        if "no_stock" in form:
            changes |= _NO_STOCK
        for name in ("problem", "cytometer"):
            chosen = text_of(form, name)
            if chosen and chosen != _OWN:
                changes[name] = chosen
        if text_of(form, "problem") not in ("", _OWN):
            changes["own_problem"] = ""
        return state.with_(**changes)

    return desk.change(sitting, make)


_SWITCHES = ("exclude_tandems", "only_inventory", "allow_unverified", "allow_unknown_price", "require_goal")


def _listed(form: FormData, name: str) -> tuple[str, ...]:
    parts = (word.strip() for word in re.split(r"[,;\n]", text_of(form, name)))
    return tuple(dict.fromkeys(filter(None, parts)))


async def upload(request: Request) -> Response:
    """Take an uploaded problem, instrument, list of stock, or panel."""
    async with form_of(request) as form:
        content, name = await file_of(form)
        desk, sitting, kind = desk_of(request), sitting_of(request, form.get("desk")), request.path_params["kind"]

    def work() -> Response:
        return redrawn(desk, sitting, whole=_uploaded(desk, sitting, kind, content, name))

    return await run_in_threadpool(work)


def _uploaded(desk: Desk, sitting: Sitting, kind: str, content: bytes, name: str) -> bool:
    """Take a file; return whether all of the page must be drawn again."""
    if not content:
        sitting.notices.append("The file is empty, or none was chosen.")
        return False
    missing, file = desk.questions.missing(sitting.state), Path(name).name[:MOST_LETTERS]
    before = sitting.state
    try:
        if kind == "panel":
            return desk.read_panel(sitting, content, suffix_of(name))
        if kind == "stock":
            reference, text = desk.uploads.stock(content, name)
            sitting.notices.append(text)
            changes: dict[str, object] = {"stock": reference, "stock_name": file}
        elif kind == "sorter":
            changes = {"cytometer": desk.uploads.cytometer(content, name), "cytometer_name": file}
        else:
            changes = {"problem": "", "own_problem": _problem_text(content)}
    except PaneloptError as error:
        tell(sitting, error)
        return False
    whole = desk.change(sitting, lambda state: state.with_(**changes))
    if kind in missing and (before.stock, before.cytometer) != (sitting.state.stock, sitting.state.cytometer):
        sitting.notices.append(f"{file} differs from the file that was here before. It is used from now on.")
    return whole or bool(missing)


def without_stock(desk: Desk, sitting: Sitting, form: FormData) -> bool:  # noqa: ARG001  the shape of all changes
    """Go on without the list of stock."""
    return desk.change(sitting, lambda state: state.with_(**_NO_STOCK)) or True


_NO_STOCK = {"stock": "", "stock_name": "", "only_inventory": False}


def _problem_text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PaneloptError("the problem file is not UTF-8", hint="Save it as UTF-8.") from None
    if len(text) > MAX_TEXT:
        raise PaneloptError(f"the problem file has more than {MAX_TEXT:,} characters", hint="Use the command line.")
    return text


# ---- the grid


def show_grid(desk: Desk, sitting: Sitting, request: Request) -> Response:
    """Show the problem as a grid to fill in; a new one if asked for."""
    blank = _BLANKS.get(request.query_params.get("blank", ""))
    grid = blank or grid_of(desk.questions.question(sitting.state).problem)
    if _is_too_large(grid):
        sitting.notices.append(_TOO_LARGE)
        return redrawn(desk, sitting, whole=False)
    return part(desk, sitting, "grid", grid=grid, blank=blank is not None, faults=())


_BLANKS = {"1": BLANK, "list": BLANK_LIST}
"""What a new problem begins with."""


async def save_grid(request: Request) -> Response:
    """Take the grid: add a row or a column, or make it the problem."""
    async with form_of(request) as form:
        desk, sitting = desk_of(request), sitting_of(request, form.get("desk"))
        return await run_in_threadpool(_saved, desk, sitting, form)


MOST_CELLS = 8_000
"""Largest grid of markers and populations on the page; a browser cannot handle many more fields."""

_TOO_LARGE = f"The page shows grids of at most {MOST_CELLS:,} cells. Write this problem as a file, and upload it."


def _is_too_large(grid: ProblemGrid) -> bool:
    return len(grid.markers) * max(len(grid.populations), 1) > MOST_CELLS or len(grid.populations) > MOST_CELLS


def _saved(desk: Desk, sitting: Sitting, form: FormData) -> Response:
    grid, todo, blank = _grid(form), text_of(form, "do"), "blank" in form

    def again(shown: ProblemGrid, *faults: str) -> Response:
        return part(desk, sitting, "grid", grid=shown, blank=blank, faults=faults)

    if _is_too_large(grid):
        return again(BLANK, _TOO_LARGE)
    if todo in ("marker", "population"):
        more = _with_markers(grid, _listed(form, "more")) if todo == "marker" else _with_population(grid)
        return again(grid, _TOO_LARGE) if _is_too_large(more) else again(more)
    named = replace(
        grid,
        title=grid.title or "Untitled",
        markers=tuple(m for m in grid.markers if m.name),
        populations=tuple(p for p in grid.populations if p.name),
    )
    if grid.populations and not named.populations:
        return again(named, "No population is left: give each marker the level that it has on cells that carry it.")
    try:
        base = None if blank else desk.questions.question(sitting.state).problem
        text = problem_toml(problem_of_grid(named, base, problem_id(named.title)))
    except InputError as error:
        return again(grid, *(str(one) for one in error.findings))
    before = sitting.state
    whole = desk.change(sitting, lambda state: state.with_(problem="", own_problem=text))
    if sitting.state == before and sitting.notices:
        faults, sitting.notices = sitting.notices, []
        return again(grid, *faults)
    return redrawn(desk, sitting, whole=whole)


def _with_markers(grid: ProblemGrid, names: tuple[str, ...]) -> ProblemGrid:
    """Return the grid with further markers; with an empty row if no new ones are named."""
    known = {marker.name for marker in grid.markers}
    new = [name for name in names if name not in known] or [""]
    return replace(grid, markers=(*grid.markers, *(GridMarker(name, "candidate") for name in new)))


def _with_population(grid: ProblemGrid) -> ProblemGrid:
    """Return the grid with a further population; a marker list becomes that of a target."""
    if grid.populations:
        new = GridPopulation("", "contaminant", "0.01", {})
    else:
        new = GridPopulation("target", "target", "0.01", {marker.name: marker.level for marker in grid.markers})
    return replace(grid, populations=(*grid.populations, new))


def _grid(form: FormData) -> ProblemGrid:
    names = texts_of(form, "marker")
    rows = zip_longest(names, texts_of(form, "marker_role"), texts_of(form, "marker_level"), fillvalue="")
    markers = tuple(GridMarker(name, role or "candidate", level) for name, role, level in islice(rows, len(names)))
    levels = texts_of(form, "level")
    heads = zip(
        texts_of(form, "population"), texts_of(form, "population_role"), texts_of(form, "frequency"), strict=False
    )
    count = len(texts_of(form, "population"))
    populations = tuple(
        GridPopulation(
            name, role, frequency,
            {m.name: text for m, text in zip(markers, levels[place::count], strict=False) if m.name},
        )
        for place, (name, role, frequency) in enumerate(heads)
    )  # fmt: skip
    return ProblemGrid(text_of(form, "title"), text_of(form, "purity"), markers, populations)
