"""Makes the pictures of the documentation: the report page, terminals and the order list of the tutorial's example.

Usage: python tools/make_screenshots.py [--only NAME]

It runs the commands of docs/own-list.md in a temporary folder and photographs what they write with headless Chromium
(`chromium`, `chromedriver`). The picture of the workbook also needs LibreOffice (`soffice`) and `pdftoppm`; without
them the present one stays. Pictures are WebP files in docs/pictures, all together below 1 MB.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import pty
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.text import Text  # noqa: E402

from tests.docs import pages  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
EXAMPLE = ROOT / "docs" / "own-list.md"
MAX_BYTES = 1_000_000
QUALITY = 72
TERMINAL_COLUMNS = 80
TERMINAL_LINES = 44

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
)  # fmt: skip


@dataclass(frozen=True)
class Shot:
    """A picture of the report page.

    Attributes:
        name: File name without suffix.
        selector: CSS selector of what is shown; empty: the window as it opens.
        width, height: Window, CSS pixels.
        dark: Whether the system prefers dark colours.
    """

    name: str
    selector: str = ""
    width: int = 1280
    height: int = 900
    dark: bool = False


SHOTS = (
    Shot("first-screen"),
    Shot("first-screen-dark", dark=True),
    Shot("phone", width=390, height=844),
    Shot("detector-map", "#f-map"),
    Shot("emission", "#f-emission"),
    Shot("gates", "#f-gates-0"),
    Shot("similarity", "#f-m-similarity"),
)


def main() -> None:
    """Make all pictures, or one."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    names = [*(shot.name for shot in SHOTS), "terminal-design", "terminal-plan", "order-list"]
    parser.add_argument("--only", choices=names, help="make one picture")
    wanted = {only} if (only := parser.parse_args().only) else set(names)
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, browser(Path(place) / "profile") as driver:
        folder = Path(place)
        terminals = example(folder)
        for shot in SHOTS:
            if shot.name in wanted:
                photograph(driver, folder / "report.html", shot)
        for name, text in terminals.items():
            if name in wanted:
                photograph_terminal(driver, folder, name, text)
        if "order-list" in wanted:
            photograph_order(driver, folder)
    size = sum(path.stat().st_size for path in PICTURES.iterdir())
    say(f"{len(list(PICTURES.iterdir()))} pictures, {size / 1000:,.0f} kB")
    if size > MAX_BYTES:
        sys.exit(f"the pictures have {size:,} bytes, more than {MAX_BYTES:,}")


def say(text: str) -> None:
    """Write one line to stderr."""
    sys.stderr.write(f"{text}\n")


def example(folder: Path) -> dict[str, str]:
    """Run the commands of the example in a folder; return what the terminals show."""
    for name, text in pages.named_files(EXAMPLE).items():
        (folder / name).write_text(text, encoding="utf-8")
    shown = {}
    for words in (words for words in pages.commands(EXAMPLE) if words[0] == "panelopt"):
        say(f"$ {' '.join(words)}")
        printed = in_terminal(words, folder)
        if words[1] in ("design", "sort-plan") and printed.strip():
            shown[f"terminal-{'design' if words[1] == 'design' else 'plan'}"] = f"$ {' '.join(words)}\n{printed}"
    return shown


