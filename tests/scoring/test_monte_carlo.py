"""Noise and purity against cells drawn at random from the model.

The model takes slots as independent given the population. Noise is drawn with its correlations and its size checked;
for the purity every slot is read from another cell. With correlated slots the purity of these deliberately poor
panels differs by up to 0.05 (conventional, strong autofluorescence) and 0.003 (spectral), mostly to the better.
"""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.instance import Instance, SlotIndex
from panelopt.scoring import score_panel
from panelopt.scoring.panel_score import PanelScore
from tests.oracle.instances import random_instance

CELLS = 1_000_000
SEEDS = (3, 7, 12)


def example(seed: int, conventional: bool) -> tuple[Instance, tuple[SlotIndex, ...], PanelScore]:
    """Common cells with few antigens, so that dyes spread into each other and purity is neither 0 nor 1."""
    rng = np.random.default_rng([seed, 11])
    levels = np.array([[12000.0, 3000.0, 1000.0], [1000.0, 12000.0, 9000.0], [15000.0, 100.0, 9000.0]])
    light = 0.02 * rng.random((5, 3))
    light[[0, 1, 2], [0, 1, 2]] = rng.uniform(0.05, 0.3, 3)
    light[[1, 2, 0], [0, 1, 2]] = 0.2 * light[[0, 1, 2], [0, 1, 2]]
    instance = random_instance(
        seed,
        conventional=conventional,
        markers=3,
        dyes=3,
        population=("t", "c", "d"),
        role=("target", "contaminant", "contaminant"),
        phi=np.array([0.1, 0.6, 0.3]),
        abc=levels,
        cv=np.full((3, 3), 0.6),
        autofluorescence_factor=np.array([1.0, 1.5, 0.7]),
        max_share=np.full(3, np.nan),
        detector=tuple("abcde"),
        signal=light,
        autofluorescence=rng.uniform(50, 400, 5),
        background=np.full(5, 5.0),
        excess=np.full(5, 1.2),
        electronic=np.full(5, 28.0),
        proportional=np.full(5, 0.01),
        dump=np.zeros(3, dtype=bool),
        no_above=np.zeros(3, dtype=bool),
        leak=1e-9,
        eps=0.02,
        max_gates=2,
    )
    slots = tuple(SlotIndex((m,), m, m) for m in range(3))
    found = score_panel(instance, slots)
    assert found is not None
    return instance, slots, found


def draw(i: Instance, p: int, t: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Antibodies of cells of a population, and what unmixing reads of them."""
    rows = slice(0, 3) if i.conventional else slice(None)
    mixing, own, g = i.signal[rows], i.autofluorescence[rows], i.autofluorescence_factor
    sigma = np.sqrt(np.log1p(i.cv[p] ** 2))
    true = i.abc[p] * np.exp(sigma * rng.standard_normal((CELLS, 3)))
    mean_abc = i.abc[p] * np.exp(sigma**2 / 2)
    mean = i.background[rows] + g[p] * own + mixing @ mean_abc
    second = mean**2 + mixing**2 @ (i.cv[p] * mean_abc) ** 2
    var = i.excess[rows] * mean + i.electronic[rows] ** 2 + i.proportional[rows] ** 2 * second
    spread = np.sqrt((i.cv_autofluorescence * g[p]) ** 2 + (g[p] - g[t]) ** 2)
    noise = rng.standard_normal((CELLS, len(var))) * np.sqrt(var) + np.outer(spread * rng.standard_normal(CELLS), own)
    columns = mixing if i.conventional else np.column_stack([mixing, own])
    weighted = columns.T / var
    unmix = np.linalg.solve(weighted @ columns, weighted)[:3]
    return true, true + noise @ unmix.T


@pytest.mark.parametrize("conventional", [True, False])
@pytest.mark.parametrize("seed", SEEDS)
def test_noise_and_purity(seed: int, conventional: bool) -> None:
    instance, _, found = example(seed, conventional)
    rng = np.random.default_rng(seed)
    view = found.views[0]
    single, doublet, share = {}, {}, 0.0
    for p in range(3):
        true, read = draw(instance, p, 0, rng)
        assert np.std(read - true, axis=0) == pytest.approx(found.light.sd[0, p], rel=0.02)
        read = np.column_stack([rng.permutation(column) for column in read.T])
        inside = negative = np.ones(CELLS, dtype=bool)
        for slot, side in view.gates:
            low = {0: view.thresholds[0, slot], 2: view.thresholds[2, slot]}.get(side, -np.inf)
            high = {1: view.thresholds[1, slot], 2: view.thresholds[3, slot]}.get(side, np.inf)
            window = (read[:, slot] > low) & (read[:, slot] < high)
            inside = inside & window
            negative = negative & window if side == 1 else negative
        single[p], doublet[p] = inside.mean(), negative.mean()
    assert view.gates
    assert single[0] == pytest.approx(view.gate_yield, abs=0.01)
    for p in (1, 2):
        share += instance.phi[p] * single[p] / (instance.phi[0] * single[0])
        share += instance.delta * instance.phi[p] * doublet[p]
    assert 1 / (1 + share) == pytest.approx(view.purity, abs=0.01)


def test_purities_are_not_all_alike() -> None:
    purity = [example(seed, conventional)[2].views[0].purity for seed in SEEDS for conventional in (True, False)]
    assert min(purity) < 0.95
    assert max(purity) - min(purity) > 0.05
