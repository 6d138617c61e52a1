"""The estimate that guides the local search, over all neighbours of a panel."""

from __future__ import annotations

import numpy as np

from benchmarks.conftest import Case
from panelopt.solver.estimate import Estimator
from panelopt.solver.local import LocalSearch

BATCH = 384


def test_estimates(benchmark, case: Case) -> None:
    estimator = Estimator(case.instance, case.options, case.noise)
    panel = case.panel()
    near = LocalSearch(case.instance, case.options, estimator, 0).neighbours(panel)
    panels = np.array([p for p in near if len(p) == len(panel)][:BATCH])
    estimator.estimate(panels)  # fills the tables of claims, which are kept
    worst, _ = benchmark(estimator.estimate, panels)
    if benchmark.stats is not None:
        benchmark.extra_info["panels_per_s"] = len(panels) / benchmark.stats["median"]
    benchmark.extra_info.update(panels=len(panels), slots=len(panel))
    assert worst.shape == (len(panels),)
