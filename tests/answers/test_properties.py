"""Properties that every design has: order does not matter, more products never harm, results survive a file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panelopt import api
from panelopt.domain.problem_record import Problem
from panelopt.domain.reagents import Catalog
from panelopt.domain.result import Result, SolveStatus
from panelopt.io.instance_npz import arrays
from panelopt.io.panel_csv import PanelRow
from panelopt.questions.question import Options, Question, compiled
from tests import builders, strategies

pytestmark = pytest.mark.usefixtures("few_samples")

EXACT = Options(time_limit_s=100, tolerance=0.0)  # ends by proof; a busy machine decides nothing
few = settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
catalogs = strategies.catalogs(min_size=3, max_size=8)


def question(problem: Problem, *products: Catalog, unmixing: str = "compensation") -> Question:
    return Question(
        problem, builders.cytometer(unmixing=unmixing), products, builders.fluorochromes(), builders.autofluorescence()
    )


def core(result: Result) -> dict[str, object]:
    """A result without what depends on the clock or on how catalogs were named."""
    return result.model_dump(exclude={"solver", "catalogs"})


def rows_of(result: Result) -> list[PanelRow]:
    return [
        PanelRow(r.marker, r.fluorochrome, r.clone, slot.detector, r.vendor, r.catalog_number)
        for slot in result.panel
        for r in slot.reagents
    ]


machines = st.sampled_from(["compensation", "spectral"])


@few
@given(strategies.problems(), catalogs, st.integers(1, 6), machines)
def test_more_products_never_harm(problem: Problem, catalog: Catalog, keep: int, unmixing: str) -> None:
    fewer = catalog.model_copy(update={"conjugates": catalog.conjugates[:keep]})
    small = api.design(question(problem, fewer, unmixing=unmixing), EXACT)
    large = api.design(question(problem, catalog, unmixing=unmixing), EXACT)
    if small.best.worst_log_ratio is None:
        return
    assert large.best.worst_log_ratio is not None
    assert large.bound.worst_log_ratio is not None
    assert large.bound.worst_log_ratio >= small.best.worst_log_ratio - 1e-9
    if large.status is SolveStatus.OPTIMAL:
        assert large.best.worst_log_ratio >= small.best.worst_log_ratio - 5e-5


@few
@given(strategies.problems(), catalogs, st.randoms(use_true_random=False), machines)
def test_order_of_rows_and_files_does_not_matter(problem: Problem, catalog: Catalog, random, unmixing: str) -> None:
    shuffled = list(catalog.conjugates)
    random.shuffle(shuffled)
    first, second = catalog, catalog.model_copy(update={"name": "second", "conjugates": ()})
    cut = len(shuffled) // 2
    one = catalog.model_copy(update={"name": "a", "conjugates": tuple(shuffled[:cut])})
    two = catalog.model_copy(update={"name": "b", "conjugates": tuple(shuffled[cut:])})
    left = question(problem, first, second, unmixing=unmixing)
    right = question(problem, two, one, unmixing=unmixing)
    before, after = (arrays(compiled(q, EXACT).instance) for q in (left, right))
    assert all(np.array_equal(before[k], after[k], equal_nan=before[k].dtype.kind == "f") for k in before)
    assert core(api.design(left, EXACT)) == core(api.design(right, EXACT))


@few
@given(strategies.problems(), catalogs, st.integers(0, 3), machines)
def test_same_seed_same_result_and_file_round_trip(
    problem: Problem, catalog: Catalog, seed: int, unmixing: str
) -> None:
    asked, options = question(problem, catalog, unmixing=unmixing), replace(EXACT, seed=seed, tolerance=0.02)
    result = api.design(asked, options)
    assert core(api.design(asked, options)) == core(result)
    assert Result.model_validate_json(result.model_dump_json(by_alias=True)) == result


@few
@given(strategies.problems(), catalogs, machines)
def test_design_equals_the_score_of_its_own_panel(problem: Problem, catalog: Catalog, unmixing: str) -> None:
    asked, options = question(problem, catalog, unmixing=unmixing), Options(time_limit_s=20)
    designed = api.design(asked, options)
    if designed.objective is None:
        return
    judged = api.score(asked, rows_of(designed), options)
    assert judged.conflicts == ()
    assert judged.objective is not None
    assert abs(judged.objective.worst_log_ratio - designed.objective.worst_log_ratio) < 1e-9
    assert abs(judged.objective.sum_log_ratio - designed.objective.sum_log_ratio) < 1e-9
    assert judged.objective.price == designed.objective.price
    assert judged.targets == designed.targets
