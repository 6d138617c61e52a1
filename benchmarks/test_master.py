"""The constraint model, built but not solved."""

from __future__ import annotations

from benchmarks.conftest import Case
from panelopt.bounds.claims import own_limits
from panelopt.solver.master import Master


def test_build(benchmark, case: Case) -> None:
    limits = own_limits(case.instance, case.noise)
    master = benchmark(Master, case.instance, case.options, limits)
    benchmark.extra_info["variables"] = len(master.model.proto.variables)
    benchmark.extra_info["constraints"] = len(master.model.proto.constraints)
    assert master.model.validate() == ""
