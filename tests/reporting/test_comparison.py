"""What two results differ in."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from panelopt.domain.demands import Demands
from panelopt.domain.result import Result
from panelopt.reporting.result_comparison import comparison
from tests import strategies


def test_each_kind_of_change_is_named(result: Result) -> None:
    first, dump, last = result.panel
    reagent = first.reagents[0].model_copy(update={"catalog_number": "other"})
    cases = {
        "product": first.model_copy(update={"reagents": (reagent,)}),
        "detector": first.model_copy(update={"detector": "V610"}),
        "fluorochrome": first.model_copy(update={"fluorochrome": "BV605", "detector": "V610"}),
        "role": first.model_copy(update={"role": "dump"}),
    }
    for kind, slot in cases.items():
        found = comparison(result, result.model_copy(update={"panel": (slot, dump, last)}))
        assert {m.marker: m.change for m in found.changed} == {"CD271": kind}
    found = comparison(result, result.model_copy(update={"panel": (first, last)}))
    assert {m.marker: m.change for m in found.changed} == {"CD45": "removed", "CD31": "removed"}
    found = comparison(result.model_copy(update={"panel": (first, last)}), result)
    assert {m.marker: m.change for m in found.changed} == {"CD45": "added", "CD31": "added"}


def test_changes_are_second_minus_first(result: Result) -> None:
    assert result.objective is not None
    objective = result.objective.model_copy(update={"worst_log_ratio": 0.75, "price": None})
    target = result.targets[0].model_copy(update={"purity": 0.9, "expected_cells": None})
    found = comparison(result, result.model_copy(update={"objective": objective, "targets": (target,)}))
    numbers = {n.name: n for n in (*found.objectives, *found.targets[0].numbers)}
    assert numbers["worst_log_ratio"].change == pytest.approx(0.75 - 1.25)
    assert numbers["price"].change is None
    assert numbers["purity"].change == pytest.approx(0.9 - 0.9987)
    assert numbers["expected_cells"].change is None


def test_the_largest_change_comes_first(result: Result) -> None:
    pairs = [pair.model_copy(update={"log_ratio": pair.log_ratio + i}) for i, pair in enumerate(result.pairs)]
    found = comparison(result, result.model_copy(update={"pairs": tuple(pairs)}))
    changes = [(p.second or 0) - (p.first or 0) for p in found.targets[0].pairs]
    assert changes == pytest.approx([2.0, 1.0, 0.0])


def test_different_questions_are_named(result: Result) -> None:
    catalog = result.catalogs[0].model_copy(update={"sha256": "cd" * 32})
    changes = {"problem": "other", "cytometer": "other-sorter", "catalogs": (catalog,)}
    texts = comparison(result, result.model_copy(update=changes)).questions
    assert len(texts) == 3
    assert "not comparable" in texts[0]
    assert "other-sorter" in texts[1]
    assert "tiny-catalog" in texts[2]
    (text,) = comparison(result, result.model_copy(update={"problem_sha256": "1" * 64})).questions
    assert "versions of problem tiny differ" in text
    assert not comparison(result, result).questions


def test_other_optics_and_demands_are_named(result: Result) -> None:
    one = result.model_copy(update={"cytometer_sha256": "1" * 64, "fluorochromes_sha256": "2" * 64})
    assert not comparison(one, result).questions  # an older program named no hashes
    cases = {
        "versions of cytometer": {"cytometer_sha256": "3" * 64},
        "dye optics differ": {"fluorochromes_sha256": "3" * 64},
        "measured signatures": {"signatures_sha256": "3" * 64},
        "demands differ: budget, require_goal": {"demands": Demands(budget=1.0, require_goal=True)},
    }
    for words, change in cases.items():
        (text,) = comparison(one, one.model_copy(update=change)).questions
        assert words in text


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.results(), strategies.results())
def test_swapping_the_designs_turns_the_signs(first: Result, second: Result) -> None:
    there, back = comparison(first, second), comparison(second, first)
    for one, other in zip(there.objectives, back.objectives, strict=True):
        assert (one.change is None) == (other.change is None)
        assert one.change is None or one.change == -(other.change or 0.0)
    turned = {"added": "removed", "removed": "added"}
    changes = {m.marker: turned.get(m.change, m.change) for m in back.markers}
    assert {m.marker: m.change for m in there.markers} == changes
