"""Runs the server until it is interrupted."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable

import uvicorn

from panelopt.api.errors import PaneloptError, UsageError
from panelopt.serve.app import application
from panelopt.serve.desk import Desk
from panelopt.serve.door import Door

LOCAL = "127.0.0.1"

LONGEST_HEAD = 64_000
"""Bytes of the head of a request: the state of the page stands in its address."""

CLOSING_S = 3
"""Seconds that open requests have when the server ends."""


def serve(host: str, port: int, memory_mb: float, ready: Callable[[Door], None]) -> None:
    """Serve the page until interrupted.

    Args:
        host: Address of this machine to listen on.
        port: Port; 0 = any free one.
        memory_mb: Memory at which a search ends with its best panel.
        ready: Called once when the server listens.

    Raises:
        PaneloptError: if the address cannot be listened on.
        UsageError: if it stands for all addresses of this machine.
    """
    listener = _listener(host, port)
    door = Door(host, listener.getsockname()[1])
    config = uvicorn.Config(
        application(door, Desk(memory_mb)),
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        h11_max_incomplete_event_size=LONGEST_HEAD,
        timeout_graceful_shutdown=CLOSING_S,
        http="h11",
    )
    ready(door)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        listener.close()


def _listener(host: str, port: int) -> socket.socket:
    try:
        if ipaddress.ip_address(host).is_unspecified:
            hint = "Name one address of this machine: requests under any other are refused."
            raise UsageError(f"{host} stands for all addresses", hint=hint)
    except ValueError:
        pass  # a name
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        found = socket.socket(family, socket.SOCK_STREAM)
        if os.name == "posix":  # a server that has just ended still holds its port otherwise
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(place)
    except OSError as error:
        hint = "Is another server running? Choose another --port." if host == LOCAL else "Is it this machine's?"
        raise PaneloptError(
            f"cannot listen there: {error.strerror or error}", where=f"{host}:{port}", hint=hint
        ) from None
    return found
