"""Events: their moments are those of the score, and they depend on the seed alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panelopt.errors import PaneloptError
from panelopt.instance import Instance
from panelopt.optics.noise import DetectorNoise
from panelopt.scoring import PanelScore
from panelopt.simulation.event_model import EventModel, event_model
from panelopt.simulation.scatter import SCATTER, SINGLET_WIDTH_BELOW
from panelopt.simulation.simulated_cells import draw_cells, light_pe, record
from panelopt.simulation.simulated_events import BLOCK, Events, draw_events
from panelopt.simulation.tubes import control_tubes, sample_tube
from panelopt.simulation.unmixer import mean_variance
from tests import builders
from tests.planning.helpers import judged

CELLS = 200_000


@pytest.fixture(scope="module")
def case() -> tuple[Instance, PanelScore]:
    return judged(builders.problem(sample={"dead_fraction": 0.1, "doublet_residual": 0.01}))


@pytest.fixture(scope="module")
def model(case: tuple[Instance, PanelScore]) -> EventModel:
    instance, score = case
    return event_model(instance, score.slots, doublet_fraction=0.06)


def drawn(model: EventModel, count: int, seed: int = 5, **how: int) -> Events:
    parts = list(draw_events(model, count, seed, **how))
    return Events(*(np.concatenate([getattr(part, name) for part in parts]) for name in Events.__slots__))


def test_noise_has_the_variance_of_the_formula() -> None:
    noise = DetectorNoise(np.zeros(4), np.array([1.0, 1.6, 1.0, 1.0]), np.array([0.0, 3, 40, 0]), np.full(4, 0.02))
    light = np.array([5.0, 80.0, 4000.0, 0.0])
    found = record(np.tile(light, (CELLS, 1)), noise, np.random.default_rng(1))
    variance = np.maximum(noise.excess * light + noise.electronic_pe**2 + (noise.proportional * light) ** 2, 1.0)
    assert found.mean(axis=0) == pytest.approx(light, abs=4 * np.sqrt(variance.max() / CELLS))
    assert found.var(axis=0) == pytest.approx(variance, rel=0.02)


def test_cells_show_mean_light_and_noise_of_the_score(case: tuple[Instance, PanelScore]) -> None:
    instance, score = case
    rows = [slot.detector for slot in score.slots]
    model = event_model(instance, score.slots, detectors=rows)
    model = replace(model, cv_autofluorescence=0.0)
    levels = score.light.levels
    for p in range(len(instance.population)):
        random = np.random.default_rng(p)
        cells = draw_cells(model, np.full(CELLS, p), random)
        light = light_pe(model, cells)
        expected = instance.background[rows] + instance.autofluorescence_factor[p] * instance.autofluorescence[rows]
        assert light.mean(axis=0) == pytest.approx(expected + levels.mean[p] @ model.signal.T, rel=0.02)
        recorded = record(light, model.noise, random)
        assert (recorded - light).var(axis=0) == pytest.approx(
            mean_variance(instance, score.slots, score.light)[p], rel=0.03
        )
        medians = np.median(cells.antibodies, axis=0)
        assert medians == pytest.approx(levels.abc[p], rel=0.02)


@pytest.mark.parametrize("skewed", [False, True])
def test_autofluorescence_has_its_mean_and_spread(model: EventModel, skewed: bool) -> None:
    model = replace(model, skewed=skewed, cv_autofluorescence=0.3)
    factor = draw_cells(model, np.full(CELLS, 1), np.random.default_rng(0)).factor / model.factor[1]
    assert factor.min() >= 0
    assert factor.mean() == pytest.approx(1, abs=0.01)
    assert factor.std() == pytest.approx(0.3, abs=0.005)
    assert (np.mean(((factor - 1) / 0.3) ** 3) > 0.5) == skewed


@pytest.mark.parametrize("chunk", [1, 777, BLOCK, 3 * BLOCK])
def test_chunks_and_length_change_nothing(model: EventModel, chunk: int) -> None:
    count = 2 * BLOCK + 10 if chunk > 1 else 40
    whole, parts = drawn(model, 3 * BLOCK), drawn(model, count, chunk=chunk)
    for name in Events.__slots__:
        assert np.array_equal(getattr(whole, name)[:count], getattr(parts, name)), name
    sizes = [part.size for part in draw_events(model, count, 5, chunk=chunk)]
    assert set(sizes[:-1]) <= {chunk}
    assert sum(sizes) == count


def test_seeds_and_tubes_are_independent(model: EventModel) -> None:
    one, other, tube = drawn(model, 500), drawn(model, 500, seed=6), drawn(model, 500, stream=1)
    assert not np.array_equal(one.detectors, other.detectors)
    assert not np.array_equal(one.detectors, tube.detectors)


def test_populations_and_doublets_come_in_their_shares(case: tuple[Instance, PanelScore], model: EventModel) -> None:
    instance, _ = case
    events = drawn(model, CELLS)
    shares = np.bincount(events.population, minlength=len(instance.phi)) / CELLS
    assert shares == pytest.approx(instance.phi / instance.phi.sum(), abs=0.004)
    assert (events.partner >= 0).mean() == pytest.approx(0.06, abs=0.003)
    assert events.hidden.mean() == pytest.approx(0.01, abs=0.002)
    assert not (events.hidden & (events.partner < 0)).any()
    assert (np.diff(events.time_ms) > 0).all()


def test_dead_cells_of_a_target_carry_its_antigens(case: tuple[Instance, PanelScore], model: EventModel) -> None:
    instance, score = case
    target, dead = (instance.population.index(name) for name in ("msc-pos", "dead msc-pos"))
    assert [name for name, is_dead in zip(model.population, model.is_dead, strict=True) if is_dead] == [
        "dead msc-pos", "dead msc-neg", "dead",
    ]  # fmt: skip
    cells = draw_cells(model, np.full(CELLS, dead), np.random.default_rng(1))
    alive = np.array([instance.abc[target, slot.markers[0]] for slot in score.slots])
    assert np.median(cells.antibodies, axis=0) == pytest.approx(np.maximum(alive, 3000.0), rel=0.02)
    events = drawn(model, CELLS)
    height = [events.scatter[(events.population == p) & (events.partner < 0), 1].mean() for p in (target, dead)]
    size = np.cbrt(model.factor[dead] / model.factor[target])
    assert height[1] / height[0] == pytest.approx(0.6 * size, rel=0.02)


def test_the_width_shows_doublets_that_are_not_hidden(model: EventModel) -> None:
    events = drawn(model, 50_000)
    narrow = events.scatter[:, SCATTER.index("FSC-W")] < SINGLET_WIDTH_BELOW
    assert np.array_equal(narrow, (events.partner < 0) | events.hidden)
    assert (events.scatter > 0).all()


def test_doublets_carry_the_light_of_both_cells(model: EventModel) -> None:
    events = drawn(replace(model, doublets=1.0, hidden=1.0), 50_000)
    single = drawn(replace(model, doublets=0.0, hidden=0.0), 50_000)
    twice = 2 * (single.detectors.mean(axis=0) - model.noise.background_pe) + model.noise.background_pe
    assert events.detectors.mean(axis=0) == pytest.approx(twice, rel=0.03)


def test_controls_hold_only_their_reagents(model: EventModel) -> None:
    tubes = {tube.kind: tube for tube in control_tubes(4)}
    assert [tube.kind for tube in control_tubes(4)] == ["unstained"] + ["single_stain"] * 4 + ["fmo"] * 4
    assert len({tube.stream for tube in (sample_tube(4), *control_tubes(4))}) == 10
    assert tubes["unstained"].slots == ()
    assert tubes["single_stain"].slots == (3,)
    assert tubes["fmo"].slots == (0, 1, 2)
    random = np.random.default_rng(0)
    cells = draw_cells(model.with_stain(tubes["fmo"].slots), np.zeros(50, dtype=int), random)
    assert (cells.antibodies[:, 3] == 0).all()
    assert (cells.antibodies[:, :3] > 0).all()


def test_correlated_antigens(case: tuple[Instance, PanelScore]) -> None:
    instance, score = case
    wanted = np.eye(4)
    wanted[0, 1] = wanted[1, 0] = 0.6
    wanted[2, 3] = wanted[3, 2] = 1.0  # singular
    model = event_model(instance, score.slots, correlation=wanted)
    cells = draw_cells(model, np.zeros(CELLS, dtype=int), np.random.default_rng(3))
    assert np.corrcoef(np.log(cells.antibodies).T) == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize("wrong", [np.eye(3), np.full((4, 4), 2.0), np.triu(np.full((4, 4), 0.5)) + 0.5 * np.eye(4)])
def test_what_is_no_correlation(case: tuple[Instance, PanelScore], wrong: np.ndarray) -> None:
    instance, score = case
    with pytest.raises(PaneloptError, match="correlation"):
        event_model(instance, score.slots, correlation=wrong)


def test_unknown_levels_count_as_mid() -> None:
    population = [p.model_dump() for p in builders.problem().population]
    del population[2]["levels"]["CD31"]
    instance, score = judged(builders.problem(population=population))
    model = event_model(instance, score.slots)
    slot = next(s for s, found in enumerate(score.slots) if instance.marker[found.markers[0]] == "CD31")
    assert model.median[2, slot] == instance.unknown_abc
