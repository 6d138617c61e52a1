"""Reports in headless Chromium: nothing fails, nothing leaves the file, everything works by mouse and by keyboard.

Run with ``make browser``. Chromium and its driver are those of the system; the rules of accessibility are those of
axe-core, as the package axe-core-python brings them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from panelopt import api
from panelopt.io.result_json import record_json
from panelopt.report.html import comparison_html, report_html
from panelopt.report.palette import contrast
from panelopt.reporting.result_comparison import comparison
from tests.accessibility import violations
from tests.reporting import examples as reporting

pytestmark = pytest.mark.browser

PANELS: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "conventional": (
        "cv-cd106",
        "aria-fusion",
        (("CD106", "PE"), ("CD45", "PE-Cy5"), ("CD31", "BV421"), ("CD73", "Alexa Fluor 647")),
    ),
    "spectral": (
        "adipose-4way",
        "aurora-cs",
        (("CD45", "BV711"), ("CD31", "BV421"), ("CD34", "BUV395"), ("CD146", "Alexa Fluor 647"), ("CD90", "BV605")),
    ),
    "list": ("general-msc-identity", "aurora-5l", (("CD73", "PE"), ("CD90", "APC"), ("CD105", "BV421"))),
}
"""Problem, cytometer and panel of three kinds of questions."""

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser; its records of console and network are on."""
    webdriver = pytest.importorskip("selenium.webdriver")
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    service = shutil.which("chromedriver")
    if binary is None or service is None:
        pytest.skip("Chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(service))
    yield found
    found.quit()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports of three problems, one with hostile names, and a comparison."""
    folder = tmp_path_factory.mktemp("pages")
    results = {}
    texts = {}
    for kind, (problem, cytometer, rows) in PANELS.items():
        asked = api.load(problem, cytometer=cytometer, catalogs=["msc-reagents"])
        results[kind] = reporting.scored(asked, rows)
        path = folder / f"{kind}.json"
        path.write_text(record_json(results[kind]), encoding="utf-8")
        texts[kind] = report_html(api.report(path))
    texts["hostile"] = report_html(reporting.hostile_report())
    texts["comparison"] = comparison_html(comparison(results["conventional"], results["spectral"]))
    found = {kind: folder / f"{kind}.html" for kind in texts}
    for kind, text in texts.items():
        found[kind].write_text(text, encoding="utf-8")
    return found


KINDS = (*PANELS, "hostile", "comparison")
each_page = pytest.mark.parametrize("kind", KINDS)


def opened(driver: Any, path: Path, width: int = 1280, *, dark: bool = False, unfolded: bool = True) -> None:
    """Open a page with all its sections; the records of what was before are dropped."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    driver.get("about:blank")
    for kind in ("browser", "performance"):
        driver.get_log(kind)
    driver.get(path.as_uri())
    if unfolded:
        driver.execute_script("document.querySelectorAll('details').forEach(fold => fold.open = true)")


@pytest.mark.parametrize("kind", [*PANELS, "comparison"])
def test_first_screen_holds_verdict_panel_and_tubes(driver: Any, pages: dict[str, Path], kind: str) -> None:
    opened(driver, pages[kind], unfolded=False)
    ends = driver.execute_script(
        "return ['.verdict', '.lead-sheets table', '.cards'].map(name =>"
        " Math.max(...[...document.querySelectorAll(name)].map(e => e.getBoundingClientRect().bottom)))"
    )
    assert len(ends) == 3
    assert all(0 < end <= 900 for end in ends), ends
    assert driver.execute_script("return document.querySelectorAll('details[open]').length") == 0


def test_navigation_stays_in_view_and_opens_sections(driver: Any, pages: dict[str, Path]) -> None:
    opened(driver, pages["conventional"], unfolded=False)
    for section in ("limits", "provenance", "glossary"):
        driver.find_element("css selector", f"nav a[href='#{section}']").click()
        driver.execute_async_script("setTimeout(arguments[0], 100)")
        place = driver.find_element("id", section)
        assert place.is_displayed()
        top = driver.execute_script("return arguments[0].getBoundingClientRect().top", place)
        nav = driver.execute_script(
            "const r = document.querySelector('nav').getBoundingClientRect(); return [r.top, r.bottom]"
        )
        assert nav[0] == 0
        assert nav[1] <= top < 900


def test_a_term_leads_to_its_explanation(driver: Any, pages: dict[str, Path]) -> None:
    opened(driver, pages["conventional"], unfolded=False)
    driver.find_element("css selector", ".verdict a.term").click()
    driver.execute_async_script("setTimeout(arguments[0], 100)")
    assert driver.find_element("id", "term-wrong-cell").is_displayed()


@each_page
def test_everything_can_be_reached_on_a_phone(driver: Any, pages: dict[str, Path], kind: str) -> None:
    opened(driver, pages[kind], 390)
    lost = driver.execute_script(
        "const out = [];"
        "for (const e of document.querySelectorAll('main *, header *, footer *, nav *')) {"
        "  const box = e.getBoundingClientRect();"
        "  if (!box.width || box.right <= innerWidth + 1) continue;"
        "  let within = e.parentElement;"
        "  while (within && !['auto', 'scroll'].includes(getComputedStyle(within).overflowX))"
        "    within = within.parentElement;"
        "  if (!within) out.push(e.outerHTML.slice(0, 120));"
        "}"
        "return out"
    )
    assert lost == []
    small = driver.execute_script(
        "return [...document.querySelectorAll('summary, nav a, button')].filter(e => e.offsetParent &&"
        " e.getBoundingClientRect().height < 24).map(e => e.outerHTML.slice(0, 80))"
    )
    assert small == []  # WCAG 2.2, 2.5.8: targets of at least 24 px


CONTRAST = """
const rgb = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const page = light(rgb(getComputedStyle(document.body).backgroundColor));
const ratio = colour => { const own = light(rgb(colour));
  return (Math.max(own, page) + 0.05) / (Math.min(own, page) + 0.05); };
return [...document.querySelectorAll('.verdict, .card, .tools button')].map(e => { const style = getComputedStyle(e);
  return ratio(e.matches('.verdict') ? style.borderLeftColor : style.borderTopColor); });
"""
"""WCAG 2 contrast with the page of each border that carries meaning."""


@each_page
@pytest.mark.parametrize("dark", [False, True])
def test_borders_that_carry_meaning_stand_out(driver: Any, pages: dict[str, Path], kind: str, dark: bool) -> None:
    opened(driver, pages[kind], dark=dark)
    measured = driver.execute_script(CONTRAST)
    assert len(measured) >= 2
    assert min(measured) >= 3.0


@each_page
def test_nothing_fails_and_nothing_leaves_the_file(driver: Any, pages: dict[str, Path], kind: str) -> None:
    opened(driver, pages[kind])
    assert driver.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith(("about:", "data:", "chrome:"))] == [pages[kind].as_uri()]


