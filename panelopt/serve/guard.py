"""Refuses requests that the door does not let in or that are too large, and adds the headers that bind the browser."""

from __future__ import annotations

from html import escape

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from panelopt.serve.door import Door, Refusal

FORM_BYTES = 1_000_000
"""Largest body of a form."""

UPLOAD_BYTES = 32_000_000
"""Largest body of an upload: a list of stock, a panel, a problem, an instrument."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
"""Added to each answer."""

_TOO_LARGE = Refusal(413, "That is too much: {} bytes are accepted at most.")


class Oversized(Exception):
    """More bytes came than a request may have."""


class Guard:
    """Middleware around the whole application.

    Args:
        app: The application.
        door: Decides who comes in.
    """

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app, self.door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def bound(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        most = UPLOAD_BYTES if scope["path"].startswith("/upload/") else FORM_BYTES
        found = self.door.refusal(scope["method"], scope["path"], headers) or _announced(headers, most)
        if found is not None:
            await _page(found, scope)(scope, receive, bound)
            return
        try:
            await self.app(scope, _limited(receive, most), bound)
        except Oversized:
            await _page(_too_large(most), scope)(scope, receive, bound)


def _announced(headers: Headers, most: int) -> Refusal | None:
    """Refuse a body that is said to be too large before any of it is read."""
    text = headers.get("content-length", "0")
    if not text.isascii() or not text.isdigit():
        return Refusal(400, "The length of the request makes no sense.")
    return _too_large(most) if len(text) > 12 or int(text) > most else None


def _too_large(most: int) -> Refusal:
    return Refusal(_TOO_LARGE.status, _TOO_LARGE.message.format(f"{most:,}"))


def _limited(receive: Receive, most: int) -> Receive:
    """Return a receiver that counts: a body need not announce its length."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise Oversized
        return message

    return counted


def _page(found: Refusal, scope: Scope) -> HTMLResponse:
    """Return a page without any content of the application."""
    again = ""
    if found.status == 403 and scope["method"] == "GET":
        # a link from elsewhere comes without the cookie; one from this page brings it along
        address = escape(Request(scope).url.replace(scheme="", netloc="")._url, quote=True)
        again = f'<p><a href="{address}">Try again from here</a>, if you followed a link from another page.</p>'
    text = f"<!DOCTYPE html><html lang=en><title>panelopt</title><h1>panelopt</h1><p>{escape(found.message)}</p>{again}"
    return HTMLResponse(text, status_code=found.status)
