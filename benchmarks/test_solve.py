"""Whole searches, one worker and a fixed seed: compare the work and the answer, never the wall time.

With one worker, deterministic time, model runs and rows of a search that ends by proof are the same in every run of
one version of OR-tools on one machine; the wall time is not.
"""

from __future__ import annotations

import pytest

from panelopt import api

SMALL = (("bm-cd271-msca1-gmp", "facsmelody"), ("uc-cd106", "aria-fusion"))


@pytest.mark.parametrize(("problem", "cytometer"), SMALL, ids=[" on ".join(pair) for pair in SMALL])
def test_solve(benchmark, problem: str, cytometer: str) -> None:
    question = api.load(problem, cytometer=cytometer)
    options = api.Options(time_limit_s=60, workers=1, seed=0)
    result = benchmark.pedantic(api.design, (question, options), rounds=1)
    benchmark.extra_info.update(
        status=result.status.value,
        deterministic_time=result.solver.deterministic_time,
        iterations=result.solver.iterations,
        rows=result.solver.cuts,
        worst=result.best.worst_log_ratio,
        worst_bound=result.bound.worst_log_ratio,
        sum=result.best.sum_log_ratio,
        sum_bound=result.bound.sum_log_ratio,
    )
    assert result.bound.worst_log_ratio >= result.best.worst_log_ratio - 1e-6
    assert result.bound.sum_log_ratio >= result.best.sum_log_ratio - 1e-6