@each_page
@pytest.mark.parametrize("width", [1280, 390])
def test_all_pictures_are_drawn_and_nothing_is_wider_than_the_page(
    driver: Any, pages: dict[str, Path], kind: str, width: int
) -> None:
    opened(driver, pages[kind], width)
    sizes = driver.execute_script(
        "return [...document.querySelectorAll('svg')].map(s => [s.getBBox().width, s.getBBox().height,"
        " s.getBoundingClientRect().width])"
    )
    assert len(sizes) >= 1
    assert all(drawn > 50 and high > 10 and shown > 50 for drawn, high, shown in sizes)
    assert driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_tables_sort_and_filter(driver: Any, pages: dict[str, Path]) -> None:
    opened(driver, pages["spectral"])
    column = (
        "const t = document.querySelector('#t-pairs table');"
        "return [...t.tBodies[0].rows].filter(r => !r.hidden).map(r => r.cells[3].dataset.v)"
    )
    head = driver.find_elements("css selector", "#t-pairs thead th")[3]
    for word in ("ascending", "descending"):
        head.find_element("tag name", "button").click()
        assert head.get_attribute("aria-sort") == word
        values = [float(value) for value in driver.execute_script(column)]
        assert values == sorted(values, reverse=word == "descending")
    before = len(values)
    driver.find_element("css selector", "#t-pairs input").send_keys("lymphocyte")
    assert 0 < len(driver.execute_script(column)) < before
    assert "rows" in driver.find_element("css selector", "#t-pairs .tools [role=status]").text


