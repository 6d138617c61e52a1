"""Emission, excitation and quantum efficiency against plain numerical integration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.domain.reagents import Brightness, EmissionPeak, Fluorochrome
from panelopt.optics.spectra import (
    QUANTUM_EFFICIENCY,
    detected_in_bands,
    emission_density,
    emission_in_bands,
    excitation_at,
    quantum_efficiency,
)

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


def test_quantum_efficiency_follows_the_kind_of_detector() -> None:
    blue, red, infrared = (
        {kind: float(quantum_efficiency(kind, nm)) for kind in QUANTUM_EFFICIENCY} for nm in (450, 700, 880)
    )
    assert blue["pmt"] < blue["sipm"] < blue["apd"]
    assert red["apd"] > 3 * red["pmt"]
    assert infrared["pmt"] < red["pmt"] / 2
    assert infrared["apd"] > 0.8 * red["apd"]
    assert quantum_efficiency("apd", 1100) == quantum_efficiency("apd", 900)


@pytest.mark.parametrize("kind", sorted(QUANTUM_EFFICIENCY))
@pytest.mark.parametrize("band", [(500.0, 530.0), (640.0, 760.0), (750.0, 900.0), (800.0, 860.0)])
def test_detection_is_the_integral_of_emission_and_efficiency(kind: str, band: tuple[float, float]) -> None:
    sample = dye((530, 10, 60, 1.0), (800, 20, 30, 1.0))
    fine = np.linspace(*band, 6001)
    expected = np.trapezoid(emission_density(sample, fine) * quantum_efficiency(kind, fine), fine)
    found = detected_in_bands([sample], [band[0]], [band[1]], kind)[0, 0]
    assert found == pytest.approx(expected, rel=0.02)


def test_a_donor_leaks_by_the_exciting_line_and_its_dye_keeps_its_light() -> None:
    tandem = Fluorochrome.model_validate(
        TWO_PEAKS.model_dump()
        | {
            "emission": [
                {"peak_nm": 780, "left_nm": 15, "right_nm": 25, "weight": 0.9},
                {"peak_nm": 578, "left_nm": 10, "right_nm": 20, "weight": 0.1, "origin": "donor"},
            ],
            "donor_leak": {488: 1.0, 561: 0.5},
        }
    )
    low, high = [560.0, 750.0], [610.0, 810.0]
    plain, blue, between, green, red = (
        detected_in_bands([tandem], low, high, "apd", line)[:, 0] for line in (None, 488, 524.5, 561, 640)
    )
    assert blue == pytest.approx(plain)
    assert between[0] == pytest.approx(0.75 * plain[0])
    assert green[0] == red[0] == pytest.approx(0.5 * plain[0])
    assert green[1] == pytest.approx(plain[1])


@given(st.tuples(st.floats(0, 90), st.floats(0.01, 9)))
def test_more_donor_leak_never_lowers_any_detector(leaks: tuple[float, float]) -> None:
    def light(leak: float) -> np.ndarray:
        kept = EmissionPeak(peak_nm=577, left_nm=8, right_nm=30, weight=0.1, origin="donor")
        changes = {"emission": (*TWO_PEAKS.emission, kept), "donor_leak": {488: leak}}
        edges = np.arange(500.0, 800.0, 20.0)
        return detected_in_bands([TWO_PEAKS.model_copy(update=changes)], edges, edges + 20, "pmt", 488)[:, 0]

    less, more = light(leaks[0]), light(sum(leaks))
    assert np.all(more >= less)
    assert np.all(more[3:5] > less[3:5])


def test_the_emission_peak_is_where_the_dye_is_brightest_not_its_widest_part() -> None:
    narrow = EmissionPeak(peak_nm=744, left_nm=6, right_nm=17, weight=0.4)
    wide = EmissionPeak(peak_nm=773, left_nm=10, right_nm=50, weight=0.6)
    kept = EmissionPeak(peak_nm=695, left_nm=2, right_nm=2, weight=0.3, origin="donor")
    assert TWO_PEAKS.model_copy(update={"emission": (wide, narrow, kept)}).peak_nm == 744
