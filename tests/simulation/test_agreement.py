"""Predicted purity and yield against cells drawn at random, for shipped problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from panelopt import api, registry
from panelopt.instance import Instance
from panelopt.io.panel_csv import PanelRow
from panelopt.questions.scored_panel import score_rows
from panelopt.scoring import PanelScore, score_panel
from panelopt.simulation.agreement import agreement
from panelopt.simulation.unmixer import mean_variance, ordinary_estimator, weighted_estimator
from tests import builders
from tests.planning import helpers as small

EVENTS = 250_000
"""Cells of a problem, as many of each population."""

TOLERANCE = 0.01
SEED = 1

PANELS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("cv-cd106", "aria-fusion"): {"viability": "DRAQ7", "CD106": "PE-Cy5"},
    ("uc-cd106", "aria-fusion"): {"viability": "DRAQ7", "CD106": "PE-Cy5", "CD31": "PE-CF594"},
    ("uc-gd2", "aurora-cs"): {"viability": "DAPI", "GD2": "BB515", "SSEA4": "BV421", "CD146": "Alexa Fluor 647"},
}

each_panel = pytest.mark.parametrize(("problem", "cytometer"), PANELS)


@lru_cache
def judged(problem: str, cytometer: str) -> tuple[Instance, PanelScore]:
    question = api.load(problem, cytometer=cytometer)
    rows = [PanelRow(marker, dye) for marker, dye in PANELS[problem, cytometer].items()]
    found = score_rows(question, rows, api.Options())
    assert found.score is not None
    return found.arrays.instance, found.score


@each_panel
def test_prediction_holds(problem: str, cytometer: str) -> None:
    """The score's own model, and cells with their own light and photoelectrons, gate by gate."""
    instance, score = judged(problem, cytometer)
    for found in agreement(instance, score, EVENTS // len(instance.population), SEED):
        for measured in (found.model, found.separate):
            assert measured.error < TOLERANCE / 2
            assert measured.gate_yield == pytest.approx(found.predicted_yield, abs=TOLERANCE)
            assert measured.purity == pytest.approx(found.predicted_purity, abs=TOLERANCE)


@each_panel
def test_gates_on_the_same_cell_and_real_doublets(problem: str, cytometer: str) -> None:
    """Purity stays; noise that gates share on a conventional cytometer raises the yield, by 0.013 in uc-cd106."""
    for found in agreement(*judged(problem, cytometer), EVENTS // 15, SEED, pairs=EVENTS // 100):
        assert found.doublets is not None
        assert found.pairs is not None
        assert found.joint.purity == pytest.approx(found.predicted_purity, abs=TOLERANCE)
        assert found.doublets.purity == pytest.approx(found.predicted_purity, abs=TOLERANCE)
        assert found.pairs.purity <= found.doublets.purity
        assert -TOLERANCE < found.joint.gate_yield - found.predicted_yield < 2 * TOLERANCE


def bare(**changes: object) -> tuple[Instance, PanelScore]:
    """A judged panel of the small problem, with dead cells of each kind."""
    instance, _ = small.judged(builders.problem(sample={"dead_fraction": 0.2, "doublet_residual": 0.2}))
    changed = replace(instance, **changes)  # type: ignore[arg-type]
    score = score_panel(changed, small.judged()[1].slots)
    assert score is not None
    return changed, score


@pytest.mark.parametrize("leak_total", [0.0, 1e-5, 0.01])
def test_total_leak_and_dead_cells_are_those_of_the_prediction(leak_total: float) -> None:
    for found in agreement(*bare(leak_total=leak_total), 40_000, SEED):
        assert found.model.purity == pytest.approx(found.predicted_purity, abs=TOLERANCE)


def test_more_leak_lowers_prediction_and_measurement() -> None:
    less, much = (agreement(*bare(leak_total=leak), 20_000, SEED) for leak in (1e-6, 0.01))
    for one, other in zip(less, much, strict=True):
        for kind in ("model", "separate", "joint"):
            assert getattr(one, kind).purity > getattr(other, kind).purity + TOLERANCE


def test_doublets_count_twice_and_pairs_of_contaminants_are_told_apart() -> None:
    """Targets and contaminants meet in two orders; some contaminants look like a target together."""
    instance, score = bare()
    for found, alone in zip(
        agreement(instance, score, 20_000, SEED, pairs=20_000),
        agreement(*bare(delta=0.0), 20_000, SEED, pairs=20_000),
        strict=True,
    ):
        assert found.doublets is not None
        assert found.pairs is not None
        assert alone.pairs is not None
        assert alone.pairs.purity == alone.joint.purity
        assert found.doublets.purity == pytest.approx(found.joint.purity, abs=TOLERANCE)
        assert found.pairs.purity < found.doublets.purity < alone.joint.purity


def test_unweighted_unmixing_costs_yield_and_the_weights_of_the_target_do_not() -> None:
    case = judged("uc-gd2", "aurora-cs")
    own, target, ordinary = (
        agreement(*case, EVENTS // 15, SEED, unmixing=how) for how in ("own", "target", "ordinary")
    )
    for one, other, plain in zip(own, target, ordinary, strict=True):
        assert other.joint.gate_yield == pytest.approx(one.joint.gate_yield, abs=TOLERANCE)
        assert other.joint.purity == pytest.approx(one.joint.purity, abs=TOLERANCE)
        assert plain.joint.gate_yield < one.joint.gate_yield - 0.005


def test_correlated_antigens_change_what_independence_predicts() -> None:
    instance, score = judged("uc-cd106", "aria-fusion")
    slots = len(score.slots)
    correlated = np.full((slots, slots), 0.8) + 0.2 * np.eye(slots)
    free = agreement(instance, score, EVENTS // 5, SEED)
    tied = agreement(instance, score, EVENTS // 5, SEED, correlation=correlated)
    for one, other in zip(free, tied, strict=True):
        assert other.separate.gate_yield == pytest.approx(one.separate.gate_yield, abs=TOLERANCE / 2)
        assert other.joint != one.joint


@each_panel
def test_estimators_are_unbiased_and_as_noisy_as_the_score_says(problem: str, cytometer: str) -> None:
    instance, score = judged(problem, cytometer)
    light, slots = score.light, len(score.slots)
    variance = mean_variance(instance, score.slots, light)
    for p in range(len(instance.population)):
        for estimator, expected in (
            (weighted_estimator(instance, score.slots, light, p), light.sd[0, p]),
            (ordinary_estimator(instance, score.slots, light), light.ols_sd[p]),
        ):
            assert estimator.weight @ light.mixing[:, :slots] == pytest.approx(np.eye(slots), abs=1e-8)
            noise = np.diag(variance[p])
            if instance.conventional:
                own, g = instance.autofluorescence[list(estimator.detectors)], instance.autofluorescence_factor
                target = score.views[0].view.target
                factor = (instance.cv_autofluorescence * g[p]) ** 2 + (g[p] - g[target]) ** 2
                noise = noise + factor * np.outer(own, own)
            found = np.sqrt(np.diagonal(estimator.weight @ noise @ estimator.weight.T))
            assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("cytometer", ["aria-fusion", "aurora-cs"])
@pytest.mark.parametrize(
    "problem", [n for n in registry.problem_names() if registry.find_problem(n).problem.population]
)
def test_prediction_holds_for_every_shipped_problem(problem: str, cytometer: str) -> None:
    question = api.load(problem, cytometer=cytometer)
    panel = api.design(question, api.Options(time_limit_s=10.0, seed=0)).panel
    rows = [PanelRow(marker, slot.fluorochrome, detector=slot.detector) for slot in panel for marker in slot.markers]
    found = score_rows(question, rows, api.Options())
    assert found.score is not None
    instance = found.arrays.instance
    for tube in agreement(instance, found.score, 1_000_000 // len(instance.population), SEED):
        for measured in (tube.model, tube.separate):
            assert measured.error < TOLERANCE / 2
            assert measured.gate_yield == pytest.approx(tube.predicted_yield, abs=TOLERANCE)
            assert measured.purity == pytest.approx(tube.predicted_purity, abs=TOLERANCE)
