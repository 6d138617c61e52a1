"""The exact score of one panel, gates included."""

from __future__ import annotations

from benchmarks.conftest import Case
from panelopt.scoring import score_panel


def test_score(benchmark, case: Case) -> None:
    slots = case.slots(case.panel())
    score = benchmark(score_panel, case.instance, slots)
    benchmark.extra_info.update(slots=len(slots), worst=score.worst, total=score.total)
    assert score.worst <= case.instance.rho_cap
