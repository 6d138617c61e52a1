"""Equal questions get equal answers: on any number of threads, and for any order of the products."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from benchmarks.repeat import shuffled_catalog
from panelopt import api
from panelopt.instance import Instance
from panelopt.registry.data_places import CATALOG_DATA, data_folder
from panelopt.solver import engine, explorer, parameters, practical_listing
from panelopt.solver.outcome import Outcome, SearchSettings
from panelopt.solver.search import Search
from tests.oracle.instances import random_instance, with_limits

CATALOGS = data_folder(CATALOG_DATA)
CLOCK = ("wall_s", "build_s", "score", "deterministic_time")


@pytest.fixture
def portfolio(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The portfolio takes over at once, and nothing is listed without the model; the threads of its runs are noted."""
    threads: list[int] = []
    solve = engine._solve

    def spy(solver: Any, *args: Any, **options: Any) -> engine.EngineRun:
        if solver.parameters.interleave_search:
            threads.append(int(solver.parameters.num_workers))
        return solve(solver, *args, **options)

    monkeypatch.setattr(engine, "FIRST_TRY", 1e-4)
    monkeypatch.setattr(explorer, "LISTED_AFTER", {})
    monkeypatch.setattr(practical_listing, "WORK", 0)
    monkeypatch.setattr(engine, "_solve", spy)
    return threads


def everything(outcome: Outcome) -> dict[str, object]:
    """An outcome without what the clock says; the panel with all its gates and values."""
    known = {name: value for name, value in asdict(outcome).items() if name not in CLOCK}
    known.pop("best")
    judged = {"panel": outcome.score, "best panel": outcome.best}
    panels = {
        name: None if score is None else (score.slots, score.worst, score.total, [view.gates for view in score.views])
        for name, score in judged.items()
    }
    return {**known, **panels, "work": f"{outcome.deterministic_time:.9f}"}  # a sum in the order of the threads


def solved(instance: Instance, workers: int) -> Outcome:
    return Search(instance, SearchSettings(60.0, 0.01, workers)).run()


@pytest.mark.parametrize("conventional", [pytest.param(False, marks=pytest.mark.slow), True])
def test_threads_change_nothing(conventional: bool, portfolio: list[int]) -> None:
    for seed in (0, 1, 3, 4):
        instance, _ = with_limits(random_instance(seed, conventional=conventional, markers=4, dyes=5), seed)
        one, two, many = (solved(instance, workers) for workers in (1, 2, 5))
        assert one.status in ("optimal", "infeasible")
        assert everything(one) == everything(two) == everything(many)
    assert set(portfolio) == {parameters.LEAST_THREADS, parameters.BATCH}


def test_a_second_run_is_the_same() -> None:
    instance = random_instance(11, conventional=False, markers=4, dyes=5)
    assert everything(solved(instance, 1)) == everything(solved(instance, 1))


def question(catalog: str) -> api.Question:
    return api.load("bm-cd271-msca1-gmp", cytometer="aurora-3l", catalogs=[catalog])


def products(result: api.Result) -> list[tuple[object, ...]]:
    return [
        (slot.fluorochrome, slot.detector, r.marker, r.clone, r.vendor, r.catalog_number)
        for slot in result.panel
        for r in slot.reagents
    ]


@pytest.fixture
def designed() -> Callable[[str, int], api.Result]:
    def design(catalog: str, workers: int) -> api.Result:
        options = api.Options(time_limit_s=60, max_colours=4, workers=workers)
        return api.design(question(catalog), options)

    return design


def test_order_of_catalog_rows_changes_nothing(tmp_path: Path, designed: Callable[[str, int], api.Result]) -> None:
    source = CATALOGS / "msc-reagents"
    plain = designed(shuffled_catalog(source, tmp_path / "a", 1), 1)
    other = designed(shuffled_catalog(source, tmp_path / "b", 2), 2)
    assert plain.status == "optimal"
    assert products(plain) == products(other)
    for name in ("objective", "bound", "best", "floor", "pairs", "targets"):
        assert getattr(plain, name) == getattr(other, name), name
    assert plain.solver.deterministic_time == other.solver.deterministic_time
