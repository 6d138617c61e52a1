"""Searches: what they report, how they end, and what the page makes of them."""

from __future__ import annotations

import multiprocessing
import os
import re
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from panelopt import api
from panelopt.api.designs import Result
from panelopt.serve import desk as desk_module
from panelopt.serve import worker
from panelopt.serve.desk import Desk
from panelopt.serve.jobs import MOST_JOBS, MOST_POINTS, Job, Jobs, Snapshot, _thinned
from panelopt.serve.questions import options_of, rows_of
from panelopt.serve.worker import Progress, Task, work
from tests.serve.conftest import SMALL, Page


def messages(task: Task, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the process of a task sends, without the process."""
    monkeypatch.setattr(worker, "NICE", 0)
    near, far = multiprocessing.Pipe()
    monkeypatch.setattr(worker, "_obey", lambda _: None)
    found = []
    thread = threading.Thread(target=lambda: _received(near, found))
    thread.start()
    work(far, task)
    far.close()
    thread.join()
    near.close()
    return found


def _received(connection: Any, found: list[Any]) -> None:
    while True:
        try:
            found.append(connection.recv())
        except EOFError:
            return


@pytest.fixture(scope="module")
def designed(desk: Desk) -> list[Any]:
    """What the process of a design sends."""
    with pytest.MonkeyPatch.context() as patch:
        return messages(Task(desk.questions.question(SMALL), api.Options(max_colours=2, workers=1)), patch)


def test_a_search_reports_its_course_and_its_result(designed: list[Any]) -> None:
    *course, result = designed
    assert isinstance(result, Result)
    assert all(isinstance(one, Progress) for one in course)
    assert [one.seconds for one in course] == sorted(one.seconds for one in course)
    assert course[-1].best == pytest.approx(result.best.worst_log_ratio)
    assert course[-1].bound == pytest.approx(result.bound.worst_log_ratio)


def test_a_search_says_what_is_wrong(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(desk.questions.question(SMALL), api.Options(require=("CD999",)))
    assert "CD999 is not a marker" in messages(task, monkeypatch)[-1]


def test_locks_are_demands_of_a_search() -> None:
    panel = SMALL.with_(
        panel=[{"markers": ("CD106",), "dye": "PE", "locked": True}, {"markers": ("CD45",), "dye": "APC"}]
    )
    assert [lock.option for lock in options_of(panel, locks=True).locks] == ["--lock CD106=PE"]
    assert options_of(panel).locks == ()


class FakeJob:
    """A search that has ended."""

    def __init__(self, task: Task, result: Result | None, message: str = "") -> None:
        self.task, self.found = task, Snapshot((), 1.0, False, False, result, message)

    def snapshot(self) -> Snapshot:
        return self.found

    def stop(self) -> None:
        """Do nothing."""

    kill = stop


def test_the_panel_of_a_search_is_taken_with_its_bound(page: Page, desk: Desk, designed: list[Any]) -> None:
    state, result = page.sitting.state, designed[-1]
    question = desk.questions.question(state)
    page.post("/lock", m="CD106")
    page.sitting.job = FakeJob(Task(question, options_of(state)), result)  # type: ignore[assignment]
    text = page.get("/bench")
    assert page.sitting.job is None
    assert len(page.sitting.state.panel) == len(result.panel)
    assert page.sitting.bound == result.bound.worst_log_ratio
    assert "proven bound" in text
    assert desk.full(page.sitting) is result
    page.post("/remove", m=page.sitting.state.panel[-1].markers[0])
    assert desk.full(page.sitting) is not result
    page.post("/question", problem="cv-cd106", cytometer="aria-fusion", catalogs="msc-reagents", max_colours="5")
    assert page.sitting.bound is None


def test_a_search_without_a_panel_leaves_the_page_as_it_is(page: Page, desk: Desk) -> None:
    before = page.sitting.state
    task = Task(desk.questions.question(before), options_of(before))
    page.sitting.job = FakeJob(task, None, "The search ended without a result.")  # type: ignore[assignment]
    assert "ended without a result" in page.get("/bench")
    infeasible = api.design(task.question, api.Options(max_colours=1))
    page.sitting.job = FakeJob(task, infeasible)  # type: ignore[assignment]
    text = page.get("/bench")
    assert "at most 1 colour" in text
    assert page.sitting.state == before


def test_the_stream_ends_with_the_search(page: Page, desk: Desk) -> None:
    assert page.get("/stream") == "event: done\ndata:\n\n"
    task = Task(desk.questions.question(SMALL), options_of(SMALL))
    job = FakeJob(task, None)
    job.wait = lambda *_: 1  # type: ignore[attr-defined]
    job.found = replace(job.found, points=(Progress(0.5, "worst", 1.0, 2.0),))
    page.sitting.job = job  # type: ignore[assignment]
    text = page.get("/stream")
    assert text.startswith("event: progress\ndata: ")
    assert "best 1.00, bound 2.00" in text
    assert "<svg" in text
    assert text.endswith("event: done\ndata:\n\n")


def test_limits_of_a_search_are_checked(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Task] = []
    monkeypatch.setattr(Jobs, "start", lambda _, task: started.append(task))
    assert "out of range" in page.post("/search", kind="design", seconds="1000000")
    page.post("/search", kind="improve", seconds="7", changes="1")
    assert [(task.changes, task.options.time_limit_s, len(task.rows)) for task in started] == [(1, 7, 3)]


def test_only_some_searches_run_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def __init__(self, task: Task, _: Any) -> None:
            self.task = task

    monkeypatch.setattr("panelopt.serve.jobs.Job", Silent)
    jobs, task = Jobs(500.0), Task(desk.questions.question(SMALL), api.Options())
    for _ in range(MOST_JOBS):
        assert jobs.start(task).task.options.memory_limit_mb == 500.0
    with pytest.raises(desk_module.PaneloptError, match="running already"):
        jobs.start(task)


def test_long_courses_are_thinned() -> None:
    points: list[Progress] = []
    for number in range(5 * MOST_POINTS):
        points = [*_thinned(points), Progress(float(number))]
    assert len(points) <= MOST_POINTS
    seconds = [point.seconds for point in points]
    assert seconds == sorted(seconds)
    assert seconds[-1] == 5 * MOST_POINTS - 1


def _ended(job: Job, most_s: float) -> Snapshot:
    deadline = time.monotonic() + most_s
    while job.snapshot().running and time.monotonic() < deadline:
        job.wait(-1, 0.2)
        time.sleep(0.05)
    return job.snapshot()


@pytest.mark.slow
def test_a_process_designs_is_stopped_and_is_killed(desk: Desk) -> None:
    small = Task(desk.questions.question(SMALL), api.Options(max_colours=2, time_limit_s=60))
    gone: list[Job] = []
    job = Job(small, gone.append)
    found = _ended(job, 60)
    assert found.result is not None
    assert found.result.status.value == "optimal"
    big = SMALL.with_(problem="adipose-4way", seconds=600)
    long = Task(desk.questions.question(big), options_of(big))
    stopped = Job(long, gone.append)
    deadline = time.monotonic() + 60
    while not any(point.best for point in stopped.snapshot().points) and time.monotonic() < deadline:
        time.sleep(0.1)
    stopped.stop()
    found = _ended(stopped, 30)
    assert found.result is not None
    assert found.result.panel
    killed = Job(long, gone.append)
    killed.kill()
    found = _ended(killed, 30)
    assert (found.result, "ended without a result" in found.message) == (None, True)
    time.sleep(0.5)
    assert gone == [job, stopped, killed]
    for one in gone:
        with pytest.raises(ProcessLookupError):
            os.kill(one.process_id or 0, 0)
    assert rows_of(SMALL) == ()


def test_the_page_speaks_of_itself_not_of_the_command_line(page: Page, desk: Desk) -> None:
    """What findings say of options of the command line is said of the controls of the page."""
    clash = api.design(desk.questions.question(SMALL), api.Options(budget=1.0, workers=1))
    assert any("--" in conflict.message for conflict in clash.conflicts)
    page.sitting.job = FakeJob(Task(desk.questions.question(SMALL), api.Options()), clash)  # type: ignore[assignment]
    texts = [page.get("/bench"), page.get("/part/order"), page.get("/part/controls")]
    assert "What clashes" in texts[0]
    texts.append(page.post("/question", problem="bm-cd271-cd146", cytometer="symphony-a5"))
    texts.append(page.post("/question", problem="cv-cd106", cytometer="aria-fusion", only_inventory="on"))
    texts.append(page.post("/question", problem="cv-cd106", cytometer="aria-fusion", exclude_dyes="Nobody 1"))
    for text in texts:
        seen = re.sub(r"<[^>]*>", " ", text)
        assert not re.search(r"(?<!\w)--[a-z]|`panelopt|PATH", seen), re.findall(
            r".{60}(?:--[a-z]|`panelopt|PATH).{60}", seen
        )
    assert "Upload your stock" in texts[-2]
