"""Every slot that a panel may hold, and what each could claim at its own noise."""

from __future__ import annotations

from benchmarks.conftest import Case
from panelopt.bounds.claims import own_limits
from panelopt.bounds.noise import SubsetNoise
from panelopt.bounds.options import list_options


def test_options(benchmark, case: Case) -> None:
    found = benchmark(list_options, case.instance)
    benchmark.extra_info["options"] = len(found.slots)
    assert found.slots == case.options.slots


def test_own_noise_limits(benchmark, case: Case) -> None:
    def limits():
        noise = SubsetNoise(case.instance, case.options)
        return own_limits(case.instance, noise)

    tables = benchmark(limits)
    assert all(table.shape[0] == len(case.options.slots) for table in tables)
    assert all((table >= 0).all() for table in tables)
