"""The page of a report: complete, inert, self-contained, readable by machines that read aloud."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings

from panelopt.domain.result import Result
from panelopt.report.content import Report
from panelopt.report.html import report_html
from panelopt.report.safe_text import plain
from tests import builders, strategies
from tests.reporting import examples as reporting
from tests.reporting.examples import HOSTILE, Page

PARTS = ("panel", "targets", "sort", "spread", "spectra", "proof", "limits", "alternatives", "omip", "provenance")


@pytest.fixture(scope="module")
def small() -> Report:
    return reporting.small_report()


@pytest.fixture(scope="module")
def page(small: Report) -> Page:
    return Page(report_html(small))


@pytest.fixture(scope="module")
def hostile() -> str:
    return report_html(reporting.hostile_report())


def is_inert(text: str) -> None:
    """A page runs nothing but its own script and asks for nothing."""
    page = Page(text)
    assert len(page.all("script")) == 1
    for forbidden in ("img", "iframe", "object", "embed", "form", "audio", "video", "base"):
        assert not page.all(forbidden), forbidden
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        assert "src" not in attributes
        for name in ("href", "xlink:href"):
            assert attributes.get(name, "#").startswith(("#", "data:,")), (tag, attributes)
    assert not re.findall(r"url\(|@import", text)
    assert list(page.all("link")) == [{"rel": "icon", "href": "data:,"}]


def test_page_has_every_part_in_order(page: Page) -> None:
    sections = [attributes["id"] for attributes in page.all("section") if not attributes["id"].startswith("target-")]
    assert sections == ["summary", *PARTS, "glossary"]
    links = [attributes["href"] for attributes in page.all("a") if attributes.get("class") != "term"]
    assert links == ["#main", "#summary", *(f"#{part}" for part in PARTS), "#glossary"]


def test_everything_but_the_first_screen_is_folded(page: Page) -> None:
    folds = page.all("details")
    assert len([fold for fold in folds if fold.get("class") == "part"]) == len(PARTS) + 1
    assert len(folds) == len(page.all("summary"))
    assert not any("open" in attributes for attributes in folds)


def test_warnings_are_merged_and_say_what_to_do(result: Result) -> None:
    text = Page(report_html(Report(result))).text
    assert "1 warning:" in text
    assert "State them in the problem file" in text


def test_terms_link_to_their_explanation_at_first_use(page: Page) -> None:
    used = [attributes["href"] for attributes in page.all("a") if attributes.get("class") == "term"]
    assert len(used) == len(set(used)) > 8
    explained = [f"#{attributes['id']}" for attributes in page.all("dt") if "id" in attributes]
    assert sorted(used) == sorted(explained)
    assert used[0] == "#term-wrong-cell"


def test_names_of_elements_are_unique_and_lead_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        assert attributes.get("aria-labelledby", ids[0]) in ids
        assert attributes.get("href", "#main").removeprefix("#") in [*ids, "data:,"]


def test_only_the_own_script_may_run(small: Report) -> None:
    text = report_html(small)
    script = re.search(r"<script>(.*)</script>", text, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    (policy,) = [m["content"] for m in Page(text).all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_page_is_inert(small: Report) -> None:
    is_inert(report_html(small))


def test_hostile_names_are_only_text(hostile: str) -> None:
    is_inert(hostile)
    text = Page(hostile).text
    for name in HOSTILE:
        assert plain(name) in text
    assert "{{ 7 * 7 }}" in text
    assert "\u202e" not in hostile


def test_hostile_names_do_not_turn_their_surroundings_around(hostile: str) -> None:
    body = hostile[hostile.index("<main") :]
    outside = re.sub(r"<bdi>[^<]*</bdi>|<svg.*?</svg>|[a-z-]+=\"[^\"]*\"", "", body, flags=re.DOTALL)
    assert "\u05e9\u05dc\u05d5\u05dd" in body
    assert "\u05e9\u05dc\u05d5\u05dd" not in outside


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.results())
def test_any_name_is_only_text(result: Result) -> None:
    is_inert(report_html(Report(result)))


def test_markers_of_300_characters_are_whole_in_the_tables(result: Result) -> None:
    name = "<b>" + "m" * 297
    slot = result.panel[0].model_copy(update={"markers": (name,), "reagents": ()})
    text = report_html(Report(result.model_copy(update={"panel": (slot, *result.panel[1:])})))
    is_inert(text)
    assert name in Page(text).text


def test_tables_have_captions_and_scopes(page: Page) -> None:
    assert len(page.all("caption")) == len(page.all("table")) > 15
    assert all(attributes.get("scope") in ("col", "row") for attributes in page.all("th"))


def test_every_picture_has_words(page: Page) -> None:
    pictures = page.all("svg")
    assert len(pictures) >= 5
    for attributes in pictures:
        assert attributes["role"] == "img"
        assert len(attributes["aria-label"]) > 10
    assert len(page.all("figure")) == len(page.all("figcaption"))
    scrolled = [a for _, a in page.tags if "scroll" in a.get("class", "").split()]
    assert all(a["tabindex"] == "0" and ("aria-label" in a or "aria-labelledby" in a) for a in scrolled)


def test_page_has_landmarks_and_a_way_past_them(page: Page) -> None:
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1
    assert page.all("html") == [{"lang": "en"}]
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_numbers_sort_as_numbers(small: Report) -> None:
    page = Page(report_html(small))
    keys = [float(a["data-v"]) for tag, a in page.tags if tag == "td" and a.get("data-v")]
    assert len(keys) > 100
    purities = {target.purity for target in small.result.targets}
    assert purities <= set(keys)


def test_page_shows_what_the_result_says(small: Report, page: Page) -> None:
    for slot in small.result.panel:
        assert slot.fluorochrome in page.text
        assert slot.detector in page.text
    for pair in small.result.pairs:
        assert pair.contaminant in page.text
    for file in small.inputs:
        assert file.found in page.text


def test_what_is_missing_is_said(result: Result) -> None:
    missing = {"problem": "no problem here", "cytometer": "no cytometer here", "plan": "no plan here"}
    text = Page(report_html(Report(result, missing=missing))).text
    for words in missing.values():
        assert words in text


@pytest.mark.parametrize("status", ["infeasible", "unknown"])
def test_results_without_panel_have_a_page(status: str) -> None:
    clash = {"demand": "max_colours", "message": "at most 2 <b>colours</b>", "where": "limits.max_colours"}
    text = report_html(Report(builders.empty_result(status, conflicts=[clash] if status == "infeasible" else [])))
    is_inert(text)
    page = Page(text)
    assert ("at most 2 <b>colours</b>" in page.text) == (status == "infeasible")
    assert not page.all("svg")


def test_a_report_is_small_and_quick(small: Report) -> None:
    start = time.process_time()
    text = report_html(small)
    assert time.process_time() - start < 1.5  # about 0.05 s
    assert len(text.encode()) < 3_000_000


def named(page: Page) -> set[str]:
    return {attributes["id"] for _, attributes in page.tags if "id" in attributes}


def test_paper_has_what_an_operator_needs(small: Report) -> None:
    ids = named(Page(report_html(small, paper=True)))
    pictures = {"f-map", "f-emission", "f-scatter", "f-gates-0", "f-m-spillover", "f-m-spreading"}
    tables = {"t-settings-0", "t-steps", "t-tubes", "t-sorter", "t-controls", "t-order"}
    assert {"summary", *pictures, *tables} <= ids
    assert not {"proof", "provenance", "t-pairs", "t-similarity", "t-tree-0", "f-m-noise"} & ids
    assert 'class="sample"' not in report_html(small, paper=True)


def test_a_browser_prints_the_same_as_is_put_on_paper(small: Report, page: Page) -> None:
    style = report_html(small).split("@media print {")[1]
    hidden = style[: style.index("{ display: none")]
    series = tuple(re.findall(r'\[id\^="(t-[a-z-]+)"', hidden))
    alone = set(re.findall(r"#([tf]-[a-z-]+)", hidden))
    parts = set(re.findall(r'data-part="([a-z0-9]+)"', hidden))
    left_out = named(page) - named(Page(report_html(small, paper=True)))
    for part in parts:
        assert part in left_out or part in ("alternatives", "glossary")
    blocks = {one for one in left_out if one.startswith(("t-", "f-")) and not one.startswith(series)}
    folded = {"t-spillover", "t-spreading", "t-noise", "t-similarity"}  # the numbers of pictures
    within = {"t-proof", "t-search", "t-limits", "t-omip1", "t-omip2", "t-provenance", "t-inputs"}  # in hidden parts
    assert blocks - folded - within <= alone
