"""The long run finds what it looks for, and a short one finds nothing; `make endurance` runs for hours."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from panelopt import api
from panelopt.domain.result import Bound, Result, SolveStatus
from panelopt.errors import PaneloptError
from panelopt.questions.question import Question
from tests import builders
from tests.endurance import one, run
from tests.endurance.ledger import Claims
from tests.endurance.one import Trials, proof_faults, report_faults, score_faults
from tests.endurance.questions import random_question, with_effort
from tests.endurance.vitals import Vitals, growth, leaks, vitals

needs_proc = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")


def small_question() -> Question:
    catalog, dyes = builders.catalog(), builders.fluorochromes()
    return Question(builders.problem(), builders.cytometer(), (catalog,), dyes, builders.autofluorescence())


def claimed(worst: float, total: float, limit: float, limit_total: float, floor: float) -> Result:
    base = builders.result()
    assert base.objective is not None
    objective = base.objective.model_copy(update={"worst_log_ratio": worst, "sum_log_ratio": total})
    best = Bound(worst_log_ratio=worst, sum_log_ratio=total)
    bound = Bound(worst_log_ratio=limit, sum_log_ratio=limit_total)
    changes = {"status": SolveStatus.FEASIBLE, "objective": objective, "best": best, "bound": bound, "floor": floor}
    return base.model_copy(update=changes)


@pytest.mark.parametrize(
    ("second", "fault"),
    [
        ((1.0, 3.0, 1.2, 3.5, 0.9), None),
        ((1.3, 3.0, 1.3, 3.5, 1.2), "objective 1 reaches 1.3000000, above the limit 1.2000000"),
        ((1.0, 3.0, 0.99, 3.5, 0.9), "objective 1"),
        ((1.1, 3.6, 1.2, 3.7, 1.0), "objective 2 reaches 3.6000000 with 1.1000000, above 3.5000000"),
        ((0.8, 3.6, 1.2, 3.7, 0.7), None),  # below the floor to which the limit refers
    ],
)
def test_runs_of_a_question_must_not_contradict_each_other(second: tuple[float, ...], fault: str | None) -> None:
    claims = Claims()
    claims.add(claimed(1.0, 3.2, 1.2, 3.5, 0.9))
    assert claims.contradictions() == []
    claims.add(claimed(*second))
    found = claims.contradictions()
    assert fault in found[0] if fault else not found


def test_a_panel_contradicts_a_proof_that_there_is_none() -> None:
    claims = Claims()
    claims.add(builders.result().model_copy(update={"status": SolveStatus.INFEASIBLE, "objective": None}))
    claims.add(claimed(1.0, 3.2, 1.2, 3.5, 0.9))
    assert claims.contradictions() == ["one run has a panel, another proved that there is none"]


@needs_proc
def test_what_grows_is_named() -> None:
    flat = [Vitals(300 + 5 * (i % 3), 50 + i % 2, 7_000 + i % 5, 7, 4) for i in range(100)]
    assert leaks(flat) == []
    assert growth([one.resident_mb for one in flat]).total == pytest.approx(0, abs=1e-9)
    for name, step, words in (
        ("in_use_mb", 0.1, "memory grew by 7 MB in use"),
        ("blocks", 1_000, "memory grew by 74000 blocks of Python"),
        ("resident_mb", 2.0, "memory grew by 148 MB resident"),
    ):
        rising = [replace(one, **{name: getattr(one, name) + step * i}) for i, one in enumerate(flat)]
        assert leaks(rising) == [words]
    opened = [*flat[:-1], replace(flat[-1], handles=8, threads=5)]
    assert [fault.split(":")[0] for fault in leaks(opened)] == ["handles", "threads"]
    with Path("/dev/null").open(encoding="ascii"):
        more = vitals().handles
    assert more == vitals().handles + 1


@needs_proc
def test_memory_in_use_is_seen() -> None:
    before = vitals()
    native, objects = np.ones(4_000_000), [object() for _ in range(100_000)]
    after = vitals()
    assert before.in_use_mb == 0 or after.in_use_mb - before.in_use_mb == pytest.approx(32, abs=2)
    assert after.blocks - before.blocks > 90_000
    assert len(objects) == 100_000
    assert native.size == 4_000_000


def test_questions_are_the_same_every_time_and_differ() -> None:
    found = []
    for number in range(6):
        try:
            question, demands = random_question(number)
        except PaneloptError:
            continue
        again, same = random_question(number)
        assert (again.problem, again.cytometer, again.catalogs, same) == (
            question.problem,
            question.cytometer,
            question.catalogs,
            demands,
        )
        assert replace(with_effort(demands, number, 1), time_limit_s=60.0, seed=0, workers=0) == demands
        found.append((question.problem.id, question.cytometer.id, demands))
    assert len({str(one) for one in found}) == len(found) >= 4


def test_some_random_designs(tmp_path: Path) -> None:
    trials = Trials()
    lines = [trials.run(number, repeat) for number, repeat in ((9, 1), (9, 2), (11, 1), (8, 1))]
    assert not [fault for line in lines for fault in line["faults"]]
    assert {line["status"] for line in lines} <= {"optimal", "feasible", "infeasible", "unknown", "refused"}
    assert sum("verification" in line for line in lines) >= 3


def test_wrong_answers_are_faults(tmp_path: Path) -> None:
    question = small_question()
    result, certificate = api.design_certified(question, api.Options(time_limit_s=100.0, workers=1))
    assert result.status == "optimal"
    assert score_faults(question, api.Options(), result, tmp_path) == []
    assert proof_faults(certificate, question, api.Options(), tmp_path) == ("verified", [])
    assert result.objective is not None
    better = result.objective.model_copy(update={"sum_log_ratio": result.objective.sum_log_ratio + 1e-5})
    lying = result.model_copy(update={"objective": better})
    assert score_faults(question, api.Options(), lying, tmp_path)[0].startswith("sum_log_ratio: ")
    weaker = certificate.model_copy(update={"rows": (), "lowered": (), "bound": Bound(worst_log_ratio=-9.0)})
    status, faults = proof_faults(weaker, question, api.Options(), tmp_path)
    assert status == "wrong"
    assert any("objective 1 exceeds its bound" in fault for fault in faults)


def test_an_open_proof_is_a_fault_where_the_status_says_optimal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = small_question()
    _, certificate = api.design_certified(question, api.Options(time_limit_s=100.0, workers=1))
    monkeypatch.setattr(one, "REPROOF_S", 0.0)
    status, faults = proof_faults(certificate, question, api.Options(), tmp_path)
    assert status == "undecided"
    assert any("not proven again" in fault for fault in faults)


def test_reports_of_a_run(tmp_path: Path) -> None:
    result = api.design(api.load("uc-gd2", cytometer="aurora-5l"), api.Options(time_limit_s=0.5, workers=1))
    assert report_faults(result, tmp_path) == []


@needs_proc
def test_a_short_run_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "new" / "log.jsonl"
    bad = {"question": 7, "repeat": 2, "status": "optimal", "faults": ["objective 1 reaches too much"]}
    monkeypatch.setattr(Trials, "run", lambda *_names: bad)
    monkeypatch.setattr("sys.argv", ["endurance", "--hours", "0.00003", "--log", str(log)])
    assert run.main() == 1
    assert json.loads(log.read_text(encoding="utf-8").splitlines()[0])["faults"] == bad["faults"]
    assert "7:2: objective 1 reaches too much" in capsys.readouterr().out