@pytest.mark.parametrize("kind", ["conventional", "spectral"])
def test_values_are_told_by_mouse_and_keyboard(driver: Any, pages: dict[str, Path], kind: str) -> None:
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    opened(driver, pages[kind])
    tip = driver.find_element("id", "tip")
    driver.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    for mark in ("#f-map .band.on", "#f-emission .curve", "#f-gates-0 .gate", "#t-similarity td", "#t-noise td"):
        element = driver.find_element("css selector", mark)
        driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        if mark.endswith((".curve", ".gate")):  # hollow: only the line itself is hit
            driver.execute_script(
                "arguments[0].dispatchEvent(new PointerEvent('pointerover', {bubbles: true}))", element
            )
        else:
            ActionChains(driver).move_to_element(element).perform()
        assert tip.is_displayed(), mark
        assert len(tip.text) > 5
    for group in ("#f-map .marks", "#t-similarity .scroll"):
        place = driver.find_element("css selector", group)
        driver.execute_script("arguments[0].focus()", place)
        place.send_keys(Keys.ARROW_RIGHT)
        first = tip.text
        place.send_keys(Keys.ARROW_RIGHT)
        assert tip.is_displayed()
        assert tip.text != first
        place.send_keys(Keys.ESCAPE)
        assert not tip.is_displayed()


def test_plots_switch_to_true_proportions(driver: Any, pages: dict[str, Path]) -> None:
    opened(driver, pages["conventional"])
    shown = (
        "return ['even', 'sample'].map(k => getComputedStyle(document.querySelector('#f-gates-0 .' + k)).display"
        " !== 'none')"
    )
    assert driver.execute_script(shown) == [True, False]
    driver.find_element("css selector", "label[for=s-gates-0]").click()
    assert driver.execute_script(shown) == [False, True]
    assert driver.execute_script("return getComputedStyle(document.querySelector('#f-scatter .sample')).display") == (
        "none"
    )


STROKES = """
const rgb = (text) => {
  const parts = text.match(/[\\d.e-]+/g).map(Number);
  return text.startsWith('color(') ? parts.slice(0, 3).map((x) => 255 * x) : parts.slice(0, 3);
};
const hex = (text) => '#' + rgb(text).map((x) => Math.round(x).toString(16).padStart(2, '0')).join('');
const found = {page: hex(getComputedStyle(document.body).backgroundColor)};
found.strokes = [...new Set([...document.querySelectorAll('svg *')].map((mark) => getComputedStyle(mark))
  .filter((style) => style.stroke !== 'none').map((style) => hex(style.stroke) + ' ' + style.strokeOpacity))];
return found;
"""


@pytest.mark.parametrize("kind", ["conventional", "spectral", "comparison"])
@pytest.mark.parametrize("dark", [False, True])
def test_all_strokes_stand_out(driver: Any, pages: dict[str, Path], kind: str, dark: bool) -> None:
    opened(driver, pages[kind], dark=dark)
    found = driver.execute_script(STROKES)
    assert found["strokes"]
    for stroke in found["strokes"]:
        colour, opacity = stroke.split()
        assert opacity == "1"
        assert contrast(colour, found["page"]) >= 3.0, stroke


def test_wide_pictures_scroll_inside_their_figure(driver: Any, pages: dict[str, Path]) -> None:
    opened(driver, pages["spectral"], 390)
    ends = driver.execute_script(
        "return [...document.querySelectorAll('figure .scroll')].map(s => { s.scrollLeft = 1e6;"
        " const last = [...s.querySelectorAll('svg')].map(v => v.getBoundingClientRect().right);"
        " return [Math.max(...last), s.getBoundingClientRect().right]; })"
    )
    assert len(ends) > 5
    assert all(picture <= box + 1 for picture, box in ends)  # the right end of every picture can be reached


def test_colours_can_be_chosen(driver: Any, pages: dict[str, Path]) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor"
    opened(driver, pages["list"], dark=True)
    dark = driver.execute_script(ground)
    button = driver.find_element("id", "theme")
    button.click()
    assert driver.execute_script(ground) != dark
    button.click()
    assert driver.execute_script(ground) == dark
    assert button.text == "Colours: dark"


def test_first_key_leads_to_the_content(driver: Any, pages: dict[str, Path]) -> None:
    from selenium.webdriver.common.keys import Keys

    opened(driver, pages["list"])
    driver.find_element("tag name", "body").send_keys(Keys.TAB)
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert driver.execute_script("return document.activeElement.id") == "main"


@each_page
@pytest.mark.parametrize("dark", [False, True])
def test_no_fault_of_accessibility(driver: Any, pages: dict[str, Path], kind: str, dark: bool) -> None:
    opened(driver, pages[kind], dark=dark)
    assert violations(driver) == []


@each_page
def test_page_prints(driver: Any, pages: dict[str, Path], kind: str) -> None:
    opened(driver, pages[kind])
    printed = driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})
    assert printed["data"].startswith("JVBERi0")  # %PDF-
