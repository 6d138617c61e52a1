"""A whole consultation in headless Chromium, by mouse and by keyboard, on wide and narrow screens.

Run with ``make browser``. The rules of accessibility are those of axe-core.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.accessibility import violations
from tests.report.test_browser import driver as driver

pytestmark = pytest.mark.browser

MOST_S = 120.0
"""Longest wait for anything, on a busy machine."""

STOCK = "Antigen,Fluorochrome,Vendor,Cat. No.\nCD106,PE,BioLegend,305806\nCD45,APC,BioLegend,304012\n"


@contextmanager
def served(port: str = "0") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of its own, and its address."""
    pytest.importorskip("uvicorn")
    command = [sys.executable, "-m", "panelopt", "serve", "--no-browser", "--port", port]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    entrance = process.stdout.readline().strip()
    assert entrance.startswith("http://127.0.0.1:")
    try:
        yield process, entrance
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[subprocess.Popen[str], str]]:
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def address(server: tuple[subprocess.Popen[str], str], driver: Any) -> str:
    """The address of the page, for a browser that has been let in."""
    _, entrance = server
    driver.get(entrance)
    return entrance.partition("/enter")[0]


def size(driver: Any, width: int, *, dark: bool = False) -> None:
    """Set the size of the window and the colours."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})


def opened(driver: Any, address: str, width: int = 1280, *, dark: bool = False) -> None:
    """Open a new page; the console's messages of what was before are dropped."""
    size(driver, width, dark=dark)
    driver.get(address)
    driver.get_log("browser")


def until(what: Callable[[], Any], name: str) -> Any:
    """Wait until something is true."""
    from selenium.common.exceptions import StaleElementReferenceException

    deadline = time.monotonic() + MOST_S
    while time.monotonic() < deadline:
        with suppress(StaleElementReferenceException):  # drawn anew meanwhile
            found = what()
            if found:
                return found
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {name}")


def settled(driver: Any) -> None:
    """Wait until no request is under way."""
    until(lambda: driver.execute_script("return !document.querySelector('.htmx-request, .htmx-swapping')"), "answers")


def choose(driver: Any, list_: str, value: str) -> None:
    """Choose from a list."""
    from selenium.webdriver.support.ui import Select

    Select(driver.find_element("id", list_)).select_by_value(value)
    until(lambda: value in driver.execute_script(f"return document.getElementById('{list_}').value"), list_)
    settled(driver)


def click(driver: Any, id_: str) -> None:
    """Click a button and wait for what it does."""
    button = driver.find_element("id", id_)
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    settled(driver)


def dyes(driver: Any) -> list[str]:
    """Return the fluorochromes of the panel."""
    return driver.execute_script(
        "return [...document.querySelectorAll('table.panel td:nth-child(2)')].map(c => c.innerText)"
    )


def small(driver: Any, address: str, width: int = 1280) -> None:
    """Open a small question."""
    opened(driver, address, width)
    driver.execute_script("document.getElementById('asking').open = true")
    choose(driver, "problem", "cv-cd106")
    until(lambda: "chorionic" in driver.find_element("tag name", "h1").text, "the question")


def designed(driver: Any) -> None:
    """Design, and wait for the panel."""
    click(driver, "design")
    until(lambda: not driver.find_elements("id", "search") and dyes(driver), "a panel")
    settled(driver)


