"""Infeasible questions: the named demands conflict, and without any one of them the rest can be met."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from panelopt import api
from panelopt.answers.conflicts import ConstrainedQuestion, demands, smallest_conflict
from panelopt.answers.stainable import budget_obstacle, detector_shortage, lock_obstacle
from panelopt.domain.result import SolveStatus
from panelopt.errors import InputError
from panelopt.io.panel_csv import PanelRow
from panelopt.questions.question import Options, Question, compiled
from panelopt.solver.feasible import Work, is_feasible
from tests import builders

pytestmark = pytest.mark.usefixtures("few_samples")

MARKERS = [{"name": name} for name in builders.MARKERS]
QUICK = Options(time_limit_s=100)


def required(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "required": name in names} for name in builders.MARKERS]


def question(machine: dict[str, Any] | None = None, catalogs: Any = None, **changes: Any) -> Question:
    return Question(
        problem=builders.problem(**({"marker": MARKERS} | changes)),
        cytometer=builders.cytometer(**(machine or {})),
        catalogs=tuple(catalogs or [builders.catalog()]),
        fluorochromes=builders.fluorochromes(),
        autofluorescence=builders.autofluorescence(),
    )


def lock(marker: str, dye: str, **more: str) -> dict[str, str]:
    return {"marker": marker, "fluorochrome": dye, **more}


CASES: dict[str, tuple[Question, Options, set[str]]] = {
    "budget": (
        question(marker=required("CD271", "CD45"), limits={"budget": 150}),
        QUICK,
        {"limits.budget", "marker.CD271", "marker.CD45"},
    ),
    "option budget": (
        question(marker=required("CD271")),
        replace(QUICK, budget=99.0),
        {"--budget"},
    ),
    "vendor": (question(limits={"vendors": ["Nobody"]}), QUICK, {"limits.vendors"}),
    "one detector": (
        question(locked=[lock("CD271", "PE", detector="B575"), lock("CD45", "PE", detector="B575")]),
        QUICK,
        {"locked[0]", "locked[1]"},
    ),
    "few detectors": (
        question({"names": ("V450", "B575")}, marker=required(*builders.MARKERS[:3])),
        QUICK,
        {"marker.CD271", "marker.CD146", "marker.CD45"},
    ),
    "sort ways": (question({"sort_ways": 1}), QUICK, {"goal.sort_ways"}),
    "colours": (
        question(marker=required("CD271", "CD146"), limits={"max_colours": 1, "budget": 1000}),
        QUICK,
        {"limits.max_colours", "marker.CD271", "marker.CD146"},
    ),
    "goal": (question(goal={"purity": 0.9999999}), replace(QUICK, require_goal=True), {"--require-goal"}),
    "excluded dye": (
        question(locked=[lock("CD271", "PE")], limits={"exclude_fluorochromes": ["PE"], "max_colours": 3}),
        QUICK,
        {"limits.exclude_fluorochromes", "locked[0]"},
    ),
    "similarity": (
        question(locked=[lock("CD271", "PE"), lock("CD45", "FITC")], limits={"max_similarity": 1e-3}),
        QUICK,
        {"limits.max_similarity", "locked[0]", "locked[1]"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_named_set_is_a_minimal_conflict(name: str) -> None:
    asked, options, expected = CASES[name]
    conflicts = smallest_conflict(asked, options).conflicts
    assert {conflict.demand for conflict in conflicts} - {"cytometer"} == expected
    assert is_feasible(compiled(asked, options).instance) is False
    every = list(demands(ConstrainedQuestion(asked, options)))
    for left_out in expected:
        rest = ConstrainedQuestion(asked, options)
        for demand in every:
            if demand.name == left_out:
                rest = demand.drop(rest)
        assert is_feasible(compiled(rest.question, rest.options).instance) is not False
    only = ConstrainedQuestion(asked, options)
    for demand in every:
        if demand.name not in expected:
            only = demand.drop(only)
    assert is_feasible(compiled(only.question, only.options).instance) is False


def test_more_required_markers_than_detectors_are_counted() -> None:
    asked, options, _ = CASES["few detectors"]
    first = smallest_conflict(asked, options).conflicts[0]
    assert first.demand == "cytometer"
    assert first.message == "3 colours, 2 detectors: each of CD146, CD271 and CD45 needs its own"
    dumped = [{"name": name, "role": "dump" if name != "CD271" else "required"} for name in builders.MARKERS]
    whole = question({"names": ("V450", "B575")}, marker=dumped)
    assert not detector_shortage(ConstrainedQuestion(whole, options))


def test_a_budget_without_prices_is_explained() -> None:
    unpriced = builders.catalog()
    conjugates = tuple(c.model_copy(update={"price": None, "currency": ""}) for c in unpriced.conjugates)
    catalog = builders.catalog(conjugates=conjugates)
    asked = question(catalogs=[catalog], marker=required("CD271"), limits={"budget": 500})
    assert "no product of the catalogs has a price" in budget_obstacle(ConstrainedQuestion(asked, QUICK))
    assert budget_obstacle(ConstrainedQuestion(question(limits={"budget": 500}), QUICK)) == ""


def test_a_lock_without_a_product_is_explained_and_an_excluded_dye_is_not_called_missing() -> None:
    asked = question(locked=[lock("CD271", "PE")], catalogs=[builders.catalog(dyes=("FITC", "BV421"))])
    obstacle = lock_obstacle(ConstrainedQuestion(asked, QUICK), asked.problem.locked[0])
    assert obstacle == "no product of the catalogs is CD271 PE; CD271 comes with BV421 or FITC"
    asked, options, _ = CASES["excluded dye"]
    assert lock_obstacle(ConstrainedQuestion(asked, options), asked.problem.locked[0]) == ""


def test_design_names_them() -> None:
    asked, options, expected = CASES["colours"]
    result = api.design(asked, options)
    assert result.status is SolveStatus.INFEASIBLE
    assert {conflict.demand for conflict in result.conflicts} == expected


def test_improve_without_enough_changes_names_the_changes() -> None:
    asked = question(marker=required("CD271", "CD45", "CD31"))
    result = api.improve(asked, [PanelRow("CD271", "PE")], 0, QUICK)
    assert result.status is SolveStatus.INFEASIBLE
    assert any("change" in conflict.demand for conflict in result.conflicts)


def test_vendors_with_other_currencies_do_not_break_the_explanation() -> None:
    euro = builders.catalog()
    dollar = builders.catalog(
        name="other",
        conjugates=tuple(c.model_copy(update={"vendor": "Other", "currency": "USD"}) for c in euro.conjugates),
    )
    limits = {"budget": 50, "currency": "EUR", "vendors": ["Testa"]}
    asked = question(catalogs=[euro, dollar], limits=limits)
    try:
        result = api.design(asked, QUICK)
    except InputError as error:
        pytest.fail(f"explaining an infeasible question raised {error}")
    assert {conflict.demand for conflict in result.conflicts} == {"limits.budget"}


def test_marker_list_with_a_lock_names_a_set_that_conflicts() -> None:
    problem = builders.marker_list(
        {"CD271": "mid", "CD146": "mid"}, limits={"max_colours": 1}, locked=[lock("CD271", "PE")]
    )
    asked = replace(question(), problem=problem)
    named = {conflict.demand for conflict in smallest_conflict(asked, QUICK).conflicts}
    assert named == {"limits.max_colours", "marker.CD146", "locked[0]"} or named == {
        "limits.max_colours",
        "marker.CD146",
        "marker.CD271",
    }


def test_a_conflict_that_stays_open_is_said_to_be_perhaps_not_minimal() -> None:
    asked, options, expected = CASES["goal"]
    found = smallest_conflict(asked, options, work=Work(panels=0, solver=0.0))
    assert not found.minimal
    assert expected <= {conflict.demand for conflict in found.conflicts}
    assert smallest_conflict(asked, options).minimal


@pytest.mark.slow
def test_little_work_leaves_open_and_never_errs() -> None:
    for asked, options, _ in CASES.values():
        instance = compiled(asked, options).instance
        answers = {is_feasible(instance, Work(panels, solver)) for panels in (0, 1, 3) for solver in (0.0, 1e-6)}
        assert answers <= {None, False}
