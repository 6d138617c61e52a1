"""The content of a tube after a run, against counted cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.planning.sorter_run import SorterSettings, tube_content
from panelopt.planning.tube import Tube, amounts
from tests.planning.helpers import gate, shares, tube
from tests.planning.test_tube import frequencies, tubes

SETTINGS = SorterSettings("purity", 34_000.0, 2.0, 0.3, None, 0.8)


def test_purity_mode_keeps_the_purity_of_the_gates() -> None:
    found, phi = tube(gate(0, [0.01, 0.2])), shares(0.1, 0.5, 0.3)
    content = tube_content(found, phi, SETTINGS, 1e4)
    assert content.purity == content.gate_purity == pytest.approx(amounts(found, phi).purity)
    assert content.sort_yield == pytest.approx(0.98 * content.survival)
    assert content.abort_rate_hz == pytest.approx(1e4 * content.gated * (1 - content.survival))


def test_yield_mode_against_simulated_cells() -> None:
    """Cells arrive at random; a drop unit around each gated one is deflected with everything in it."""
    phi, rate = shares(0.05, 0.6, 0.25), 20_000.0  # a tenth of the cells is of no listed population
    found = tube(gate(0, [0.01, 0.1], kept=0.9), delta=0.0)
    rng = np.random.default_rng(5)
    count = 1_500_000
    times = np.cumsum(rng.exponential(1 / rate, count))
    kind = rng.choice(4, size=count, p=[0.05, 0.6, 0.25, 0.1])
    inside = rng.random(count) < np.array([0.9, 0.01, 0.1, 0.0])[kind]
    half = SETTINGS.window_s / 2
    gated = times[inside]
    deflected = np.searchsorted(gated, times + half) - np.searchsorted(gated, times - half) > 0
    content = tube_content(found, phi, replace(SETTINGS, mode="yield"), rate)
    measured = np.bincount(kind[deflected], minlength=4) / deflected.sum()
    assert content.shares == pytest.approx(measured, abs=4e-3)
    assert content.purity == pytest.approx(measured[0], abs=4e-3)
    assert content.sort_yield == pytest.approx((deflected & (kind == 0)).sum() / (kind == 0).sum(), abs=6e-3)
    assert content.survival == 1.0


@given(tubes(), frequencies, st.sampled_from(["purity", "yield", "single"]), st.floats(10, 60_000))
def test_shares_sum_to_one(found: Tube, phi: np.ndarray, mode: str, rate: float) -> None:
    content = tube_content(found, 0.9 * phi, replace(SETTINGS, mode=mode), rate)  # type: ignore[arg-type]
    assert content.shares.sum() == pytest.approx(1.0)
    assert (content.shares >= 0).all()
    assert (content.doublets <= content.shares + 1e-12).all()
    assert content.purity <= content.gate_purity + 1e-12 or mode == "yield"
    assert 0 <= content.sort_yield <= 1 + 1e-9
