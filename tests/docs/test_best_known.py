"""Best known values: consistent in themselves; fast questions reach them again and do not pass their limits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import known
from benchmarks.known import SLACK, Known
from panelopt import api
from panelopt.scoring import DEFAULT_TOLERANCE

ROWS = known.read()
QUICK = sorted((row for row in ROWS if row.status == "optimal"), key=lambda row: row.seconds)[:3]


def row(**changes: object) -> Known:
    values: dict[str, object] = {
        "problem": "tiny", "cytometer": "sorter", "catalog_sha256": "c", "question_sha256": "q", "numbers": 7.0,
        "best_worst": 1.0, "bound_worst": 1.1, "floor": 0.98, "best_sum": 9.0, "bound_sum": 9.2,
        "status": "feasible", "colours": 5, "seconds": 3.0, "version": "0.1.0", "date": "2026-01-01",
    }  # fmt: skip
    return Known(**(values | changes))  # type: ignore[arg-type]


def test_the_file_is_sorted_and_consistent() -> None:
    assert ROWS
    assert [r.key for r in ROWS] == sorted({r.key for r in ROWS})
    assert [text for r in ROWS for text in known.contradictions(r, r)] == []


def test_rows_survive_the_file(tmp_path: Path) -> None:
    rows = [row(), row(cytometer="other", best_worst=None, floor=None, best_sum=None, colours=None, status="unknown")]
    known.write(rows, tmp_path / "known.csv")
    assert known.read(tmp_path / "known.csv") == rows


def test_a_value_above_a_limit_is_a_contradiction() -> None:
    assert known.contradictions(row(), row(best_worst=1.05)) == []
    assert known.contradictions(row(), row(best_worst=1.1 + 2 * SLACK, bound_worst=1.2))
    assert known.contradictions(row(), row(best_sum=9.3, bound_sum=9.4))
    assert known.contradictions(row(), row(best_sum=9.3, bound_sum=9.4, floor=0.5)) == []
    assert known.contradictions(row(), row(best_worst=5.0, bound_worst=5.0, question_sha256="r")) == []
    assert known.contradictions(row(), row(best_worst=5.0, bound_worst=5.0, numbers=7.1)) == []


def test_merging_keeps_the_better_numbers() -> None:
    old, new = row(), row(best_worst=1.05, bound_worst=1.2, floor=1.03, best_sum=8.9, date="2026-02-02")
    (both,) = known.merged([old], [new])
    assert (both.best_worst, both.bound_worst, both.floor, both.date) == (1.05, 1.1, 1.03, "2026-02-02")
    changed = replace(new, question_sha256="r", best_worst=0.1)
    assert known.merged([old], [changed]) == [changed]


@pytest.mark.parametrize("old", QUICK, ids=lambda r: f"{r.problem} on {r.cytometer}")
def test_a_fast_question_is_proven_again_and_contradicts_nothing(old: Known) -> None:
    question = api.load(old.problem, cytometer=old.cytometer)
    options = api.Options(time_limit_s=120, workers=1)
    new = known.designed(question, options, "now")
    again = "run: python benchmarks/survey.py --update-best-known"
    assert new.question_sha256 == old.question_sha256, f"the question has changed; {again}"
    assert new.asks_the_same(old), f"the numbers have changed; raise SCORE_VERSION, and {again}"
    assert known.contradictions(old, new) == []
    assert new.status == "optimal"
    assert new.best_worst is not None
    assert old.best_worst is not None
    assert new.best_worst >= old.best_worst - DEFAULT_TOLERANCE
