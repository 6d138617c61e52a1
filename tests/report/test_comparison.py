"""Two designs compared: what is shown, and that names stay names."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from panelopt.domain.design_comparison import DesignComparison
from panelopt.domain.result import Result
from panelopt.report import text_tables
from panelopt.report.comparison_text import change_sheets, comparison_text
from panelopt.report.comparison_verdict import comparison_verdict, tube_changes
from panelopt.report.html import comparison_html
from panelopt.reporting.result_comparison import comparison
from tests import builders, strategies
from tests.report.test_html import is_inert
from tests.reporting.examples import HOSTILE, Page


@pytest.fixture
def found(result: Result) -> DesignComparison:
    slot = result.panel[0].model_copy(update={"fluorochrome": "BV605", "detector": "V610"})
    target = result.targets[0].model_copy(update={"purity": 0.9887, "gate_yield": 0.9224})
    pair = result.pairs[0].model_copy(update={"log_ratio": 1.75})
    changes = {"panel": (slot, *result.panel[1:]), "targets": (target,), "pairs": (pair, *result.pairs[1:])}
    return comparison(result, result.model_copy(update=changes), ("first.json", "second.json"))


def test_text_says_what_changed_and_what_it_does(found: DesignComparison) -> None:
    text = comparison_text(found)
    assert "Both are equally pure in their worst tubes: 1 wrong cell in 20; 1 of 4 markers" in text
    (changed,) = [line for line in text.splitlines() if line.startswith("CD271 ")]
    assert changed.split() == ["CD271", "other", "fluorochrome", "PE", "on", "B575", "BV605", "on", "V610"]
    (purity,) = [line for line in text.splitlines() if line.startswith("Purity ") and "least" not in line]
    assert purity.split() == ["Purity", "99.87", "%", "98.9", "%", "-1.00", "points"]
    (pair,) = [line for line in text.splitlines() if line.startswith("leukocyte")]
    assert pair.split() == ["leukocyte", "18", "57", "1.25", "1.75", "+0.50"]
    assert text.index("CD271 ") < text.index("Purity at least") < text.index("leukocyte") < text.index("Worst log")
    assert all(len(line) <= text_tables.DEFAULT_WIDTH for line in text.splitlines())


def test_equal_designs_have_no_changes(result: Result) -> None:
    found = comparison(result, result)
    assert not found.changed
    text = comparison_text(found)
    assert "0 of 4 markers" in text
    assert "Differences between the panels" not in text
    changes = [row[-1] for sheet in change_sheets(found)[1:3] for row in sheet.rows]
    assert set(changes) <= {"0", "-", "0 points"}


def test_page_shows_both(found: DesignComparison) -> None:
    text = comparison_html(found)
    is_inert(text)
    page = Page(text)
    for words in ("first.json", "second.json", "BV605", "other fluorochrome", "-1.00 points"):
        assert words in page.text
    assert len(page.all("svg")) == 1


def test_hostile_names_are_only_text(result: Result) -> None:
    slot = result.panel[0].model_copy(update={"markers": (HOSTILE[0],), "reagents": ()})
    target = result.targets[0].model_copy(update={"name": HOSTILE[1]})
    other = result.model_copy(update={"panel": (slot, *result.panel[1:]), "targets": (target,), "problem": HOSTILE[2]})
    found = comparison(result, other, (HOSTILE[4], "b"))
    text = comparison_html(found)
    is_inert(text)
    for name in (*HOSTILE[:3], HOSTILE[4]):
        assert name in Page(text).text


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.results(), strategies.results())
def test_any_two_results_compare(first: Result, second: Result) -> None:
    found = comparison(first, second)
    is_inert(comparison_html(found))
    text = comparison_text(found)
    assert not any(ord(character) < 32 and character != "\n" for character in text)


def test_verdict_counts_in_purity_points(result: Result) -> None:
    better = result.targets[0].model_copy(update={"purity_at_least": 0.98})
    found = comparison(result, result.model_copy(update={"targets": (better,)}))
    assert comparison_verdict(found) == (
        "B is purer in its worst tube: 1 wrong cell in 50 instead of 1 wrong cell in 20, 2.9 points of purity; "
        "0 of 4 markers differ."
    )
    assert comparison_verdict(comparison(found.second, found.first)).startswith("A is purer in its worst tube")
    (tube,) = tube_changes(found)
    assert (round(tube.points or 0, 6), tube.purer) == (2.9, "B")


def test_verdict_names_one_number_where_both_are_written_alike(result: Result) -> None:
    purities = (0.7873, 0.7884)
    one, other = (
        result.model_copy(update={"targets": (result.targets[0].model_copy(update={"purity_at_least": purity}),)})
        for purity in purities
    )
    assert comparison_verdict(comparison(one, other)).startswith(
        "B is purer in its worst tube: 1 wrong cell in 4.7 with either, 0.1 points of purity; "
    )


def test_verdict_without_a_panel(result: Result) -> None:
    assert comparison_verdict(comparison(result, builders.empty_result("infeasible"))) == (
        "B has no panel; 4 of 4 markers differ."
    )
