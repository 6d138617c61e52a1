"""Robust panels of shipped problems."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panelopt import api
from panelopt.domain.robust_result import RobustResult
from panelopt.errors import UsageError
from panelopt.instance import SlotIndex
from panelopt.io.result_json import record_json
from panelopt.questions.question import compiled
from panelopt.questions.uncertain import spread_for
from panelopt.robust.robust_records import difference
from panelopt.scenarios.scenario_blocks import score_in_scenarios

PROBLEM, CYTOMETER = "bm-cd271-msca1-gmp", "aria-fusion"
OPTIONS = api.Options(time_limit_s=None, workers=1)
CHECKED = 32
FEW = api.RobustOptions(scenarios=16, check=CHECKED, sobol=8)


@pytest.fixture(scope="module")
def question() -> api.Question:
    found = api.load(PROBLEM, cytometer=CYTOMETER, catalogs=("synthetic-prices",))
    dyes = ("FITC", "PE", "APC", "BV421", "7-AAD", "DAPI", "PE-Cy7")
    catalogs = tuple(
        c.model_copy(update={"conjugates": tuple(x for x in c.conjugates if x.fluorochrome in dyes)})
        for c in found.catalogs
    )
    return replace(found, catalogs=catalogs)


@pytest.fixture(scope="module")
def found(question: api.Question) -> RobustResult:
    return api.robust(question, FEW, OPTIONS)


def test_the_chosen_panel_is_first_and_the_nominal_one_is_there(found: RobustResult) -> None:
    assert found.candidates[0].name == "chosen"
    assert sum(one.is_nominal for one in found.candidates) == 1
    assert found.nominal.status == "optimal"
    assert len({one.name for one in found.candidates}) == len(found.candidates)


def test_the_best_panel_is_shown_beside_the_chosen_one(found: RobustResult) -> None:
    assert sum(one.is_best for one in found.candidates) == 1
    best = next(one for one in found.candidates if one.is_best)
    chosen = found.candidates[0]
    assert found.slack == 0.02
    assert chosen.result.practical is not None
    assert best.result.practical is not None
    assert chosen.result.practical.unsourced <= best.result.practical.unsourced


def test_without_slack_no_panel_holds_more_than_the_chosen_one(question: api.Question) -> None:
    goal = question.problem.goal.model_copy(update={"slack": 0.0})
    strict = replace(question, problem=question.problem.model_copy(update={"goal": goal}))
    found = api.robust(strict, replace(FEW, sobol=0), OPTIONS)
    assert found.slack == 0.0
    best = next(one for one in found.candidates if one.is_best)
    # the practical one of two that hold the same may come first
    assert found.candidates[0].worst_log_ratio.holds == best.worst_log_ratio.holds


def test_the_goal_is_a_matter_of_purity(question: api.Question, found: RobustResult) -> None:
    instance = compiled(question, OPTIONS).instance
    chosen = found.candidates[0]
    slots = tuple(
        SlotIndex(
            tuple(sorted(instance.marker.index(name) for name in slot.markers)),
            instance.dye.index(slot.fluorochrome),
            instance.detector.index(slot.detector),
        )
        for slot in chosen.result.panel
    )
    (judged,) = score_in_scenarios(instance, spread_for(question, instance), [slots], found.seed + 1, CHECKED)
    odds = np.log10(instance.purity_goal / (1 - instance.purity_goal))
    assert chosen.reaches_goal == (judged.odds >= odds).all(axis=1).mean()


def test_distributions_are_those_of_the_values(found: RobustResult) -> None:
    for one in found.candidates:
        values = np.array([-np.inf if value is None else value for value in one.values])
        assert len(values) == CHECKED
        reached = one.worst_log_ratio.holds
        assert reached is not None
        assert (values >= reached).mean() >= 0.9
        low, high = one.worst_log_ratio.holds_interval.low, one.worst_log_ratio.holds_interval.high
        assert low is not None
        assert high is not None
        assert low <= reached <= high
        assert one.usable == np.isfinite(values).mean()


def test_regret_is_against_the_best_candidate(found: RobustResult) -> None:
    values = np.array([one.values for one in found.candidates], dtype=float)
    regret = values.max(axis=0) - values[0]
    assert found.candidates[0].regret.quantiles["1"] == pytest.approx(regret.max())
    assert all((one.regret.quantiles["0"] or 0.0) >= 0 for one in found.candidates)


def test_equal_calls_give_equal_answers(question: api.Question, found: RobustResult) -> None:
    again = api.robust(question, FEW, OPTIONS)

    def told(answer: RobustResult) -> object:
        return answer.candidates, answer.gain, answer.sensitivity

    assert [one.values for one in again.candidates] == [one.values for one in found.candidates]
    assert told(again)[1:] == told(found)[1:]


def test_record_goes_through_json(found: RobustResult) -> None:
    text = record_json(found)
    assert "NaN" not in text
    assert RobustResult.model_validate_json(text).candidates[0].values == found.candidates[0].values


def test_worst_case_has_a_proven_limit(question: api.Question) -> None:
    wanted = api.RobustOptions(scenarios=3, worst_case=True, check=16, sobol=0)
    found = api.robust(question, wanted, api.Options(time_limit_s=60, workers=1)).worst_case
    assert found is not None
    assert found.best is not None
    assert found.bound is not None
    assert found.nominal is not None
    assert found.bound >= found.best - 1e-5
    assert found.chosen is not None
    assert found.best >= found.nominal - 1e-9
    assert found.best >= found.chosen >= found.best - 0.1 - 1e-9


def test_an_interrupted_search_reports_what_is_known(question: api.Question, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("panelopt.solver.robust.robust_search.RobustSearch.run", interrupted)
    found = api.robust(question, FEW, OPTIONS)
    assert found.interrupted
    assert [one.is_nominal for one in found.candidates] == [True]
    assert found.sensitivity is None


def test_infeasible_questions_have_no_candidates(question: api.Question) -> None:
    found = api.robust(question, FEW, replace(OPTIONS, max_colours=1))
    assert found.candidates == ()
    assert found.nominal.status == "infeasible"
    assert found.nominal.conflicts


@pytest.mark.parametrize(
    "wrong", [{"scenarios": 0}, {"share": 0.0}, {"share": 1.5}, {"check": 0}, {"sobol": 48},
              {"worst_case": True, "fixed_gates": True}],
)  # fmt: skip
def test_wrong_numbers_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        api.RobustOptions(**wrong)  # type: ignore[arg-type]


def test_spread_knows_tandems_and_what_was_measured() -> None:
    question = api.load("bm-cd271-cd146", cytometer=CYTOMETER)
    instance = compiled(question, OPTIONS).instance
    spread = spread_for(question, instance)
    dyes = {dye.name: dye for dye in question.fluorochromes}
    tandem = instance.dye.index("PE-Cy7")
    assert spread.tandem[tandem] > 0
    assert spread.tandem[instance.dye.index("PE")] == 0
    light = spread.broken[:, tandem] / spread.broken[:, tandem].max()
    pe = instance.signal[:, instance.dye.index("PE")]
    assert light == pytest.approx(pe / pe.max())
    for f, name in enumerate(instance.dye):
        measured = dyes[name].brightness.origin == "measured"
        factor = question.problem.uncertainty.brightness_measured if measured else 8.0
        assert np.exp(1.959963984540054 * spread.brightness[f]) == pytest.approx(factor)


def test_differences_of_what_cannot_be_used() -> None:
    bad = -np.inf
    assert difference(np.array([bad, 1.0, bad]), np.array([bad, bad, 1.0])).tolist() == [0.0, np.inf, bad]
