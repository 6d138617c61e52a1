"""The quick look at plausible samples beside a score."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt import api
from panelopt.api.judge import judge
from panelopt.api.robustness import SAMPLES, robustness
from panelopt.api.uncertain import spread_for
from panelopt.io.panel_csv import PanelRow
from panelopt.scenarios import draw_block, scenarios_of
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
    judged = judge(asked, ROWS, api.Options())
    instance = judged.arrays.instance
    assert judged.score is not None
    panel = judged.score.slots
    spread = spread_for(asked, instance)
    worst, met = [], []
    for number in range(4):
        drawn = scenarios_of(instance, spread, draw_block(spread, 0, number))
        for one in range(len(drawn)):
            score = score_panel(drawn.instance(instance, one), panel)
            assert score is not None
            worst.append(score.worst)
            met.append(all(view.purity_at_least >= 0.9 for view in score.views))
    found = api.score(asked, ROWS).robustness
    assert found is not None
    assert found.samples == len(worst) == SAMPLES
    assert found.goal_met_share == np.mean(met)
    assert 0 < found.goal_met_share < 1
    assert found.worst_log_ratio_p10 == pytest.approx(np.quantile(worst, 0.1, method="inverted_cdf"), abs=1e-9)


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
    judged = judge(asked, ROWS, api.Options())
    assert judged.score is not None
    monkeypatch.setattr("panelopt.scenarios.score.tellable", lambda _, drawn, __: np.arange(len(drawn)) % 2 == 0)
    found = robustness(asked, judged.arrays.instance, judged.score.slots, 0.02)
    assert found is not None
    assert found.worst_log_ratio_p10 is None
    assert found.goal_met_share <= 0.5
