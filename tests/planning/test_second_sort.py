"""Gates passed twice, against cells drawn one by one, sums over a fine grid, and both limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from panelopt.planning.second_sort import (
    AGAIN,
    Signals,
    Window,
    after_two_sorts,
    drawn_sd,
    pass_both,
    purity_sorted_twice,
    second_pass,
)
from panelopt.planning.tube import Tube, TubeGate, amounts, loosened, tubes_of
from panelopt.scoring import score_panel
from panelopt.scoring.claims import SIDES
from panelopt.scoring.tails import cdf
from tests.oracle.instances import random_instance
from tests.planning.helpers import gate, judged, shares, tube
from tests.scenarios.test_score import some_panel

DRAWN = 200_000


def signals(abc: float, cv: float, kept: float, drawn: float) -> Signals:
    return Signals(*(np.array([value]) for value in (abc, cv, kept, drawn)))


def inside(x: np.ndarray, window: Window) -> np.ndarray:
    low, high = window
    return (x > (-np.inf if low is None else low)) & (x < (np.inf if high is None else high))


def by_grid(abc: float, cv: float, kept: float, drawn: float, windows: tuple[Window, Window]) -> float:
    """Sum over cells on a grid far finer than the noise."""
    sigma = np.sqrt(np.log1p(cv**2))
    z = np.arange(-8.5, 8.5, 0.001)
    beside = np.arange(-8, 8, min(0.05, 0.2 * drawn / kept)) if kept else np.zeros(1)
    total = 0.0
    for w in beside:
        weight = norm.pdf(w) * (beside[1] - beside[0]) if kept else 1.0
        both = norm.pdf(z) * 0.001
        for low, high in windows:
            x = abc * np.exp(sigma * z) + kept * w
            upper = 1.0 if high is None else norm.cdf((high - x) / drawn)
            both = both * (upper - (0.0 if low is None else norm.cdf((low - x) / drawn)))
        total += weight * both.sum()
    return total


@pytest.mark.parametrize("seed", range(24))
def test_windows_passed_twice_are_sums_over_the_cells(seed: int) -> None:
    rng = np.random.default_rng(seed)
    abc, cv = 10 ** rng.uniform(1, 5), float(rng.choice([0.0, 0.4, 1.0, 2.0]))
    drawn = 10 ** rng.uniform(2, 4.5)
    kept = float(rng.choice([0.0, drawn * 10 ** rng.uniform(-2, 1)]))
    low, high = sorted(10 ** rng.uniform(1, 5, 2))
    wide = (0.8 * low - drawn, 1.1 * high + drawn)
    windows: tuple[Window, Window] = (
        ((wide[0], None), (low, None)),
        ((None, wide[1]), (None, high)),
        (wide, (low, high)),
        ((low, high), (low, high)),
    )[seed % 4]
    found = float(pass_both(signals(abc, cv, kept, drawn), *windows)[0])
    assert found == pytest.approx(by_grid(abc, cv, kept, drawn, windows), abs=1e-8)


def test_an_open_window_passes_everything() -> None:
    assert pass_both(signals(100, 0.4, 0, 10), (None, None), (None, None)) == 1.0


@given(st.floats(1e2, 1e5), st.floats(0.1, 2.0), st.floats(1e2, 1e5))
def test_between_noise_alone_and_antibodies_alone(abc: float, cv: float, end: float) -> None:
    window: Window = (None, end)
    still, steady = signals(abc, cv, 0.0, 1e-4 * end), signals(abc, 0.0, 0.0, 0.3 * end)
    once = float(cdf(end, abc, cv, 1e-4 * end))
    assert float(pass_both(still, window, window)[0]) == pytest.approx(once, abs=1e-3)
    noise = float(norm.cdf((end - abc) / (0.3 * end)))
    assert float(pass_both(steady, window, window)[0]) == pytest.approx(noise**2, abs=1e-9)
    both = signals(abc, cv, 0.1 * end, 0.3 * end)
    single = float(cdf(end, abc, cv, np.hypot(0.1, 0.3) * end))
    assert single**2 - 1e-9 <= float(pass_both(both, window, window)[0]) <= single + 1e-9


def drawn_twice(found: Tube, loose: Tube | None, number: int) -> list[tuple[TubeGate, float, np.ndarray]]:
    """Shares of drawn cells of the small problem that pass each gate of two sorts."""
    instance, score = judged()
    levels, noise = score.light.levels, drawn_sd(instance, score)
    rng = np.random.default_rng(number)
    result = []
    for g in found.gates:
        before = g if loose is None else next(one for one in loose.gates if one.slot == g.slot)
        passed = []
        for p in (found.target, *found.contaminants):
            abc, cv, sd = levels.abc[p, g.slot], levels.cv[p, g.slot], noise[p, g.slot]
            kept = np.sqrt(max(score.light.sd[number, p, g.slot] ** 2 - sd**2, 0))
            cell = abc * np.exp(np.sqrt(np.log1p(cv**2)) * rng.standard_normal(DRAWN))
            cell = cell + kept * rng.standard_normal(DRAWN)
            looks = (cell + sd * rng.standard_normal(DRAWN) for _ in range(2))
            first, second = (inside(x, (w.low, w.high)) for x, w in zip(looks, (before, g), strict=True))
            passed.append(float((first & second).mean()))
        result.append((g, passed[0], np.array(passed[1:])))
    return result


@pytest.mark.parametrize("is_loose", [False, True])
@pytest.mark.parametrize("number", [0, 1])
def test_gates_of_two_sorts_let_pass_what_drawn_cells_do(number: int, is_loose: bool) -> None:
    instance, score = judged()
    found = tubes_of(instance, score)[number]
    loose = loosened(instance, score, 0.25)[number] if is_loose else None
    both = second_pass(instance, score, number, loose or found, found)
    assert both.leak_total == pytest.approx(AGAIN * instance.leak_total)
    assert len(both.gates) == len(found.gates) > 0
    for g, (once, kept, passing) in zip(both.gates, drawn_twice(found, loose, number), strict=True):
        assert g.slot == once.slot
        assert (1 - instance.eps) ** 2 - 1e-9 <= g.kept <= 1 - instance.eps + 1e-9
        error = 5 * np.sqrt(np.maximum(g.passing * (1 - g.passing), 1e-5) / DRAWN)
        assert g.kept == pytest.approx(kept, abs=5 * np.sqrt(g.kept * (1 - g.kept) / DRAWN))
        known = score.light.levels.known[list(found.contaminants), g.slot]
        expected = np.where(known, np.clip(passing, AGAIN * instance.leak, 1), 1.0)
        assert np.all(np.abs(g.passing - expected) <= error)
        assert np.all(g.passing <= once.passing + 1e-9)


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_a_cell_keeps_its_autofluorescence_where_signals_are_compensated(seed: int) -> None:
    instance = random_instance(seed, conventional=bool(seed % 2), markers=4, dyes=6)
    score = score_panel(instance, some_panel(instance, seed))
    assert score is not None
    found = drawn_sd(instance, score)
    if not instance.conventional:
        assert np.array_equal(found, score.light.sd[0])
        return
    rows = [slot.detector for slot in score.slots]
    seen = np.linalg.inv(score.light.mixing) @ instance.autofluorescence[rows]
    factor = instance.autofluorescence_factor
    for number, view in enumerate(instance.views):
        apart = (instance.cv_autofluorescence * factor) ** 2 + (factor - factor[view.target]) ** 2
        assert score.light.sd[number] ** 2 == pytest.approx(found**2 + apart[:, None] * seen**2)


def test_what_is_left_is_the_sum_of_single_cells_freed_cells_and_new_pairs() -> None:
    first = tube(gate(0, [0.3, 0.01]), gate(1, [0.2, 1e-3], "below"), delta=0.01, leak_total=1e-5)
    both = replace(
        first,
        gates=(gate(0, [0.2, 1e-4], kept=0.97), gate(1, [0.1, 1e-4], "below", kept=0.965)),
        leak_total=1e-6,
    )
    phi = shares(0.1, 0.5, 0.4)
    left = after_two_sorts(first, first, both, phi)
    target, once = 0.1 * 0.97 * 0.965, 0.1 * 0.98**2
    assert left.target == pytest.approx(target)
    single = [0.5 * 0.2 * 0.1, 0.4 * 1e-6]
    freed = [2 * 0.01 * once * 0.5 * 0.1 * 0.3, 2 * 0.01 * once * 0.4 * max(1e-4 * 0.01, 1e-3 * 1e-5)]
    assert left.single == pytest.approx(np.array(single) + freed)
    tube_once = [0.5 * 0.06 + 2 * 0.01 * once * 0.5 * 0.2, 0.4 * 1e-5 + 2 * 0.01 * once * 0.4 * 1e-3]
    total = once + sum(tube_once)
    assert left.doublet == pytest.approx([target * 2 * 0.01 * one / total for one in tube_once])
    assert left.purity == pytest.approx(target / (target + left.single.sum() + left.doublet.sum()))


def test_a_second_sort_never_spoils_the_tube_of_the_small_problem() -> None:
    instance, score = judged()
    for number, found in enumerate(tubes_of(instance, score)):
        twice = purity_sorted_twice(instance, score, number, found, instance.phi)
        both = second_pass(instance, score, number, found)
        assert twice == after_two_sorts(found, found, both, instance.phi).purity
        assert amounts(found, instance.phi).purity < twice < 1
        assert both.gate_yield < found.gate_yield
        assert {SIDES[g.side] for g in both.gates} == {SIDES[g.side] for g in found.gates}
