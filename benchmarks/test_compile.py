"""From problem, cytometer and catalogs to arrays."""

from __future__ import annotations

from benchmarks.conftest import Case
from panelopt.api.question import Options, compiled


def test_compile(benchmark, case: Case) -> None:
    result = benchmark(compiled, case.question, Options())
    benchmark.extra_info["products"] = int(result.instance.available.sum())
    assert result.instance.signal.shape == (len(result.instance.detector), len(result.instance.dye))
