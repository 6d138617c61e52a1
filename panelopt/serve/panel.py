"""Endpoints that change or show the panel: menus, locks, undo, snapshots and searches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import get_args

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from panelopt.api.errors import PaneloptError
from panelopt.serve import changes
from panelopt.serve.answering import part, redrawn, sitting_of, text_of, texts_of
from panelopt.serve.desk import Desk, tell
from panelopt.serve.jobs import Job
from panelopt.serve.pages import render
from panelopt.serve.sitting import TABS, Side, Sitting
from panelopt.serve.state import Pack
from panelopt.serve.views import curve

PULSE_S = 1.0
"""Longest time between two reports of a search."""


def show_menu(desk: Desk, sitting: Sitting, request: Request) -> Response:
    """Show what could stain some markers."""
    markers = tuple(request.query_params.getlist("m"))
    try:
        found, packs = desk.menu(sitting, markers), desk.packs(sitting, markers)
    except PaneloptError as error:
        tell(sitting, error)
        found, packs = (), {}
    return part(desk, sitting, "menu", markers=markers, choices=found, packs=packs)


def place(desk: Desk, sitting: Sitting, form: FormData) -> bool:
    """Stain markers with a dye."""
    markers, dye, detector = texts_of(form, "m"), text_of(form, "dye"), text_of(form, "detector")
    return desk.change(sitting, lambda state: changes.placed(state, markers, dye, detector))


def buy(desk: Desk, sitting: Sitting, form: FormData) -> bool:
    """Choose another product for a marker."""
    names = {name: text_of(form, name) for name in Pack.model_fields}
    return desk.change(sitting, lambda state: changes.bought(state, text_of(form, "m"), Pack(**names)))


def remove(desk: Desk, sitting: Sitting, form: FormData) -> bool:
    """Stain markers no longer."""
    return desk.change(sitting, lambda state: changes.removed(state, texts_of(form, "m")))


def lock(desk: Desk, sitting: Sitting, form: FormData) -> bool:
    """Turn the lock of a slot."""
    return desk.change(sitting, lambda state: changes.lock_turned(state, texts_of(form, "m")))


def clear(desk: Desk, sitting: Sitting, form: FormData) -> bool:  # noqa: ARG001  the shape of all changes
    """Empty the panel but for what is locked."""
    return desk.change(sitting, lambda state: state.with_(panel=tuple(slot for slot in state.panel if slot.locked)))


def undo(desk: Desk, sitting: Sitting, form: FormData) -> bool:  # noqa: ARG001  the shape of all changes
    """Undo the last change."""
    return desk.back(sitting)


def redo(desk: Desk, sitting: Sitting, form: FormData) -> bool:  # noqa: ARG001  the shape of all changes
    """Redo what was undone."""
    return desk.forward(sitting)


def keep(desk: Desk, sitting: Sitting, form: FormData) -> bool:  # noqa: ARG001  the shape of all changes
    """Keep the panel as A or B."""
    side = text_of(form, "side")
    for known in get_args(Side):
        if side == known:
            sitting.keep(known)
    return False


def bring_back(desk: Desk, sitting: Sitting, form: FormData) -> bool:
    """Show a panel that was kept."""
    kept = {str(side): kept for side, kept in sitting.kept.items()}.get(text_of(form, "side"))
    return desk.change(sitting, lambda state: kept.state if kept else state)


# ---- searches


def search(desk: Desk, sitting: Sitting, form: FormData) -> bool:
    """Start a design or an improvement."""
    limits = {"seconds": text_of(form, "seconds"), "changes": text_of(form, "changes")}
    try:
        sitting.state = sitting.state.with_(**{name: value for name, value in limits.items() if value})
    except ValidationError:
        sitting.notices.append("The time limit, or the number of changes, is out of range.")
        return False
    desk.search(sitting, improve=text_of(form, "kind") == "improve")
    return False


def stop(desk: Desk, sitting: Sitting, form: FormData) -> bool:  # noqa: ARG001  the shape of all changes
    """End the search of a sitting with its best panel."""
    if sitting.job is not None:
        sitting.job.stop()
    return False


def show_bench(desk: Desk, sitting: Sitting, request: Request) -> Response:  # noqa: ARG001  the shape of all readings
    """Show the panel, with that of a search that has ended."""
    desk.take(sitting)
    return redrawn(desk, sitting, whole=False)


async def stream(request: Request) -> Response:
    """Report the search of a sitting while it runs."""
    sitting = sitting_of(request, request.query_params.get("desk"))
    events = _events(request, sitting.job) if sitting.job is not None else _over()
    return StreamingResponse(events, media_type="text/event-stream")


async def _events(request: Request, job: Job) -> AsyncIterator[str]:
    version = -1
    while not await request.is_disconnected():
        version = await run_in_threadpool(job.wait, version, PULSE_S)
        found = job.snapshot()
        yield _event("progress", render("progress", job=found, curve=curve(found), limit=job.task.options.time_limit_s))
        if not found.running:
            yield _event("done", "")
            return


async def _over() -> AsyncIterator[str]:
    yield _event("done", "")


def _event(name: str, text: str) -> str:
    lines = "".join(f"data: {line}\n" for line in text.splitlines()) or "data:\n"
    return f"event: {name}\n{lines}\n"


def show_tab(desk: Desk, sitting: Sitting, request: Request) -> Response:
    """Choose what is shown below the panel."""
    tab = request.query_params.get("tab", "")
    with suppress(ValueError):
        sitting.tab = TABS[TABS.index(tab)]
    return part(desk, sitting, "below")


def show_samples(desk: Desk, sitting: Sitting, request: Request) -> Response:  # noqa: ARG001  the shape of all readings
    """Show how the panel fares in samples of what is uncertain."""
    try:
        text = desk.sampled(sitting)
    except PaneloptError as error:
        text = str(error)
    return HTMLResponse(render("samples", text=text))
