"""The application: its addresses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from panelopt.api.pictures import picture_style
from panelopt.serve import asked, below, out, panel
from panelopt.serve.answering import changing, desk_of, reading
from panelopt.serve.desk import Desk
from panelopt.serve.door import Door
from panelopt.serve.guard import Guard
from panelopt.serve.pages import context, render
from panelopt.serve.state import BadState, State, unpacked

STATIC = Path(__file__).parent / "static"


def application(door: Door, desk: Desk) -> Starlette:
    """Return the application.

    Args:
        door: Decides who comes in.
        desk: Everything behind the page; closed when the application ends.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        desk.close()

    posts = {
        "/question": changing(asked.question),
        "/grid": asked.save_grid,
        "/upload/{kind:str}": asked.upload,
        "/without-stock": changing(asked.without_stock),
        "/place": changing(panel.place),
        "/buy": changing(panel.buy),
        "/remove": changing(panel.remove),
        "/lock": changing(panel.lock),
        "/clear": changing(panel.clear),
        "/undo": changing(panel.undo),
        "/redo": changing(panel.redo),
        "/keep": changing(panel.keep),
        "/bring-back": changing(panel.bring_back),
        "/search": changing(panel.search),
        "/stop": changing(panel.stop),
    }
    gets = {
        "/": page,
        "/enter": enter,
        "/grid": reading(asked.show_grid),
        "/menu": reading(panel.show_menu),
        "/bench": reading(panel.show_bench),
        "/tab": reading(panel.show_tab),
        "/samples": reading(panel.show_samples),
        "/part/{tab:str}": reading(below.show_part),
        "/out/{name:str}": reading(out.download),
        "/stream": panel.stream,
        "/pictures.css": pictures_css,
    }
    found = Starlette(
        routes=[
            *(Route(path, endpoint, methods=["POST"]) for path, endpoint in posts.items()),
            *(Route(path, endpoint, methods=["GET"]) for path, endpoint in gets.items()),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Guard, door=door)],
        lifespan=lifespan,
    )
    found.state.desk, found.state.door = desk, door
    return found


async def enter(request: Request) -> Response:
    """Exchange the token of the printed address for the cookie."""
    door: Door = request.app.state.door
    if not door.knows(request.headers) and not door.enter(request.query_params.get("token", "")):
        return HTMLResponse(render("refused"), status_code=403)
    found = RedirectResponse("/", status_code=303)
    found.set_cookie(door.cookie, door.secret, httponly=True, samesite="strict", path="/")
    return found


async def pictures_css(_: Request) -> Response:
    """Return the style sheet of the pictures, the same as in reports."""
    return Response(picture_style(), media_type="text/css")


async def page(request: Request) -> Response:
    """Show the page: that of the sitting and state in its address, or a new one."""
    desk, text = desk_of(request), request.query_params.get("state", "")
    state: State | None = None
    notice = ""
    try:
        state = unpacked(text) if text else None
    except BadState as error:
        notice = f"This link is broken: {error}. The page begins anew."

    def work() -> Response:
        sitting = desk.sitting(request.query_params.get("desk", "")[:40], state)
        if notice:
            sitting.notices.append(notice)
        desk.take(sitting)
        return HTMLResponse(render("page", **context(desk, sitting)))

    return await run_in_threadpool(work)
