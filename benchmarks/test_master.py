"""The constraint model, built but not solved."""

from __future__ import annotations

from benchmarks.conftest import Case
from panelopt.solver.master import Master
from panelopt.solver.search import own_limits


def test_build(benchmark, case: Case) -> None:
    limits = own_limits(case.instance, case.options, case.noise)
    master = benchmark(Master, case.instance, case.options, limits)
    benchmark.extra_info["variables"] = len(master.model.proto.variables)
    benchmark.extra_info["constraints"] = len(master.model.proto.constraints)
    assert master.model.validate() == ""
