"""Between requests and the desk: forms in, parts of the page out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from panelopt.serve.desk import Desk
from panelopt.serve.pages import address, context, render
from panelopt.serve.sitting import Sitting

MOST_FIELDS = 20_000
"""Fields of the largest form, the grid of a problem."""

Endpoint = Callable[[Request], Awaitable[Response]]
Change = Callable[[Desk, Sitting, FormData], bool]
"""Changes a sitting; returns whether all of the page must be drawn again."""


def desk_of(request: Request) -> Desk:
    """Return the desk of the application."""
    found: Desk = request.app.state.desk
    return found


def sitting_of(request: Request, id_: object) -> Sitting:
    """Return a sitting by its id.

    Raises:
        HTTPException: if it is not known, because it is too old or made up.
    """
    found = desk_of(request).sittings.get(str(id_ or ""))
    if found is None:
        raise HTTPException(410, "This page is too old. Load it again.")
    return found


def part(desk: Desk, sitting: Sitting, name: str, **more: Any) -> HTMLResponse:
    """Return a part of the page."""
    return HTMLResponse(render(name, **context(desk, sitting), **more))


def redrawn(desk: Desk, sitting: Sitting, *, whole: bool) -> HTMLResponse:
    """Return what a change makes new, and the address of the new state."""
    found = part(desk, sitting, "desk" if whole else "bench")
    found.headers["HX-Replace-Url"] = address(sitting)
    if whole:
        found.headers["HX-Retarget"] = "#desk"
    return found


def form_of(request: Request) -> AbstractAsyncContextManager[FormData]:
    """Return the form of a request; its files are closed at the end."""
    return request.form(max_files=1, max_fields=MOST_FIELDS)


def changing(change: Change) -> Endpoint:
    """Return an endpoint that changes a sitting and draws the page anew."""

    async def endpoint(request: Request) -> Response:
        async with form_of(request) as form:
            desk, sitting = desk_of(request), sitting_of(request, form.get("desk"))

            def work() -> Response:
                return redrawn(desk, sitting, whole=change(desk, sitting, form))

            return await run_in_threadpool(work)

    return endpoint


def reading(read: Callable[[Desk, Sitting, Request], Response]) -> Endpoint:
    """Return an endpoint that shows something of a sitting."""

    async def endpoint(request: Request) -> Response:
        sitting = sitting_of(request, request.query_params.get("desk"))
        return await run_in_threadpool(read, desk_of(request), sitting, request)

    return endpoint


def text_of(form: FormData, name: str) -> str:
    """Return a field as text; empty if it is missing."""
    found = form.get(name, "")
    return found.strip() if isinstance(found, str) else ""


def texts_of(form: FormData, name: str) -> tuple[str, ...]:
    """Return all values of a field."""
    return tuple(found.strip() for found in form.getlist(name) if isinstance(found, str))


async def file_of(form: FormData) -> tuple[bytes, str]:
    """Return content and name of the uploaded file; empty if there is none."""
    found = form.get("file")
    if not isinstance(found, UploadFile):
        return b"", ""
    return await found.read(), found.filename or ""