def in_terminal(words: Sequence[str], folder: Path) -> str:
    """Run a command whose output is a terminal; return what it prints, colours included."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(TERMINAL_COLUMNS), "TERM": "xterm-256color"}
    command = [sys.executable, "-m", *words]
    with subprocess.Popen(  # noqa: S603  # commands of a page of ours
        command, cwd=folder, env=environment, stdout=theirs, stderr=subprocess.PIPE
    ) as process:
        os.close(theirs)
        chunks = []
        while chunk := _read(ours):
            chunks.append(chunk)
        told = process.stderr.read().decode() if process.stderr else ""
    os.close(ours)
    if process.returncode:
        sys.exit(f"{' '.join(words)} ended with {process.returncode}:\n{told}")
    return b"".join(chunks).decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


@contextmanager
def browser(profile: Path) -> Iterator[Any]:
    """Start Chromium with an empty profile."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = _program("chromium", "chromium-browser", "google-chrome")
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(_program("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def _program(*names: str) -> str:
    found = next((path for name in names if (path := shutil.which(name))), None)
    return found or sys.exit(f"{names[0]} is not installed")


def photograph(driver: Any, page: Path, shot: Shot) -> None:
    """Write a picture of a page, or of one element of it."""
    scheme = {"name": "prefers-color-scheme", "value": "dark" if shot.dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    window = {"width": shot.width, "height": shot.height, "deviceScaleFactor": 1, "mobile": shot.width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", window)
    driver.get(page.as_uri())
    box = {"x": 0, "y": 0, "width": shot.width, "height": shot.height}
    if shot.selector:
        box = driver.execute_script(_BOX, shot.selector)
        if box is None:
            sys.exit(f"the page has no {shot.selector}; change SHOTS in {Path(__file__).name}")
    write_picture(driver, shot.name, box)


_BOX = """
const shown = document.querySelector(arguments[0]);
if (!shown) return null;
for (let e = shown; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
const r = shown.getBoundingClientRect();
const m = 10, x = Math.max(r.x + scrollX - m, 0), y = Math.max(r.y + scrollY - m, 0);
return {x, y, width: r.width + 2 * m, height: r.height + 2 * m};
"""


def write_picture(driver: Any, name: str, box: dict[str, float]) -> None:
    """Write a picture of a part of the page that is open."""
    wanted = {"format": "webp", "quality": QUALITY, "captureBeyondViewport": True, "clip": {**box, "scale": 1}}
    picture = driver.execute_cdp_cmd("Page.captureScreenshot", wanted)
    path = PICTURES / f"{name}.webp"
    path.write_bytes(base64.b64decode(picture["data"]))
    say(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:,.0f} kB")


def photograph_terminal(driver: Any, folder: Path, name: str, text: str) -> None:
    """Write a picture of the command and the beginning of what it prints."""
    command, *lines = text.rstrip("\n").split("\n")
    if len(lines) > TERMINAL_LINES:
        lines = [*lines[:TERMINAL_LINES], "[...]"]
    console = Console(record=True, width=TERMINAL_COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text(command, style="bold"))
    console.print(Text.from_ansi("\n".join(lines)))
    page = folder / f"{name}.html"
    look = "margin:0;padding:12px 16px;display:inline-block;font-size:14px"
    style = f"<style>body{{margin:0;background:#fff}}pre{{{look}}}</style>"
    page.write_text(style + console.export_html(inline_styles=True), encoding="utf-8")
    photograph(driver, page, Shot(name, "pre", width=900, height=900))


def photograph_order(driver: Any, folder: Path) -> None:
    """Write a picture of the first worksheet as it prints."""
    office, converter = shutil.which("soffice"), shutil.which("pdftoppm")
    if office is None or converter is None:
        say("soffice and pdftoppm are not installed: the picture of the order list stays")
        return
    for words in (
        (office, "--headless", "--convert-to", "pdf", "report.xlsx"),
        (converter, "-r", "110", "-png", "-f", "1", "-l", "1", "-singlefile", "report.pdf", "order"),
    ):
        subprocess.run(words, cwd=folder, check=True, capture_output=True)  # noqa: S603  # fixed words
    page = folder / "order.html"
    page.write_text('<body style="margin:0"><img src="order.png"></body>', encoding="utf-8")
    driver.get(page.as_uri())
    width, height = driver.execute_script("const i = document.images[0]; return [i.naturalWidth, i.naturalHeight]")
    window = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", window)
    driver.get(page.as_uri())
    write_picture(driver, "order-list", {"x": 0, "y": 0, "width": width, "height": 0.45 * height})


if __name__ == "__main__":
    main()
