"""Text reports: everything that matters is there, nothing is wider than the page, no name steers the terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings

from panelopt.domain.panel_records import BestPanel
from panelopt.domain.result import Bound, Result
from panelopt.domain.tube_robustness import Robustness, TubeRobustness
from panelopt.report import text_tables
from panelopt.report.content import Report
from panelopt.report.html import report_html
from panelopt.report.result_text import WORST_PAIRS, order_table, panel_table, result_text
from panelopt.report.safe_text import plain
from panelopt.report.verdict import verdict
from tests import builders, strategies
from tests.reporting.examples import Page


def test_report_names_every_reagent_gate_and_pair(result: Result) -> None:
    text = result_text(result)
    for slot in result.panel:
        assert slot.fluorochrome in text
        assert slot.detector in text
        for reagent in slot.reagents:
            assert reagent.catalog_number in text
            assert reagent.clone in text
    assert "CD271 PE above 12,300; CD45+CD31 FITC below 88" in text
    for pair in result.pairs:
        assert pair.contaminant in text


def test_report_shows_purity_yield_and_proof(result: Result) -> None:
    lines = result_text(result).splitlines()
    card, tube = (line.split() for line in lines if line.startswith("msc-pos ") and "94.1" in line)
    assert card == ["msc-pos", "12,300", "94.1", "99.87", "95.1", "20"]
    assert tube == ["msc-pos", "1.0", "94.1", "99.87", "95.1", "20"]
    (worst,) = [line for line in lines if line.startswith("Worst ratio")]
    assert worst.split()[2:] == ["1.250", "1.250", "1.260", "0.010"]
    (cells,) = [line for line in lines if line.startswith("1 wrong cell in") and "18" in line]
    assert cells.split()[4:] == ["18", "18", "20"]
    assert any("at least 1.230" in line for line in lines)
    assert any("300.00 EUR" in line and "unknown prices: 1" in line for line in lines)


def test_a_score_without_proof_shows_only_the_panel(result: Result) -> None:
    text = result_text(result.model_copy(update={"bound": Bound(), "best": BestPanel(), "gap": Bound(), "floor": None}))
    assert "Score, log10" in text
    assert "Proven bound" not in text
    assert "No proof" in text


def test_worst_pairs_come_first_and_are_limited(result: Result) -> None:
    pairs = [result.pairs[0].model_copy(update={"contaminant": f"c{i:02}", "log_ratio": 20.0 - i}) for i in range(20)]
    text = result_text(result.model_copy(update={"pairs": tuple(pairs)}))
    assert text.index("c19") < text.index("c18") < text.index("c12")
    assert "c11" not in text
    assert f"{WORST_PAIRS} of 20" in text


def test_warnings_can_be_left_out(result: Result) -> None:
    assert "CD31 is unknown" in result_text(result)
    assert "CD31 is unknown" not in result_text(result, warnings=False)


def test_infeasible_report_names_the_clash() -> None:
    clash = {"demand": "max_colours", "message": "at most 2 colours", "where": "limits.max_colours"}
    text = result_text(builders.empty_result("infeasible", conflicts=[clash]))
    assert "proven" in text
    assert "max_colours: at most 2 colours (limits.max_colours)" in text
    assert "Panel\n" not in text
    assert "perhaps not minimal" not in text
    open_ = builders.empty_result("infeasible", conflicts=[clash], conflicts_minimal=False)
    assert "Conflicting demands (perhaps not minimal)" in result_text(open_)


def test_interrupted_report_says_so(result: Result) -> None:
    stopped = result.model_copy(update={"solver": result.solver.model_copy(update={"interrupted": True})})
    assert "interrupted" in result_text(stopped)
    assert "interrupted" not in result_text(result)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_report_fits_the_width(result: Result, width: int) -> None:
    long = result.panel[0].model_copy(update={"fluorochrome": "A" * 70, "detector": "Very Long Detector Name 780/60"})
    text = result_text(result.model_copy(update={"panel": (long, *result.panel[1:])}), width=width)
    assert max(map(len, text.splitlines())) <= width
    assert text.replace("\n", "").count("A") >= 70  # broken into lines, not cut


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.results())
def test_hostile_names_are_shown_as_they_are_but_steer_nothing(result: Result) -> None:
    text = result_text(result)
    assert all(unicodedata.category(c) not in ("Cc", "Cf") for c in text if c != "\n")


def test_markup_is_text() -> None:
    assert "[bold red]x[/]" in text_tables.table(("a",), [("[bold red]x[/]",)])


def test_plain_removes_escapes_and_joins_lines() -> None:
    assert plain("a\x1b[31mb\u202ec\nd\u2028e") == "a[31mbc d e"


def test_unverified_products_are_marked(result: Result) -> None:
    slot = result.panel[0]
    doubtful = slot.reagents[0].model_copy(update={"availability": "unverified"})
    panel = (slot.model_copy(update={"reagents": (doubtful,)}), *result.panel[1:])
    assert "CD271 *" in order_table(panel)
    assert "No source" in order_table(panel)
    assert "*" not in order_table(result.panel)


def test_empty_panel_gives_no_table() -> None:
    assert panel_table(()) == ""


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [(None, "-"), (0.0, "0.0"), (1.0, "100.0"), (0.9412, "94.1"), (0.99987, "99.99"), (2.1e-5, "0.0021")],
)
def test_percent_keeps_the_digits_that_matter(fraction: float | None, shown: str) -> None:
    assert text_tables.percent(fraction) == shown


@pytest.mark.parametrize(("value", "shown"), [(None, "-"), (12345.6, "12,300"), (3.14159, "3.14"), (0.0, "0")])
def test_count_has_three_digits(value: float | None, shown: str) -> None:
    assert text_tables.count(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(None, "-"), (-0.001, "0.00"), (-0.01, "-0.01"), (1.005, "1.00")])
def test_numbers_have_no_negative_zero(value: float | None, shown: str) -> None:
    assert text_tables.number(value) == shown


def test_report_says_that_the_memory_limit_was_reached(result: Result) -> None:
    stats = result.solver.model_copy(update={"out_of_memory": True, "memory_limit_mb": 900.0})
    text = " ".join(result_text(result.model_copy(update={"solver": stats})).split())
    assert "The search reached the memory limit" in text
    assert "900 MB" in text
    assert "memory limit" not in result_text(result)


def test_the_verdict_comes_first_and_claims_no_more_than_the_samples(result: Result) -> None:
    sure = Robustness(
        samples=256,
        purity_goal=0.95,
        uncertainty="default",
        goal_met_share=0.25,
        worst_log_ratio_p10=0.5,
        tubes=(TubeRobustness(target="msc-pos", purity_p10=0.714, goal_met_share=0.25),),
    )
    twice = result.targets[0].model_copy(update={"purity_second_sort": 0.9991})
    known = result.model_copy(update={"robustness": sure, "targets": (twice, *result.targets[1:])})
    text = result_text(known)
    first, rest = text.split("\n\n", 1)
    assert " ".join(first.splitlines()[1:]) == verdict(known)
    words = " ".join(rest.split())
    assert sure.summary() in words
    assert "after a second sort through the same gates: 99.91 % (msc-pos)" in words
    assert "on paper" not in words
    page = report_html(Report(known))
    shown = Page(page).text
    for words in (verdict(known), sure.summary(), "99.91", "71.4"):
        assert words in shown