def test_a_whole_consultation(driver: Any, address: str, tmp_path: Path) -> None:
    driver.execute_cdp_cmd("Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    small(driver, address)
    stock = tmp_path / "stock.csv"
    stock.write_text(STOCK, encoding="utf-8")
    driver.find_element("id", "file-stock").send_keys(str(stock))
    until(lambda: "Your stock is loaded" in driver.find_element("id", "ask").text, "the stock")
    designed(driver)
    best = dyes(driver)
    assert "proven bound" in driver.find_element("css selector", ".overall").text
    assert "in stock" in driver.find_element("css selector", "table.panel").text
    # swap
    click(driver, "change-2")
    use = until(lambda: driver.find_elements("css selector", "#menu .use"), "a menu")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", use[0])
    use[0].click()
    until(lambda: dyes(driver) and not driver.find_elements("css selector", "#menu .menu"), "the swap")
    settled(driver)
    click(driver, "undo")
    assert dyes(driver) == best
    click(driver, "redo")
    swapped = dyes(driver)
    # lock, improve, stop
    click(driver, "lock-2")
    assert driver.find_element("id", "lock-2").get_attribute("aria-pressed") == "true"
    assert not driver.find_element("id", "change-2").is_enabled()
    click(driver, "improve")
    until(lambda: not driver.find_elements("id", "search"), "an improvement")
    settled(driver)
    assert dyes(driver)[1] == swapped[1]
    choose(driver, "problem", "adipose-4way")
    click(driver, "design")
    stop = until(lambda: driver.find_elements("id", "stop"), "a search")
    until(lambda: "best" in driver.find_element("id", "progress").text, "a first panel")
    assert driver.find_elements("css selector", "#progress svg")
    stop[0].click()
    until(lambda: not driver.find_elements("id", "search") and dyes(driver), "the best panel so far")
    settled(driver)
    found = dyes(driver)
    # save, keep and compare
    click(driver, "keep-A")
    click(driver, "remove-1")
    click(driver, "keep-B")
    until(
        lambda: (
            "Panel" in driver.find_element("id", "part").text or driver.find_elements("css selector", "#part table")
        ),
        "A and B",
    )
    click(driver, "undo")
    driver.find_element("css selector", "#out summary").click()
    for link in driver.find_elements("css selector", "#out a"):
        driver.execute_script("arguments[0].click()", link)
        name = link.get_attribute("download")
        until(lambda name=name: (tmp_path / name).exists(), name)
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["panel"]
    # reload
    driver.refresh()
    assert dyes(driver) == found
    until(lambda: driver.find_elements("css selector", "#part table"), "A and B again")
    assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_after_a_restart_the_page_takes_up_where_it_was(driver: Any, tmp_path: Path) -> None:
    stock = tmp_path / "our stock.csv"
    stock.write_text(STOCK, encoding="utf-8")
    with served() as (_, entrance):
        port = entrance.rpartition(":")[2].partition("/")[0]
        driver.get(entrance)
        small(driver, entrance.partition("/enter")[0])
        driver.find_element("id", "file-stock").send_keys(str(stock))
        until(lambda: "our stock.csv" in driver.find_element("id", "ask").text, "the stock")
        settled(driver)
        click(driver, "add-menu")
        use = until(lambda: driver.find_elements("css selector", "#menu .use"), "a menu")
        use[0].click()
        before = until(lambda: dyes(driver), "a colour")
        settled(driver)
        page = driver.current_url
    with served(port) as (_, entrance):
        driver.find_element("id", "undo").click()  # the page of the server before
        until(lambda: "started again" in driver.find_element("id", "failed").text, "what to do")
        driver.get(entrance)
        driver.get(page)
        assert "our stock.csv" in driver.find_element("id", "bench").text
        driver.find_element("id", "again-stock").send_keys(str(stock))
        until(lambda: dyes(driver) == before, "the panel as it was")
        settled(driver)
        # another product of what is there
        click(driver, "change-1")
        until(lambda: driver.find_elements("css selector", "#menu table"), "a menu")
        others = driver.find_elements("css selector", "#menu .packs .use")
        if others:
            label = others[0].get_attribute("aria-label").removeprefix("Buy ")
            driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", others[0])
            others[0].click()
            until(lambda: label in driver.find_element("css selector", "table.panel").text, label)


def test_everything_by_keyboard(driver: Any, address: str) -> None:
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    small(driver, address)

    def reached(id_: str) -> Any:
        for _ in range(120):
            ActionChains(driver).send_keys(Keys.TAB).perform()
            if driver.switch_to.active_element.get_attribute("id") == id_:
                outline = "return getComputedStyle(document.activeElement).outlineStyle"
                assert driver.execute_script(outline) != "none"
                return driver.switch_to.active_element
        raise AssertionError(f"{id_} is not reached")

    driver.execute_script("document.activeElement.blur(); scrollTo(0, 0)")
    reached("design").send_keys(Keys.ENTER)
    until(lambda: not driver.find_elements("id", "search") and dyes(driver), "a panel")
    settled(driver)
    before = dyes(driver)
    driver.execute_script("document.getElementById('bench').focus()")
    reached("change-2").send_keys(Keys.ENTER)
    until(lambda: driver.execute_script("return document.activeElement.closest('#menu') !== null"), "the menu")
    driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert driver.switch_to.active_element.get_attribute("id") == "change-2"
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    until(lambda: driver.execute_script("return document.activeElement.className === 'use'"), "the first choice")
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    until(lambda: not driver.find_elements("css selector", "#menu .menu"), "the swap")
    settled(driver)
    assert driver.switch_to.active_element.get_attribute("id") == "change-2"  # where one was
    assert dyes(driver) != before or "no panel" not in driver.page_source
    driver.switch_to.active_element.send_keys(Keys.CONTROL, "z")
    until(lambda: dyes(driver) == before, "undo")


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_screen(driver: Any, address: str, width: int) -> None:
    small(driver, address, width)
    designed(driver)
    click(driver, "change-1")
    until(lambda: driver.find_elements("css selector", "#menu table"), "a menu")
    for tab in ("spectra", "spillover", "gates", "controls", "order"):
        click(driver, f"tab-{tab}")
        until(lambda: "Computing" not in driver.find_element("id", "part").text, tab)
        assert driver.execute_script("return document.documentElement.scrollWidth <= innerWidth"), tab
        assert driver.find_elements("css selector", "#part svg, #part table"), tab
    driver.execute_script("document.getElementById('asking').open = true")
    click(driver, "edit-grid")
    until(lambda: driver.find_elements("id", "grid"), "the grid")
    assert driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    assert driver.get_log("browser") == []


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False)])
def test_no_serious_fault_of_accessibility(driver: Any, address: str, width: int, dark: bool) -> None:
    small(driver, address, width)
    size(driver, width, dark=dark)
    designed(driver)
    click(driver, "change-2")
    until(lambda: driver.find_elements("css selector", "#menu table"), "a menu")
    driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
    try:
        for step in ("", "tab-spillover", "tab-gates", "edit-grid", "new-list"):
            driver.execute_script("document.getElementById('asking').open = true")
            if step:
                click(driver, step)
                until(lambda: "Computing" not in driver.find_element("id", "bench").text, step)
            assert violations(driver) == [], step
    finally:
        driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": False})


