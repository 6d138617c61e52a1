"""What a missed goal asks for: every number worked out anew."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from panelopt import api
from panelopt.answers.missed_goals import Missing, missed_goals, missing, sorted_twice
from panelopt.domain.problem_record import Problem
from panelopt.domain.result import Result
from panelopt.instance.arrays import Instance
from panelopt.io.panel_csv import PanelRow
from panelopt.planning.remedies import beads_needed, further_marker
from panelopt.planning.second_sort import after_two_sorts, second_pass
from panelopt.planning.tube import tubes_of
from panelopt.questions.scored_panel import GivenPanel, score_rows
from panelopt.report.verdict import verdict
from panelopt.scoring import PanelScore, ViewScore
from panelopt.scoring.panel_score import evaluate_gates, panel_claims
from tests import builders

STAINS = {"CD271": "PE", "CD146": "BV421", "CD45": "FITC"}
GOAL = {"purity": 0.97}


def asked(**changes: object) -> api.Question:
    """The small problem with rare targets."""
    rare = populations(builders.problem(), msc_pos=3e-4, msc_neg=3e-4, leukocyte=0.9494)
    return api.Question(
        builders.problem(**{"population": rare} | changes),
        builders.cytometer(),
        (builders.catalog(),),
        builders.fluorochromes(),
        builders.autofluorescence(),
    )


def rows(stains: Mapping[str, str] = STAINS) -> tuple[PanelRow, ...]:
    return tuple(PanelRow(marker, dye) for marker, dye in stains.items())


def judged(question: api.Question, stains: Mapping[str, str] = STAINS) -> tuple[Instance, PanelScore]:
    found: GivenPanel = score_rows(question, rows(stains), api.Options())
    assert found.score is not None
    return found.arrays.instance, found.score


def scored(question: api.Question, stains: Mapping[str, str] = STAINS) -> Result:
    return api.score(question, rows(stains))


def populations(problem: Problem, **frequencies: float) -> list[dict[str, object]]:
    return [
        {**p.model_dump(exclude_defaults=True), "frequency": frequencies.get(p.name.replace("-", "_"), p.frequency)}
        for p in problem.population
    ]


def with_levels(changes: Mapping[str, Mapping[str, str]]) -> list[dict[str, object]]:
    """Populations of the small problem with rare targets and some other levels."""
    people = []
    for p in asked().problem.population:
        level = {**p.levels, **changes.get(p.name, {})}
        people.append({**p.model_dump(exclude_defaults=True), "levels": level})
    return people


def sample(fold: float, marker: str = "CD271") -> dict[str, object]:
    return {"sample": {"enrichment": {"marker": marker, "fold": fold, "recovery": 0.9}}}


def with_same_gates(question: api.Question, view: ViewScore, number: int) -> float:
    """Claimed purity of a tube with the gates of another sample."""
    instance, score = judged(question)
    claims = panel_claims(instance, score.slots)
    assert claims is not None
    return evaluate_gates(instance, instance.views[number], claims[1][number], view.gates).purity_at_least


def one(question: api.Question, stains: Mapping[str, str] = STAINS) -> Missing:
    instance, score = judged(question, stains)
    (found,) = missing(question.problem, instance, score, sorted_twice(instance, score), 0.02)
    return found


def test_the_fold_is_the_smallest_with_which_the_same_gates_reach_the_goal() -> None:
    question = asked(goal=GOAL)
    _, score = judged(question)
    found = one(question)
    assert [view.purity_at_least < 0.97 for view in score.views] == [True, True]
    assert found.beads is not None
    assert (found.beads.marker, found.beads.stated) == ("CD271", None)
    reached = {
        fold: min(
            with_same_gates(asked(goal=GOAL, **sample(fold)), view, number) for number, view in enumerate(score.views)
        )
        for fold in (0.997 * found.beads.fold, found.beads.fold)
    }
    short, enough = reached.values()
    assert short < 0.97 <= enough


def test_a_stated_fold_is_raised() -> None:
    plain = one(asked(goal=GOAL)).beads
    assert plain is not None
    question = asked(goal=GOAL, **sample(0.5 * plain.fold))
    found = one(question)
    assert found.beads is not None
    assert found.beads.stated == 0.5 * plain.fold
    _, score = judged(question)
    for factor, enough in ((0.997, False), (1.0, True)):
        again = asked(goal=GOAL, **sample(factor * found.beads.fold))
        purities = [with_same_gates(again, view, number) for number, view in enumerate(score.views)]
        assert (min(purities) >= 0.97) == enough
    assert f"instead of {0.5 * plain.fold:g}-fold reaches the goal of 97 % in the model." in found.remedies()


def test_depleted_samples_get_no_beads() -> None:
    assert one(asked(goal=GOAL, **sample(0.1, "CD45"))).beads is None


def test_preferred_beads_come_first_where_every_target_has_the_marker() -> None:
    people = with_levels({name: {"CD31": "bright" if name.startswith("msc") else "-"} for name in builders.LEVELS})
    question = asked(goal=GOAL, population=people)
    instance, score = judged(question)
    found = {name: beads_needed(question.problem, instance, score.views, name) for name in ("CD31", "CD271", "CD45")}
    assert {name: beads and beads.marker for name, beads in found.items()} == {
        "CD31": "CD31",
        "CD271": "CD271",
        "CD45": "CD271",  # CD45 is on no target
    }


def test_purities_after_a_second_sort_are_those_of_the_gates_passed_twice() -> None:
    question = asked(goal=GOAL)
    instance, score = judged(question)
    expected = []
    for number, tube in enumerate(tubes_of(instance, score)):
        both = second_pass(instance, score, number, tube)
        expected.append(after_two_sorts(tube, tube, both, instance.phi).purity)
    assert one(question).twice == pytest.approx(expected)
    result = scored(question)
    assert [target.purity_second_sort for target in result.targets] == pytest.approx(expected)
    listed = f"{100 * expected[0]:.1f} % (msc-pos) and {100 * expected[1]:.1f} % (msc-neg)"
    assert f"A second sort through the same gates is expected to reach a purity of {listed}." in result.warnings[0].hint


def test_tubes_with_one_remedy_share_one_remark_that_comes_first() -> None:
    result = scored(asked(goal=GOAL))
    assert [remark.code for remark in result.warnings].count("goal-missed") == 1
    first = result.warnings[0]
    assert first.code == "goal-missed"
    assert first.hint.startswith("Enriching CD271 at least ")
    at_least = [f"{100 * target.purity_at_least:.1f} % ({target.name})" for target in result.targets]
    assert f"The panel alone guarantees a purity of {' and '.join(at_least)}, limited by " in first.message


def test_tubes_with_different_remedies_get_remarks_of_their_own() -> None:
    """Endothelial cells that look like one target are caught by its beads as well."""
    people = with_levels({"endothelial": {"CD271": "bright", "CD146": "bright", "CD31": "-"}})
    people[2]["frequency"], people[3]["frequency"] = 0.9993, 1e-4
    question = asked(goal=GOAL, population=people)
    instance, score = judged(question)
    found = missing(question.problem, instance, score, sorted_twice(instance, score), 0.02)
    assert [[instance.population[v.view.target] for v in group.views] for group in found] == [["msc-neg"], ["msc-pos"]]
    assert [group.beads is not None for group in found] == [True, False]
    nothing = "no beads for a marker of this target, no further marker of the problem"
    again = "A second sort through the same gates is expected to reach a purity of "
    start = f"No remedy reaches the goal of 97 %: {nothing}. {again}"
    assert found[1].remedies().startswith(start)
    assert found[1].remedies().endswith("% (msc-pos), which is not enough.")
    codes = [remark.code for remark in scored(question).warnings]
    assert codes[:2] == ["goal-missed", "goal-missed"]


def test_a_further_marker_is_the_one_that_helps_most() -> None:
    stains = {"CD271": "PE", "CD146": "BV421"}
    question = asked(goal={"purity": 0.9})
    instance, score = judged(question, stains)
    found = further_marker(instance, score, 0.02)
    assert found is not None
    slot = found.slot
    marker, dye = instance.marker[slot.markers[0]], instance.dye[slot.dye]
    added = scored(question, stains | {marker: dye})
    purities = [target.purity_at_least for target in added.targets]
    assert [view.purity_at_least for view in found.score.views] == pytest.approx(purities)
    others = [
        min(target.purity_at_least for target in scored(question, stains | {name: dye}).targets)
        for name in set(builders.MARKERS) - {*stains, marker}
    ]
    assert min(purities) > max(others)
    assert min(purities) > min(view.purity_at_least for view in score.views)
    listed = " and ".join(f"{100 * t.purity_at_least:.1f} % ({t.name})" for t in added.targets)
    assert f"Adding {marker} in {dye} guarantees " in one(question, stains).remedies()
    assert listed in one(question, stains).remedies()


def test_a_colour_beyond_the_limit_is_said_to_be_one() -> None:
    stains = {"CD271": "PE", "CD146": "BV421"}
    question = asked(goal={"purity": 0.9}, limits={"max_colours": 2})
    assert ", one colour more than max_colours = 2, guarantees" in one(question, stains).remedies()


def test_no_further_marker_is_sought_where_none_is_wanted() -> None:
    stains = {"CD271": "PE", "CD146": "BV421"}
    question = asked(goal={"purity": 0.9})
    instance, score = judged(question, stains)
    (remark,) = missed_goals(question.problem, instance, score, sorted_twice(instance, score), 0.02, search=False)
    assert "Adding" not in remark.message


def test_what_is_reached_is_not_remarked() -> None:
    assert all(remark.code != "goal-missed" for remark in scored(asked(goal={"purity": 0.6})).warnings)


def test_folds_are_rounded_up() -> None:
    question = asked(goal=GOAL)
    found = one(question)
    assert found.beads is not None
    text = found.remedies().split("at least ")[1].split("-fold")[0].replace(",", "")
    assert found.beads.fold <= float(text) <= 1.1 * found.beads.fold


def test_unknown_levels_are_one_remark() -> None:
    people = with_levels({})
    for number in (2, 3):
        levels = people[number]["levels"]
        assert isinstance(levels, dict)
        people[number]["levels"] = {name: levels[name] for name in ("CD271", "CD45")}
    result = scored(asked(population=people))
    (remark,) = (remark for remark in result.warnings if remark.code == "unknown-level")
    assert remark.message == (
        "unknown levels are not gated against; their light counts as mid: CD146, CD31 in leukocyte, endothelial"
    )


def test_the_verdict_claims_no_more_than_the_samples() -> None:
    for purity, reached in ((0.6, "Both tubes reach"), (0.999, "Neither tube reaches")):
        result = scored(asked(goal={"purity": purity}))
        assert result.robustness is not None
        met = round(result.robustness.goal_met_share * 256)
        sure = "all 256" if met == 256 else "none of 256" if met == 0 else f"{100 * met // 256} % of"
        text = verdict(result)
        assert text.startswith(f"{reached} {100 * purity:g} %: ")
        assert f"met in {sure} plausible samples" in text
