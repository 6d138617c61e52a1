"""``panelopt serve``."""

from __future__ import annotations

import importlib.util
import webbrowser
from typing import TYPE_CHECKING

import click

from panelopt.api.errors import UsageError
from panelopt.cli.demands import finite
from panelopt.cli.group import say, say_warning

if TYPE_CHECKING:
    from panelopt.serve.door import Door

_NEEDED = ("starlette", "uvicorn", "python_multipart")


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port; 0: any free one.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Address of this machine to listen on. Any other than the default lets other machines connect, unencrypted.",
)
@click.option("--no-browser", is_flag=True, help="Do not open the browser.")
@click.option(
    "--memory-limit",
    type=click.FloatRange(min=0, min_open=True),
    callback=finite,
    default=4000.0,
    show_default=True,
    metavar="MB",
    help="Memory at which a search ends with its best panel.",
)
def serve(port: int, host: str, *, no_browser: bool, memory_limit: float) -> None:
    """Open a page for consultations: choose a problem and a sorter, design, swap dyes, see each tube change.

    The page is served on this machine only, and computed on it. The printed address works once: open it in the browser
    that you want to use. End the server with Ctrl-C. Requires the extra `serve`: pip install 'panelopt[serve]'.

    \b
    Examples:
      panelopt serve
      panelopt serve --port 9000 --no-browser
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        hint = "Install them: pip install 'panelopt[serve]'"
        raise UsageError(f"packages of the extra `serve` are missing: {', '.join(missing)}", hint=hint)
    from panelopt.serve.running import serve as run

    def ready(door: Door) -> None:
        say("Open this address; it works once. End with Ctrl-C.")
        click.echo(door.entrance)
        if not door.is_local:
            say_warning("other machines can connect, and the connection is not encrypted", door.address)
        if not no_browser:
            webbrowser.open(door.entrance)

    run(host, port, memory_limit, ready)
