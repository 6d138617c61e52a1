"""Who may come in: a one-time token, a cookie, and what a request must state about itself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from threading import Lock

SAFE_METHODS = ("GET", "HEAD")
"""Methods that change nothing."""

OPEN_PATHS = ("/enter", "/static/")
"""Paths that need no cookie: the door itself, and files that are the same for everybody."""

_SAME = ("same-origin", "none")
"""Values of Sec-Fetch-Site of requests that no other site caused."""


_STRANGE = (
    "This browser has not been let in, or panelopt was started again. Open the address that it printed, then load this "
    "page again: its address holds what was on it."
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused: status and one sentence."""

    status: int
    message: str


@dataclass(slots=True)
class Door:
    """Lets in whoever holds the token that was printed, once, and knows them by a cookie afterwards.

    Attributes:
        host: Address the server listens on.
        port: Its port.
        token: Stands in the printed address; worthless after its first use.
        secret: Value of the cookie.
    """

    host: str
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _lock: Lock = field(default_factory=Lock)

    @property
    def address(self) -> str:
        """Origin of the page."""
        return f"http://{_bracketed(self.host)}:{self.port}"

    @property
    def entrance(self) -> str:
        """The address to open first."""
        return f"{self.address}/enter?token={self.token}"

    @property
    def cookie(self) -> str:
        """Name of the cookie; browsers share cookies between ports, so the port is part of it."""
        return f"panelopt-{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """Values of the Host header that are served."""
        names = {_bracketed(self.host), *(("localhost",) if self.is_local else ())}
        return frozenset({f"{name}:{self.port}" for name in names} | (names if self.port == 80 else set()))

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in ("127.0.0.1", "::1", "localhost")

    def enter(self, token: str) -> bool:
        """Exchange the token; True once."""
        with self._lock:
            if not self.token or not secrets.compare_digest(token.encode(), self.token.encode()):
                return False
            self.token = ""
            return True

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether a request carries the cookie."""
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return False
        return found is not None and secrets.compare_digest(found.value.encode(), self.secret.encode())

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> Refusal | None:
        """Return why a request is refused; None if it is not.

        Args:
            method: HTTP method.
            path: Path of the address.
            headers: Header values by name in lower case.
        """
        if headers.get("host", "").lower() not in self.hosts:
            return Refusal(421, "This server answers only under its own address.")
        if not path.startswith(OPEN_PATHS) and not self.knows(headers):
            return Refusal(403, _STRANGE)
        if method not in SAFE_METHODS:
            return self._foreign(headers)
        return None

    def _foreign(self, headers: Mapping[str, str]) -> Refusal | None:
        """Return why a change is refused: it must come from a page of this server."""
        origin = headers.get("origin")
        own = {f"http://{host}" for host in self.hosts}
        if origin is not None and origin.lower() not in own:
            return Refusal(403, "Changes are accepted only from the page itself.")
        if headers.get("sec-fetch-site", "same-origin") not in _SAME:
            return Refusal(403, "Changes are accepted only from the page itself.")
        if origin is None and "sec-fetch-site" not in headers:
            return Refusal(403, "The request does not say where it comes from.")
        return None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
