"""The quick look at plausible samples beside a score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panelopt import api
from panelopt.answers.samples import SAMPLES, robustness
from panelopt.domain.tube_robustness import Robustness, TubeRobustness
from panelopt.io.panel_csv import PanelRow
from panelopt.io.panel_files import panel_rows
from panelopt.questions.scored_panel import score_rows
from panelopt.questions.uncertain import spread_for
from panelopt.scenarios import draw_block, scenarios_of
from panelopt.scenarios.groups import panel_unknowns
from panelopt.scoring import score_panel
from tests import builders

ROWS = tuple(PanelRow(marker, dye) for marker, dye in {"CD271": "PE", "CD146": "BV421", "CD45": "FITC"}.items())


def question(**changes: object) -> api.Question:
    return api.Question(
        builders.problem(**changes),
        builders.cytometer(),
        (builders.catalog(),),
        builders.fluorochromes(),
        builders.autofluorescence(),
    )


def test_numbers_are_those_of_the_score_sample_by_sample() -> None:
    asked = question(goal={"purity": 0.9})
    judged = score_rows(asked, ROWS, api.Options())
    instance = judged.arrays.instance
    assert judged.score is not None
    own = panel_unknowns(instance, spread_for(asked, instance), judged.score.slots)
    scores = []
    for number in range(4):
        drawn = scenarios_of(own.instance, own.spread, draw_block(own.spread, 0, number))
        scores += [score_panel(drawn.instance(own.instance, one), own.slots) for one in range(len(drawn))]
    views = [score.views for score in scores if score is not None]
    found = api.score(asked, ROWS).robustness
    assert found is not None
    assert found.samples == len(views) == SAMPLES
    met = np.array([[view.purity_at_least >= 0.9 for view in pair] for pair in views])
    assert found.goal_met_share == met.all(axis=1).mean()
    assert 0 < found.goal_met_share < 1
    worst = [score.worst for score in scores if score is not None]
    assert found.worst_log_ratio_p10 == pytest.approx(np.quantile(worst, 0.1, method="inverted_cdf"), abs=1e-9)
    assert [tube.target for tube in found.tubes] == ["msc-pos", "msc-neg"]
    for number, tube in enumerate(found.tubes):
        purity = [pair[number].purity for pair in views]
        assert tube.purity_p10 == pytest.approx(np.quantile(purity, 0.1, method="inverted_cdf"), rel=1e-9)
        assert tube.goal_met_share == met[:, number].mean()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("problem", "cytometer"),
    [("uc-cd106", "aurora-cs"), ("bm-cd271-msca1-gmp", "aria-fusion"), ("adipose-4way", "aurora-cs")],
)
def test_shares_are_those_of_a_robust_panel_within_the_error_of_sampling(problem: str, cytometer: str) -> None:
    asked, options = api.load(problem, cytometer=cytometer), api.Options(time_limit_s=10, workers=1)
    wanted = api.RobustOptions(scenarios=64, check=2048, sobol=0)
    candidates = api.robust(asked, wanted, options).candidates
    assert candidates
    for one in candidates:
        found = api.score(asked, panel_rows(one.result, one.name), options).robustness
        assert found is not None
        p = one.reaches_goal
        error = np.sqrt(max(p * (1 - p), 1 / 2048) * (1 / SAMPLES + 1 / 2048))
        assert abs(found.goal_met_share - p) < 3 * error


def test_the_answer_does_not_depend_on_what_else_could_be_bought() -> None:
    asked = question()
    alone = {slot for row in ROWS for slot in [(row.marker, row.fluorochrome)]}
    (catalog,) = asked.catalogs
    few = catalog.model_copy(
        update={"conjugates": tuple(x for x in catalog.conjugates if (x.marker, x.fluorochrome) in alone)}
    )
    assert len(few.conjugates) < len(catalog.conjugates)
    small = replace(asked, catalogs=(few,))
    assert api.score(small, ROWS).robustness == api.score(asked, ROWS).robustness


def test_beads_of_a_plan_are_those_of_a_problem_that_states_them() -> None:
    asked = question(goal={"purity": 0.9})
    beads = {"sample": {"enrichment": {"marker": "CD271", "fold": 20, "recovery": 0.9}}}
    enriched = question(goal={"purity": 0.9}, **beads)
    judged = score_rows(asked, ROWS, api.Options())
    assert judged.score is not None
    found = robustness(asked, judged.arrays.instance, judged.score.slots, 0.02, sample=enriched.problem)
    assert found == api.score(enriched, ROWS).robustness
    assert found != api.score(asked, ROWS).robustness


def test_the_sentence_says_whose_uncertainty_it_is() -> None:
    tubes = (
        TubeRobustness(target="A", purity_p10=0.7199, goal_met_share=0.8),
        TubeRobustness(target="B", purity_p10=0.9949, goal_met_share=0.9),
    )
    found = Robustness(
        samples=256,
        purity_goal=0.9,
        uncertainty="default",
        goal_met_share=182 / 256,
        worst_log_ratio_p10=1.0,
        tubes=tubes,
    )
    text = "The goal of 90 % is met in 182 of 256 plausible samples"
    assert found.summary() == (
        f"{text} (default uncertainty); nine samples in ten reach a purity of 71.9 % (A) and 99.4 % (B)."
    )
    stated = found.model_copy(update={"uncertainty": "problem", "tubes": tubes[:1]})
    assert stated.summary() == f"{text} (the problem's [uncertainty]); nine samples in ten reach a purity of 71 %."
    useless = tubes[0].model_copy(update={"purity_p10": None})
    assert "in more than one sample in ten" in found.model_copy(update={"tubes": (useless, tubes[1])}).summary()


def test_a_stated_uncertainty_is_the_problems_own() -> None:
    for changes, whose in (({}, "default"), ({"uncertainty": {"level": 2.0}}, "problem")):
        found = api.score(question(**changes), ROWS).robustness
        assert found is not None
        assert found.uncertainty == whose


def test_what_is_certain_is_met_always_or_never() -> None:
    certain = dict.fromkeys(
        (
            "level", "frequency", "autofluorescence", "autofluorescence_population", "brightness_measured",
            "brightness_estimated", "instrument", "signature", "signature_measured", "doublets",
        ),
        1.0,
    )  # fmt: skip
    for purity, share in ((0.5, 1.0), (0.9999999, 0.0)):
        result = api.score(question(goal={"purity": purity}, uncertainty={**certain, "tandem_breakdown": 0.0}), ROWS)
        assert result.objective is not None
        assert result.robustness is not None
        assert result.robustness.goal_met_share == share
        assert result.robustness.worst_log_ratio_p10 == pytest.approx(result.objective.worst_log_ratio, abs=1e-9)
        purities = [target.purity for target in result.targets]
        assert [tube.purity_p10 for tube in result.robustness.tubes] == pytest.approx(purities, rel=1e-9)


def test_design_and_improve_tell_it_of_the_chosen_panel() -> None:
    asked, options = question(), api.Options(time_limit_s=None, workers=1)
    designed, improved = api.design(asked, options), api.improve(asked, ROWS, 1, options)
    for result in (designed, improved):
        rows = [PanelRow(slot.markers[0], slot.fluorochrome, detector=slot.detector) for slot in result.panel]
        assert result.robustness == api.score(asked, rows).robustness


def test_marker_lists_have_none() -> None:
    listed = api.Question(
        builders.marker_list(),
        builders.cytometer(),
        (builders.catalog(),),
        builders.fluorochromes(),
        builders.autofluorescence(),
    )
    result = api.design(listed, api.Options(time_limit_s=None, workers=1))
    assert result.panel
    assert result.robustness is None


def test_a_panel_that_is_mostly_useless_has_no_tenth_percentile(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = question()
    judged = score_rows(asked, ROWS, api.Options())
    assert judged.score is not None
    monkeypatch.setattr(
        "panelopt.scenarios.scenario_score.tellable", lambda _, drawn, __: np.arange(len(drawn)) % 2 == 0
    )
    found = robustness(asked, judged.arrays.instance, judged.score.slots, 0.02)
    assert found is not None
    assert found.worst_log_ratio_p10 is None
    assert [tube.purity_p10 for tube in found.tubes] == [None, None]
    assert found.goal_met_share <= 0.5
