"""Every benchmark of ``specs/``: one phase of one subject. Ids are ``spec-size-phase``, and stay."""

from __future__ import annotations

import pytest

from benchmarks.registry import Job, all_jobs
from benchmarks.work import answer, counted, finished
from panelopt.solver.outcome import Outcome

JOBS = all_jobs()
STEPS = [job for job in JOBS if job.phase != "solve"]


@pytest.mark.parametrize("job", STEPS, ids=str)
def test_step(benchmark, job: Job) -> None:
    step = job.step()
    assert benchmark(step) is not None


SEARCHES = [
    pytest.param(job, id=str(job), marks=() if job.is_quick else pytest.mark.slow)
    for job in JOBS
    if job.phase == "solve"
]


@pytest.mark.parametrize("job", SEARCHES)
def test_solve(benchmark, job: Job) -> None:
    """A whole search: compare the work and the answer, never the time."""
    step = job.step()
    with counted() as counts:
        outcome = benchmark.pedantic(step, rounds=1)
    assert isinstance(outcome, Outcome)
    assert outcome.status == "optimal"
    benchmark.extra_info.update(finished(counts, outcome), **answer(outcome))
