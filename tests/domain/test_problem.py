"""The problem as an object: what it refuses and what it fills in."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from panelopt.domain.problem_record import DEFAULT_LEVELS, ENZYME_CUTS, Level, Problem, Sample


def question(**changes: Any) -> dict[str, Any]:
    return {
        "id": "tiny",
        "marker": [{"name": "CD45"}, {"name": "CD271", "role": "required"}],
        "population": [
            {"name": "msc", "role": "target", "frequency": 0.001, "levels": {"CD45": "-", "CD271": "bright"}},
            {"name": "blood", "role": "contaminant", "frequency": 0.9, "levels": {"CD45": "bright"}},
        ],
        **changes,
    }


def test_required_is_a_candidate_that_must_be_used() -> None:
    marker = Problem.model_validate(question()).marker[1]
    assert (marker.role, marker.required) == ("candidate", True)


def test_level_words_and_their_redefinition() -> None:
    problem = Problem.model_validate(question(level_words={"mid": {"abc": 9000, "cv": 0.6}}))
    assert problem.resolve("mid") == Level(abc=9000, cv=0.6)
    assert problem.resolve("bright") == DEFAULT_LEVELS["bright"]
    assert problem.resolve(Level(abc=7)).abc == 7


def test_level_words_rise() -> None:
    assert list(DEFAULT_LEVELS) == ["-", "low", "dim", "mid", "bright", "very_bright"]
    abc = [level.abc for level in DEFAULT_LEVELS.values()]
    assert abc == sorted(abc)
    assert all(level.source == "model" for level in DEFAULT_LEVELS.values())


def test_doublets_left_after_gating() -> None:
    assert Sample().delta == pytest.approx(0.005)
    assert Sample(doublet_fraction=0.02).delta == pytest.approx(0.002)
    assert Sample(doublet_residual=0.0).delta == 0.0


def test_enzymes() -> None:
    assert {"CD73", "CD105", "CD140a"} <= ENZYME_CUTS["trypsin"]
    assert ENZYME_CUTS["collagenase"] == {"CD140a"}
    assert not ENZYME_CUTS["tryple"]


def test_marker_list() -> None:
    problem = Problem.model_validate({"id": "list", "marker": [{"name": "CD90", "level": "mid"}]})
    assert problem.is_marker_list
    assert not Problem.model_validate(question()).is_marker_list


def populations(*frequencies: float, role: str = "target") -> list[dict[str, Any]]:
    return [{"name": f"p{i}", "role": role, "frequency": f} for i, f in enumerate(frequencies)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"population": populations(0.6, 0.5)}, "sum to 1.1"),
        ({"population": populations(0.6, 0.1, role="contaminant")}, "role target"),
        ({"population": populations(0.6)}, "at least one contaminant"),
        ({"population": populations(0.0, 0.5)}, "greater than 0"),
        ({"population": populations(0.1, 0.5) * 2}, "listed twice"),
        ({"population": []}, "every marker needs a level"),
        ({"population": [], "marker": [{"name": "CD90", "level": {"abc": 0, "cv": 0.5}}]}, "nothing to tell apart"),
        ({"population": [], "marker": [{"name": "viability", "role": "viability"}]}, "nothing to tell apart"),
        ({"marker": [{"name": "CD45"}]}, "unlisted markers: CD271"),
        ({"marker": [{"name": "CD45", "role": "viability"}]}, "viability"),
        ({"marker": [{"name": "CD45", "role": "forbidden", "required": True}]}, "forbidden and required"),
        ({"goal": {"purity": 1.0}}, "goal.purity\\n.*from 1e-06 to below 1"),
        ({"goal": {"purity": 1e-105}}, "goal.purity\\n.*from 1e-06 to below 1"),
        ({"goal": {"gate_loss": 9e-5}}, "goal.gate_loss\\n.*from 0.0001 to 0.15"),
        ({"goal": {"gate_loss": 0.1501}}, "goal.gate_loss\\n.*from 0.0001 to 0.15"),
        ({"goal": {"leak_total": 0.5}}, "leak_total"),
        ({"goal": {"slack": 3.1}}, "slack"),
        ({"limits": {"max_spillover": 0}}, "max_spillover"),
        ({"limits": {"prefer": ["colours", "colours"]}}, "colours is listed twice"),
        ({"limits": {"prefer": ["beauty"]}}, "sourced"),
        ({"sample": {"dissociation": "papain"}}, "collagenase"),
        ({"id": "Not An Id"}, "pattern"),
        ({"surprise": 1}, "Extra inputs"),
    ],
)
def test_what_a_problem_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Problem.model_validate(question(**changes))


def test_frequencies_may_sum_to_one_within_rounding() -> None:
    Problem.model_validate(question(population=populations(*[0.1] * 10)))
    Problem.model_validate(question(population=populations(0.5, 0.5 + 9e-10)))


def test_one_target_and_dead_cells_are_enough() -> None:
    Problem.model_validate(question(population=populations(0.6), sample={"dead_fraction": 0.1}))
