"""The search against trying every panel, where numbers are at the ends of what is admitted and demands are unusual."""

from __future__ import annotations

import pytest

from panelopt.solver.outcome import SearchSettings
from panelopt.solver.search import Search
from tests.oracle.answers import scores_of
from tests.oracle.truth import Case, wrong
from tests.oracle.unusual import unusual_instance

SECONDS = 900.0  # far more than is needed, so that a busy machine decides nothing


def fault(seed: int) -> str:
    """What is false of the answer, or that there is no final one; empty where all is well."""
    instance, tolerance, name = unusual_instance(seed)
    scores = scores_of(instance, tolerance)
    outcome = Search(instance, SearchSettings(SECONDS, tolerance)).run()
    final = outcome.status == ("optimal" if scores else "infeasible")
    found = wrong(Case(name, instance, scores, outcome, tolerance)) or ("" if final else f"ended {outcome.status}")
    return found and f"{name}: {found}"


def test_answers_are_true() -> None:
    assert [found for seed in range(12) if (found := fault(seed))] == []


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(100))
def test_many_answers_are_true(chunk: int) -> None:
    assert [found for seed in range(20 * chunk + 100, 20 * chunk + 120) if (found := fault(seed))] == []
