"""Repeated designs: which runs there are, what counts as the same answer, and that the program resumes."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import repeat
from benchmarks.kernels import DEFAULT, Kernel

OTHER = Kernel("other", {"OPENBLAS_CORETYPE": "other"})


def _row(**changes: str) -> dict[str, str]:
    row = {
        "case": "a@b",
        "run": "0",
        "status": "optimal",
        "proven": "1",
        "worst": "1.5",
        "sum": "9",
        "answer": "CD73 PE",
    }
    return {**row, **changes}


def test_runs_meet_every_limit_with_every_kernel_and_number_of_workers() -> None:
    runs = [repeat.circumstances(run, (60, 5, 20, 10), (1, 2), (DEFAULT, OTHER, OTHER)) for run in range(24)]
    assert len({(run["limit_s"], run["workers"]) for run in runs}) == 8
    assert {(run["limit_s"], run["kernel"]) for run in runs} == {
        (limit, name) for limit in (60, 5, 20, 10) for name in ("default", "other")
    }
    assert [run["shuffle"] for run in runs] == list(range(24))


def test_answers_are_the_same_up_to_rounding_of_their_values() -> None:
    assert repeat.same(_row(), _row(worst="1.500000000001"))
    assert not repeat.same(_row(), _row(worst="1.50001"))
    assert not repeat.same(_row(), _row(answer="CD73 APC"))


def test_only_proven_answers_must_be_the_same() -> None:
    rows = [_row(), _row(answer="CD73 APC", proven="0"), _row(answer="CD73 FITC", status="feasible")]
    assert not repeat.differing(rows)
    assert repeat.summary(rows).splitlines()[1].split() == ["a@b", "3", "2", "1", "1", "3", "same"]
    wrong = [*rows, _row(run="3", answer="CD73 APC")]
    assert repeat.differing(wrong)
    lines = repeat.summary(wrong).splitlines()
    assert lines[1].endswith("DIFFER")
    assert lines[-1] == "a@b, run 3: 1.5, 9: CD73 APC"


def test_busy_processes_end_with_the_work() -> None:
    with repeat.busy(1):
        time.sleep(0.1)


def test_shuffled_catalogs_hold_the_same_rows(tmp_path: Path) -> None:
    source = repeat.CATALOGS / "msc-reagents"
    target = Path(repeat.shuffled_catalog(source, tmp_path / "a", 1))
    before, after = ((folder / "conjugates.csv").read_text("utf-8").splitlines() for folder in (source, target))
    assert before != after
    assert (before[0], sorted(before)) == (after[0], sorted(after))


@pytest.mark.slow
def test_the_program_designs_in_processes_of_their_own_and_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "repeat.csv"
    asked = ["--case", "cv-cd106@symphony-s6", "--runs", "2", "--limits", "60", "--kernels", "1", "--load", "0"]
    arguments = [*asked, "--csv", str(path)]
    first = CliRunner().invoke(repeat.repeat, arguments)
    assert first.exit_code == 0, first.output
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["status"] for row in rows] == ["optimal", "optimal"]
    assert not repeat.differing(rows)
    monkeypatch.setattr(repeat, "designed", lambda *_: pytest.fail("was run again"))
    assert CliRunner().invoke(repeat.repeat, arguments).stdout == first.stdout
