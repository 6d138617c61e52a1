"""Makes the pictures of docs/serve.md: the page of `panelopt serve`, wide and on a phone.

Usage: python tools/make_serve_pictures.py

It serves a shipped problem with a finished panel and photographs the page with headless Chromium.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from make_screenshots import ROOT, browser, write_picture

sys.path.insert(0, str(ROOT))

from panelopt.serve.state import Slot, State, packed

STATE = State(
    problem="bm-cd271-cd146",
    panel=(
        Slot(markers=("viability",), dye="7-AAD"),
        Slot(markers=("CD45", "CD235a", "CD38"), dye="APC", locked=True),
        Slot(markers=("CD271",), dye="BV421"),
        Slot(markers=("CD146",), dye="PE"),
    ),
)
SETTLED_S = 6.0
"""Seconds after which everything on the page is computed."""


def main() -> None:
    """Make both pictures."""
    command = [sys.executable, "-m", "panelopt", "serve", "--no-browser", "--port", "0"]
    with (
        tempfile.TemporaryDirectory() as place,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,  # noqa: S603  this program
        browser(Path(place) / "profile") as driver,
    ):
        try:
            entrance = server.stdout.readline().strip() if server.stdout else ""
            driver.get(entrance)
            address = f"{entrance.partition('/enter')[0]}/?state={packed(STATE)}"
            photograph(driver, address, "serve", 1280, 1000)
            photograph(driver, address, "serve-phone", 390, 844)
        finally:
            server.terminate()


def photograph(driver: Any, address: str, name: str, width: int, height: int) -> None:
    """Write a picture of the page with a menu open; on a phone without one."""
    window = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", window)
    driver.get(address)
    if width > 600:
        driver.find_element("id", "change-4").click()
    time.sleep(SETTLED_S)
    write_picture(driver, name, {"x": 0, "y": 0, "width": width, "height": height})


if __name__ == "__main__":
    main()
