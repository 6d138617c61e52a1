"""Sheath, drops and the tubes that they fill."""

from __future__ import annotations

import math

import pytest

from panelopt.planning.collection import collected_ml, jet, sheath_flow_ml_s, tubes_filled


def test_flow_of_an_ideal_jet_by_hand() -> None:
    # 100 um, 20 psi: v = sqrt(2 x 137,895 Pa / 1000 kg/m3) = 16.61 m/s through 7.854e-9 m2
    assert sheath_flow_ml_s(100, 20) == pytest.approx(7.853982e-9 * math.sqrt(2 * 137_895.14 / 1000) * 1e6, rel=1e-6)
    assert sheath_flow_ml_s(100, 80) == pytest.approx(2 * sheath_flow_ml_s(100, 20))
    assert sheath_flow_ml_s(200, 20) == pytest.approx(4 * sheath_flow_ml_s(100, 20))


def test_drops_are_a_few_nanolitres() -> None:
    stream = jet(30_000, 100, 20, None)
    assert stream.drop_nl == pytest.approx(sheath_flow_ml_s(100, 20) / 30_000 * 1e6)
    assert 3 < (stream.drop_nl or 0) < 6


def test_a_stated_drop_counts_first() -> None:
    stream = jet(30_000, 100, 20, 3.0)
    assert (stream.drop_nl, stream.flow_ml_s) == (3.0, pytest.approx(0.09))


@pytest.mark.parametrize(("nozzle", "pressure"), [(None, 20), (100, None), (None, None)])
def test_what_is_unknown_stays_unknown(nozzle: float | None, pressure: float | None) -> None:
    stream = jet(30_000, nozzle, pressure, None)
    assert (stream.flow_ml_s, stream.drop_nl) == (None, None)
    assert collected_ml(1e6, "purity", stream.drop_nl) is None


def test_volume_and_tubes() -> None:
    assert collected_ml(1e6, "purity", 3.0) == pytest.approx(3.0)
    assert collected_ml(1e6, "yield", 3.0) == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("volume_ml", "at_once", "tubes"),
    [
        (0.0, 4, (1.5, 1)),
        (1.3, 4, (1.5, 1)),
        (1.4, 4, (5.0, 1)),
        (4.5, 4, (5.0, 1)),
        (4.6, 4, (5.0, 2)),
        (4.6, 2, (15.0, 1)),
        (28.1, 1, (15.0, 3)),
    ],
)
def test_the_smallest_tube_that_holds_the_drops(volume_ml: float, at_once: int, tubes: tuple[float, int]) -> None:
    assert tubes_filled(volume_ml, at_once) == tubes