def test_other_pages_cannot_embed_or_reach_it(driver: Any, address: str, tmp_path: Path) -> None:
    page = tmp_path / "evil.html"
    page.write_text(
        f"<iframe src='{address}/'></iframe><form action='{address}/undo' method=post><button>x</button></form>"
        f"<script>fetch('{address}/', {{credentials: 'include'}}).then(r => r.text())"
        ".then(() => document.title = 'in', () => document.title = 'out')</script>",
        encoding="utf-8",
    )
    driver.get(page.as_uri())
    until(lambda: driver.title in ("in", "out"), "an answer")
    assert driver.title == "out"
    driver.find_element("tag name", "button").click()
    until(lambda: driver.current_url.startswith(address), "the answer to a form of another page")
    assert "not been let in" in driver.page_source or "only from the page" in driver.page_source


def test_ten_tabs_at_once(driver: Any, address: str) -> None:
    small(driver, address)
    designed(driver)
    link = driver.current_url
    first = driver.current_window_handle
    tabs = []
    for _ in range(9):
        driver.switch_to.new_window("tab")
        driver.get(link.replace("desk=", "other="))
        tabs.append(driver.current_window_handle)
    for tab in tabs:  # all ask at once
        driver.switch_to.window(tab)
        driver.execute_script("document.getElementById('change-1').click()")
    for number, tab in enumerate(tabs):
        driver.switch_to.window(tab)
        until(lambda: driver.find_elements("css selector", "#menu table"), f"a menu in tab {number}")
        driver.execute_script("document.getElementById('remove-2').click()")
    for tab in tabs:
        driver.switch_to.window(tab)
        until(lambda: len(dyes(driver)) == 1, "a change")
        driver.close()
    driver.switch_to.window(first)
    click(driver, "lock-1")
    assert len(dyes(driver)) == 2


def memory_mb(process: int) -> float:
    """Return the resident memory of a process."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return float(line.split()[1]) / 1024
    raise AssertionError("no such process")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the files of Linux on processes")
def test_two_hundred_changes_leave_the_memory_flat(
    driver: Any, server: tuple[subprocess.Popen[str], str], address: str
) -> None:
    small(driver, address)
    designed(driver)

    def change(times: int) -> None:
        for _ in range(times):
            click(driver, "remove-2")
            click(driver, "undo")

    change(40)
    before = memory_mb(server[0].pid)
    change(100)
    assert memory_mb(server[0].pid) - before < 30
