"""Emission, excitation and quantum efficiency against plain numerical integration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.reagents import Brightness, EmissionPeak, Fluorochrome
from panelopt.optics.spectra import emission_density, emission_in_bands, excitation_at, quantum_efficiency

WAVELENGTH_NM = np.arange(200.0, 1100.0, 0.05)


def dye(*peaks: tuple[float, float, float, float], excitation: dict[int, float] | None = None) -> Fluorochrome:
    return Fluorochrome(
        name="dye",
        family="test",
        kind="small_molecule",
        excitation=excitation or {488: 1.0},
        emission=tuple(EmissionPeak(peak_nm=p, left_nm=a, right_nm=b, weight=w) for p, a, b, w in peaks),
        brightness=Brightness(photoelectrons_per_antibody=1.0, origin="model"),
    )


TWO_PEAKS = dye((520, 12, 30, 0.7), (577, 8, 15, 0.5))


def test_density_integrates_to_one() -> None:
    density = emission_density(TWO_PEAKS, WAVELENGTH_NM)
    assert np.sum(density) * 0.05 == pytest.approx(1.0, abs=1e-6)


def test_density_peaks_where_the_dye_does() -> None:
    density = emission_density(dye((520, 12, 30, 1.0)), WAVELENGTH_NM)
    assert WAVELENGTH_NM[density.argmax()] == pytest.approx(520, abs=0.06)
    # half of the area over left + right lies on either side in proportion to the widths
    assert np.sum(density[WAVELENGTH_NM < 520]) * 0.05 == pytest.approx(12 / 42, abs=1e-3)


@given(st.floats(350, 800), st.floats(1, 90), st.floats(4, 40), st.floats(4, 60))
def test_band_share_is_the_integral_of_the_density(low: float, width: float, left: float, right: float) -> None:
    sample = dye((530, left, right, 2.0), (660, 10, 20, 0.3))
    fine = np.linspace(low, low + width, 4001)
    expected = np.trapezoid(emission_density(sample, fine), fine)
    assert emission_in_bands([sample], [low], [low + width])[0, 0] == pytest.approx(expected, abs=2e-4)


def test_bands_of_several_dyes_keep_their_order_and_adjoining_bands_add_up() -> None:
    red = dye((660, 10, 20, 1.0))
    share = emission_in_bands([TWO_PEAKS, red], [500, 540, 500, 700], [540, 600, 600, 690])
    assert share.shape == (4, 2)
    assert share[0] + share[1] == pytest.approx(share[2])
    assert np.all(share[3] == 0)
    assert share[0, 0] > 0.3 > share[0, 1]


def test_a_band_far_from_the_emission_collects_nothing() -> None:
    far, near = emission_in_bands([dye((450, 10, 10, 1.0))], [300, 500], [340, 520])[:, 0]
    assert far == 0.0
    assert 0 < near < 1e-5


def test_peaks_are_summed_by_the_same_rule_whatever_stands_beside() -> None:
    red = dye((660, 10, 20, 0.3), (690, 11, 13, 0.1), (720, 9, 7, 0.7))
    low, high = np.arange(500.0, 800.0, 10.0), np.arange(520.0, 820.0, 10.0)
    together = emission_in_bands([TWO_PEAKS, red, TWO_PEAKS], low, high)
    assert np.array_equal(together[:, 1], emission_in_bands([red], low, high)[:, 0])


def test_excitation_is_interpolated_and_fades_outside_the_listed_lines() -> None:
    sample = dye((520, 10, 20, 1.0), excitation={405: 0.2, 488: 1.0, 561: 0.1})
    value = excitation_at([sample], [405, 446.5, 488, 561, 586, 611, 700, 380])[:, 0]
    assert value == pytest.approx([0.2, 0.6, 1.0, 0.1, 0.05, 0.0, 0.0, 0.1])


def test_quantum_efficiency_follows_the_kind_of_detector(cytometer: Cytometer) -> None:
    by_kind = {
        k: quantum_efficiency(cytometer.model_copy(update={"photodetector": k})) for k in ("pmt", "apd", "sipm", "")
    }
    assert by_kind[""] == pytest.approx(by_kind["pmt"])
    red = [detector.name for detector in cytometer.detector].index("B780")
    assert by_kind["apd"][red] > 5 * by_kind["pmt"][red]
    for value in by_kind.values():
        assert np.all((value > 0) & (value < 1))
