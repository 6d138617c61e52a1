"""Where thresholds lie in the controls, against integrals, formulas and drawn cells."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

from panelopt.domain.problem_record import Problem
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.planning.gate_order import gate_order
from panelopt.planning.lit import dark_quantile, dark_share, lit_variance, single_stain
from panelopt.planning.threshold_places import MARK, gate_places
from panelopt.planning.tube import Tube, in_order, tubes_of
from panelopt.scoring import PanelScore, score_panel
from panelopt.simulation.event_model import event_model
from panelopt.simulation.simulated_cells import draw_cells, light_pe, record
from panelopt.simulation.unmixer import ordinary_estimator
from tests import builders
from tests.planning.helpers import compiled, judged


def bright() -> Problem:
    """Targets carry so much CD271 (on PE) that it spreads into FITC; all cells glow alike."""
    populations = [p.model_dump() for p in builders.problem().population]
    for target in populations[:2]:
        target["levels"]["CD271"] = {"abc": 1e6, "cv": 0.5}
    for population in populations:
        population["autofluorescence"] = 1.0
    return builders.problem(population=populations)


INSTANCE, SCORE = judged(bright())
TUBES = tuple(in_order(tube, gate_order(tube, INSTANCE.phi)) for tube in tubes_of(INSTANCE, SCORE))
GATES = [(number, tube, place) for number, tube in enumerate(TUBES) for place in range(len(tube.gates))]


def left_before(tube: Tube, place: int) -> dict[int, float]:
    """Return the single cells of each population that reach a gate, by a plain loop."""
    left = {tube.target: float(INSTANCE.phi[tube.target])}
    for gate in tube.gates[:place]:
        left[tube.target] *= gate.kept
    for c, population in enumerate(tube.contaminants):
        passed = math.prod(float(gate.passing[c]) for gate in tube.gates[:place])
        left[population] = float(INSTANCE.phi[population]) * max(passed, INSTANCE.leak_total)
    return left


@pytest.mark.parametrize(("number", "tube", "place"), GATES)
def test_every_number_by_another_way(number: int, tube: Tube, place: int) -> None:
    """Percentiles from normal distributions, marks by a root finder, positive cells by an integral."""
    gate = tube.gates[place]
    found = gate_places(INSTANCE, SCORE, number, tube, place, INSTANCE.phi)
    others = [slot for slot in range(len(SCORE.slots)) if slot != gate.slot]
    fmo = np.sqrt(lit_variance(INSTANCE, SCORE, number, others)[:, gate.slot])
    bare = np.sqrt(lit_variance(INSTANCE, SCORE, number, [])[:, gate.slot])
    left = left_before(tube, place)

    def below(x: float, weights: dict[int, float], sd: np.ndarray) -> float:
        return sum(w * float(norm.cdf(x / sd[p])) for p, w in weights.items()) / sum(weights.values())

    everything = dict(enumerate(INSTANCE.phi.tolist()))
    for weights, sd, mark in ((left, fmo, found.fmo_p99), (everything, bare, found.unstained_p99)):
        root = brentq(lambda x, w=weights, s=sd: below(x, w, s) - MARK, 0, 1e7, xtol=1e-9)
        assert mark == pytest.approx(root, rel=1e-9)
    (marker,) = SCORE.slots[gate.slot].markers
    most = max(range(len(INSTANCE.population)), key=lambda p: INSTANCE.abc[p, marker])
    abc, cv = INSTANCE.abc[most, marker], INSTANCE.cv[most, marker]
    alone = float(np.sqrt(lit_variance(INSTANCE, SCORE, number, [gate.slot])[most, gate.slot]))
    sigma = math.sqrt(math.log1p(cv**2))
    for x, threshold in ((gate.low, found.low), (gate.high, found.high)):
        if x is None:
            assert threshold is None
            continue
        assert threshold is not None
        assert threshold.fmo == pytest.approx(below(x, left, fmo), abs=1e-12)
        assert threshold.unstained == pytest.approx(below(x, everything, bare), abs=1e-12)
        above, _ = quad(lambda z, x=x: norm.pdf(z) * norm.sf((x - abc * math.exp(sigma * z)) / alone), -9, 9, limit=400)
        assert threshold.positive_kept == pytest.approx(above, abs=1e-7)


def test_drawn_cells_of_the_controls_show_the_same() -> None:
    """Photons of the FMO tube, the single stain and unstained cells, compensated as the panel is."""
    number, tube, place = next(g for g in GATES if g[1].name == "msc-neg" and g[1].gates[g[2]].slot == 2)
    gate, phi = tube.gates[place], INSTANCE.phi
    found = gate_places(INSTANCE, SCORE, number, tube, place, phi)
    compensation = ordinary_estimator(INSTANCE, SCORE.slots, SCORE.light)
    model = event_model(INSTANCE, SCORE.slots, detectors=compensation.detectors)
    random = np.random.default_rng(11)

    def drawn(weights: np.ndarray, lit: list[int]) -> np.ndarray:
        stained = model.with_stain(lit)
        kinds = random.choice(len(INSTANCE.population), 400_000, p=weights / weights.sum())
        cells = draw_cells(stained, kinds, random)
        signal = record(light_pe(stained, cells), stained.noise, random) - compensation.background - compensation.own
        return np.asarray((signal @ compensation.weight.T)[:, gate.slot])

    left = np.zeros(len(INSTANCE.population))
    for population, weight in left_before(tube, place).items():
        left[population] = weight
    (marker,) = SCORE.slots[gate.slot].markers
    most = INSTANCE.abc[:, marker] == INSTANCE.abc[:, marker].max()
    fmo, bare = drawn(left, [s for s in range(len(SCORE.slots)) if s != gate.slot]), drawn(phi, [])
    alone = drawn(np.where(most, phi, 0.0), [gate.slot])
    assert found.fmo_p99 == pytest.approx(float(np.quantile(fmo, MARK)), rel=0.03)
    assert found.unstained_p99 == pytest.approx(float(np.quantile(bare, MARK)), rel=0.03)
    assert gate.high is not None
    assert found.high is not None
    assert found.high.positive_kept is not None
    for predicted, seen in (
        (found.high.fmo, np.mean(fmo < gate.high)),
        (found.high.unstained, np.mean(bare < gate.high)),
        (found.high.positive_kept, np.mean(alone > gate.high)),
    ):
        assert predicted == pytest.approx(float(seen), abs=0.002)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1e3), st.floats(1e-3, 1e5)), min_size=1, max_size=5),
    st.floats(1e-4, 1 - 1e-4),
)  # fmt: skip
def test_quantile_of_dark_cells_is_where_the_share_lies(parts: list[tuple[float, float]], share: float) -> None:
    weight, sd = (np.array(values) for values in zip(*[*parts, (1.0, 10.0)], strict=True))
    assert dark_share(dark_quantile(share, weight, sd), weight, sd) == pytest.approx(share, abs=1e-9)


def test_one_kind_of_dark_cells_is_normal() -> None:
    assert dark_quantile(0.99, np.array([2.0]), np.array([50.0])) == pytest.approx(50 * norm.ppf(0.99))
    assert dark_quantile(0.99, np.array([2.0, 0.0]), np.array([50.0, 1e9])) == pytest.approx(50 * norm.ppf(0.99))
    assert dark_quantile(0.99, np.array([1.0]), np.array([0.0])) == 0.0
    assert dark_quantile(0.99, np.array([999.0, 1.0]), np.array([0.0, 50.0])) == pytest.approx(0, abs=1e-9)


def dumped() -> tuple[Instance, PanelScore]:
    """CD45 and CD31 share PE-Cy7; CD45 is the brighter one."""
    instance = compiled(bright())
    dyes = {("CD271",): "PE", ("CD146",): "BV421", ("CD45", "CD31"): "PE-Cy7"}
    slots = [
        SlotIndex(tuple(sorted(map(instance.marker.index, markers))), instance.dye.index(dye),
                  instance.detectors_of(instance.dye.index(dye))[0])
        for markers, dye in dyes.items()
    ]  # fmt: skip
    score = score_panel(instance, slots)
    assert score is not None
    return instance, score


def test_single_stain_of_a_dump_holds_one_reagent() -> None:
    """Less light than the whole dump, and its level is that of the one marker."""
    instance, score = dumped()
    for marker in score.slots[2].markers:
        levels, variance = single_stain(instance, score, 0, 2, marker)
        np.testing.assert_allclose(levels.abc[:, 0], instance.abc[:, marker])
        both = lit_variance(instance, score, 0, [2])[:, 2]
        assert (variance <= both * (1 + 1e-12)).all()
        assert (variance < both).any()
    for slot, marker in itertools.product(range(2), [0]):
        only = score.slots[slot].markers[marker]
        np.testing.assert_allclose(
            single_stain(instance, score, 0, slot, only)[1], lit_variance(instance, score, 0, [slot])[:, slot]
        )


def test_no_positive_cells_are_known() -> None:
    number, tube, place = GATES[0]
    low = replace(INSTANCE, abc=np.full_like(INSTANCE.abc, 10.0))
    found = gate_places(low, SCORE, number, tube, place, low.phi)
    (threshold,) = filter(None, (found.low, found.high))
    assert threshold.positive_kept is None
    assert 0 < threshold.fmo <= 1
