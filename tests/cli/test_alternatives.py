"""``alternatives``, ``frontier`` and ``explain`` on a shipped problem."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from panelopt.cli import main

SMALL = ["bm-cd271-msca1-gmp", "--cytometer", "aria-fusion", "--time-limit", "20", "-q"]


def run(*arguments: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(main, list(arguments))
    return outcome.exit_code, outcome.stdout


def test_alternatives_as_text() -> None:
    code, text = run("alternatives", *SMALL, "-n", "2", "--differ", "2")
    assert code == 0
    assert "Panel 2" in text
    assert max(map(len, text.splitlines())) <= 80


def test_alternatives_as_json_nest_results() -> None:
    code, text = run("alternatives", *SMALL, "-n", "2", "--json")
    document = json.loads(text)
    assert code == 0
    assert document["kind"] == "alternatives"
    assert [entry["result"]["status"] for entry in document["alternatives"]] == ["optimal", "optimal"]
    assert "yield" in document["alternatives"][0]["result"]["targets"][0]


@pytest.mark.slow
def test_frontier_by_price(tmp_path: Path) -> None:
    target = tmp_path / "frontier.json"
    code, text = run("frontier", *SMALL, "--by", "price", "--catalog", "synthetic-prices", "-o", str(target))
    assert (code, text) == (0, "")
    document = json.loads(target.read_text(encoding="utf-8"))
    assert document["complete"]
    assert document["currency"]


def test_frontier_by_price_without_prices_says_what_to_do() -> None:
    outcome = CliRunner().invoke(main, ["frontier", *SMALL, "--by", "price"])
    assert outcome.exit_code == 1
    assert "unknown price" in outcome.stderr
    assert "Hint:" in outcome.stderr


@pytest.mark.parametrize(
    ("extra", "code", "word"), [([], 0, "Worst gains"), (["--max-colours", "1"], 3, "Conflicting demands")]
)
def test_explain(extra: list[str], code: int, word: str) -> None:
    found, text = run("explain", *SMALL, *extra)
    assert found == code
    assert word in text


def test_no_csv_form_is_an_error() -> None:
    outcome = CliRunner().invoke(main, ["explain", *SMALL, "--format", "csv"])
    assert outcome.exit_code == 2
